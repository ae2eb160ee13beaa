"""The label table as rows and back."""

from core.model import Label, Task
from core.services.task.tasks import TaskChange
from pages._ui.task.rows import rows_of, spoken_change, task_of, with_names

NAN = float("nan")
TASK = Task((Label("A", "first", "#0072B2", "1", 10), Label("B", "", "#E69F00", "2", 11)))


def test_rows_give_the_same_task_back() -> None:
    rows = rows_of(TASK, {10: 4})
    assert [row["used"] for row in rows] == [4, 0]
    edited = task_of(rows, TASK.fallback, "", {10: TASK.labels[0], 11: TASK.labels[1]})
    assert (edited.task, edited.problems) == (TASK, ())


def test_what_an_editor_leaves_empty_is_empty_and_blank_rows_are_no_labels() -> None:
    added = {"id": NAN, "name": "C", "description": None, "color": None, "key": NAN, "used": NAN}
    blank = dict.fromkeys(added, None)
    edited = task_of([*rows_of(TASK, {}), blank, added], TASK.fallback, "", {10: TASK.labels[0], 11: TASK.labels[1]})
    assert edited.task.labels[2] == Label("C")
    assert edited.problems == ()


def test_a_colour_is_kept_in_one_spelling() -> None:
    rows = rows_of(TASK, {})
    rows[0]["color"] = " #aabbcc"
    assert task_of(rows, TASK.fallback, "", {}).task.labels[0].color == "#AABBCC"


def test_faults_name_the_row_of_the_table_whatever_the_order() -> None:
    rows = rows_of(TASK, {})
    rows[0] |= {"name": "b"}
    blank = dict.fromkeys(rows[0], None)
    said = task_of([rows[1], blank, rows[0]], TASK.fallback, "", {}).problems
    assert said[0].startswith('Row 3: "b" and "B" are the same name')


def test_a_fault_of_the_fallback_says_so() -> None:
    assert task_of(rows_of(TASK, {}), Label("", is_fallback=True), "", {}).problems[0].startswith("Fallback: ")


def test_names_already_there_in_another_spelling_are_not_added() -> None:
    assert [label.name for label in with_names(TASK, ["a", " C ", "C", "unable to classify"]).labels] == ["A", "B", "C"]


def test_changes_are_said_with_their_counts() -> None:
    change = TaskChange((("A", "Z", 1),), ("N",), (("B", 2), ("C", 0)))
    assert spoken_change(change) == [
        "A becomes Z: 1 annotation will read Z.",
        "B is removed: 2 annotations keep it. Merge it instead to give them another label.",
        "C is removed; no annotation uses it.",
        "New: N.",
    ]


def test_five_hundred_labels_go_through() -> None:
    task = with_names(TASK, [f"label {i}" for i in range(498)])
    edited = task_of(rows_of(task, {}), TASK.fallback, "", {})
    assert (len(edited.task.labels), edited.problems) == (500, ())
