"""Unsaved work in real Chromium: typed at any speed, and there again after whatever happens."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.model import Label, TableData, Task
from core.services.data.bringing import ImportChoice
from core.settings import Settings
from core.workbench import open_workbench
from tests.e2e.conftest import PATIENCE, Server
from tests.e2e.test_journeys import button, go, no_trouble, rows, until
from tests.fakes.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = [f"LABEL {letter}" for letter in "ABCDEFGH"]
SENTENCES = [f"What is about the subject number {n}, and nothing besides." for n in range(1, 9)]
AT_REST = "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
CUT_OFF = "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'"
CONNECTED = "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState === 'CONNECTED'"
DRAFT = "SELECT content FROM drafts WHERE ended_at IS NULL AND kind = '{}'"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def project(data: Path) -> int:
    """A project of eight labels without a description, there before the server starts."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(data)}))
    task = Task(tuple(Label(name) for name in NAMES))
    table = TableData(("text",), [(f"text number {n} of a few {'abcdefgh'[n] * 6}",) for n in range(8)])
    made = wb.data.import_table(table, ImportChoice("Eight", ("text",)), task=task)
    wb.close()
    return made


@pytest.fixture
def opened(project: int, app: Server, page: Page) -> Page:
    page.goto(f"{app.url}/task?project={project}")
    expect(description(page, 1)).to_be_visible()
    return page


def description(page: Page, place: int):
    return page.get_by_label(f"Description of label {place}", exact=True)


def typed(page: Page, words: str) -> None:
    """Eight descriptions one after the other, as fast as the browser takes keys."""
    description(page, 1).click()
    for sentence in SENTENCES:
        page.keyboard.type(f"{words}{sentence}", delay=0)
        page.keyboard.press("Enter")


def leave_for(page: Page, name: str) -> None:
    """Through the sidebar, again where Streamlit has lost the click to the rerun for what was typed just before."""
    link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True)

    def is_there() -> bool:
        link.click()
        page.wait_for_function(AT_REST)
        return name in (page.locator("h1").text_content() or "")

    wait_for(is_there, f"the page {name}", PATIENCE)


def kept(data: Path, kind: str = "task") -> dict:
    found = rows(data, DRAFT.format(kind))
    return json.loads(found[0][0]) if found else {}


def shows_all(page: Page, words: str = "") -> None:
    for place, sentence in enumerate(SENTENCES, start=1):
        expect(description(page, place)).to_have_value(f"{words}{sentence}")


def test_eight_descriptions_typed_at_paste_speed_are_eight_descriptions(opened: Page, data: Path) -> None:
    typed(opened, "")
    shows_all(opened)
    name = opened.get_by_label("Name of label 1", exact=True)
    name.fill(long := "A name with more words than one line of the table has room for, so that it goes on")
    is_whole = "one => one.scrollHeight <= one.clientHeight && one.scrollWidth <= one.clientWidth"
    assert name.evaluate(is_whole) and name.evaluate("one => one.clientHeight") > 40, long
    name.fill(NAMES[0])
    button(opened, "Save the task")
    until(opened, data, "SELECT COUNT(*) FROM labels WHERE description <> ''", [(8,)])
    saved = rows(data, "SELECT name, description FROM labels WHERE NOT is_fallback ORDER BY position")
    assert saved == list(zip(NAMES, SENTENCES, strict=True))
    no_trouble(opened)


def test_they_are_there_after_leaving_the_page_a_reload_and_a_kill(opened: Page, data: Path, app: Server) -> None:
    typed(opened, "")
    leave_for(opened, "Prompts")  # at once
    go(opened, "Task")
    shows_all(opened)
    expect(opened.get_by_text("Unsaved changes from").first).to_be_visible()
    opened.reload()
    shows_all(opened)
    description(opened, 1).click()
    opened.keyboard.press("End")
    opened.keyboard.type(" Really.", delay=0)
    opened.reload()  # at once
    expect(description(opened, 1)).to_have_value(f"{SENTENCES[0]} Really.")
    until(opened, data, f"SELECT COUNT(*) FROM drafts WHERE content LIKE '%{SENTENCES[0]} Really.%'", [(1,)])
    app.kill()
    app.start()
    opened.reload()
    expect(description(opened, 1)).to_have_value(f"{SENTENCES[0]} Really.")
    expect(description(opened, 8)).to_have_value(SENTENCES[7])
    button(opened, "Discard changes")
    expect(description(opened, 8)).to_have_value("")
    button(opened, "Undo discard")
    expect(description(opened, 8)).to_have_value(SENTENCES[7])
    no_trouble(opened)


