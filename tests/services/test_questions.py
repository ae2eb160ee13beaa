"""Several questions about the same items: one import, one deal of splits, each its own task and annotators."""

import csv
import json
import random
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from core.errors import WorkbenchError
from core.importers import further_questions, read_table, recognise
from core.model import QuestionKind, Split, TableData
from core.services.data.bringing import ItemFilter
from core.services.data.choice import ImportChoice
from core.services.review.reviewing import Answering, Decision, QueueFilter
from core.storage import items
from core.workbench import Workbench


@pytest.fixture
def table(tmp_path: Path) -> TableData:
    rng = random.Random(1)
    path = tmp_path / "feedback.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow(["text", "sentiment", "topics"])
        for number in range(120):
            topics = rng.choice(['["price", "taste"]', '["price"]', "[]"])
            write.writerow([f"Note {number}: {rng.random()} of it", rng.choice(["pos", "neg"]), topics])
    return read_table(str(path))


def imported(workbench: Workbench, table: TableData) -> int:
    found = recognise(table)
    asked = {one.column: one for one in further_questions(table, found, found.columns.labels)}
    first = found.columns.labels[0]
    choice = ImportChoice("Feedback", ("text",), (first,), kind=found.kind, further=asked, question=first)
    project_id = workbench.data.import_table(table, choice)
    workbench.data.split(project_id)
    return project_id


def test_each_column_becomes_a_question_of_its_own_kind_about_the_same_items(
    workbench: Workbench, table: TableData
) -> None:
    project_id = imported(workbench, table)
    asked = {one.question: one for one in workbench.projects.questions(project_id)}
    kinds = {name: workbench.tasks.get(one.id).type for name, one in asked.items()}
    assert kinds == {"sentiment": QuestionKind.SINGLE_LABEL, "topics": QuestionKind.SEVERAL_LABELS}
    assert {workbench.data.count(one.id) for one in asked.values()} == {120}
    assert len({str(workbench.data.split_facts(one.id).counts) for one in asked.values()}) == 1
    for one in asked.values():
        assert one.reference_id is not None
        assert workbench.projects.annotated_counts(one.id) == {one.reference_id: 120}
    [annotator] = workbench.projects.annotators(next(one.id for one in asked.values() if one.home_id))
    assert annotator.name in ("people", "topics")


def test_answer_columns_are_no_fields_that_a_prompt_could_show(workbench: Workbench, table: TableData) -> None:
    project_id = imported(workbench, table)
    [item] = workbench.data.page(project_id, ItemFilter(), limit=1)
    assert dict(item.fields) == {}


def test_a_project_is_listed_once_and_its_questions_after_it(workbench: Workbench, table: TableData) -> None:
    project_id = imported(workbench, table)
    assert [one.name for one in workbench.projects.all()] == ["Feedback"]
    workbench.projects.rename(project_id, "Notes")
    names = [one.name for one in workbench.projects.every_question()]
    first, further = [one.question for one in workbench.projects.questions(project_id)]
    assert names == ["Notes", f"Notes · {further}"] and first


def test_dealing_anew_from_any_question_deals_all_of_them(workbench: Workbench, table: TableData) -> None:
    first, further = workbench.projects.questions(imported(workbench, table))
    workbench.data.split(further.id, seed=7)
    assert workbench.data.split_facts(first.id).seed == workbench.data.split_facts(further.id).seed == 7
    assert [one.seed for one in workbench.data.split_facts(first.id).former] == [0]


def test_a_question_asked_later_has_the_labels_of_its_kind(workbench: Workbench, table: TableData) -> None:
    project_id = imported(workbench, table)
    asked = workbench.projects.ask_further(project_id, " How  clear? ", QuestionKind.RATING)
    task = workbench.tasks.get(asked)
    assert workbench.projects.get(asked).question == "How clear?"
    assert task.type is QuestionKind.RATING and [one.score for one in task.labels] == sorted(
        one.score or 0 for one in task.labels
    )
    assert workbench.data.count(asked) == 120 and workbench.projects.annotated_counts(asked) == {}


@pytest.mark.parametrize("name", ["", "  ", "Sentiment", "x" * 61])
def test_a_name_that_is_empty_taken_or_too_long_is_refused(workbench: Workbench, table: TableData, name: str) -> None:
    project_id = imported(workbench, table)
    before = len(workbench.projects.questions(project_id))
    with pytest.raises(WorkbenchError):
        workbench.projects.ask_further(project_id, name, QuestionKind.SINGLE_LABEL)
    assert len(workbench.projects.questions(project_id)) == before


