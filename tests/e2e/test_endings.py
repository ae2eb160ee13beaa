"""Being told that a fine-tune has ended, by a notification of the browser, in real Chromium."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.services.learning.fine_tuning import TuneRequest
from core.settings import Settings
from core.workbench import open_workbench
from tests.e2e.conftest import Server, eventually
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RECORDED = """
globalThis.told = [];
globalThis.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, { body, tag }) { told.push({ title, body, tag }); }
};
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def project(data: Path) -> int:
    """With a fine-tune that another program follows, before the server starts."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(data)}))
    small = make_project(wb)
    wb.fine_tunes.start(TuneRequest(small.id, small.gold, small.version_id), host="embedded", base_model="minilm-l6")
    change(data, "status = 'running', owner = 'another program', heartbeat_at = 99999999999")
    wb.close()
    return small.id


def change(data: Path, what: str) -> None:
    with sqlite3.connect(data / "labelloop.sqlite3") as db:
        db.execute(f"UPDATE fine_tunes SET {what}")


def test_whoever_asked_is_told_once_and_on_whichever_page(project: int, data: Path, app: Server, page: Page) -> None:
    page.add_init_script(RECORDED)
    page.goto(f"{app.url}/fine_tune?project={project}")
    page.get_by_role("button", name="Tell me when it ends").click()
    expect(page.get_by_text("You will be told when it ends")).to_be_visible()
    eventually(page, lambda: page.evaluate("Notification.permission === 'granted'"), lambda: "nobody asked for leave")
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    change(data, "status = 'failed', message = 'The host gave up.', finished_at = created_at + 5, owner = NULL")
    eventually(page, lambda: page.evaluate("told.length"), lambda: "nothing was told")
    assert page.evaluate("told") == [{"title": "Fine-tune 1", "body": "failed", "tag": "fine_tune-1-failed"}]
    expect(page.get_by_text("Fine-tune 1: failed")).to_be_visible()
    page.get_by_role("link", name="Fine-tune", exact=True).click()
    expect(page.get_by_text("The host gave up.")).to_be_visible()
    assert page.evaluate("told.length") == 1
