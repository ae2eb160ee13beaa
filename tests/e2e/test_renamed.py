"""What is open stays open when it is renamed elsewhere, in real Chromium: browsers name a choice by its title."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_journeys import choose, no_trouble
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    """The same workbench, as another browser has it open."""
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")}))
    make_project(opened, name="First")
    make_project(opened, name="Second")
    yield opened
    opened.close()


def test_a_project_renamed_elsewhere_is_still_the_one_that_is_open(wb: Workbench, app: Server, page: Page) -> None:
    page.goto(f"{app.url}/agreement?project=2")
    box = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Project")
    expect(box).to_have_value("Second")
    wb.projects.rename(2, "Another name")
    choose(page, "Split", "Train")
    expect(box).to_have_value("Another name")
    choose(page, "Split", "Validation")
    expect(box).to_have_value("Another name")
    wb.projects.rename(2, "A third one")
    page.get_by_role("link", name="Data").first.click()
    expect(box).to_have_value("A third one")
    expect(page.get_by_text("There is no project")).to_have_count(0)
    expect(page).to_have_url(re.compile("project=2"))
    no_trouble(page)
