"""A file added to a project in real Chromium: chosen, checked, added, looked at, and undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_journeys import no_trouble
from tests.fakes.worlds import make_project, table

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    """There before the server starts."""
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")}))
    yield opened
    opened.close()


@pytest.fixture
def project(wb: Workbench) -> int:
    return make_project(wb).id


def test_more_data_is_added_and_undone(wb: Workbench, project: int, app: Server, page: Page, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    rows = table(80).rows[50:]
    more.write_text("id,text,gold,hasty\n" + "".join(",".join(row) + "\n" for row in rows))
    page.goto(f"{app.url}/data?project={project}")
    page.get_by_role("button", name="Add a file").click()
    page.locator("input[type=file]").set_input_files(str(more))
    expect(page.get_by_text("20 new items")).to_be_visible()
    expect(page.get_by_text("10 already here: nothing new is said of them")).to_be_visible()
    expect(page.get_by_text("No item that is here moves.")).to_be_visible()
    page.get_by_role("button", name="Add 20 items").click()
    expect(page.get_by_text("20 new items, 10 were here already · 40 annotations")).to_be_visible()
    assert wb.data.count(project) == 80
    page.get_by_role("link", name="Its items").first.click()
    expect(page.get_by_text("1–20 of 20 items")).to_be_visible()
    page.get_by_role("radio", name="Uploads").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("more.csv")).to_have_count(0)
    expect(page.get_by_text("60 items. The project began with it.")).to_be_visible()
    assert wb.data.count(project) == 60
    no_trouble(page)
