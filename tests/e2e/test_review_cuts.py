"""Every kind of question answered through cuts, while nothing answers, and over a restart: each answer is stored once,
as it was given, on the item that was read. One data folder and one server for all kinds.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.model import Label, Options, QuestionKind, TableData, Task
from core.services.data.bringing import ImportChoice
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import PATIENCE, Server, eventually
from tests.e2e.test_review_kinds import stored
from tests.fakes.cable import Cable

pytestmark = pytest.mark.browser
ITEMS = 8
KEPT = """() => Object.keys(localStorage).filter(key => key.startsWith("labelloop.review."))
    .flatMap(key => JSON.parse(localStorage[key]))"""
ANSWERS = ("one", "two", "three")
Ids = dict[str, int]
Canonical = object


@dataclass(frozen=True)
class Case:
    """A kind of question: its task, the keys that begin an answer and those that give it, and what is then stored,
    read from the page while the item is in view."""

    task: Task
    begun: tuple[str, ...]
    given: tuple[str, ...]
    means: Callable[[Page, Ids], Canonical]


def first_word(page: Page) -> int:
    return len(page.locator(".review .text").inner_text().split()[0])


def left(page: Page, ids: Ids) -> Canonical:
    return ids[f"{page.locator('.review .candidate h4').first.inner_text()} is better"]


def in_order(page: Page, ids: Ids) -> Canonical:
    shown = [ids[str(one.get_attribute("title"))] for one in page.locator(".review .candidate").all()]
    return [[shown[1]], [shown[0]], [shown[2]]]


LETTERS = (Label("A"), Label("B"), Label("C"))
OUTCOMES = (Label("First is better", score=1.0), Label("Tie", score=0.0), Label("Second is better", score=-1.0))
CASES = {
    "several labels": Case(
        Task(LETTERS, type=QuestionKind.SEVERAL_LABELS), ("1",), ("3", "Enter"), lambda _, ids: [ids["A"], ids["C"]]
    ),
    "spans": Case(
        Task(LETTERS, type=QuestionKind.SPANS),
        ("Control+Shift+ArrowRight", "2"),
        ("Enter",),
        lambda page, ids: [[0, first_word(page), ids["B"]]],
    ),
    "rating": Case(
        Task(tuple(Label(name, score=n) for n, name in enumerate("ABC")), type=QuestionKind.RATING),
        (),
        ("2",),
        lambda _, ids: ids["B"],
    ),
    "preference": Case(
        Task(OUTCOMES, type=QuestionKind.PREFERENCE, options=Options(candidates=ANSWERS[:2])), (), ("ArrowLeft",), left
    ),
    "ranking": Case(
        Task(
            tuple(Label(name) for name in ANSWERS),
            type=QuestionKind.RANKING,
            options=Options(candidates=ANSWERS),
        ),
        ("2", "1"),
        ("3", "Enter"),
        in_order,
    ),
    "text": Case(Task((), type=QuestionKind.TEXT), ("w", *"1 half"), (*" 2", "Control+Enter"), lambda *_: "1 half 2"),
}


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path_factory.mktemp("cuts") / "data")}))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(wb: Workbench) -> Iterator[Server]:
    folder = wb.settings.database_path.parent
    running = Server("app.py", {"LABELLOOP_DATA": str(folder)}, folder / "server.log").start()
    yield running
    running.stop()


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    laid = Cable(server.port)
    yield laid
    laid.close()


class Desk:
    """A tab with a project of one kind, or of several questions about each item, in the order of `cases`."""

    def __init__(self, wb: Workbench, context: BrowserContext, url: str, name: str, *cases: Case) -> None:
        self.wb, self.cases = wb, cases
        rows = [(f"case {n} of what is asked", *(f"{answer} of {n}" for answer in ANSWERS)) for n in range(ITEMS)]
        table, choice = TableData(("text", *ANSWERS), rows), ImportChoice(name, ("text",))
        home = wb.data.import_table(table, choice, task=cases[0].task)
        further = [one.task for one in cases[1:]]
        self.asked = [
            home,
            *(wb.projects.ask_further(home, t.type, t.type, [x.name for x in t.labels]) for t in further),
        ]
        self.given: list[list[tuple[str, str]]] = [[] for _ in cases]
        self.page = context.new_page()
        self.page.goto(f"{url}/review?project={home}&queue=all&split=all&me=zoe")
        expect(self.page.locator(".review .hint[data-act=keys]")).to_be_visible()

    def answer(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Answer all that is asked of the item in view; halfway through the last answer something happens."""
        self.page.bring_to_front()
        item = self.in_view()
        for case, project, given in zip(self.cases, self.asked, self.given, strict=True):
            ids = {label.name: label.id or 0 for label in self.wb.tasks.get(project).choices}
            given.append((item, json.dumps(case.means(self.page, ids), separators=(",", ":"))))
            for key in case.begun:
                self.page.keyboard.press(key)
            if case is self.cases[-1]:
                meanwhile()
            for key in case.given:
                self.page.keyboard.press(key)
        expect(self.page.locator(".review")).not_to_contain_text(item)

    def in_view(self) -> str:
        """Which item, by its text."""
        found = re.search(r"case \d+ of what is asked", self.page.locator(".review").inner_text())
        assert found is not None
        return found[0]

    def stands(self, what: str) -> None:
        """What is said of the connection."""
        expect(self.page.locator(".review .standing")).to_have_text(what)

    def holds(self) -> None:
        """All that was answered is stored, once, as it was given, and the browser keeps nothing of it."""
        expected = [{item: [means] for item, means in given} for given in self.given]
        found = lambda: [stored(self.wb, project) for project in self.asked]  # noqa: E731
        eventually(self.page, lambda: [*map(len, found())] >= [*map(len, expected)], found)
        assert found() == expected
        self.page.bring_to_front()
        eventually(self.page, lambda: self.page.evaluate(KEPT) == [], lambda: self.page.evaluate(KEPT))
        self.stands("")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    chosen = browser.new_context(viewport={"width": 1440, "height": 900})
    chosen.set_default_timeout(PATIENCE * 1000)
    yield chosen
    chosen.close()


def test_what_is_answered_through_cuts_and_a_restart_is_stored_once_on_the_item_that_was_read(
    wb: Workbench, server: Server, cable: Cable, context: BrowserContext
) -> None:
    """Whatever is asked, several questions on one screen too, all in tabs side by side."""
    desks = [Desk(wb, context, cable.url, kind, case) for kind, case in CASES.items()]
    together = CASES["several labels"], CASES["rating"], CASES["text"], CASES["spans"]
    desks.append(Desk(wb, context, cable.url, "several questions", *together))
    for desk in desks:
        desk.answer()
        desk.answer(cable.cut)
    for desk in desks:
        desk.holds()
    cable.unplug()
    for desk in desks:
        desk.page.bring_to_front()
        desk.stands("not connected")
        desk.answer()
        desk.answer()
        desk.stands(f"not connected · {2 * len(desk.cases)} not stored yet")
        assert all(len(stored(wb, project)) == 2 for project in desk.asked)
    server.kill()
    cable.plug_in()
    for desk in desks:
        desk.answer(lambda: server.is_running or server.start())
    for desk in desks:
        desk.page.bring_to_front()
        desk.answer()
        desk.holds()
