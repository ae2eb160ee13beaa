"""A fine-tune goes home and comes back, in real Chromium: card, zip, golden answers, the same set elsewhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from core.model import FineTune, Split
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server, eventually
from tests.e2e.test_journeys import no_trouble
from tests.fakes.host import FakeHost
from tests.fakes.waiting import work_off
from tests.fakes.worlds import make_project, right_label

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Tuned(NamedTuple):
    wb: Workbench
    job: FineTune
    data: Path


@pytest.fixture
def tuned(tmp_path: Path) -> Iterator[Tuned]:
    """A fine-tune that was measured on test, there before the server starts; its host is gone by then."""
    data = tmp_path / "data"
    with FakeHost(right_label) as host, pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
        patch.setattr("core.worker._IDLE_SECONDS", 0.02)
        wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(data), "OPENAI_BASE_URL": host.base_url}))
        project = make_project(wb)
        request = TuneRequest(project.id, project.gold, project.version_id)
        job = wb.fine_tunes.start(request, host="openai", base_model="fake-large")
        with ThreadPoolExecutor(1) as apart:  # the thread of the tests has Playwright's own loop
            apart.submit(work_off, wb).result()
            job = wb.fine_tunes.get(job.id)
            wb.runs.start_missing(follow_ups(job, Split.TEST))
            apart.submit(work_off, wb).result()
        host.release()
    yield Tuned(wb, job, data)
    wb.close()


def test_a_fine_tune_goes_home_and_comes_back(tuned: Tuned, app: Server, page: Page) -> None:
    page.goto(f"{app.url}/fine_tune?project={tuned.job.project_id}")
    page.get_by_text("Model card and export").click()
    expect(page.get_by_role("heading", name="Model card for Small: tuned 1")).to_be_visible()
    page.get_by_role("button", name="Build a zip of everything").click()
    exports = tuned.data / "exports"
    eventually(page, lambda: list(exports.rglob("*.zip")), lambda: "no zip was built")
    (path,) = exports.rglob("*.zip")
    expect(page.get_by_text(path.name)).to_be_visible()

    page.get_by_role("button", name="Record golden answers").click()
    expect(page.get_by_text("kept", exact=True)).to_be_visible()
    expect(page.get_by_text("test split · 18 of 18 items")).to_be_visible()

    page.get_by_role("link", name="Send the same set to another host").click()
    expect(page.get_by_text("as they were sent").or_(page.get_by_text("1 check in order"))).to_be_visible()
    no_trouble(page)

    tuned.wb.projects.remove(tuned.job.project_id)
    page.goto(f"{app.url}/projects")
    page.get_by_text("Import a fine-tune").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(path)
    expect(page.get_by_text("Imported: 60 items")).to_be_visible()
    page.get_by_role("link", name="See it on Fine-tune").click()
    expect(page.get_by_text("is not connected to this fine-tune")).to_be_visible()
    no_trouble(page)
