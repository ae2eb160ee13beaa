"""A connection that breaks while a page is being drawn: the link and every choice stay as they were."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlparse

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from core.workbench import open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_journeys import choose, no_trouble
from tests.fakes.cable import Cable
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CUTS = (1, 2, 4)
"""How many pieces of a page come through before the connection breaks."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cable]:
    """Two projects of sixty items and two prompts each, behind a connection that can be cut."""
    folder = tmp_path_factory.mktemp("reconnecting")
    environment = {"LABELLOOP_DATA": str(folder / "data")}
    wb = open_workbench(Settings.from_env(environment))
    for name in ("Small", "Second"):
        project = make_project(wb, name=name)
        wb.prompts.save(project.id, "Pick one of:\n{{label_names}}", "{{text}}", "names")
        wb.prompts.save(project.id, "Pick one of these:\n{{label_names}}", "{{text}}", "politely")
    wb.close()
    server = Server("app.py", environment, folder / "server.log").start()
    cable = Cable(server.port)
    yield cable
    cable.close()
    server.stop()


# of each page: what its link says, none of it what stands there anyway; and a choice with two of its options
PAGES = {
    "review": (
        {"queue": "labelled", "split": "train", "who": "2", "label": "2", "also": "1", "me": "ben", "pending": "false"},
        ("Order", "order", {"uncertain": "Uncertain first", "random": "Random order"}),
    ),
    "runs": (
        {"run_prompts": "2,3", "run_split": "train", "run_items": "7", "run_fresh": "1"},
        ("Split", "run_split", {"validation": "validation", "train": "train"}),
    ),
    "prompts": (
        {"prompt": "2", "prompt_vs": "1", "try_split": "train"},
        ("Compare with", "prompt_vs", {"3": "v3 politely", "1": "v1 plain"}),
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_break_while_the_page_is_drawn_changes_no_other_choice_and_a_reload_shows_them_all(
    world: Cable, page: Page, name: str
) -> None:
    link, (label, key, options) = PAGES[name]
    page.goto(f"{world.url}/{name}?{urlencode({'project': '1', **link})}")
    until_said(page, link)
    others = without(key, said(page))
    for pieces in CUTS:
        page.evaluate(WATCH)
        # another than the one that stands: only then is anything drawn
        chosen = next(option for option in options if option != said(page).get(key))
        world.cut_after(pieces)
        choose(page, label, options[chosen])
        until_back(page)
        assert not world.is_about_to_be_cut
        assert without(key, said(page)) == others
        page.reload()
        until_said(page, without(key, link))
        assert without(key, said(page)) == others
    no_trouble(page)


# of each page opened by a link: what that says, none of it what stands there anyway, and what the selects show then
OPENED = {
    "agreement": ({"agree_on": "train", "agree_with": "2"}, {"Split": "Train", "Reference": "hasty"}),
    "export": (
        {"export_shape": "wide", "export_format": "csv-plain"},
        {"Rows": "One row per item", "Format": "CSV for programs"},
    ),
    "data": ({"view": "labels", "labels_of": "2"}, {"Labels of": "hasty"}),
    "fine_tune": ({"tune_from": "2", "tune_prompt": "2"}, {"Prompt version": "v2 names"}),
}


@pytest.mark.parametrize("name", OPENED)
def test_a_page_whose_first_drawing_broke_off_shows_what_its_link_says(world: Cable, page: Page, name: str) -> None:
    link, shown = OPENED[name]
    page.goto(f"{world.url}/{name}?{urlencode({'project': '1', **link})}", wait_until="commit")
    page.wait_for_function(DRAWS)
    world.cut_after(2)
    page.wait_for_function(DONE_OR_CUT)
    if world.is_about_to_be_cut:  # it was drawn sooner than that
        world.cut()
    for label, title in shown.items():
        expect(page.get_by_role("combobox", name=label, exact=True)).to_have_value(title)
    page.wait_for_function(AT_REST)
    assert {key: said(page).get(key) for key in link} == link
    no_trouble(page)


def without(key: str, link: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in link.items() if name != key}


def said(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlparse(page.url).query, keep_blank_values=True))


WATCH = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    window.breaks = 0;
    new MutationObserver(() => { window.breaks += app.dataset.testConnectionState !== "CONNECTED"; }).observe(
        app, { attributeFilter: ["data-test-connection-state"] });
}"""
AT_REST = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    return app?.dataset.testConnectionState === "CONNECTED" && app.dataset.testScriptState === "notRunning";
}"""


DRAWS = "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'running'"
IS_CUT = "document.querySelector('[data-testid=stApp]')?.dataset.testConnectionState !== 'CONNECTED'"
DONE_OR_CUT = f"() => ({AT_REST})() || {IS_CUT}"


def until_back(page: Page) -> None:
    """The browser has noticed a break, is connected again, and nothing is being drawn.

    A page that loads itself anew, since a piece of the program broke off, has forgotten to count.
    """
    page.wait_for_function("() => window.breaks === undefined || window.breaks > 0")
    page.wait_for_function(AT_REST)


def until_said(page: Page, wanted: dict[str, str]) -> None:
    """The link says so, beside what the page itself put there, and nothing is being drawn."""
    page.wait_for_function(
        """wanted => {
            const said = new URLSearchParams(location.search);
            return said.size > Object.keys(wanted).length + 1
                && Object.entries(wanted).every(([key, value]) => said.get(key) === value);
        }""",
        arg=wanted,
    )
    page.wait_for_function(AT_REST)