def test_a_question_is_removed_and_restored_and_goes_with_its_project(workbench: Workbench, table: TableData) -> None:
    first, further = workbench.projects.questions(imported(workbench, table))
    workbench.projects.remove(further.id)
    assert [one.id for one in workbench.projects.questions(first.id)] == [first.id]
    workbench.projects.restore(further.id)
    assert workbench.projects.get(further.id).question == further.question
    workbench.projects.remove(first.id)
    assert workbench.projects.every_question() == []


def test_nothing_is_imported_where_a_further_question_cannot_be_read(workbench: Workbench, table: TableData) -> None:
    found = recognise(table)
    asked = {one.column: one for one in further_questions(table, found, found.columns.labels)}
    [(name, one)] = asked.items()
    spans = {name: type(one)(one.column, QuestionKind.SPANS)}
    first = found.columns.labels[0]
    choice = ImportChoice("Feedback", ("text",), (first,), kind=found.kind, further=spans, question=first)
    with pytest.raises(WorkbenchError, match=f"Question “{name}”"):
        workbench.data.import_table(table, choice)
    assert workbench.projects.all() == []


def test_test_items_are_the_same_for_all_questions(workbench: Workbench, table: TableData) -> None:
    first, further = workbench.projects.questions(imported(workbench, table))
    with workbench.db.read() as conn:
        assert items.ids_in(conn, first.id, Split.TEST) == items.ids_in(conn, further.id, Split.TEST) != []


def test_levels_named_by_the_user_stand_on_a_scale_in_their_order(workbench: Workbench, table: TableData) -> None:
    asked = workbench.projects.ask_further(
        imported(workbench, table), "How clear?", QuestionKind.RATING, ["bad", "good"]
    )
    assert [(one.name, one.score) for one in workbench.tasks.get(asked).labels] == [("bad", 1.0), ("good", 2.0)]


def test_a_ranking_asked_later_ranks_the_fields_it_compares(workbench: Workbench, table: TableData) -> None:
    project_id = imported(workbench, table)
    asked = workbench.projects.ask_further(project_id, "Which?", QuestionKind.RANKING, candidates=["x", "y", "z"])
    task = workbench.tasks.get(asked)
    assert [one.name for one in task.labels] == ["x", "y", "z"] == list(task.options.candidates)


@pytest.mark.parametrize(
    ("kind", "candidates"),
    [
        (QuestionKind.PREFERENCE, []),
        (QuestionKind.PREFERENCE, ["x"]),
        (QuestionKind.RANKING, ["x"]),
        (QuestionKind.RANKING, [f"f{n}" for n in range(10)]),
        (QuestionKind.RATING, ["x", "y"]),
    ],
)
def test_a_question_compares_as_many_fields_as_its_kind_does(
    workbench: Workbench, table: TableData, kind: QuestionKind, candidates: list[str]
) -> None:
    project_id = imported(workbench, table)
    with pytest.raises(WorkbenchError, match="fields of the items"):
        workbench.projects.ask_further(project_id, "Which?", kind, candidates=candidates)
    assert len(workbench.projects.questions(project_id)) == 2


def test_a_further_question_reads_nothing_of_what_was_said_to_another_of_the_same_items(
    workbench: Workbench, table: TableData
) -> None:
    project_id = imported(workbench, table)
    marks = workbench.projects.ask_further(project_id, "Marks", QuestionKind.SPANS, ["praise"])
    [item] = workbench.data.page(marks, ItemFilter(), limit=1)
    [shown] = workbench.review.load(marks, [item.id], [], None)
    assert shown.history == ()
    [at_home] = workbench.review.load(project_id, [item.id], [], None)
    assert len(at_home.history) == 1


def test_an_item_is_open_where_one_question_is_not_answered(workbench: Workbench, table: TableData) -> None:
    project_id = imported(workbench, table)
    stars = workbench.projects.ask_further(project_id, "Stars", QuestionKind.RATING)
    people = workbench.projects.get(project_id).reference_id
    assert people is not None
    none_yet = workbench.review.count(stars, QueueFilter(open_to=(Answering(people), Answering(None))))
    [item, *_] = workbench.data.page(stars, ItemFilter(), limit=1)
    rated = workbench.tasks.get(stars).labels[0].name
    workbench.review.store(stars, "log", "zoe", [Decision(seq=1, item_id=item.id, label=rated)])
    zoe = workbench.review.answering(stars, "zoe")
    both = ((Answering(people),), (Answering(people), zoe))
    counts = [workbench.review.count(stars, QueueFilter(open_to=one)) for one in both]
    assert (none_yet, counts) == (120, [0, 119])


