"""Each kind of question reviewed on real data: what keys at no gap put together is what is stored, and nothing else."""

import csv
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.model import AnnotatorKind, Having, Label, Options, QuestionKind, TableData, Task
from core.services.common.lookup import ensure_annotator
from core.services.common.values import append
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import QueueFilter
from core.settings import Settings
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench, open_workbench
from tests.e2e.conftest import PATIENCE, Server, eventually, tops_and_sides

pytestmark = pytest.mark.browser
DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the test data (LABELLOOP_TEST_DATA)")
PRESS = """keys => keys.forEach(([key, shiftKey, ctrlKey]) => document.body.dispatchEvent(new KeyboardEvent("keydown",
    {key, shiftKey, ctrlKey, bubbles: true, composed: true, cancelable: true})))"""
Value = list


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path_factory.mktemp("kinds") / "data")}))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def url(wb: Workbench) -> Iterator[str]:
    folder = wb.settings.database_path.parent
    running = Server("app.py", {"LABELLOOP_DATA": str(folder)}, folder / "server.log").start()
    yield running.url
    running.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE * 1000)
    yield context.new_page()
    context.close()


def project(wb: Workbench, name: str, task: Task, said: dict[str, Callable[[dict[str, int]], str]]) -> int:
    """A project of these texts, and for each what the reference says of it, given the ids of labels by name."""
    table = TableData(("text",), [(text,) for text in said])
    made = wb.data.import_table(table, ImportChoice(name, ("text",)), task=task)
    ids = {label.name: label.id or 0 for label in wb.tasks.get(made).choices}
    items = wb.review.load(made, wb.review.queue(made, QueueFilter()), [], None)
    with wb.data._db.write() as conn:
        gold = ensure_annotator(conn, made, AnnotatorKind.IMPORTED, "gold")
        append(conn, made, [NewAnnotation(one.item.id, gold, said[one.item.text](ids)) for one in items])
    return made


def stored(wb: Workbench, made: int, name: str = "zoe") -> dict[str, list[str]]:
    """What the reviewer said of each text, in canonical form, oldest first."""
    with closing(sqlite3.connect(wb.settings.database_path)) as conn:
        rows = conn.execute(
            "SELECT i.text, v.canonical FROM annotations a JOIN items i ON i.id = a.item_id JOIN annotators n"
            " ON n.id = a.annotator_id LEFT JOIN 'values' v ON v.id = a.value_id"
            " WHERE n.name = ? AND n.project_id = ? ORDER BY a.id",
            (name, made),
        ).fetchall()
    found: dict[str, list[str]] = {}
    for text, canonical in rows:
        found.setdefault(text, []).append(canonical)
    return found


def opened(page: Page, url: str, made: int) -> None:
    page.goto(f"{url}/review?project={made}&queue=all&split=all&me=zoe")
    expect(page.locator(".review .hint[data-act=keys]")).to_be_visible()


def reviewed(page: Page, wb: Workbench, made: int, count: int) -> dict[str, list[str]]:
    eventually(page, lambda: len(stored(wb, made)) >= count, lambda: f"{len(stored(wb, made))} of {count}")
    expect(page.locator(".review .standing")).to_have_text("")
    return stored(wb, made)


