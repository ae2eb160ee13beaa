"""What was typed without a connection in a tab that was closed then, in real Chromium at the next visit."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.services.drafts.keeping import Place
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_drafts import CUT_OFF, NAMES, data, description, kept  # noqa: F401
from tests.e2e.test_drafts import project as project
from tests.e2e.test_journeys import button, no_trouble, rows, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROMPT = "SELECT json_extract(content, '$.system') FROM drafts WHERE ended_at IS NULL AND kind = 'prompt'"
TASK = """SELECT json_extract(content, '$.labels[0].description'), json_extract(content, '$.guidelines')
    FROM drafts WHERE ended_at IS NULL AND kind = 'task'"""
BASE = "SELECT base FROM drafts WHERE ended_at IS NULL AND kind = 'task'"
BETTER = "A much better text with {{labels}}, on which an hour was spent."


def cut_off(page: Page, app: Server) -> None:
    app.kill()
    page.wait_for_function(CUT_OFF)


def closed(page: Page) -> None:
    page.close(run_before_unload=True)


def meanwhile(data: Path, act: Callable[[Workbench], object]) -> None:  # noqa: F811
    """What another browser does."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(data)}))
    act(wb)
    wb.close()


def test_words_left_behind_are_offered_where_another_draft_is_kept_by_now(
    project: int,
    app: Server,
    page: Page,
    context: BrowserContext,
    data: Path,  # noqa: F811
) -> None:
    page.goto(f"{app.url}/prompts?project={project}")
    page.get_by_label("System message").click()
    cut_off(page, app)
    page.get_by_label("System message").fill("OLD WORDS about {{labels}}")
    closed(page)
    content = {"system": BETTER, "user": "{{text}}", "examples": [], "note": ""}
    meanwhile(data, lambda wb: wb.drafts.keep(Place(project, "prompt", "0"), content))
    app.start()
    visit = context.new_page()
    visit.goto(f"{app.url}/prompts?project={project}")
    system = visit.get_by_label("System message")
    expect(visit.get_by_text("did not arrive, and something else was kept since: “OLD WORDS about")).to_be_visible()
    expect(system).to_have_value(BETTER)
    until(visit, data, PROMPT, [(BETTER,)])
    button(visit, "Use it")
    expect(system).to_have_value("OLD WORDS about {{labels}}")
    until(visit, data, PROMPT, [("OLD WORDS about {{labels}}",)])
    button(visit, "Restore it")
    until(visit, data, PROMPT, [(BETTER,)])
    expect(system).to_have_value(BETTER)
    visit.get_by_role("button", name="Discard", exact=True).click()
    expect(visit.get_by_role("button", name="Restore it")).to_have_count(0)
    visit.reload()
    expect(system).to_have_value(BETTER)
    expect(visit.get_by_role("button", name="Use it")).to_have_count(0)
    no_trouble(visit)


def test_labels_and_guidelines_left_behind_arrive_over_what_they_were_typed_over_and_are_offered_over_another(
    project: int,
    app: Server,
    page: Page,
    context: BrowserContext,
    data: Path,  # noqa: F811
) -> None:
    page.goto(f"{app.url}/task?project={project}")
    expect(description(page, 1)).to_be_visible()
    expect(page.get_by_label("Guidelines in Markdown")).to_be_visible()
    cut_off(page, app)
    description(page, 1).fill("of the one")
    page.get_by_label("Guidelines in Markdown").fill("Rules of the one")
    closed(page)
    app.start()
    second = context.new_page()
    second.goto(f"{app.url}/task?project={project}")
    until(second, data, TASK, [("of the one", "Rules of the one")])
    expect(description(second, 1)).to_have_value("of the one")
    cut_off(second, app)
    description(second, 1).fill("OLD WORDS")
    second.get_by_label("Guidelines in Markdown").fill("OLD RULES")
    closed(second)
    content, ((base,),) = kept(data), rows(data, BASE)
    content["labels"][0]["description"], content["guidelines"] = "of an hour", "Rules of an hour"
    meanwhile(data, lambda wb: wb.drafts.replace(Place(project, "task"), content, base=base))
    app.start()
    third = context.new_page()
    third.goto(f"{app.url}/task?project={project}")
    expect(third.get_by_text("Labels: this was typed on")).to_contain_text(f"“{NAMES[0]}: OLD WORDS”")
    expect(third.get_by_text("Guidelines: this was typed on")).to_contain_text("“OLD RULES”")
    expect(description(third, 1)).to_have_value("of an hour")
    until(third, data, TASK, [("of an hour", "Rules of an hour")])
    labels, guidelines = (third.get_by_role("status").filter(has_text=name) for name in ("Labels:", "Guidelines:"))
    labels.get_by_role("button", name="Use it").click()
    until(third, data, TASK, [("OLD WORDS", "Rules of an hour")])
    expect(description(third, 1)).to_have_value("OLD WORDS")
    guidelines.get_by_role("button", name="Discard").click()
    expect(guidelines).to_have_count(0)
    no_trouble(third)
