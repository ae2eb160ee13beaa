"""Files with sets, spans, levels and preferences become projects of that kind, with everybody who said something."""

import json
import os
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.importers import read_table, recognise
from core.metrics import estimate_all
from core.metrics.spans import SpanSums, SpanTable
from core.model import AnnotatorKind, QuestionKind, Span, TableData
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice
from core.storage import annotations, items

DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here")


def chosen(table, **choices):
    """What the page proposes for this table."""
    found = recognise(table)
    columns = found.columns
    proposed = {
        "text_columns": columns.text,
        "label_columns": columns.labels,
        "id_column": columns.id,
        "annotator_column": columns.annotator,
        "kind": found.kind,
        "candidates": found.candidates,
        "first_row": 1,
    }
    return ImportChoice("P", **{**proposed, **choices})


def said(wb, project_id):
    """`{text: {annotator: what is said}}`."""
    people = {a.id: a.name for a in wb.projects.annotators(project_id)}
    with wb.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project_id, None))
        entries = annotations.current_of(conn, list(found), Sayings(conn, project_id))
        return {item.text: {people[a]: one.said for a, one in entries[i].items()} for i, item in found.items()}


def table(*rows, columns=("text", "label"), **more):
    return TableData(columns, [list(row) for row in rows], **more)


def spans(*given):
    return json.dumps([{"start": start, "end": end, "label": label} for start, end, label in given])


SETS = table(*[(f"t{n}", cell) for n, cell in enumerate(["a|b", "b", "a", "a|c", "c|b", "a|b|c", "c", ""])])


def test_several_labels_a_cell_become_sets_and_their_names_the_labels(workbench):
    choice = chosen(SETS)
    assert choice.kind is QuestionKind.SEVERAL_LABELS
    project_id = workbench.data.import_table(SETS, choice)
    assert workbench.tasks.get(project_id).type is QuestionKind.SEVERAL_LABELS
    assert [one.name for one in workbench.tasks.get(project_id).labels] == ["a", "b", "c"]
    found = said(workbench, project_id)
    assert found["t0"] == {"label": ("a", "b")} and found["t6"] == {"label": ("c",)} and found["t7"] == {}


@pytest.mark.parametrize(("says_none", "there"), [(True, {"label": ()}), (False, {})])
def test_an_empty_list_is_an_answer_or_none_as_the_user_says(workbench, says_none, there):
    held = table(("x", '["a", "b"]'), ("y", "[]"))
    choice = chosen(held, kind=QuestionKind.SEVERAL_LABELS, label_columns=("label",), empty_says_none=says_none)
    assert workbench.data.check(held, choice).empties == 1
    assert said(workbench, workbench.data.import_table(held, choice))["y"] == there


def test_spellings_of_one_label_are_one_in_sets_too(workbench):
    held = table(("x", '["Joy", "fear"]'), ("y", '["joy"]'), ("z", '["Joy"]'))
    choice = chosen(held, kind=QuestionKind.SEVERAL_LABELS, label_columns=("label",))
    project_id = workbench.data.import_table(held, choice)
    assert said(workbench, project_id)["y"] == {"label": ("Joy",)}


def test_spans_are_imported_where_the_text_has_them(workbench):
    held = table(("Ann met Ben", spans((8, 11, "PER"), (0, 3, "PER"))), ("nobody", "[]"))
    choice = chosen(held)
    assert choice.kind is QuestionKind.SPANS and choice.label_columns == ("label",)
    found = said(workbench, workbench.data.import_table(held, choice))
    assert found["Ann met Ben"] == {"label": (Span(0, 3, "PER"), Span(8, 11, "PER"))}
    assert found["nobody"] == {"label": ()}


