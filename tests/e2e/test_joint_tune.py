"""All questions about real comments taught at once, from the file to the figures of each, in real Chromium."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_journeys import HEADLINES, button, choose, go, learns, no_trouble, rows, until
from tests.embedded.test_joint import FEELINGS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.encoder]

COMMENTS = HEADLINES.with_name("goemotions_dev.csv")
ITEMS = 300
RUNS = "SELECT p.question, COUNT(*), MIN(r.done) FROM runs r JOIN projects p ON p.id = r.project_id"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def comments(path: Path) -> None:
    """Comments with their emotions, and whether these are good or bad ones, where they are of one sort."""
    with COMMENTS.open(encoding="utf-8", newline="") as file:
        read = [(row["text"], row["labels"], {*row["labels"].split("|")}) for row in csv.DictReader(file)]
    sorts = {name: {*group.split()} for name, group in FEELINGS.items()}
    said = [(text, told, [name for name, group in sorts.items() if group & labels]) for text, told, labels in read]
    kept = [(text, told, found[0]) for text, told, found in said if len(found) == 1][:ITEMS]
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "emotions", "feeling"), *kept])


@pytest.mark.skipif(not COMMENTS.exists(), reason=f"{COMMENTS} is not here")
def test_two_questions_are_taught_at_once_and_one_run_answers_both(
    app: Server, page: Page, data: Path, tmp_path: Path
) -> None:
    comments(tmp_path / "comments.csv")
    page.goto(app.url)
    button(page, "New project from a file")
    page.locator("input[type=file]").set_input_files(tmp_path / "comments.csv")
    expect(page.get_by_role("button", name=f"Import {ITEMS} items")).to_be_visible()
    choose(page, "Further questions", re.compile("^feeling"))
    page.keyboard.press("Escape")
    expect(page.get_by_text(re.compile("feeling answers"))).to_be_visible()
    button(page, f"Import {ITEMS} items")
    until(page, data, "SELECT question FROM projects ORDER BY id", [("emotions",), ("feeling",)])
    expect(page.locator("h1")).to_have_text("Data")

    go(page, "Prompts")
    button(page, "Ask all 2 questions at once")
    button(page, "Save as v1")
    until(page, data, "SELECT COUNT(*) FROM prompt_versions WHERE system LIKE '%{{questions}}%'", [(1,)])
    expect(page.get_by_text(re.compile("^Saved on"))).to_be_visible()

    go(page, "Fine-tune")
    expect(page.get_by_text("feeling: learned from feeling")).to_be_visible()
    learns(page, data)
    button(page, "Run it on test and compare")
    test, validation = ITEMS // 5, ITEMS // 5
    done = [("emotions", 3, min(test, validation)), ("feeling", 3, min(test, validation))]
    until(page, data, f"{RUNS} WHERE r.status = 'done' GROUP BY 1 ORDER BY 1", done)
    assert rows(data, "SELECT COUNT(*) FROM runs WHERE status <> 'done' OR errors > 0") == [(0,)]

    feeling = rows(data, "SELECT id FROM projects WHERE question = 'feeling'")[0][0]
    page.goto(f"{app.url}/agreement?project={feeling}")
    expect(
        page.get_by_text(re.compile(rf"On {validation} validation items, tuned 1 · emotions v1 agrees"))
    ).to_be_visible()
    page.goto(f"{app.url}/fine_tune?project={feeling}")
    expect(page.get_by_text("has learned to answer this question, too")).to_be_visible()

    go(page, "Fine-tune")
    page.goto(f"{app.url}/fine_tune?project={rows(data, 'SELECT MIN(id) FROM projects')[0][0]}")
    button(page, "Tune it further")
    expect(page.get_by_role("combobox", name=re.compile("Base model")).first).to_have_value("tuned 1")
    button(page, "Start")
    until(page, data, "SELECT status FROM fine_tunes ORDER BY id", [("succeeded",), ("succeeded",)])
    expect(page.get_by_text("minilm-l6 → tuned 1 → tuned 2")).to_be_visible()
    no_trouble(page)
