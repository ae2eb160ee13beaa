"""All questions about the items of a project as one file."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.model import FieldLayout, FieldShow, Label, Options, QuestionKind, Task
from core.tasks import (
    TASKS,
    AskedQuestion,
    AskedWhere,
    TaskFile,
    task_file_from_json,
    task_file_to_json,
    task_from_json,
    task_to_json,
)

# What a task can hold: a NUL never gets into one, and names are as people see them.
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
name = st.text(st.characters(codec="utf-8", categories=["L", "N", "S"]), min_size=1, max_size=12)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    kind = draw(st.sampled_from(QuestionKind))
    labels = [
        Label(one, draw(text), draw(st.sampled_from(["", "#0072B2"])), draw(st.sampled_from(["", "1"])))
        for one in draw(st.lists(name, max_size=4, unique=True))
        if one != "none of these"
    ]
    if kind in (QuestionKind.RATING, QuestionKind.PREFERENCE):
        labels = [replace(one, score=float(place)) for place, one in enumerate(labels)]
    usual = kind is QuestionKind.SINGLE_LABEL
    options = Options() if usual else Options(draw(st.booleans()), draw(st.booleans()), ("x", "y"), draw(text))
    fallback = Label("none of these", "", "#7F7F7F", "0", is_fallback=True)
    return Task(tuple(labels), fallback, draw(text), kind, options)


@st.composite
def files(draw: st.DrawFn) -> TaskFile:
    asked: list[AskedQuestion] = []
    names = draw(st.lists(name, min_size=2, max_size=5, unique=True))
    for one in names:
        deciding = [place for place, other in enumerate(asked) if TASKS[other.task.type].decides]
        where = None
        if deciding and draw(st.booleans()):
            on = draw(st.sampled_from(deciding))
            chosen = draw(st.sets(st.sampled_from(asked[on].task.names), min_size=1))
            where = AskedWhere(on, tuple(label for label in asked[on].task.names if label in chosen))
        asked.append(AskedQuestion(one, draw(tasks()), where))
    if draw(st.booleans()):
        asked = [replace(asked[0], name="")]
    shown = st.builds(FieldLayout, text, st.sampled_from(FieldShow), text, st.booleans())
    return TaskFile(tuple(asked), tuple(draw(st.lists(shown, max_size=4))), draw(text))


@given(files())
def test_every_set_of_questions_survives_the_way_through_json(file: TaskFile) -> None:
    assert task_file_from_json(task_file_to_json(file)) == file


@given(tasks())
def test_a_file_of_one_question_is_the_task_as_it_always_was(task: Task) -> None:
    written = task_file_to_json(TaskFile((AskedQuestion("", task),)))
    assert written == task_to_json(task)
    assert task_from_json(written, task.type) == task


def labelled(*names: str, kind: QuestionKind = QuestionKind.SINGLE_LABEL) -> Task:
    return Task(tuple(map(Label, names)), Label("neither", is_fallback=True), type=kind)


TOXIC = TaskFile(
    (
        AskedQuestion("Toxic?", labelled("yes", "no")),
        AskedQuestion("Which kinds?", labelled("insult", "threat", kind=QuestionKind.SEVERAL_LABELS)),
        AskedQuestion("Where?", labelled("part", kind=QuestionKind.SPANS), AskedWhere(0, ("yes",))),
        AskedQuestion("Who is meant?", labelled("one", "many"), AskedWhere(1, ("insult", "threat"))),
    )
)


def test_a_condition_is_a_nested_job_as_kili_has_it() -> None:
    jobs = json.loads(task_file_to_json(TOXIC))["jobs"]
    assert list(jobs) == [
        "CLASSIFICATION_JOB",
        "CLASSIFICATION_JOB_2",
        "NAMED_ENTITIES_RECOGNITION_JOB",
        "CLASSIFICATION_JOB_3",
    ]
    children = {name: one["children"] for name, one in jobs["CLASSIFICATION_JOB"]["content"]["categories"].items()}
    assert children == {"YES": ["NAMED_ENTITIES_RECOGNITION_JOB"], "NO": [], "NEITHER": []}
    assert [job["isChild"] for job in jobs.values()] == [False, False, True, True]


def test_a_question_of_several_is_found_by_its_name_even_where_it_is_nested() -> None:
    written = task_file_to_json(TOXIC)
    assert task_from_json(written, question="who is  meant?").names == ("one", "many", "neither")
    assert task_from_json(written).names == ("yes", "no", "neither")


def kili(**jobs: dict[str, object]) -> str:
    return json.dumps({"title": "Theirs", "jsonInterface": {"jobs": jobs}})


def choice(*names: str, instruction: str = "", **more: object) -> dict[str, object]:
    categories = {one.upper(): {"name": one, "children": [], **dict(more)} for one in names}
    return {
        "mlTask": "CLASSIFICATION",
        "instruction": instruction,
        "content": {"input": "radio", "categories": categories},
    }


def test_the_jobs_of_another_tool_are_called_after_their_instructions_and_stand_behind_what_they_hang_on() -> None:
    boxes = {"mlTask": "OBJECT_DETECTION", "content": {"categories": {"A": {"name": "a", "children": ["IN_BOX"]}}}}
    nested = choice("mild", "strong", instruction="How strong is it?") | {"isChild": True}
    read = task_file_from_json(
        kili(STRENGTH=nested, TOXICITY=choice("yes", children=["STRENGTH"]), BOX=boxes, IN_BOX=choice("b"))
    )
    assert read.title == "Theirs"
    assert [one.name for one in read.questions] == ["Toxicity", "How strong is it?"]
    assert read.questions[1].where == AskedWhere(0, ("yes",))
    assert read.left_out == ("BOX (OBJECT_DETECTION)", "IN_BOX (CLASSIFICATION)")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (kili(), "asks no question"),
        (kili(A=choice("x", children=["A"])), r"A\.content\.categories\.X\.children names A itself"),
        (kili(A=choice("x", children=["B"]), B=choice("y", children=["A"])), "nested in one another"),
        (kili(A=choice("x", children=["C"]), B=choice("y", children=["C"]), C=choice("z")), "nested in A and in B"),
        (kili(**{f"J{n}": choice("x") for n in range(51)}), "asks 51 questions"),
        (json.dumps({"jobs": {"A": choice("x")}, "layout": 3}), "layout is no list"),
        (
            json.dumps({"jobs": {"A": choice("x")}, "layout": [{"name": "a", "show": "3D"}]}),
            r'layout\[0\]\.show is "3D"',
        ),
        (json.dumps({"jobs": {"A": choice("x")}, "layout": ["a"]}), r"layout\[0\] is not an object"),
        (json.dumps({"jobs": {"A": {**choice("x"), "question": 3}}}), r"jobs\.A\.question is not text"),
        (json.dumps({"jobs": [1]}), "jobs is not an object"),
    ],
)
def test_what_is_wrong_with_a_file_of_questions_is_named_with_its_path(given: str, sentence: str) -> None:
    with pytest.raises(WorkbenchError, match=sentence) as error:
        task_file_from_json(given)
    assert error.value.hint