def test_offsets_in_another_unit_are_repaired_and_that_is_said(workbench):
    texts = [f"{'😀' * n} Ann met Ben" for n in range(1, 6)]
    rows = [
        (text, json.dumps([{"start": 2 * n + 1, "end": 2 * n + 4, "label": "PER", "text": "Ann"}]))
        for n, text in enumerate(texts, start=1)
    ]
    held = table(*rows)
    choice = chosen(held)
    check = workbench.data.check(held, choice)
    assert check.ok and [hint.message for hint in check.hints] == ["Offsets were UTF-16 units: 5 of 5 spans now fit."]
    found = said(workbench, workbench.data.import_table(held, choice))
    assert all(text[span.start : span.end] == "Ann" for text, by in found.items() for span in by["label"])


WRONG = [
    ((0, 99, "PER"), "The span from 0 to 99 does not lie in its text, which has 11 characters."),
    ((-1, 3, "PER"), "The span from -1 to 3 does not lie in its text, which has 11 characters."),
    ((5, 2, "PER"), "The span from 5 to 2 does not lie in its text, which has 11 characters."),
    ((2, 2, "PER"), "The span from 2 to 2 does not lie in its text, which has 11 characters."),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
def test_a_span_outside_its_text_stands_in_the_way_by_row_and_column_or_is_left_out(workbench, wrong, sentence):
    held = table(("fine", spans((0, 2, "PER"))), ("Ann met Ben", spans((0, 3, "PER"), wrong)))
    choice = chosen(held)
    check = workbench.data.check(held, choice)
    assert [(one.message, one.row, one.column) for one in check.problems] == [(f"Row 2: {sentence}", 2, "label")]
    assert check.misfits == 1
    with pytest.raises(WorkbenchError):
        workbench.data.import_table(held, choice)
    assert workbench.projects.all() == []
    found = said(workbench, workbench.data.import_table(held, chosen(held, skip_misfits=True)))
    assert found["Ann met Ben"] == {"label": (Span(0, 3, "PER"),)}


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("some words", "Row 2: “some words” is no list of spans."),
        ('[{"start": 0, "end": 1}]', "Row 2: The span from 0 to 1 has no label."),
        ('[{"start": "a", "end": 1, "label": "x"}]', "has no whole numbers as start and end."),
        ("[[0, 1]]", "is no span with start, end and label."),
    ],
)
def test_a_cell_that_is_no_list_of_spans_is_a_problem_with_row_and_column(workbench, cell, sentence):
    held = table(("fine", spans((0, 2, "PER"))), ("other", cell))
    check = workbench.data.check(held, chosen(held, kind=QuestionKind.SPANS, label_columns=("label",)))
    assert [(one.row, one.column) for one in check.problems] == [(2, "label")]
    assert sentence in check.problems[0].message


def test_spans_that_overlap_make_a_task_that_lets_them(workbench):
    held = table(("Ann met Ben", spans((0, 7, "A"), (4, 11, "B"))), ("x y", spans((0, 1, "A"))))
    task = workbench.tasks.get(workbench.data.import_table(held, chosen(held)))
    assert task.options.may_overlap


def test_levels_of_a_rating_are_in_order_with_their_scores(workbench):
    held = table(*[(f"t{n}", cell) for n, cell in enumerate(["3", "10", "1", "3", "10"])], has_types=True)
    choice = chosen(held, kind=QuestionKind.RATING, label_columns=("label",))
    assert workbench.data.check(held, choice).asked == {}
    task = workbench.tasks.get(workbench.data.import_table(held, choice))
    assert [(one.name, one.score) for one in task.labels] == [("1", 1.0), ("3", 3.0), ("10", 10.0)]


@pytest.mark.parametrize(
    ("cells", "levels"),
    [
        (["10 stars", "9 stars", "1 star"], [("1 star", 1.0), ("9 stars", 9.0), ("10 stars", 10.0)]),
        (["2 - poor", "-1 awful", "2,5 ok"], [("-1 awful", -1.0), ("2 - poor", 2.0), ("2,5 ok", 2.5)]),
        (["low", "mid", "high"], [("low", 1.0), ("mid", 2.0), ("high", 3.0)]),
        (["1 cat", "1 dog"], [("1 cat", 1.0), ("1 dog", 2.0)]),
    ],
)
def test_levels_are_ordered_by_the_numbers_that_they_begin_with(workbench, cells, levels):
    held = table(*[(f"t{n}", cell) for n, cell in enumerate(cells)])
    choice = chosen(held, kind=QuestionKind.RATING, label_columns=("label",))
    task = workbench.tasks.get(workbench.data.import_table(held, choice))
    assert [(one.name, one.score) for one in task.labels] == levels


