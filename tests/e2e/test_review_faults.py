"""Whoever reads the item shown and presses its label gets that item labelled so: whatever the connection, the server or
the browser do meanwhile. Nothing on another item, nothing lost, nothing taken back unasked.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Error as PlaywrightError

from core.model import Label, TableData, Task
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import Decision
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import PATIENCE, Server, eventually
from tests.e2e.test_journeys import choose
from tests.fakes.cable import Cable

pytestmark = pytest.mark.browser

LABELS = ("ALPHA", "BETA", "GAMMA", "DELTA")
READ = """() => {
    const hosts = [...document.querySelectorAll(".stBidiComponent *")].filter(node => node.shadowRoot);
    const root = hosts.map(host => host.shadowRoot.querySelector(".review")).find(found => found);
    if (!root || root.hasAttribute("data-end")) return null;
    const text = root.querySelector(".text").textContent;
    const label = text.split(" is ")[1];
    const button = [...root.querySelectorAll(".choice")].find(one => one.dataset.label === label);
    return button ? {text, key: button.querySelector("kbd").textContent.toLowerCase()} : null;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def wb(folder: Path) -> Iterator[Workbench]:
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(folder / "data")}))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_server(folder: Path, wb: Workbench) -> Iterator[Server]:
    running = Server("app.py", {"LABELLOOP_DATA": str(folder / "data")}, folder / "server.log").start()
    yield running
    running.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """Running, whatever the test before did to it: one that killed it and failed takes no other test along."""
    return shared_server if shared_server.is_running else shared_server.start()


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    laid = Cable(server.port)
    yield laid
    laid.close()


class Desk:
    """A reviewer at a browser on a project of their own; each item says what it is."""

    def __init__(self, wb: Workbench, context: BrowserContext, url: str, name: str, items: int = 60) -> None:
        self.wb, self.context, self.url, self.me = wb, context, url, f"zoe of {name}"
        rows = [(f"{name} {n} {'abcdefgh'[n % 8] * 9} is {LABELS[n * 7 % 4]}",) for n in range(items)]
        task = Task(tuple(Label(one) for one in LABELS))
        self.project = wb.data.import_table(TableData(("text",), rows), ImportChoice(name, ("text",)), task=task)
        self.page = context.new_page()
        self.pressed: dict[str, str] = {}

    def open(self) -> "Desk":
        query = f"project={self.project}&queue=all&split=all&me={self.me}"
        self.page.goto(f"{self.url}/review?{query}")
        self.shown()
        return self

    def shown(self, other_than: str = "") -> dict[str, str]:
        """The item in view, once there is one."""
        self.page.wait_for_function(
            f"text => {{ const now = ({READ})(); return now && now.text !== text }}", arg=other_than
        )
        seen: dict[str, str] | None = self.page.evaluate(READ)
        return seen or self.shown(other_than)

    def label(self, meanwhile: Callable[[], None] = lambda: None) -> str:
        """Read the item in view, and press what it says it is; `meanwhile` happens between reading and pressing."""
        seen = self.shown()
        meanwhile()
        self.page.keyboard.press(seen["key"])
        self.pressed[seen["text"]] = seen["text"].split(" is ")[1]
        self.shown(seen["text"])
        return seen["text"]

    def stored(self) -> list[tuple[str, str | None]]:
        """Every entry of the reviewer's, oldest first."""
        with closing(sqlite3.connect(self.wb.settings.database_path)) as conn:
            return conn.execute(
                "SELECT i.text, l.name FROM annotations a JOIN items i ON i.id = a.item_id JOIN annotators n"
                " ON n.id = a.annotator_id LEFT JOIN value_labels m USING (value_id)"
                " LEFT JOIN labels l ON l.id = m.label_id WHERE n.name = ? ORDER BY a.id",
                (self.me,),
            ).fetchall()

    def marks(self) -> list[tuple[str, int, str]]:
        with closing(sqlite3.connect(self.wb.settings.database_path)) as conn:
            return conn.execute(
                "SELECT i.text, m.flagged, m.note FROM marks m JOIN items i ON i.id = m.item_id JOIN annotators n"
                " ON n.id = m.annotator_id WHERE n.name = ? ORDER BY m.id",
                (self.me,),
            ).fetchall()

    def until(self, condition: Callable[[], bool], otherwise: Callable[[], object]) -> None:
        eventually(self.page, condition, otherwise)

    def holds(self) -> None:
        """All that was pressed is stored, once, and nothing else."""
        self.until(
            lambda: len(self.stored()) >= len(self.pressed), lambda: set(self.pressed.items()) ^ set(self.stored())
        )
        assert sorted(self.stored()) == sorted(self.pressed.items())
        self.until(lambda: self.kept() == [], self.kept)
        expect(self.page.locator(".review .standing")).to_have_text("")

    def kept(self) -> list[dict]:
        """What the browser still keeps of acts."""
        keys = "Object.keys(localStorage).filter(key => key.startsWith('labelloop.review.'))"
        found = self.page.evaluate(f"() => {keys}.map(key => localStorage[key])")
        return [act for acts in found for act in json.loads(acts)]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    chosen = browser.new_context(viewport={"width": 1440, "height": 900})
    chosen.set_default_timeout(PATIENCE * 1000)
    yield chosen
    chosen.close()


