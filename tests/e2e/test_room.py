"""How pages take the room there is, in real Chromium: whole lines of text, cards of one height."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.model import TableData
from core.services.data.bringing import ImportChoice
from core.services.runs.running import ModelRef, RunRequest
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server, tops_and_sides
from tests.e2e.test_journeys import no_trouble
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "A sentence that goes on and on, so that no window is wide enough for it in two lines or in three. " * 6
LABELS = ("SCIENCE & TECHNOLOGY", "UNABLE_TO_CLASSIFY")
# How the list stands: the share of its width that texts have, whether the last line seen is whole, whether every text
# ends with a whole line, and whether something is wider than the page.
STANDS = """() => {
  const root = [...document.querySelectorAll("*")].map((one) => one.shadowRoot ?? one)
    .find((one) => one.querySelector?.(".line .text"));
  const box = root.querySelector(".body").getBoundingClientRect();
  const lines = [...root.querySelectorAll(".line:not(.head)")].map((one) => one.getBoundingClientRect());
  const last = lines.filter((one) => one.top < box.bottom - 2).at(-1);
  const texts = [...root.querySelectorAll(".line .text")];
  const inLines = (one) => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight);
  const page = document.querySelector("[data-testid=stMain]");
  return {
    share: texts[0].getBoundingClientRect().width / box.width,
    isWhole: last.bottom <= box.bottom + 1,
    areWhole: texts.every((one) => Math.abs(inLines(one) - Math.round(inLines(one))) < 0.1),
    isWide: page.scrollWidth > page.clientWidth,
  };
}"""


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")}))
    rows = [[f"{n} {LONG}", LABELS[n % 2], LABELS[n % 3 > 0]] for n in range(30)]
    table = TableData(("text", "maria", "jonas"), rows)
    opened.data.import_table(table, ImportChoice("Long", ("text",), ("maria", "jonas")))
    yield opened
    opened.close()


def test_texts_of_items_have_the_room_and_whole_lines_and_the_chosen_one_opens_below(
    wb: Workbench, app: Server, page: Page
) -> None:
    page.goto(f"{app.url}/data?project=1")
    lines = page.locator(".line:not(.head)")
    expect(lines).to_have_count(30)
    stands = page.evaluate(STANDS)
    assert stands == {"share": stands["share"], "isWhole": True, "areWhole": True, "isWide": False}
    assert stands["share"] > 0.55

    page.set_viewport_size({"width": 1024, "height": 768})
    stands = page.evaluate(STANDS)
    assert stands == {"share": stands["share"], "isWhole": True, "areWhole": True, "isWide": False}
    assert stands["share"] > 0.4

    lines.nth(1).click()
    expect(page.locator(".whole")).to_have_text(f"1 {LONG}")
    expect(page.locator(".said .chip")).to_have_text([LABELS[1], LABELS[1]])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".whole")).to_have_text(f"2 {LONG}")
    page.keyboard.press("Escape")
    expect(page.locator(".whole")).to_have_count(0)
    no_trouble(page)


def test_a_list_of_items_that_nobody_has_labelled_stands_in_its_two_columns(
    wb: Workbench, app: Server, page: Page
) -> None:
    texts = TableData(("text",), [[f"{number} {LONG}"] for number in range(30)])
    project = wb.data.import_table(texts, ImportChoice("Bare", ("text",)))
    page.goto(f"{app.url}/data?project={project}")
    cells = page.locator(".line.head .cell")
    expect(cells.first).to_have_text("Text")
    text, split = tops_and_sides(cells)
    assert text["top"] == split["top"] and text["right"] <= split["left"]


def test_cards_of_projects_are_of_one_height_whatever_they_hold(wb: Workbench, app: Server, page: Page) -> None:
    make_project(wb, name="A name that is much too long for a card, so that it goes on to a second line and then ends")
    page.goto(app.url)
    cards = page.locator(".st-key-cards > *")
    expect(cards).to_have_count(2)
    expect(cards.get_by_role("button", name="More")).to_have_count(2)
    height = "one => one.firstElementChild.offsetHeight"
    first, second = tops_and_sides(cards)
    assert first["top"] == second["top"]
    assert cards.nth(0).evaluate(height) == cards.nth(1).evaluate(height)
    block = "<div style='flex: none; height: 500px'></div>"
    tall = f'one => one.firstElementChild.insertAdjacentHTML("beforeend", "{block}")'
    cards.nth(0).evaluate(tall)
    assert cards.nth(0).evaluate(height) == cards.nth(1).evaluate(height) > 500


def test_a_run_that_is_open_is_in_view_however_far_down_the_list_it_stands(
    wb: Workbench, app: Server, page: Page
) -> None:
    project = make_project(wb, name="Many runs")
    asked = RunRequest(project.id, (project.version_id,), (ModelRef("embedded", "minilm-l6"),))
    (first,) = wb.runs.start(asked)
    wb.runs.cancel(first.id)
    with wb.db.write() as conn:
        names = [row[1] for row in conn.exec_driver_sql("PRAGMA table_info(runs)") if row[1] != "id"]
        columns = ", ".join(names)
        for _ in range(40):
            conn.exec_driver_sql(f"INSERT INTO runs ({columns}) SELECT {columns} FROM runs WHERE id = ?", (first.id,))
    page.goto(f"{app.url}/runs?project={project.id}&run={first.id}")
    listed = page.locator(".opens tbody tr")
    expect(listed).to_have_count(41)
    expect(listed.last).to_have_attribute("aria-selected", "true")
    expect(listed.last).to_be_in_viewport(ratio=1)
    expect(listed.first).not_to_be_in_viewport()
    listed.last.focus()
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile(rf"[?&]run={first.id + 8}(&|$)"))
    expect(listed.nth(32)).to_be_in_viewport(ratio=1)
    no_trouble(page)