def _kili(folder, categories, **job):
    """An export of Kili beside the interface that it was made with."""
    content = {"input": "radio", "categories": {name.upper(): {"name": name, **more} for name, more in categories}}
    interface = {"jobs": {"Q": {"mlTask": "CLASSIFICATION", "content": content, **job}}}
    (folder / "interface.json").write_text(json.dumps(interface), encoding="utf-8")
    said = ("good", "poor", "fair", "good")
    assets = [
        {"externalId": f"{n}", "content": f"A text of number {n}", "labels": [
            {"author": {"email": "ana@x"}, "jsonResponse": {"Q": {"categories": [{"name": one.upper()}]}}}]}
        for n, one in enumerate(said)
    ]  # fmt: skip
    (folder / "export.json").write_text(json.dumps(assets), encoding="utf-8")
    return read_table(folder / "export.json")


@pytest.mark.parametrize(
    ("categories", "job", "levels"),
    [
        (
            [("poor", {"score": 0}), ("good", {"score": 10}), ("fair", {"score": 2.5})],
            {},
            [("poor", 0.0), ("fair", 2.5), ("good", 10.0)],
        ),
        (
            [("poor", {}), ("fair", {}), ("good", {})],
            {"kind": "rating"},
            [("poor", 1.0), ("fair", 2.0), ("good", 3.0)],
        ),
        (
            [("poor", {"score": 1}), ("fair", {"score": 2}), ("good", {"score": 3}), ("UNABLE", {"isFallback": True})],
            {"kind": "rating"},
            [("poor", 1.0), ("fair", 2.0), ("good", 3.0)],
        ),
    ],
)
def test_named_levels_are_a_rating_where_the_interface_of_an_export_says_so(
    workbench, tmp_path, categories, job, levels
):
    read = _kili(tmp_path, categories, **job)
    choice = chosen(read)
    assert (choice.kind, choice.label_columns) == (QuestionKind.RATING, ("Q",))
    task = workbench.tasks.get(workbench.data.import_table(read, choice))
    assert [(one.name, one.score) for one in task.labels] == levels


@pytest.mark.parametrize("scores", [(1, 1, 2), (1, None, 2), (1, "2", 3), (1, True, 3), (1, 10**400, 2)])
def test_categories_that_are_not_all_scored_apart_stay_labels(tmp_path, scores):
    categories = [(name, {"score": score}) for name, score in zip(("poor", "fair", "good"), scores, strict=True)]
    assert chosen(_kili(tmp_path, categories)).kind is QuestionKind.SINGLE_LABEL


def test_models_of_an_export_are_model_annotators_and_no_reference(workbench, tmp_path):
    result = [{"from_name": "q", "to_name": "t", "value": {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}}]
    people, models = {"completed_by": {"email": "ben@x"}, "result": result}, {"model_version": "m1", "result": result}
    held = [
        {"id": n, "data": {"text": f"Ann met {n}"}, "annotations": [people], "predictions": [models]} for n in range(3)
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(held), encoding="utf-8")
    read = read_table(path)
    choice = chosen(read)
    assert choice.annotator_column == "annotator" and choice.label_columns == ("q",)
    project_id = workbench.data.import_table(read, choice)
    kinds = {one.name: one.kind for one in workbench.projects.annotators(project_id)}
    assert kinds == {"ben@x": AnnotatorKind.IMPORTED, "model m1": AnnotatorKind.MODEL}
    reference = workbench.projects.get(project_id).reference_id
    assert [one.name for one in workbench.projects.annotators(project_id) if one.id == reference] == ["ben@x"]
    assert said(workbench, project_id)["Ann met 1"] == dict.fromkeys(("ben@x", "model m1"), (Span(0, 3, "PER"),))