@pytest.fixture
def desk(wb: Workbench, context: BrowserContext, cable: Cable, request: pytest.FixtureRequest) -> Desk:
    return Desk(wb, context, cable.url, request.node.name.removeprefix("test_")[:50]).open()


def test_a_cut_between_reading_and_pressing_or_right_after_misplaces_nothing(desk: Desk, cable: Cable) -> None:
    for number in range(20):
        desk.label(cable.cut if number in (3, 11) else lambda: None)
        if number == 7:
            cable.cut()
    desk.holds()


def test_four_cuts_within_sixty_keys_lose_and_misplace_nothing(desk: Desk, cable: Cable) -> None:
    for number in range(59):
        desk.label(cable.cut if number in (9, 33) else lambda: None)
        if number in (21, 45):
            cable.cut()
    desk.holds()


def test_a_killed_server_that_starts_again_shows_no_decided_item_again_and_loses_none(
    desk: Desk, server: Server
) -> None:
    for _ in range(8):
        desk.label()
    server.kill()
    for _ in range(6):
        desk.label()
    server.start()
    expect(desk.page.locator(".review .standing")).to_have_text("")
    for _ in range(8):
        text = desk.shown()["text"]
        assert text not in desk.pressed
        desk.label()
    desk.holds()


def test_the_characters_of_a_note_typed_through_cuts_become_no_labels_and_none_is_missing(
    desk: Desk, cable: Cable
) -> None:
    text = desk.shown()["text"]
    desk.page.keyboard.press("n")
    written = "1 2 3 4 said 4 times: 1234"
    for place, letter in enumerate(written):
        if place in (5, 16):
            cable.cut()
        desk.page.keyboard.type(letter)
    expect(desk.page.locator(".review .note")).to_have_value(written)
    desk.page.keyboard.press("Enter")
    desk.until(lambda: (text, 0, written) in desk.marks(), desk.marks)
    assert desk.stored() == []
    desk.label()
    desk.holds()


def test_while_nobody_answers_the_page_says_so_and_takes_no_key_and_what_is_pressed_is_counted_and_stored_later(
    desk: Desk, cable: Cable
) -> None:
    asked: list[str] = []
    desk.page.on("requestfailed", lambda request: asked.append(request.url))
    cable.unplug()
    standing = desk.page.locator(".review .standing")
    expect(standing).to_have_text("not connected")
    expect(desk.page.get_by_role("status").filter(has_text="LabelLoop does not answer")).to_be_visible()
    # By then Streamlit would have opened a dialog over the item: it does after six attempts of two requests.
    desk.until(lambda: len(asked) > 16, lambda: asked)
    for _ in range(6):
        desk.label()
    expect(standing).to_have_text("not connected · 6 not stored yet")
    assert desk.stored() == []
    cable.plug_in()
    desk.holds()
    expect(desk.page.get_by_text("LabelLoop does not answer")).to_be_hidden()
    expect(desk.page.get_by_test_id("stDialog")).to_have_count(0)


