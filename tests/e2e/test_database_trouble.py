"""The database locked, or taken away, while pages are open: said on them while it lasts; and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from core.services.review.reviewing import QueueFilter
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server
from tests.fakes.trouble import locked_by_another_program
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("review", "data", "agreement")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Server, Workbench, int]]:
    environment = {"LABELLOOP_DATA": str(tmp_path / "data")}
    wb = open_workbench(Settings.from_env(environment))
    project = make_project(wb, name="Small")
    server = Server("app.py", environment, tmp_path / "server.log").start()
    yield server, wb, project.id
    server.stop()
    wb.close()


def test_trouble_with_the_database_is_said_on_open_pages_while_it_lasts_and_no_decision_is_lost(
    world: tuple[Server, Workbench, int], context: BrowserContext
) -> None:
    server, wb, project = world
    pages = []
    for name in PAGES:
        pages.append(context.new_page())
        pages[-1].goto(f"{server.url}/{name}?project={project}&queue=all&me=ben")
        expect(pages[-1].get_by_role("heading", level=1)).to_be_visible()
    review = pages[0]
    card = review.locator(".review .choices")
    expect(card).to_be_visible()

    with locked_by_another_program(wb.db.path):
        review.bring_to_front()
        review.keyboard.press("1")
        for page in pages:
            page.bring_to_front()
            expect(page.get_by_text("is busy in another program").first).to_be_visible()
        review.bring_to_front()
        expect(review.get_by_text("1 not stored yet")).to_be_visible()
    for page in pages:
        page.bring_to_front()
        expect(page.get_by_text("is busy in another program")).to_have_count(0)
    expect(review.get_by_text("not stored yet")).to_have_count(0)
    assert decided(wb, project) == 1

    away = wb.db.path.with_name("away.sqlite3")
    wb.db.path.rename(away)
    review.bring_to_front()
    review.keyboard.press("2")
    for page in pages:
        page.bring_to_front()
        expect(page.get_by_text("no longer exists").first).to_be_visible()
    review.bring_to_front()
    expect(review.get_by_text("1 decision is not stored yet")).to_be_visible()
    away.rename(wb.db.path)
    for page in pages:
        page.bring_to_front()
        expect(page.get_by_text("no longer exists")).to_have_count(0)
    review.bring_to_front()
    expect(card).to_be_visible()
    expect(review.get_by_text("not stored yet")).to_have_count(0)
    assert decided(wb, project) == 2


def decided(wb: Workbench, project: int) -> int:
    ben = wb.review.person(project, "ben")
    return wb.review.reviewed(ben.id, wb.review.queue(project, QueueFilter())) if ben else 0
