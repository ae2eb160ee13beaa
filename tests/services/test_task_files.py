"""What is asked about the items of a project, taken along as a file and made again from it."""

import json

import pytest

from core.errors import WorkbenchError
from core.model import FieldLayout, FieldShow, Having, Options, QuestionKind, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.projects.task_files import in_words

ROWS = [(f"text {n}", ("yes", "no")[n % 2], f"one {n}", f"other {n}", "https://example.org") for n in range(6)]
COLUMNS = ("text", "toxic", "x", "y", "source")


def project(wb):
    """Toxic or not; where it is, which parts; how bad, only where parts are threats; and which of two is better."""
    home = wb.data.import_table(TableData(COLUMNS, ROWS), ImportChoice("Posts", ("text",), ("toxic",)))
    wb.projects.name_question(home, "Toxic?")
    kinds = wb.projects.ask_further(home, "Which kinds?", QuestionKind.SEVERAL_LABELS, ["insult", "threat"])
    bad = wb.projects.ask_further(home, "How bad?", QuestionKind.RATING, ["mild", "bad", "worst"])
    wb.projects.ask_further(home, "Which reads better?", QuestionKind.PREFERENCE, candidates=["x", "y"])
    wb.projects.ask_further(home, "Which parts?", QuestionKind.SPANS, ["part"])
    wb.projects.ask_only_where(kinds, home, ids(wb, home, "yes"))
    wb.projects.ask_only_where(bad, kinds, ids(wb, kinds, "threat"))
    layout = (FieldLayout("", FieldShow.TEXT, "The post"), FieldLayout("source", FieldShow.LINK, "", folded=True))
    wb.media.set_layout(home, layout)
    return home


def ids(wb, project_id, *names):
    return [label.id for label in wb.tasks.get(project_id).labels if label.name in names]


def asked(wb, project_id):
    """All that a file can carry, ids aside."""
    return [
        (
            one.question,
            one.layout,
            wb.projects.asked_where(one.id),
            wb.tasks.get(one.id).type,
            wb.tasks.get(one.id).options,
            wb.tasks.get(one.id).guidelines,
            [(label.name, label.score, label.key, label.color) for label in wb.tasks.get(one.id).choices],
        )
        for one in wb.projects.questions(project_id)
    ]


def test_a_project_made_from_the_file_of_another_asks_the_same(workbench):
    home = project(workbench)
    written = workbench.task_files.written(home)
    again = workbench.task_files.make(written, "Again")
    assert asked(workbench, again) == asked(workbench, home)
    assert json.loads(workbench.task_files.written(again)) == {**json.loads(written), "title": "Again"}
    further = workbench.projects.questions(home)[2]
    assert workbench.task_files.written(further.id) == written
    assert in_words(workbench.task_files.read(written))[2] == (
        "How bad?: A rating, 3 labels, only where “Which kinds?” has threat"
    )


def test_items_that_come_into_a_made_project_have_all_its_fields_and_are_asked_all_its_questions(workbench):
    again = workbench.task_files.make(workbench.task_files.written(project(workbench)), "Again")
    known = workbench.data.known_columns(again)
    assert (known.kind, known.text) == (QuestionKind.SINGLE_LABEL, ())
    workbench.data.add_table(again, TableData(COLUMNS, ROWS), ImportChoice("f.csv", ("text",), ("toxic",)))
    parts = workbench.projects.questions(again)[3]
    assert [item.fields for item in workbench.data.page(parts.id, ItemFilter())][0] == dict(
        zip(COLUMNS[2:], ROWS[0][2:], strict=True)
    )
    by = workbench.projects.annotators(again)
    assert workbench.projects.annotated_counts(again) == {by[0].id: 6}


def test_a_project_that_compares_takes_its_candidates_from_the_columns_of_the_first_file(workbench):
    pairs = workbench.data.import_table(
        TableData(("text", "x", "y"), [("a", "b", "c")]),
        ImportChoice("Pairs", ("text",), (), kind=QuestionKind.PREFERENCE, candidates=("x", "y")),
    )
    again = workbench.task_files.make(workbench.task_files.written(pairs), "Again")
    known = workbench.data.known_columns(again)
    assert known.candidates == ("x", "y")
    renamed = TableData(("text", "left", "right"), [("a", "b", "c")])
    choice = ImportChoice("f.csv", ("text",), (), kind=QuestionKind.PREFERENCE, candidates=("left", "right"))
    workbench.data.add_table(again, renamed, choice)
    assert workbench.data.page(again, ItemFilter())[0].fields == {"x": "b", "y": "c"}


def test_the_questions_of_a_file_that_are_not_asked_yet_are_asked_too(workbench):
    written = workbench.task_files.written(project(workbench))
    other = workbench.data.import_table(TableData(COLUMNS, ROWS), ImportChoice("Other", ("text",), ("toxic",)))
    missing = ["Which kinds?", "How bad?", "Which reads better?", "Which parts?"]
    assert workbench.task_files.not_asked(other, written) == missing
    assert len(workbench.task_files.ask_others(other, written)) == 4
    assert [one.question for one in workbench.projects.questions(other)] == ["Toxic?", *missing]
    assert workbench.projects.asked_where(workbench.projects.questions(other)[1].id) == "only where “Toxic?” is yes"
    assert workbench.task_files.not_asked(other, written) == []
    assert workbench.task_files.ask_others(other, written) == []