def test_two_projects_reviewed_through_cuts_stay_apart(wb: Workbench, context: BrowserContext, cable: Cable) -> None:
    one, other = (Desk(wb, context, cable.url, f"{name} side").open() for name in ("left", "right"))
    for number in range(12):
        for desk in (one, other):
            desk.page.bring_to_front()
            desk.label()
        if number in (2, 7):
            cable.cut()
    for desk in (one, other):
        desk.page.bring_to_front()
        desk.holds()


def test_after_another_page_and_back_what_is_stored_is_shown_and_a_flag_or_note_takes_no_label_back(desk: Desk) -> None:
    first = desk.label()
    desk.label()
    desk.holds()
    place = desk.shown()["text"]
    desk.page.get_by_role("link", name="Export").click()
    expect(desk.page.locator("h1")).to_contain_text("Export")
    desk.page.get_by_role("link", name="Review").first.click()
    assert desk.shown()["text"] == place
    desk.page.keyboard.press("ArrowLeft")
    desk.page.keyboard.press("ArrowLeft")
    expect(desk.page.locator(".review .text")).to_have_text(first)
    expect(desk.page.locator(".review .mine")).to_have_text(desk.pressed[first])
    desk.page.keyboard.press("f")
    desk.page.keyboard.press("n")
    desk.page.keyboard.type("odd")
    desk.page.keyboard.press("Enter")
    desk.until(lambda: (first, 1, "odd") in desk.marks(), desk.marks)
    desk.holds()


def test_a_task_edited_and_themes_changed_meanwhile_misplace_nothing(desk: Desk, wb: Workbench) -> None:
    slow = desk.context.new_cdp_session(desk.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    for number in range(18):
        desk.page.emulate_media(color_scheme="dark" if number % 2 else "light")
        if number == 6:
            wb.tasks.save(desk.project, replace(wb.tasks.get(desk.project), guidelines="Read them well."))
        desk.label()
    desk.holds()


def keys_shown(desk: Desk) -> dict[str, str]:
    buttons = desk.page.locator(".review .choice").evaluate_all(
        "all => all.map(one => [one.dataset.label, one.querySelector('kbd')?.textContent ?? ''])"
    )
    return dict(buttons)


def test_labels_removed_added_and_reordered_in_another_tab_leave_every_key_on_the_label_that_was_read(
    desk: Desk, wb: Workbench
) -> None:
    before = keys_shown(desk)
    desk.label()
    while desk.shown()["text"].endswith("ALPHA"):
        desk.label()
    desk.holds()
    wb.tasks.save(desk.project, replace(wb.tasks.get(desk.project), labels=reordered(wb, desk)))
    desk.label()  # Brings the edited task to the page.
    expect(desk.page.locator(".review .choice[data-label=OMEGA]")).to_be_visible()
    after = keys_shown(desk)
    assert {name: after[name] for name in before} == before
    assert after["OMEGA"] not in before.values()
    while len(desk.pressed) < 20:
        text = desk.shown()["text"]
        if text.endswith("ALPHA"):
            desk.page.keyboard.press(before["ALPHA"])
            expect(desk.page.locator(".review .said")).to_have_text("The label ALPHA was removed: pick another")
            desk.page.locator(".review .choice[data-label=ALPHA]").click()
            expect(desk.page.locator(".review .text")).to_have_text(text)
            desk.page.keyboard.press(after["OMEGA"])
            desk.pressed[text] = "OMEGA"
            desk.shown(text)
        else:
            desk.label()
    desk.holds()
    desk.page.reload()
    expect(desk.page.locator(".review .choice[data-label=OMEGA]")).to_be_visible()
    expect(desk.page.locator(".review .choice[data-label=ALPHA]")).to_have_count(0)
    assert keys_shown(desk)["OMEGA"] == "1"


def test_the_key_of_a_label_that_another_tab_merged_away_means_the_label_that_took_its_place(
    desk: Desk, wb: Workbench
) -> None:
    ids = {label.name: label.id for label in wb.tasks.get(desk.project).labels}
    wb.tasks.merge(desk.project, ids["ALPHA"] or 0, ids["BETA"] or 0)
    for _ in range(2):  # before the page has heard of it, and after
        while not (text := desk.shown()["text"]).endswith("ALPHA"):
            desk.label()
        desk.label()
        desk.pressed[text] = "BETA"
        desk.until(lambda: len(desk.stored()) >= len(desk.pressed), lambda: desk.pressed)
        merged = desk.page.locator(".review .choice[data-label=ALPHA]")
        expect(merged).to_have_attribute("title", "merged into BETA")
    expect(desk.page.locator(".review .said")).to_have_text("LabelledBETAALPHA was merged into it · U undoes")
    desk.holds()


def reordered(wb: Workbench, desk: Desk) -> tuple[Label, ...]:
    """Without the first label, the others the other way round, a new one before all."""
    return (Label("OMEGA"), *reversed(wb.tasks.get(desk.project).labels[1:]))


@pytest.mark.parametrize("how", ["crash", "reload"])
def test_a_note_being_typed_when_the_browser_is_killed_or_reloads_is_typed_on_and_stored_once_left(
    wb: Workbench, context: BrowserContext, cable: Cable, how: str
) -> None:
    desk = Desk(wb, context, cable.url, f"note then {how}").open()
    text = desk.label()
    text = desk.shown(text)["text"]
    desk.holds()
    desk.page.keyboard.press("n")
    desk.page.keyboard.type("1 half")
    if how == "crash":
        crashed = desk.page
        with suppress(PlaywrightError):
            crashed.goto("chrome://crash")
        desk.page = context.new_page()
        desk.open()
    else:
        desk.page.reload()
    expect(desk.page.locator(".review .text")).to_have_text(text)
    expect(desk.page.locator(".review .note")).to_have_value("1 half")
    expect(desk.page.locator(".review .note")).to_be_focused()
    assert desk.marks() == []
    desk.page.keyboard.type(" and 2 more")
    desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.marks() == [(text, 0, "1 half and 2 more")], desk.marks)
    desk.label()
    expect(desk.page.locator(".review .note")).to_have_value("")
    desk.holds()


