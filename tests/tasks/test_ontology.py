"""Tasks as JSON in Kili's shape."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.model import DEFAULT_FALLBACK, Label, Options, QuestionKind, Task
from core.tasks import LABEL_COLORS, check_task, propose_labels, task_from_json, task_to_json

TUTORIAL_NAMES = [
    "MEDIA AND ENTERTAINMENT",
    "WORLD NEWS",
    "CULTURE AND ARTS",
    "SCIENCE AND TECHNOLOGY",
    "SPORTS",
    "POLITICS",
    "MONEY AND BUSINESS",
    "STYLE AND BEAUTY",
]


def kili(names: list[str], **job: object) -> dict[str, object]:
    """An ontology as Kili's own tools write it: no descriptions, keys or guidelines."""
    categories = {
        name.replace(" ", "_"): {"children": [], "name": name, "id": f"category{number}"}
        for number, name in enumerate(names, start=11)
    }
    body = {
        "content": {"categories": categories, "input": "radio"},
        "instruction": "Select a matching category:",
        "mlTask": "CLASSIFICATION",
        "required": 1,
        "isChild": False,
        "isNew": False,
    }
    return {"jobs": {"CLASSIFICATION_JOB": {**body, **job}}}


def test_the_ontology_of_the_tutorial_loads_and_its_last_category_is_the_fallback() -> None:
    task = task_from_json(json.dumps(kili([*TUTORIAL_NAMES, "UNABLE TO CLASSIFY"])))
    assert [label.name for label in task.labels] == TUTORIAL_NAMES
    assert task.fallback.name == "UNABLE TO CLASSIFY" and task.fallback.is_fallback
    assert task.guidelines == "Select a matching category:"
    assert [label.key for label in task.labels] == list("12345678") and task.fallback.key == "0"
    assert [label.color for label in task.labels] == list(LABEL_COLORS[:8])
    assert check_task(task) == []


def test_an_ontology_without_a_fallback_gets_the_default_one() -> None:
    task = task_from_json(json.dumps(kili(["A", "B"])))
    assert task.fallback.name == DEFAULT_FALLBACK
    assert task.names == ("A", "B", DEFAULT_FALLBACK)


def test_the_json_wrapped_in_a_project_or_behind_a_byte_order_mark_loads_too() -> None:
    plain = kili(["A", "B"])
    expected = task_from_json(json.dumps(plain))
    assert task_from_json(json.dumps({"title": "p", "jsonInterface": plain})) == expected
    assert task_from_json("\ufeff" + json.dumps({"json_interface": plain})) == expected


def test_the_first_single_choice_job_is_taken_among_several() -> None:
    jobs = {
        "NER": {"mlTask": "NAMED_ENTITIES_RECOGNITION", "content": {"categories": {}, "input": "radio"}},
        "NESTED": {**kili(["x", "y"])["jobs"]["CLASSIFICATION_JOB"], "isChild": True},  # type: ignore[index]
        "MANY": kili(["x", "y"], content={"categories": {}, "input": "checkbox"})["jobs"]["CLASSIFICATION_JOB"],  # type: ignore[index]
        "ONE": kili(["right", "also right"])["jobs"]["CLASSIFICATION_JOB"],  # type: ignore[index]
    }
    assert task_from_json(json.dumps({"jobs": jobs})).labels[0].name == "right"


def test_the_export_has_the_shape_other_tools_read() -> None:
    fallback = Label(DEFAULT_FALLBACK, is_fallback=True)
    task = Task((Label("MEDIA & ARTS", "News of media", "#0072B2", "1"), Label("media and arts!")), fallback, "Read on")
    job = json.loads(task_to_json(task))["jobs"]["CLASSIFICATION_JOB"]
    assert (job["mlTask"], job["required"], job["isChild"]) == ("CLASSIFICATION", 1, False)
    assert job["content"]["input"] == "radio"
    assert list(job["content"]["categories"]) == ["MEDIA_AND_ARTS", "MEDIA_AND_ARTS_2", "UNABLE_TO_CLASSIFY"]
    assert job["content"]["categories"]["MEDIA_AND_ARTS"] == {
        "name": "MEDIA & ARTS",
        "children": [],
        "color": "#0072B2",
        "key": "1",
        "description": "News of media",
    }


# What a task can hold: a NUL never gets into one.
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
labels = st.builds(Label, text, text, st.sampled_from(["", *LABEL_COLORS]), st.sampled_from(["", "1", "x", "0"]))
tasks = st.builds(
    Task,
    st.lists(labels, max_size=6).map(tuple),
    labels.map(lambda label: replace(label, is_fallback=True)),
    text,
)


