"""What a reviewer is doing, where the rows are given anew under the item that is read."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from pages._ui.words.bundle import bundle

pytestmark = pytest.mark.browser

JS = Path(__file__).parents[2] / "pages/_ui/review/js"
SITTING = bundle(JS, "widgets/choice.js")
PACE = bundle(JS, "pace.js").rpartition("// pace.js\n")[2]
WORLD = """
const given = (revision, from, to) => ({
    revision, queue: "q", project: 1, reviewer: "me", keys: "", start: 0, before: from, total: 9, blind: false,
    knows: {},
    rows: Array.from({ length: to - from }, (_, n) => ({ id: from + n })),
    questions: [question({ rows: Array.from({ length: to - from }, () => ({ mine: null, note: "", opinions: [] })) })],
});
const question = (more) =>
    ({ project: 1, widget: "choice", merged: [], choices: [{ id: 1, name: "A", key: "1" }], ...more });
const of = (revision, more) => {
    const plain = given(revision, 4, 5);
    return { ...plain, questions: [{ ...plain.questions[0], ...more }] };
};
const it = sittingOf("k");
it.widgets = { choice: choiceWidget };
const view = () => { it.seen = atEnd(it) ? null : row(it).step; return row(it)?.id; };
beginSitting(it, given("one", 4, 8));
it.at = 2;
"""


def run(page: Page, script: str) -> object:
    return page.evaluate(f"() => {{ {SITTING} {WORLD} {script} }}")


def test_an_item_that_left_its_queue_stays_in_view_whenever_the_rows_are_given_again(page: Page) -> None:
    script = """
    const seen = [view()];
    beginSitting(it, given("two", 0, 4));
    seen.push(view());
    renewRows(it, given("two", 0, 4));
    seen.push(view());
    it.at += 1;
    seen.push(view());
    renewRows(it, given("two", 0, 4));
    seen.push(view());
    return [seen, it.seek, position(it), moreLeft(it)];
    """
    assert run(page, script) == [[6, 6, 6, 0, 0], 6, 0, 5]


def test_an_item_that_is_still_in_its_queue_is_not_there_twice(page: Page) -> None:
    script = """
    view();
    beginSitting(it, given("two", 2, 8));
    return [view(), it.seek, it.data.rows.length];
    """
    assert run(page, script) == [6, None, 6]


def test_a_label_that_was_merged_into_another_means_that_one_wherever_it_was_read(page: Page) -> None:
    script = """
    const [one, other, third] = ["A", "B", "C"].map((name, n) => ({ id: n + 1, name, key: String(n + 1) }));
    const rows = (said) => [{ mine: null, note: "", opinions: [], suggestion: said }];
    beginSitting(it, of("two", { choices: [one, other, third], rows: rows("A") }));
    openLog(log, "home");
    view();
    addAct(log, { project: 1, reviewer: "me", item: 4, label: "A", choice: 1 });
    const before = [ownOf(it, "4 1"), row(it).suggestion, choiceWidget.meant(asked(it), "A")];
    beginSitting(it, of("three", { choices: [other], rows: rows("B"), merged: [[1, 2], [3, 9]] }));
    const q = asked(it);
    const read = choiceWidget.key(q, { key: "1" }).value;
    return [before, read, choiceWidget.meant(q, read), choiceWidget.says(q, choiceWidget.meant(q, read)),
        ownOf(it, "4 1"), row(it).suggestion, choiceWidget.isGone(q, choiceWidget.meant(q, "C"))];
    """
    says = {"label": "B", "choice": 2}
    assert run(page, script) == [["A", "A", "A"], "A", "B", says, "B", "B", True]


def test_a_key_never_means_another_label_that_has_taken_the_name_it_shows(page: Page) -> None:
    script = """
    const [one, other, third] = ["A", "B", "C"].map((name, n) => ({ id: n + 1, name, key: String(n + 1) }));
    const pressed = { key: "1", code: "Digit1" };
    const named = (choices, merged) => {
        beginSitting(it, of("two", { choices: [one, other, third] }));
        beginSitting(it, of("three", { choices, merged }));
        const q = asked(it);
        const value = choiceWidget.meant(q, choiceWidget.key(q, pressed).value);
        return choiceWidget.isGone(q, value) ? null : choiceWidget.says(q, value).choice;
    };
    const renamed = { ...third, name: "A" };
    return [named([other, renamed], [[1, 2]]), named([other, renamed], []), named([one, other, third], [])];
    """
    assert run(page, script) == [2, None, 1]


def test_a_flag_and_a_note_belong_to_the_question_they_were_made_on(page: Page) -> None:
    script = """
    const two = (rows) => ({ ...given("one", 0, 1), questions: [question({ rows }), question({ project: 2, name: "b",
        rows: [{ mine: null, note: "", flagged: false, opinions: [] }] })] });
    beginSitting(it, two([{ mine: null, note: "odd", flagged: true, opinions: [] }]));
    const marks = () => [markOf(it, "0 1"), markOf(it, "0 2")];
    const before = marks();
    openLog(log, "here");
    addAct(log, { project: 2, reviewer: "me", item: 0, note: "why" });
    addAct(log, { project: 1, reviewer: "me", item: 0, note: "", flag: false });
    return [...before, ...marks()];
    """
    assert run(page, script) == [
        {"note": "odd", "flag": True},
        {"note": "", "flag": False},
        {"note": "", "flag": False},
        {"note": "why", "flag": False},
    ]


def test_each_question_has_its_pace_and_the_time_left_is_that_of_all_that_are_left(page: Page) -> None:
    script = (
        f"""{PACE}"""
        """
    const rows = (n) => Array.from({ length: n }, () => ({ mine: null, note: "", opinions: [] }));
    beginSitting(it, { ...given("one", 0, 2), questions: [question({ rows: rows(2), pace: 2 }),
        question({ project: 2, name: "b", rows: rows(2), pace: null })] });
    const told = () => [...it.questions.map((one) => paceOf(it, one)), secondsLeft(it, 3)];
    const before = told();
    for (const seconds of [30, 10, 20]) time(it, "0 2", seconds);
    const timed = told();
    it.at = 1;
    return [before, timed, told()];
    """
    )
    # Two items to come, each of 2 and 20 seconds, and of the item in view both questions, then the second alone.
    assert run(page, script) == [[2, None, 12], [2, 20, 66], [2, 20, 64]]
