"""Decisions that a browser kept and never brought, in real Chromium: pages that count labels have them stored first."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.services.review.reviewing import QueueFilter
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_journeys import no_trouble
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    """There before the server starts."""
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")}))
    yield opened
    opened.close()


@pytest.fixture
def kept(wb: Workbench, page: Page) -> int:
    """A project, and one decision of zoe's on it that is in the browser alone."""
    made = make_project(wb)
    act = {
        "log": f"closed.{made.id}",
        "n": 1,
        "at": 1,
        "project": made.id,
        "reviewer": "zoe",
        "item": wb.review.queue(made.id, QueueFilter())[0],
        "turn": "",
        "label": "SPORTS",
        "choice": next(label.id for label in wb.tasks.get(made.id).labels if label.name == "SPORTS"),
        "seconds": 1.5,
        "blind": False,
    }
    entry = f"labelloop.review.{wb.review.workbench_name()}.closed.{made.id}.1"
    page.add_init_script(
        f"sessionStorage.there ||= localStorage.setItem({json.dumps(entry)}, {json.dumps(json.dumps([act]))}) ?? 'yes'"
    )
    return made.id


def test_a_decision_this_browser_kept_is_among_those_that_agreement_counts(
    wb: Workbench, kept: int, app: Server, page: Page
) -> None:
    page.goto(f"{app.url}/agreement?project={kept}")
    expect(page.get_by_text("3 people")).to_be_visible()  # it was drawn anew once they were stored
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('labelloop.review.'))")
    zoe = wb.review.person(kept, "zoe")
    assert zoe is not None and wb.projects.annotated_counts(kept)[zoe.id] == 1
    no_trouble(page)