@pytest.mark.parametrize("how", ["close", "reload", "leave"])
def test_the_last_key_before_the_tab_is_closed_reloaded_or_left_is_delivered(
    wb: Workbench, context: BrowserContext, cable: Cable, how: str
) -> None:
    desk = Desk(wb, context, cable.url, f"last key then {how}").open()
    for _ in range(2):
        desk.label()
    desk.holds()
    seen = desk.shown()
    desk.page.keyboard.press(seen["key"])
    desk.pressed[seen["text"]] = seen["text"].split(" is ")[1]
    if how == "close":
        desk.page.close()
        desk.page = context.new_page()
        desk.open()
    elif how == "reload":
        desk.page.reload()
    else:
        desk.page.goto(f"{desk.url}/export?project={desk.project}")
        expect(desk.page.locator("h1")).to_contain_text("Export")
        desk.open()
    assert desk.shown()["text"] not in desk.pressed
    desk.holds()


def test_what_was_kept_in_a_closed_tab_goes_to_its_own_project_whichever_is_open(
    wb: Workbench, context: BrowserContext, cable: Cable
) -> None:
    one = Desk(wb, context, cable.url, "closed while cut off").open()
    other = Desk(wb, context, cable.url, "another open one")
    cable.unplug()
    expect(one.page.locator(".review .standing")).to_have_text("not connected")
    one.label()
    one.label()
    one.page.close()
    cable.plug_in()
    other.open()
    one.page = other.page
    one.holds()
    assert other.stored() == []


def test_labels_given_to_a_project_that_another_tab_removed_wait_and_are_stored_once_it_is_restored(
    desk: Desk, wb: Workbench
) -> None:
    desk.label()
    desk.holds()
    before = desk.stored()
    seen = desk.shown()
    wb.projects.remove(desk.project)
    desk.page.keyboard.press(seen["key"])
    expect(desk.page.get_by_text("was removed, so your last decision on it waits in this browser")).to_be_visible()
    expect(desk.page.locator(".review")).to_have_count(0)
    desk.page.keyboard.press("1")
    assert desk.stored() == before
    desk.page.reload()
    expect(desk.page.get_by_text("waits in this browser")).to_be_visible()
    wb.projects.restore(desk.project)
    desk.pressed[seen["text"]] = seen["text"].split(" is ")[1]
    desk.open().holds()