@given(tasks)
def test_every_task_survives_the_way_through_json(task: Task) -> None:
    assert task_from_json(task_to_json(task)) == task


def test_a_label_called_like_the_usual_fallback_stays_a_label_when_another_one_is_marked() -> None:
    task = Task(
        propose_labels(["A", "B"], Label("OTHER")) + (Label("UNABLE_TO_CLASSIFY"),), Label("OTHER", is_fallback=True)
    )
    assert task_from_json(task_to_json(task)) == task


def _broken(**category: object) -> str:
    ontology = kili(["A", "B"])
    ontology["jobs"]["CLASSIFICATION_JOB"]["content"]["categories"]["A"].update(category)  # type: ignore[index]
    return json.dumps(ontology)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1"),
        ("{]", "not JSON: line 1"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "the file is not an object"),
        ("{}", "jobs is missing"),
        ('{"jobs": 3}', "jobs is not an object"),
        ('{"jobs": {}}', "no classification job"),
        ('{"jobs": {}, "jobs": {}}', '"jobs" occurs twice'),
        ('{"jobs": {"J": {"mlTask": "OBJECT_DETECTION"}}}', "no classification job"),
        ('{"jobs": {"J": {"mlTask": "CLASSIFICATION"}}}', "jobs.J.content is missing"),
        ('{"jobs": {"J": {"mlTask": "CLASSIFICATION", "content": {}}}}', "jobs.J.content.categories is missing"),
        (
            '{"jobs": {"J": {"mlTask": "CLASSIFICATION", "content": {"input": "checkbox", "categories": {}}}}}',
            'jobs.J.content.input is "checkbox"',
        ),
        (_broken(name=3), "jobs.CLASSIFICATION_JOB.content.categories.A.name is not text"),
        (_broken(description=["x"]), "jobs.CLASSIFICATION_JOB.content.categories.A.description is not text"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_its_path(text: str, sentence: str) -> None:
    with pytest.raises(WorkbenchError) as error:
        task_from_json(text)
    assert sentence in error.value.message and error.value.hint


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_task_of_every_kind_comes_back_from_its_file(kind: QuestionKind) -> None:
    labels = (
        (Label("low, 1", "poor", "#0072B2", "1", score=-1.5), Label("high", "", "#E69F00", "2", score=2.0))
        if kind is not QuestionKind.TEXT
        else ()
    )
    fallback = Label("none of it", "", "#7F7F7F", "0", is_fallback=True)
    options = {
        QuestionKind.SINGLE_LABEL: Options(),
        QuestionKind.SPANS: Options(may_overlap=True, answers="quotes"),
    }.get(kind, Options(allow_empty=False, candidates=("a", "b")))
    task = Task(labels, fallback, "Be *fair*.", kind, options)
    assert task_from_json(task_to_json(task), kind) == task


@pytest.mark.parametrize(
    ("kind", "job"),
    [
        (QuestionKind.SEVERAL_LABELS, {"mlTask": "CLASSIFICATION", "input": "checkbox"}),
        (QuestionKind.SPANS, {"mlTask": "NAMED_ENTITIES_RECOGNITION", "input": "radio"}),
        (QuestionKind.RATING, {"mlTask": "CLASSIFICATION", "input": "singleDropdown"}),
    ],
)
def test_kili_s_own_jobs_are_taken_by_the_kind_of_question_they_ask(kind: QuestionKind, job: dict[str, str]) -> None:
    given = kili(["A", "B"], mlTask=job["mlTask"])
    given["jobs"]["CLASSIFICATION_JOB"]["content"]["input"] = job["input"]  # type: ignore[index]
    task = task_from_json(json.dumps(given), kind)
    assert (task.type, [label.name for label in task.labels]) == (kind, ["A", "B"])
    with pytest.raises(WorkbenchError, match="jobs has no comparison job"):
        task_from_json(json.dumps(given), QuestionKind.PREFERENCE)


def test_a_score_that_is_no_number_is_named_with_its_place() -> None:
    given = json.dumps(kili(["A", "B"])).replace('"name": "A"', '"name": "A", "score": "high"')
    with pytest.raises(WorkbenchError, match=r"jobs\.CLASSIFICATION_JOB\.content\.categories\.A\.score is no number"):
        task_from_json(given, QuestionKind.RATING)