def emotions(limit: int) -> dict[str, list[str]]:
    with (DATA / "goemotions_dev.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(row["text"], row["labels"].split("|")) for row in csv.DictReader(lines)]
    return dict(rows[:limit])


def sentences(limit: int) -> dict[str, list[tuple[int, int, str]]]:
    """Texts of the CoNLL file with the spans of their tags, in code points."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for block in (DATA / "wnut17_test.conll").read_text(encoding="utf-8").split("\n\n")[:limit]:
        text, spans = "", list[tuple[int, int, str]]()
        for line in filter(None, block.split("\n")):
            word, tag = line.split("\t")[:2]
            start = len(text) + bool(text)
            text += (" " if text else "") + word
            if tag.startswith("B-"):
                spans.append((start, len(text), tag[2:]))
            elif tag.startswith("I-") and spans:
                spans[-1] = (spans[-1][0], len(text), spans[-1][2])
        if text:
            found[text] = spans
    return found


@needs_data
def test_sets_of_emotions_are_accepted_changed_and_emptied(page: Page, url: str, wb: Workbench) -> None:
    texts = emotions(60)
    names = sorted({name for labels in texts.values() for name in labels})
    task = Task(tuple(Label(name) for name in names), type=QuestionKind.SEVERAL_LABELS)
    said = {
        text: (lambda ids, labels=labels: json.dumps(sorted(ids[name] for name in labels), separators=(",", ":")))
        for text, labels in texts.items()
    }
    made = project(wb, "emotions", task, said)
    ids = {label.name: label.id for label in wb.tasks.get(made).choices}
    opened(page, url, made)
    count = len(texts)
    page.evaluate(PRESS, [[key] for n in range(count) for key in (["1", "Enter"] if n % 2 else ["Enter"])])
    found = reviewed(page, wb, made, count)
    assert all(len(entries) == 1 for entries in found.values())
    gold = {text: {ids[name] for name in labels} for text, labels in texts.items()}
    changed = [text for text, [one] in found.items() if set(json.loads(one)) != gold[text]]
    assert len(changed) == count // 2
    assert all(set(json.loads(found[text][0])) ^ gold[text] == {ids[names[0]]} for text in changed)


@needs_data
def test_spans_of_names_are_accepted_and_marked_by_keys(page: Page, url: str, wb: Workbench) -> None:
    texts = sentences(61)
    names = sorted({label for spans in texts.values() for _, _, label in spans})
    task = Task(tuple(Label(name) for name in names), type=QuestionKind.SPANS)
    said = {
        text: (lambda ids, spans=spans: json.dumps([[s, e, ids[name]] for s, e, name in spans], separators=(",", ":")))
        for text, spans in texts.items()
    }
    made = project(wb, "names", task, said)
    ids = {label.name: label.id for label in wb.tasks.get(made).choices}
    opened(page, url, made)
    mark = [["ArrowRight", True, True], ["1"], ["Enter"]]
    count = len(texts)
    page.evaluate(PRESS, [key for n in range(count) for key in (mark if n % 2 else [["Enter"]])])
    found = reviewed(page, wb, made, count)
    assert all(len(entries) == 1 for entries in found.values())
    gold = {text: [[s, e, ids[name]] for s, e, name in spans] for text, spans in texts.items()}
    mine = {text: json.loads(one) for text, [one] in found.items()}
    kept = [text for text in texts if mine[text] == gold[text]]
    assert count // 3 < len(texts.keys() - set(kept)) <= count // 2
    for text in texts.keys() - set(kept):
        [[start, end, label]] = mine[text]
        assert (label, start) == (ids[names[0]], re.search(r"\S", text[:end]).start())


@needs_data
def test_pairs_stand_in_an_order_of_their_own_and_what_is_said_is_in_the_items_order(
    page: Page, url: str, wb: Workbench
) -> None:
    lines = (DATA / "pandalm_pairs.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    pairs = [json.loads(line) for line in lines]
    rows = [(f"{n} {one['instruction']}", one["response1"], one["response2"]) for n, one in enumerate(pairs)]
    outcomes = (Label("First is better", score=1.0), Label("Tie", score=0.0), Label("Second is better", score=-1.0))
    options = Options(candidates=("one", "two"))
    task = Task(outcomes, type=QuestionKind.PREFERENCE, options=options)
    table = TableData(("text", "one", "two"), rows)
    made = wb.data.import_table(table, ImportChoice("pairs", ("text",)), task=task)
    opened(page, url, made)
    ids = {label.name: str(label.id) for label in wb.tasks.get(made).choices}
    choices = page.locator(".review .choice")
    names = [text.split("\n")[-1] for text in choices.all_inner_texts()]
    places = dict(zip(names, (one["left"] for one in tops_and_sides(choices)), strict=True))
    assert max(places, key=places.__getitem__) == wb.tasks.get(made).fallback.name
    left: dict[str, str] = {}
    for number in range(20):
        asked = page.locator(".review .asked")
        text = asked.inner_text()
        left[text] = page.locator(".review .candidate h4").first.inner_text()
        page.keyboard.press("1" if number % 2 else "ArrowLeft")
        expect(asked).not_to_have_text(text)
    found = reviewed(page, wb, made, 20)
    assert set(left.values()) == {"First", "Second"}
    assert {text.split()[0]: [ids[f"{side} is better"]] for text, side in left.items()} == {
        text.split()[0]: entries for text, entries in found.items()
    }
    with wb.db.read() as conn:
        stored = conn.exec_driver_sql(
            "SELECT i.text, a.shown FROM annotations a JOIN items i ON i.id = a.item_id WHERE i.project_id = ?", (made,)
        ).fetchall()
    shown = {"First": "0,1", "Second": "1,0"}
    assert dict(map(tuple, stored)) == {text: shown[side] for text, side in left.items()}
    page.keyboard.press(",")
    expect(page.locator(".review .candidate h4").first).to_have_text(list(left.values())[-1])


def test_levels_are_given_by_keys_and_shown_in_the_order_of_their_scores(page: Page, url: str, wb: Workbench) -> None:
    levels = (Label("good", score=3.0), Label("poor", score=1.0), Label("fair", score=2.0))
    task = Task(levels, type=QuestionKind.RATING)
    made = project(
        wb, "levels", task, {f"answer number {n} {'abc'[n % 3] * 7}": lambda ids: str(ids["fair"]) for n in range(9)}
    )
    opened(page, url, made)
    names = page.locator(".review .choice > span").all_inner_texts()
    assert names[:3] == ["poor", "fair", "good"]
    page.evaluate(PRESS, [["Enter"]] * 9)
    fair = {label.name: label.id for label in wb.tasks.get(made).choices}["fair"]
    assert set(map(tuple, reviewed(page, wb, made, 9).values())) == {(str(fair),)}


def test_three_questions_about_an_item_are_answered_on_one_screen_by_keys(page: Page, url: str, wb: Workbench) -> None:
    texts = ["Warm bread, cold soup.", "Clean beds, noisy street."]
    home = project(
        wb, "Visits", Task((Label("food"), Label("room"))), dict.fromkeys(texts, lambda ids: str(ids["food"]))
    )
    marks = wb.projects.ask_further(home, "What is said", QuestionKind.SPANS, ["praise", "complaint"])
    stars = wb.projects.ask_further(home, "Stars", QuestionKind.RATING, ["poor", "fair", "good"])
    opened(page, url, home)
    expect(page.locator(".review .question")).to_have_count(3)
    expect(page.locator(".review .count")).to_contain_text("0 of 3 questions answered")
    keys = page.keyboard
    keys.press("2")  # leads to the marks
    for key in ("Control+Shift+ArrowRight", "1", "Enter", "3"):
        keys.press(key)
    expect(page.locator(".review .count")).to_contain_text("2 of 2 ·")
    page.evaluate(PRESS, [["u"], ["1"]])  # back over the level, which is given anew
    keys.press("Tab")
    keys.press("Enter")  # marks nothing: nothing was suggested
    expect(page.locator(".review .said")).to_contain_text("No suggestion here")
    keys.press("-")
    keys.press("Shift+Tab")
    expect(page.locator(".review .question[aria-current]")).to_contain_text("not answered")
    keys.press("f")  # of the question that is open
    expect(page.locator(".review .flag")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".review .question[aria-current] .remarked")).to_have_text("flagged")
    keys.press("Tab")
    expect(page.locator(".review .flag")).to_have_attribute("aria-pressed", "false")
    keys.press("Shift+Tab")
    page.evaluate(PRESS, [["1"], ["Enter"], ["3"]])
    expect(page.locator(".review h3").first).to_have_text("End of the queue")
    expect(page.locator(".review .facts")).to_contain_text("2 of 2")
    topics, spans, levels = (reviewed(page, wb, asked, 2) for asked in (home, marks, stars))
    expect(page.get_by_text(", 1 flagged, 2 labelled for What is said, 2 labelled for Stars")).to_be_visible()
    with wb.db.read() as conn:
        flags = conn.exec_driver_sql(
            "SELECT n.project_id, COUNT(*) FROM marks k JOIN annotators n ON n.id = k.annotator_id"
            " WHERE k.flagged AND n.name = 'zoe' GROUP BY 1 ORDER BY 1"
        ).all()
    assert [(home, 1)] == [tuple(flag) for flag in flags]
    said = [[found[text][-1] for text in topics] for found in (topics, spans, levels)]
    label = {label.name: label.id for one in (home, marks, stars) for label in wb.tasks.get(one).choices}
    assert said == [
        [str(label["room"]), str(label["food"])],
        [f"[[0,{len(next(iter(topics)).split()[0])},{label['praise']}]]", "[]"],
        [str(label["poor"]), str(label["good"])],
    ]


def test_a_question_opens_where_the_answer_before_it_asks_it_and_what_was_answered_is_kept(
    page: Page, url: str, wb: Workbench
) -> None:
    texts = ["You there, clear off.", "Thank you for this."]
    home = project(
        wb, "Notes", Task((Label("toxic"), Label("fine"))), dict.fromkeys(texts, lambda ids: str(ids["fine"]))
    )
    severe = wb.projects.ask_further(home, "How severe?", QuestionKind.RATING, ["low", "high"])
    wb.projects.name_question(home, "Toxic?")
    label = {label.name: label.id or 0 for one in (home, severe) for label in wb.tasks.get(one).choices}
    wb.projects.ask_only_where(severe, home, [label["toxic"]])
    opened(page, url, home)
    strip, keys = page.locator(".review .question"), page.keyboard
    expect(strip.last).to_contain_text("only where “Toxic?” is toxic")
    expect(strip.last).to_be_disabled()
    keys.press("1")
    expect(page.locator(".review .question[aria-current]")).to_contain_text("How severe?")
    keys.press("2")
    expect(page.locator(".review .count")).to_contain_text("0 of 1 questions answered")
    page.evaluate(PRESS, [["ArrowLeft"], ["2"]])  # fine after all
    expect(page.locator(".review .said")).to_contain_text("its answer is kept: How severe?")
    page.evaluate(PRESS, [["ArrowLeft"]])
    expect(strip.last).to_contain_text("only where “Toxic?” is toxic; kept: high")
    page.evaluate(PRESS, [["1"], ["Enter"], ["2"]])
    expect(page.locator(".review .facts")).to_contain_text("3 of 3")
    said = [reviewed(page, wb, one, count) for one, count in ((home, 2), (severe, 1))]
    first = next(iter(said[1]))
    assert [said[0][first], said[1][first]] == [
        [str(label[name]) for name in ("toxic", "fine", "toxic")],
        [str(label["high"])] * 2,
    ]


def test_a_question_opens_once_anything_is_marked_and_another_where_a_level_is_high_enough(
    page: Page, url: str, wb: Workbench
) -> None:
    texts = ["Nice place, rude staff.", "All was well."]
    home = project(wb, "Stays", Task((Label("hotel"), Label("inn"))), dict.fromkeys(texts, lambda ids: str(ids["inn"])))
    marks = wb.projects.ask_further(home, "Complaints", QuestionKind.SPANS, ["complaint"])
    level = wb.projects.ask_further(home, "How bad?", QuestionKind.RATING, ["mild", "bad", "awful"])
    why = wb.projects.ask_further(home, "What to do?", QuestionKind.SINGLE_LABEL, ["refund", "apology"])
    bad = {label.name: label.id or 0 for label in wb.tasks.get(level).choices}["bad"]
    wb.projects.ask_only_where(level, marks, having=Having.ANY)
    wb.projects.ask_only_where(why, level, [bad], Having.AT_LEAST)
    opened(page, url, home)
    strip = page.locator(".review .question")
    expect(strip.nth(2)).to_contain_text("only where “Complaints” has any mark")
    expect(strip.nth(3)).to_contain_text("only where “How bad?” is at least bad")
    page.evaluate(PRESS, [["1"], ["-"], ["Enter"]])  # nothing is marked: the next item
    expect(page.locator(".review .count")).to_contain_text("0 of 2 questions answered")
    mark = [["ArrowRight", True, True], ["1"], ["Enter"]]
    page.evaluate(PRESS, [["2"], *mark, ["3"], ["1"]])
    expect(page.locator(".review .facts")).to_contain_text("6 of 6")
    assert [len(reviewed(page, wb, one, count)) for one, count in ((home, 2), (marks, 2), (level, 1), (why, 1))] == [
        2,
        2,
        1,
        1,
    ]


def test_texts_are_kept_by_one_key_or_written_anew_with_what_changed_beside(
    page: Page, url: str, wb: Workbench
) -> None:
    task = Task((), type=QuestionKind.TEXT)
    texts = ["The first question", "The second question"]
    said = {text: (lambda ids, text=text: json.dumps(f"An answer to {text}")) for text in texts}
    made = project(wb, "texts", task, said)
    opened(page, url, made)
    page.evaluate(PRESS, [["k"]])
    [kept] = reviewed(page, wb, made, 1)
    page.keyboard.press("w")
    field = page.locator(".review .written")
    expect(field).to_be_focused()
    page.keyboard.type(" at length")
    expect(page.locator(".review .changes ins")).to_contain_text("length")
    assert len(stored(wb, made)) == 1, "what is being written is nobody's word yet"
    page.keyboard.press("Control+Enter")
    found = {text: list(map(json.loads, entries)) for text, entries in reviewed(page, wb, made, 2).items()}
    [other] = found.keys() - {kept}
    assert found == {kept: [f"An answer to {kept}"], other: [f"An answer to {other} at length"]}


def test_forty_pairs_are_judged_by_keys_at_no_gap_each_in_the_order_it_stood(
    page: Page, url: str, wb: Workbench
) -> None:
    outcomes = (Label("First is better", score=1.0), Label("Tie", score=0.0), Label("Second is better", score=-1.0))
    task = Task(outcomes, type=QuestionKind.PREFERENCE, options=Options(candidates=("one", "two")))
    rows = [(f"request number {n}", f"the one answer to {n}", f"the other to {n}") for n in range(40)]
    table = TableData(("text", "one", "two"), rows)
    made = wb.data.import_table(table, ImportChoice("forty pairs", ("text",)), task=task)
    ids = {label.name: str(label.id) for label in wb.tasks.get(made).choices}
    opened(page, url, made)
    page.evaluate(PRESS, [["1"], ["ArrowLeft"], ["2"], ["3"]] * 10)
    found = reviewed(page, wb, made, 40)
    assert len(found) == 40 and all(len(entries) == 1 for entries in found.values())
    with wb.db.read() as conn:
        stored = conn.exec_driver_sql(
            "SELECT v.canonical, a.shown FROM annotations a JOIN items i ON i.id = a.item_id"
            " JOIN 'values' v ON v.id = a.value_id WHERE i.project_id = ? ORDER BY a.id",
            (made,),
        ).fetchall()
    left = {"0,1": "First is better", "1,0": "Second is better"}
    right = {"1,0": "First is better", "0,1": "Second is better"}
    pressed = [(left, left, {"0,1": "Tie", "1,0": "Tie"}, right)[n % 4] for n in range(40)]
    assert [said for said, _ in stored] == [
        ids[meant[shown]] for meant, (_, shown) in zip(pressed, stored, strict=True)
    ]
    assert {shown for _, shown in stored} == {"0,1", "1,0"}


def test_forty_texts_are_kept_by_keys_at_no_gap_each_as_it_was_written(page: Page, url: str, wb: Workbench) -> None:
    texts = [f"Question number {n}" for n in range(40)]
    said = {text: (lambda ids, text=text: json.dumps(f"An answer to {text}")) for text in texts}
    made = project(wb, "forty texts", Task((), type=QuestionKind.TEXT), said)
    opened(page, url, made)
    page.evaluate(PRESS, [["k"] if n % 2 else ["Enter"] for n in range(40)])
    found = reviewed(page, wb, made, 40)
    assert {text: list(map(json.loads, entries)) for text, entries in found.items()} == {
        text: [f"An answer to {text}"] for text in texts
    }


def test_several_questions_are_answered_by_keys_at_no_gap_each_item_whole(page: Page, url: str, wb: Workbench) -> None:
    texts = [f"visit number {n} to a place" for n in range(20)]
    home = project(
        wb, "Quick", Task((Label("food"), Label("room"))), dict.fromkeys(texts, lambda ids: str(ids["food"]))
    )
    tags = wb.projects.ask_further(home, "Tags", QuestionKind.SEVERAL_LABELS, ["loud", "clean", "dear"])
    stars = wb.projects.ask_further(home, "Stars", QuestionKind.RATING, ["poor", "fair", "good"])
    opened(page, url, home)
    page.evaluate(PRESS, [["2"], ["1"], ["3"], ["Enter"], ["2"]] * 20)
    expect(page.locator(".review .facts")).to_contain_text("20 of 20")
    label = {label.name: label.id for one in (home, tags, stars) for label in wb.tasks.get(one).choices}
    said = [str(label["room"]), f"[{label['loud']},{label['dear']}]", str(label["fair"])]
    for asked, expected in zip((home, tags, stars), said, strict=True):
        assert list(reviewed(page, wb, asked, 20).values()) == [[expected]] * 20