def test_every_way_in_which_an_answer_can_decide_is_taken_along(workbench):
    home = project(workbench)
    toxic, kinds, bad, better, parts = (one.id for one in workbench.projects.questions(home))
    after = workbench.projects.ask_further(home, "Why?", QuestionKind.TEXT, [])
    wb = workbench.projects
    for on, labels, having in (
        (toxic, ids(workbench, toxic, "no"), Having.NONE_OF),
        (kinds, ids(workbench, kinds, "insult", "threat"), Having.NONE_OF),
        (bad, ids(workbench, bad, "bad"), Having.AT_LEAST),
        (bad, ids(workbench, bad, "bad"), Having.AT_MOST),
        (parts, [], Having.ANY),
        (parts, [], Having.NOTHING),
        (parts, ids(workbench, parts, "part"), Having.ONE_OF),
    ):
        wb.ask_only_where(after, on, labels, having)
        written = workbench.task_files.written(home)
        again = workbench.task_files.make(written, f"Again {having} {on}")
        assert asked(workbench, again) == asked(workbench, home)
        assert in_words(workbench.task_files.read(written))[-1].endswith(wb.asked_where(after))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"of": "no such job", "having": "any"}, "no question"),
        ({"of": "J", "having": "most of"}, 'asked_where.having is "most of"'),
        ({"of": "J", "having": "none of", "labels": "yes"}, "asked_where.labels is no list"),
        ({"of": "J", "having": "at least", "labels": ["A"]}, "cannot decide by"),
    ],
)
def test_a_condition_in_a_file_that_cannot_be_is_a_sentence(workbench, where, said):
    job = {"mlTask": "CLASSIFICATION", "content": {"input": "radio", "categories": {"A": {}, "B": {}}}}
    jobs = {"J": job, "K": {**job, "asked_where": where}}
    if where["of"] == "J":
        with pytest.raises(WorkbenchError, match=said):
            workbench.task_files.make(json.dumps({"jobs": jobs}), "Made")
        assert not workbench.projects.all()
    else:
        assert [one.name for one in workbench.task_files.read(json.dumps({"jobs": jobs})).questions] == [""]


def test_nothing_is_asked_where_a_condition_has_a_label_that_is_not_here(workbench):
    written = workbench.task_files.written(project(workbench))
    rows = [(f"text {n}", ("bad", "fine")[n % 2], "x", "y", "") for n in range(6)]
    other = workbench.data.import_table(TableData(COLUMNS, rows), ImportChoice("Other", ("text",), ("toxic",)))
    with pytest.raises(WorkbenchError, match="asked only where “Toxic\\?” is yes, which is no label"):
        workbench.task_files.ask_others(other, written)
    assert len(workbench.projects.questions(other)) == 1
    assert workbench.projects.get(other).question == ""


def test_a_question_that_compares_fields_which_the_items_have_not_is_refused_with_those_they_have(workbench):
    written = workbench.task_files.written(project(workbench))
    other = workbench.data.import_table(
        TableData(("text", "toxic", "z"), [("a", "yes", "1"), ("b", "no", "2")]),
        ImportChoice("Other", ("text",), ("toxic",)),
    )
    with pytest.raises(WorkbenchError, match="compares the field “x”") as error:
        workbench.task_files.ask_others(other, written)
    assert error.value.hint == "They have z."
    assert len(workbench.projects.questions(other)) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda held: held["jobs"]["CLASSIFICATION_JOB"]["content"]["categories"]["YES"].update(name=""), "Toxic"),
        (lambda held: held["jobs"]["CLASSIFICATION_JOB_2"].update(question="toxic?"), "already a question"),
        (lambda held: held["jobs"]["CLASSIFICATION_JOB_2"].update(question="x" * 61), "at most 60"),
        (lambda held: held["jobs"]["COMPARISON_JOB"]["options"].update(candidates=["x"]), "compares 2 fields"),
        (lambda held: held["layout"].append({"name": "source", "show": "text"}), "“source” twice"),
        (lambda held: held.update(layout=[{"name": "source", "show": "text", "folded": True}]), "folds every field"),
    ],
)
def test_a_file_that_no_project_can_ask_makes_none(workbench, change, sentence):
    held = json.loads(workbench.task_files.written(project(workbench)))
    change(held)
    before = len(workbench.projects.all())
    with pytest.raises(WorkbenchError, match=sentence):
        workbench.task_files.make(json.dumps(held), "Broken")
    assert len(workbench.projects.all()) == before


def test_a_task_file_of_before_makes_a_project_with_one_question_and_no_name(workbench, small_project):
    old = workbench.tasks.export_json(small_project.id)
    made = workbench.task_files.make(old, "From an old file")
    assert [one.question for one in workbench.projects.questions(made)] == [""]
    assert workbench.tasks.get(made).options == Options()
    assert workbench.tasks.export_json(made) == old


def test_the_name_of_the_project_in_the_file_is_proposed_with_a_number_where_it_is_taken(workbench, small_project):
    written = workbench.task_files.written(small_project.id)
    name = workbench.projects.get(small_project.id).name
    assert workbench.task_files.name_for(written, "file") == f"{name} 2"
    assert workbench.task_files.name_for(workbench.tasks.export_json(small_project.id), "file") == "file"
