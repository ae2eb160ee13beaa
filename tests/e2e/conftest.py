"""Real Chromium and real servers for the journeys."""

import os
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.fakes.forked import Forked
from tests.fakes.ports import number, own_port

ROOT = Path(__file__).parents[2]
# Minutes, not five seconds: how long a loaded machine takes is not what these tests are about. A page took 30 s to
# stand where forty processes shared two cores.
PATIENCE = 180
expect.set_options(timeout=PATIENCE * 1000)
# A whole browser loads two pages of its own with each window, for its address bar, where nobody types here.
_SPARED = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"]
# Of several such switches the last one counts: so what Playwright turns off is said again.
_TURNED_OFF = [
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
CHROMIUM_ARGS = [
    f"--disable-features={','.join([*_TURNED_OFF, *_SPARED])}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, else the one Playwright brought.

    One a module: while Playwright runs, its event loop occupies the thread, and tests elsewhere need their own.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed_chromium(), args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


def installed_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Server:
    """`streamlit run` of a script over one data folder; can be killed the hard way and started again."""

    def __init__(self, script: str, environment: dict[str, str], log: Path, place: socket.socket | None = None) -> None:
        self._script, self._environment, self._log = script, environment, log
        self._place = place or own_port()
        self.port = number(self._place)
        self._process: Forked | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Server":
        # A file saved meanwhile must not reload the code under a journey.
        options = ["--server.port", str(self.port), "--server.fileWatcherType", "none"]
        command = ["run", str(ROOT / self._script), *options]
        self._process = Forked("streamlit.web.cli", *command, environment=self._environment, log=self._log)
        self._wait_until_up()
        return self

    def _wait_until_up(self) -> None:
        assert self._process is not None
        while self._process.poll() is None:
            time.sleep(0.05)  # asking all the time would take a core from the very server that is to start
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                continue
        pytest.fail(f"the server ended at once:\n{self._log.read_text(errors='replace')[-3000:]}")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """As `kill -9` would: the server gets no chance to tidy up."""
        if self._process is not None and self.is_running:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self.is_running:
            self._process.terminate()
            try:
                self._process.wait(20)
            except TimeoutError:
                self.kill()
            assert "Traceback" not in self.log(), f"the server met an error:\n{self.log()[-3000:]}"

    def log(self) -> str:
        """What the server has said so far."""
        return self._log.read_text(errors="replace")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Server]:
    """The workbench on a fresh data folder."""
    server = Server("app.py", {"LABELLOOP_DATA": str(tmp_path / "data")}, tmp_path / "server.log").start()
    yield server
    server.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    chosen = browser.new_context(viewport={"width": 1440, "height": 900})
    chosen.set_default_timeout(PATIENCE * 1000)
    yield chosen
    chosen.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def tops_and_sides(locator: Locator) -> list[dict[str, float]]:
    """`top`, `left` and `right` in pixels of each element, all of one moment: a page may move while it is drawn."""
    measure = """all => all.map((one) => {
      const { top, left, right } = one.getBoundingClientRect();
      return { top, left, right };
    })"""
    measured: list[dict[str, float]] = locator.evaluate_all(measure)
    return measured


def eventually(
    page: Page, condition: Callable[[], object], otherwise: Callable[[], object], seconds: float = PATIENCE
) -> None:
    """Look again and again, the page's messages being served meanwhile, until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise()
        page.wait_for_timeout(50)