@real
def test_goemotions_is_several_of_28_emotions(workbench):
    held = read_table(DATA / "goemotions_dev.csv")
    choice = chosen(held, first_row=2)
    assert (choice.kind, choice.text_columns, choice.label_columns) == ("several_labels", ("text",), ("labels",))
    project_id = workbench.data.import_table(held, choice)
    assert len(workbench.tasks.get(project_id).labels) == 28
    found = said(workbench, project_id)
    assert found["Is this in New Orleans?? I really feel like this is New Orleans."] == {"labels": ("neutral",)}
    assert {len(one) for by in found.values() for one in by.values()} == {1, 2, 3, 4}


@real
def test_pairs_of_pandalm_are_preferences_by_three_people_and_two_models(workbench):
    held = read_table(DATA / "pandalm_pairs.jsonl")
    choice = chosen(held)
    assert choice.kind is QuestionKind.PREFERENCE and choice.candidates == ("response1", "response2")
    assert choice.label_columns == ("annotator1", "annotator2", "annotator3", "gpt35", "pandalm7b")
    assert choice.text_columns == ("instruction", "input")
    choice = chosen(held, models=frozenset({"gpt35", "pandalm7b"}))
    project_id = workbench.data.import_table(held, choice)
    task = workbench.tasks.get(project_id)
    assert [(one.name, one.score) for one in task.labels] == [
        ("First is better", 1.0), ("Tie", 0.0), ("Second is better", -1.0)
    ]  # fmt: skip
    assert task.options.candidates == ("response1", "response2")
    told_by = [held.columns.index(name) for name in (*choice.text_columns, *choice.candidates)]
    different = {tuple(" ".join(row[place].split()) for place in told_by) for row in held.rows}
    assert workbench.data.count(project_id) == len(different) > 800
    assert workbench.data.check(held, choice).asked["garbage"].counts_as == ""
    kinds = [one.kind for one in workbench.projects.annotators(project_id)]
    assert kinds.count(AnnotatorKind.MODEL) == 2


@real
def test_tagged_words_become_spans_that_slice_to_their_words(workbench):
    held = read_table(DATA / "wnut17_dev.conll")
    found = said(workbench, workbench.data.import_table(held, chosen(held)))
    marked = [text[one.start : one.end] for text, by in found.items() for one in by.get("tags", ())]
    assert "Redondo Beach Blvd" in marked and all(one == one.strip() for one in marked)


@real
def test_two_systems_and_the_reference_in_one_file_score_what_was_published(workbench, tmp_path):
    names = ("wnut17_test", "wnut17_test_system_arcada", "wnut17_test_system_spinningbytes")
    files = [(DATA / f"{name}.conll").read_text(encoding="utf-8").split("\n") for name in names]
    lines = [[line.replace("\t", " ").rsplit(" ", 1) for line in together] for together in zip(*files, strict=False)]
    path = tmp_path / "all.conll"
    rows = ["\t".join([of[0][0], *(one[-1] for one in of)]) if of[0][0] else "" for of in lines]
    path.write_text("\n".join(rows), encoding="utf-8")
    held = read_table(path)
    columns = ("tags of column 2", "tags of column 3", "tags")
    choice = chosen(held, label_columns=columns, keep_duplicates=True, models=frozenset(columns[1:]))
    project_id = workbench.data.import_table(held, choice)
    people = {a.name: a.id for a in workbench.projects.annotators(project_id)}
    labels = tuple(label.name for label in workbench.tasks.get(project_id).labels)
    with workbench.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project_id, None))
        entries = annotations.current_of(conn, list(found), Sayings(conn, project_id))
    sides = [
        [[(start, end, labels.index(label)) for start, end, label in entries[i][people[name]].said] for i in found]
        for name in columns
    ]
    texts = [item.text for item in found.values()]
    for published, side in zip((39.98, 40.78), sides[1:], strict=True):
        figures = estimate_all(SpanSums(SpanTable.of(labels, texts, sides[0], side)))
        assert round(100 * figures["strict_f1"].value, 2) == published