def test_focus_returns_to_the_item_after_a_choice_and_esc_leads_back_from_a_field(desk: Desk) -> None:
    page = desk.page
    desk.label()
    page.get_by_role("combobox", name="Already reviewed").click()
    expect(page.locator(".review[data-resting]")).to_have_count(1)
    page.get_by_role("option", name="Including reviewed").click()
    expect(page.locator(".review[data-resting]")).to_have_count(0)
    desk.label()
    page.get_by_role("combobox", name="Order").focus()
    expect(page.get_by_text("Click here or press Esc to label")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".review[data-resting]")).to_have_count(0)
    desk.label()
    desk.holds()


@pytest.mark.parametrize("meanwhile", ["nothing", "said elsewhere"])
def test_an_item_far_into_the_queue_stays_in_view_over_a_restart(
    wb: Workbench, context: BrowserContext, cable: Cable, server: Server, meanwhile: str
) -> None:
    desk = far_into(Desk(wb, context, cable.url, f"far {meanwhile}", items=230).open())
    text = desk.shown()["text"]
    desk.holds()
    server.kill()
    expect(desk.page.locator(".review .standing")).to_have_text("not connected")
    if meanwhile == "said elsewhere":
        said(desk, text, "OTHER", n=1)
    server.start()
    back_on_line(desk)
    assert desk.shown()["text"] == text
    desk.page.keyboard.press(desk.shown()["key"])
    desk.until(lambda: desk.stored()[-1] == (text, text.split(" is ")[1]), desk.stored)
    seen = {text, *desk.pressed}
    assert desk.shown(text)["text"] not in seen
    desk.label()


def far_into(desk: Desk) -> Desk:
    """Past the first batch, which is skipped, with two items labelled in the second."""
    desk.shown()
    for _ in range(200):
        desk.page.keyboard.press("ArrowRight")
    expect(desk.page.locator(".review .more")).to_be_visible()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".review .more")).to_be_hidden()
    desk.label()
    desk.label()
    return desk


def said(desk: Desk, text: str, label: str, n: int) -> None:
    """The same reviewer says something of the item in another browser."""
    with closing(sqlite3.connect(desk.wb.settings.database_path)) as conn:
        item = conn.execute("SELECT id FROM items WHERE text = ? AND project_id = ?", (text, desk.project)).fetchone()[
            0
        ]
    other = next(name for name in LABELS if not text.endswith(name)) if label == "OTHER" else label
    desk.wb.review.store(desk.project, f"elsewhere {text}", desk.me, [Decision(n, item, other)])


def back_on_line(desk: Desk) -> None:
    """The new server has drawn the page."""
    desk.page.wait_for_function(
        """() => {
            const app = document.querySelector("[data-testid=stApp]").dataset;
            return app.testConnectionState === "CONNECTED" && app.testScriptState === "notRunning";
        }"""
    )


def test_a_newer_word_of_the_same_reviewer_is_shown_once_the_rows_have_it(desk: Desk) -> None:
    first = desk.label()
    desk.label()
    desk.holds()
    said(desk, first, "OTHER", n=1)
    other = desk.stored()[-1][1]
    choose(desk.page, "Already reviewed", "Including reviewed")
    desk.page.wait_for_url("**pending=false**")
    expect(desk.page.locator(".review .count")).to_contain_text("2 reviewed before")
    while desk.page.locator(".review .text").inner_text() != first:
        desk.page.keyboard.press("ArrowLeft")
    expect(desk.page.locator(".review .mine")).to_have_text(str(other))


def test_a_key_after_turning_back_from_another_page_labels_nothing_before_an_item_is_in_view(desk: Desk) -> None:
    desk.label()
    desk.holds()
    address = desk.page.url
    key = desk.shown()["key"]
    desk.page.get_by_role("link", name="Export").click()
    expect(desk.page.locator("h1")).to_contain_text("Export")
    desk.page.evaluate(
        """([address, key]) => {
            history.pushState(null, "", address);
            document.querySelector("[data-testid=stApp]").dataset.testScriptState = "running";
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, composed: true}));
        }""",
        [address, key],
    )
    assert desk.kept() == []
    desk.page.goto(address)
    desk.label()
    desk.holds()
