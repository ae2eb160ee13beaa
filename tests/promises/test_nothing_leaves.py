"""Promise 10 in Chromium: whatever address a fresh server is first asked for, no request leaves the machine.

And it is the page of that address that opens.
"""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from core.settings import Settings
from core.workbench import open_workbench
from tests.e2e.conftest import Server, browser
from tests.fakes.ports import own_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["browser"]

PAGES = tuple(sorted(path.stem for path in (Path(__file__).parents[2] / "pages").glob("*.py")))
TITLES = {page: page.replace("_", "-").capitalize() for page in PAGES}
ADDRESSES = {
    "": "Projects",
    **TITLES,
    **{f"{page}?project=1": title for page, title in TITLES.items()},
    "nowhere": "Projects",
    "data?new=1": "New project",
}
"""The title of what opens, by the address."""


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    chosen = browser.new_context(viewport={"width": 1440, "height": 900})
    chosen.set_default_timeout(60_000)
    yield chosen
    chosen.close()


@pytest.fixture
def outside(context: BrowserContext) -> Iterator[list[str]]:
    """What the browser was told to fetch from elsewhere, icons of tabs and workers among it."""
    asked: list[str] = []
    listen = lambda request: asked.append(request.url) if is_outside(request.url) else None  # noqa: E731
    context.on("request", listen)
    yield asked
    context.remove_listener("request", listen)


def is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def place() -> Iterator[socket.socket]:
    """One port for all the servers: the browser need not compile the same scripts for each."""
    with own_port() as held:
        yield held


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo in it, so that the pages have something to show."""
    folder = tmp_path_factory.mktemp("demo")
    workbench = open_workbench(Settings(folder, folder / "labelloop.sqlite3"))
    workbench.demo.create()
    workbench.close()
    return folder


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_fresh_server_first_asked_for_this_address_sends_the_browser_nowhere_else(
    address: str, demo: Path, context: BrowserContext, outside: list[str], tmp_path: Path, place: socket.socket
) -> None:
    server = Server("app.py", {"LABELLOOP_DATA": str(demo)}, tmp_path / "server.log", place).start()
    page = context.new_page()
    try:
        page.goto(f"{server.url}/{address}")
        expect(page.locator("h1").first).to_be_visible()
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
        expect(page.get_by_text("Page not found")).to_have_count(0)  # Streamlit's box, closed once the page is drawn
        shown = page.locator("h1").first.inner_text()
        icons = page.eval_on_selector_all("link[rel~=icon]", "links => links.map(link => link.href)")
    finally:
        page.close()
        server.stop()
    assert icons and not [icon for icon in icons if is_outside(icon)]
    assert outside == []
    assert shown == ADDRESSES[address]
