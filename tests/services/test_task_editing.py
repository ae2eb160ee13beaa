"""The label table as rows and back, and a draft after a change of labels."""

import json
from dataclasses import replace

from core.model import Label, QuestionKind, Task
from core.services.task.editing import followed, read_back, rows_of, task_of, typed_over, with_names, written_down

NAN = float("nan")
TASK = Task((Label("A", "first", "#0072B2", "1", 10), Label("B", "", "#E69F00", "2", 11)))


def test_rows_give_the_same_task_back():
    rows = rows_of(TASK, {10: 4})
    assert [row["used"] for row in rows] == [4, 0]
    edited = task_of(rows, TASK.fallback, "", {10: TASK.labels[0], 11: TASK.labels[1]})
    assert (edited.task, edited.problems) == (TASK, ())


def test_what_an_editor_leaves_empty_is_empty_and_blank_rows_are_no_labels():
    added = {"id": NAN, "name": "C", "description": None, "color": None, "key": NAN, "used": NAN}
    blank = dict.fromkeys(added, None)
    edited = task_of([*rows_of(TASK, {}), blank, added], TASK.fallback, "", {10: TASK.labels[0], 11: TASK.labels[1]})
    assert edited.task.labels[2] == Label("C")
    assert edited.problems == ()


def test_a_colour_is_kept_in_one_spelling():
    rows = rows_of(TASK, {})
    rows[0]["color"] = " #aabbcc"
    assert task_of(rows, TASK.fallback, "", {}).task.labels[0].color == "#AABBCC"


def test_faults_name_the_row_of_the_table_whatever_the_order():
    rows = rows_of(TASK, {})
    rows[0] |= {"name": "b"}
    blank = dict.fromkeys(rows[0], None)
    said = task_of([rows[1], blank, rows[0]], TASK.fallback, "", {}).problems
    assert said[0].startswith('Row 3: "b" and "B" are the same name')


def test_a_fault_of_the_fallback_says_so():
    assert task_of(rows_of(TASK, {}), Label("", is_fallback=True), "", {}).problems[0].startswith("Fallback: ")


def test_names_already_there_in_another_spelling_are_not_added():
    assert [label.name for label in with_names(TASK, ["a", " C ", "C", "unable to classify"]).labels] == ["A", "B", "C"]


def test_five_hundred_labels_go_through():
    task = with_names(TASK, [f"label {i}" for i in range(498)])
    edited = task_of(rows_of(task, {}), TASK.fallback, "", {})
    assert (len(edited.task.labels), edited.problems) == (500, ())


def test_a_draft_keeps_its_words_and_loses_and_gains_the_labels_that_were_merged_and_brought_back():
    a, b = TASK.labels
    typed = replace(a, description="typed")
    draft = replace(TASK, labels=(typed, b, Label("New")), guidelines="typed too")
    back = Label("C", id=12)
    saved = replace(TASK, labels=(a, back))
    assert followed(draft, TASK, saved) == replace(draft, labels=(typed, Label("New"), back))


def test_a_task_written_down_is_read_back_whole():
    task = replace(TASK, guidelines="g", fallback=Label("none", "d", "#888888", "0", 3, is_fallback=True))
    assert read_back(json.loads(json.dumps(written_down(task)))) == task
    assert read_back(written_down(task)).type is QuestionKind.SINGLE_LABEL


def test_the_fallback_takes_what_was_typed_and_keeps_the_rest():
    seed = Label("none", "d", "#888888", "0", 3, is_fallback=True)
    assert typed_over(seed, {"name": " other ", "description": None, "more": "x"}) == replace(
        seed, name="other", description=""
    )


def test_levels_are_edited_with_their_scores_and_each_needs_one():
    task = Task((Label("low", score=1.0, id=1), Label("high", score=2.5, id=2)), type=QuestionKind.RATING)
    known = {1: task.labels[0], 2: task.labels[1]}
    rows = rows_of(task, {})
    assert [row["score"] for row in rows] == ["1", "2.5"]
    typed = [rows[0] | {"score": " −0,5 "}, rows[1], {"name": "top", "score": "4"}]
    edited = task_of(typed, task.fallback, "", known, QuestionKind.RATING)
    assert [label.score for label in edited.task.labels] == [-0.5, 2.5, 4.0] and edited.problems == ()
    for said, wrong in (("", "Row 2: It has no score."), ("two", 'Row 2: The score "two" is no number.'), ("nan", "")):
        [fault] = task_of([rows[0], rows[1] | {"score": said}], task.fallback, "", known, QuestionKind.RATING).problems
        assert fault.startswith(wrong) and "Write the number" in fault
    assert task_of(rows, task.fallback, "", known).problems == ()