def test_what_is_typed_while_the_server_is_gone_arrives_when_it_is_back(opened: Page, data: Path, app: Server) -> None:
    app.kill()
    typed(opened, "")
    shows_all(opened)
    opened.keyboard.press("ArrowUp")
    opened.keyboard.press("End")
    app.start()
    opened.wait_for_function(CONNECTED)  # and about to be drawn anew, which takes the field away for a moment
    opened.keyboard.type(" Or is it?")
    last = f"{SENTENCES[7]} Or is it?"
    until(opened, data, f"SELECT COUNT(*) FROM drafts WHERE content LIKE '%{last}%'", [(1,)])
    assert [label["description"] for label in kept(data)["labels"]] == [*SENTENCES[:7], last]
    expect(description(opened, 1)).to_have_value(SENTENCES[0])
    expect(description(opened, 8)).to_have_value(last)
    expect(description(opened, 8)).to_be_focused()
    expect(opened.get_by_text("Unsaved changes from")).to_be_visible()


def test_two_tabs_on_one_draft_are_told(opened: Page, data: Path, app: Server, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto(opened.url)
    expect(description(other, 1)).to_be_visible()
    description(opened, 1).fill("of the one")
    until(opened, data, "SELECT COUNT(*) FROM drafts WHERE content LIKE '%of the one%'", [(1,)])
    description(other, 2).fill("of the other")
    expect(other.get_by_text("also being edited in another tab")).to_be_visible()
    assert "of the one" in rows(data, DRAFT.format("task"))[0][0]
    button(other, "Keep my changes")
    until(other, data, "SELECT COUNT(*) FROM drafts WHERE ended_at IS NULL AND content LIKE '%the other%'", [(1,)])


def test_cells_of_a_spreadsheet_are_pasted_over_rows_and_columns(opened: Page, data: Path, app: Server) -> None:
    name = opened.get_by_label("Name of label 8", exact=True)
    name.focus()
    name.evaluate(
        """(field) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "EIGHT\\tThe eighth.\\r\\nNINE\\tThe ninth.\\r\\n");
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
    )
    expect(opened.get_by_label("Name of label 9", exact=True)).to_have_value("NINE")
    button(opened, "Save the task")
    until(opened, data, "SELECT name, description FROM labels WHERE description <> '' ORDER BY position",
          [("EIGHT", "The eighth."), ("NINE", "The ninth.")])  # fmt: skip


def test_a_prompt_draft_is_there_after_leaving_a_reload_and_a_kill_in_the_middle_of_a_word(
    opened: Page, data: Path, app: Server
) -> None:
    leave_for(opened, "Prompts")
    system = opened.get_by_label("System message").filter(visible=True)
    system.fill("Choose one of {{labels}}. Think of readers first.")
    opened.get_by_label("Note").fill("for readers")
    opened.get_by_label("Note").blur()
    until(opened, data, "SELECT COUNT(*) FROM drafts WHERE content LIKE '%for readers%'", [(1,)])
    leave_for(opened, "Task")
    leave_for(opened, "Prompts")
    expect(system).to_have_value("Choose one of {{labels}}. Think of readers first.")
    expect(opened.get_by_label("Note")).to_have_value("for readers")
    opened.reload()
    expect(system).to_have_value("Choose one of {{labels}}. Think of readers first.")
    expect(opened.get_by_text("Unsaved changes from")).to_be_visible()
    system.click()
    opened.keyboard.press("Control+End")
    opened.keyboard.type(" Be br")
    app.kill()
    opened.wait_for_function(CUT_OFF)
    expect(opened.get_by_role("status").get_by_text("LabelLoop does not answer")).to_be_visible()
    opened.keyboard.type("ie")
    app.start()
    opened.wait_for_function(AT_REST)
    opened.keyboard.type("f.")
    whole = "Choose one of {{labels}}. Think of readers first. Be brief."
    until(opened, data, f"SELECT COUNT(*) FROM drafts WHERE content LIKE '%{whole}%'", [(1,)])
    expect(system).to_be_focused()
    opened.reload()
    expect(system).to_have_value(whole)
    expect(opened.get_by_label("Note")).to_have_value("for readers")
    button(opened, "Discard changes")
    expect(system).not_to_have_value(whole)
    button(opened, "Undo discard")
    expect(system).to_have_value(whole)
    button(opened, "Save as v1")
    until(opened, data, "SELECT note FROM prompt_versions", [("for readers",)])
    until(opened, data, "SELECT COUNT(*) FROM drafts", [(0,)])
    no_trouble(opened)
