"""Takes the README's pictures from the running app: `make screenshots`. Writes docs/images/*.png, light and dark."""

import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402 - the path comes first

from core.model import Split  # noqa: E402
from core.services.learning.fine_tuning import TuneRequest  # noqa: E402
from core.services.runs.running import ModelRef, RunRequest  # noqa: E402
from core.settings import Settings  # noqa: E402
from core.workbench import Workbench, open_workbench  # noqa: E402
from tests.e2e.conftest import CHROMIUM_ARGS, Server, installed_chromium  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SHOTS = {
    "projects": "/?project=1",
    "data": "/data?project=1",
    "task": "/task?project=1",
    "prompts": "/prompts?project=1",
    "runs": "/runs?project=1",
    "review": "/review?project=1&queue=disagreements&split=validation",
    "agreement": "/agreement?project=1",
    "fine_tune": "/fine_tune?project=1",
    "compare": "/compare?project=1&compare_split=test",
    "hosts": "/hosts?project=1&host=embedded",
}


def go_round(wb: Workbench) -> None:
    """The demo project after one turn of the loop, everything real."""
    wb.worker.ensure_started()
    wb.hosts.test("embedded", "minilm-l6")
    project = wb.demo.create()
    described, names_only = wb.prompts.versions(project)
    for split in (Split.VALIDATION, Split.TEST):
        wb.runs.start(RunRequest(project, (names_only.id, described.id), (ModelRef("embedded", "minilm-l6"),), split))
    _wait_for_runs(wb, project)
    reference, _ = wb.agreement.defaults(project, Split.VALIDATION)
    assert reference is not None
    job = wb.fine_tunes.start(TuneRequest(project, reference, described.id), host="embedded", base_model="minilm-l6")
    while wb.fine_tunes.get(job.id).status.is_live:
        time.sleep(0.2)
    tuned = wb.fine_tunes.get(job.id).fine_tuned_model
    assert tuned is not None
    for split in (Split.VALIDATION, Split.TEST):
        wb.runs.start(RunRequest(project, (described.id,), (ModelRef("embedded", tuned),), split))
    _wait_for_runs(wb, project)


def _wait_for_runs(wb: Workbench, project: int) -> None:
    while any(run.status.is_live for run in wb.runs.all(project)):
        time.sleep(0.2)


def shoot(browser: Browser, url: str, scheme: str, only: list[str]) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for name, path in SHOTS.items():
        if only and name not in only:
            continue
        page.goto(url + path)
        _settled(page)
        page.screenshot(path=str(IMAGES / f"{name}-{scheme}.png"))
        print(f"{name}-{scheme}.png", flush=True)
    context.close()


def _settled(page: Page) -> None:
    """Until the script has run and two frames in a row look the same."""
    page.wait_for_selector("[data-testid=stAppViewContainer] h1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    before, now = b"", page.screenshot()
    while before != now:
        page.wait_for_timeout(700)
        before, now = now, page.screenshot()


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = os.environ.get("LABELLOOP_DATA", f"{folder}/data")
        wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": data}))
        if not wb.projects.all():
            go_round(wb)
        wb.close()
        server = Server("app.py", {"LABELLOOP_DATA": data}, Path(folder) / "server.log").start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=installed_chromium(), args=CHROMIUM_ARGS)
            for scheme in ("light", "dark"):
                shoot(browser, server.url, scheme, sys.argv[1:])
            browser.close()
        server.stop()


if __name__ == "__main__":
    main()