def test_all_questions_go_into_one_file_long_and_wide(workbench: Workbench, table: TableData) -> None:
    project_id = imported(workbench, table)
    asked = workbench.projects.questions(project_id)
    long = pd.read_csv(BytesIO(workbench.export.file(project_id, shape="long", file_format="csv", all_questions=True)))
    assert len(long) == 240 == workbench.export.count_rows(project_id, shape="long", all_questions=True)
    assert dict(long["question"].value_counts()) == {"sentiment": 120, "topics": 120}
    for one in asked:
        alone = pd.read_csv(BytesIO(workbench.export.file(one.id, shape="long", file_format="csv")))
        rows = long[long["question"] == one.question].drop(columns="question").reset_index(drop=True)
        assert rows[["item_id", "annotator", "label"]].equals(alone[["item_id", "annotator", "label"]])
    file = workbench.export.file(project_id, shape="wide", file_format="csv", all_questions=True)
    wide = pd.read_csv(BytesIO(file), keep_default_na=False)
    names = {one.question: workbench.projects.annotators(one.id)[0].name for one in asked}
    said = {question: set(wide[f"label:{name} · {question}"]) for question, name in names.items()}
    assert len(wide) == 120 == workbench.export.count_rows(project_id, shape="wide", all_questions=True)
    assert said == {"sentiment": {"pos", "neg"}, "topics": {'["price", "taste"]', '["price"]', "[]"}}


def test_a_field_called_question_stays_a_field_beside_the_question(workbench: Workbench) -> None:
    rows = [(f"word {n}", f"why {n}", "a") for n in range(5)]
    choice = ImportChoice("Asked", ("text",), ("label",))
    project_id = workbench.data.import_table(TableData(("text", "question", "label"), rows), choice)
    workbench.projects.ask_further(project_id, "More", QuestionKind.SINGLE_LABEL, ["x", "y"])
    table = workbench.export.preview(project_id, shape="long", all_questions=True)
    assert [(row["field:question"], row["question"]) for row in table[:1]] == [("why 0", "One label for each item")]
    assert {row["question"] for row in table} == {"One label for each item", "More"}


def test_all_questions_go_to_label_studio_in_one_file_and_come_back_as_questions(
    workbench: Workbench, table: TableData, tmp_path: Path
) -> None:
    project_id = imported(workbench, table)
    what = {"shape": "tool", "file_format": "label_studio", "all_questions": True}
    file = tmp_path / "tasks.json"
    file.write_bytes(workbench.export.file(project_id, **what))
    told = json.loads(file.read_text())
    assert len(told) == 120
    names = {result["from_name"] for task in told for one in task["annotations"] for result in one["result"]}
    assert names == {"sentiment", "topics"}
    config = workbench.export.settings(project_id, "label_studio", all_questions=True)
    assert 'name="sentiment"' in config and 'name="topics" toName="text" choice="multiple"' in config
    back = read_table(str(file))
    found = recognise(back)
    asked = {one.column: one.kind for one in further_questions(back, found, found.columns.labels)}
    kinds = {found.columns.labels[0].split(" ")[0]: found.kind} | asked
    assert set(kinds.values()) == {QuestionKind.SINGLE_LABEL, QuestionKind.SEVERAL_LABELS}


def test_a_file_of_all_questions_says_which_a_tool_cannot_ask_and_which_it_asks_always(
    workbench: Workbench, table: TableData
) -> None:
    project_id = imported(workbench, table)
    first = workbench.projects.questions(project_id)[0]
    bad = workbench.projects.ask_further(project_id, "How bad?", QuestionKind.RATING, ["mild", "bad", "worst"])
    workbench.projects.ask_further(project_id, "Better?", QuestionKind.PREFERENCE, candidates=["x", "y"])
    label = next(one.id or 0 for one in workbench.tasks.get(first.id).labels)
    workbench.projects.ask_only_where(bad, first.id, [label])
    said = workbench.export.not_carried(project_id, "argilla")
    assert said == [
        "“Better?” is not in the file: Argilla has no such kind of question.",
        "“How bad?” is asked of every item there: Argilla cannot take the condition.",
    ]
    assert workbench.export.not_carried(project_id, "kili") == []
    what = {"shape": "tool", "file_format": "argilla", "all_questions": True}
    assert len(json.loads(workbench.export.file(project_id, **what))) == 120
    told = json.loads(workbench.export.settings(project_id, "argilla", all_questions=True))
    assert [one["title"] for one in told["questions"]] == ["topics", "sentiment", "How bad?"]
