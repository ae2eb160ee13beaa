"""Back and Forward in real Chromium: one step for each page somebody opened."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.model import Split
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_journeys import choose, no_trouble
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_MENU = [
    "Projects",
    "Data",
    "Task",
    "Prompts",
    "Runs",
    "Review",
    "Agreement",
    "Fine-tune",
    "Compare",
    "Export",
    "Hosts",
]
_NOTE_THE_MENU = """
globalThis.menu = new Set();
new MutationObserver(() => {
  for (const entry of document.querySelectorAll("[data-testid=stSidebarNavLink]"))
    globalThis.menu.add(entry.innerText.split("\\n").pop());
}).observe(document, { subtree: true, childList: true });
"""
"""Every name that an entry of the menu has had."""
_VISITS = ("Data", "Agreement", "Review", "Compare", "Export")


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")}))
    project = make_project(opened)
    project.model("says test", Split.TEST)
    yield opened
    opened.close()


def _is_open(page: Page, title: str) -> None:
    """It is shown, and its address has been filled in."""
    expect(page.locator("h1")).to_contain_text(title)
    expect(page.locator("[data-testid=stSidebarNavLink][aria-current=page]")).to_have_text(re.compile(title))
    expect(page).to_have_url(re.compile("project="))


def test_five_pages_are_five_backs_and_each_is_as_it_was_left(wb: Workbench, app: Server, page: Page) -> None:
    page.goto(app.url)
    _is_open(page, "Projects")
    begun = page.evaluate("history.length")
    for title in _VISITS:
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        _is_open(page, title)
        if title == "Agreement":
            choose(page, "Split", "Train")
            expect(page).to_have_url(re.compile("agree_on=train"))
            choose(page, "Split", "Validation")
            expect(page).to_have_url(re.compile("agree_on=validation"))
            choose(page, "Split", "Train")
            expect(page).to_have_url(re.compile("agree_on=train"))
        if title == "Data":
            page.get_by_role("radio", name="Splits").click()
            expect(page).to_have_url(re.compile("view=splits"))
    assert page.evaluate("history.length") == begun + len(_VISITS)
    for title in (*reversed(_VISITS[:-1]), "Projects"):
        page.go_back()
        _is_open(page, title)
        if title == "Agreement":
            expect(page).to_have_url(re.compile("agree_on=train"))
            expect(page.get_by_role("combobox", name="Split")).to_have_value("Train")
        if title == "Data":
            expect(page.get_by_role("radio", name="Splits")).to_be_checked()
    page.go_forward()
    _is_open(page, "Data")
    no_trouble(page)


def test_the_first_page_is_one_entry_too(wb: Workbench, app: Server, page: Page) -> None:
    page.goto(f"{app.url}/_stcore/health")
    begun = page.evaluate("history.length")
    page.goto(f"{app.url}/agreement")
    _is_open(page, "Agreement")
    assert page.evaluate("history.length") == begun + 1
    page.go_back()
    expect(page.locator("body")).to_have_text("ok")


def test_an_address_of_no_page_is_one_entry_and_a_fresh_server_says_so_in_our_words_alone(
    wb: Workbench, app: Server, page: Page
) -> None:
    page.add_init_script(_NOTE_THE_MENU)
    page.goto(f"{app.url}/_stcore/health")
    page.goto(f"{app.url}/nonsense")
    _is_open(page, "Projects")
    expect(page.get_by_test_id("stMain")).to_contain_text("There is no page “nonsense”.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(f"{app.url}/?project=1")
    assert page.evaluate("[...globalThis.menu]") == _MENU, "a page was called by another name for a moment"
    page.go_back()
    expect(page.locator("body")).to_have_text("ok")


_NOTHING_TO_SHOW = (
    ("compare?compare_split=train", "Compare", "have no items in common"),
    ("review?who=3&label=1&split=test", "Review", "Opening it shows how they agree there"),
    ("task?project=99", "Task", "There is no project 99."),
)


def test_a_first_page_that_has_nothing_to_show_is_one_entry_with_its_address(
    wb: Workbench, app: Server, page: Page
) -> None:
    page.goto(f"{app.url}/_stcore/health")
    begun = page.evaluate("history.length")
    for already, (address, title, said) in enumerate(_NOTHING_TO_SHOW, start=1):
        page.goto(f"{app.url}/{address}")
        _is_open(page, title)
        expect(page.get_by_test_id("stMain")).to_contain_text(said)
        assert page.evaluate("history.length") == begun + already
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Export", exact=True).click()
    _is_open(page, "Export")
    for _, title, said in reversed(_NOTHING_TO_SHOW):
        page.go_back()
        _is_open(page, title)
        expect(page.get_by_test_id("stMain")).to_contain_text(said)
    page.go_back()
    expect(page.locator("body")).to_have_text("ok")
