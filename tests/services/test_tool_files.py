"""Files for other tools: what is written comes back as it was, by everybody who said it."""

import json

import pytest

from core.errors import WorkbenchError
from core.importers import read_table, recognise
from core.model import AnnotatorKind, Label, QuestionKind, TableData, Task
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice
from core.storage import annotations, items

SPANS = [
    ("Ann met 😀 Ben", '[[0, 3, "PER"], [10, 13, "PER"]]', '[[0, 3, "PER"]]'),
    ("in Oslo, by Cleo", '[[3, 7, "LOC"]]', '[[3, 7, "LOC"], [12, 16, "PER"]]'),
    ("nobody at all", "[]", "[]"),
]
SETS = [("one", '["a", "b"]', '["a"]'), ("two", '["c"]', '["a", "c"]'), ("three", "[]", '["b"]')]
SINGLE = [("one", "a", "b"), ("two", "b", "b"), ("three", "a", "a")]
PAIRS = [("one", "First is better", "Second is better"), ("two", "Second is better", "Second is better")]
STARS = [("one", "1", "2"), ("two", "5", "5")]


def project(wb, rows, kind, **more):
    columns = ("text", "ana", "m7")
    if kind is QuestionKind.PREFERENCE:
        columns, rows = (*columns, "x", "y"), [(*row, f"x of {row[0]}", f"y of {row[0]}") for row in rows]
    choice = ImportChoice("P", ("text",), ("ana", "m7"), kind=kind, models=frozenset({"m7"}), **more)
    return wb.data.import_table(TableData(columns, rows), choice)


def said(wb, project_id):
    people = {a.id: (a.name.removeprefix("model "), a.kind) for a in wb.projects.annotators(project_id)}
    with wb.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project_id, None))
        entries = annotations.current_of(conn, list(found), Sayings(conn, project_id))
        return {item.text: {people[a]: one.said for a, one in entries[i].items()} for i, item in found.items()}


def brought_back(wb, path):
    table = read_table(path)
    found = recognise(table)
    columns = found.columns
    assert columns.labels
    choice = ImportChoice(
        "again",
        columns.text,
        columns.labels,
        annotator_column=columns.annotator,
        kind=found.kind,
        candidates=found.candidates,
        first_row=1,
    )
    return wb.data.import_table(table, choice)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (QuestionKind.SPANS, SPANS),
        (QuestionKind.SEVERAL_LABELS, SETS),
        (QuestionKind.SINGLE_LABEL, SINGLE),
        (QuestionKind.RATING, STARS),
        (QuestionKind.PREFERENCE, PAIRS),
    ],
)
def test_label_studio_gets_people_as_annotations_and_models_as_predictions(workbench, tmp_path, kind, rows):
    more = {"candidates": ("x", "y")} if kind is QuestionKind.PREFERENCE else {}
    project_id = project(workbench, rows, kind, **more)
    path = tmp_path / "a.json"
    path.write_bytes(workbench.export.file(project_id, shape="tool", file_format="label_studio"))
    tasks = json.loads(path.read_text(encoding="utf-8"))
    assert len(tasks) == len(rows) and len(tasks[0]["annotations"]) == len(tasks[0]["predictions"]) == 1
    again = brought_back(workbench, path)
    assert workbench.tasks.get(again).type is kind
    assert said(workbench, again) == said(workbench, project_id)
    assert {kind for _, kind in said(workbench, again)["one" if rows is not SPANS else SPANS[0][0]]} == {
        AnnotatorKind.IMPORTED,
        AnnotatorKind.MODEL,
    }


@pytest.mark.parametrize("file_format", ["label_studio", "argilla", "kili", "spacy", "docbin"])
def test_a_rating_with_named_levels_comes_back_as_that_rating(workbench, tmp_path, file_format):
    levels = (Label("poor", score=-2.0), Label("fair", score=0.5), Label("good", score=10.0))
    task = Task(levels, Label("can't say", is_fallback=True), type=QuestionKind.RATING)
    rows = [("one", "fair", "good"), ("two", "poor", "poor"), ("three", "can't say", "fair")]
    choice = ImportChoice("P", ("text",), ("ana", "m7"), kind=QuestionKind.RATING, models=frozenset({"m7"}))
    project_id = workbench.data.import_table(TableData(("text", "ana", "m7"), rows), choice, task=task)
    tool = workbench.export.tool_formats(project_id)[file_format]
    path = tmp_path / f"a{tool.suffix}"
    path.write_bytes(workbench.export.file(project_id, shape="tool", file_format=file_format))
    if tool.settings:
        settings = workbench.export.settings(project_id, file_format)
        (tmp_path / tool.settings.file).write_text(settings, encoding="utf-8")
    again = workbench.tasks.get(brought_back(workbench, path))
    assert again.type is QuestionKind.RATING
    assert [(one.name, one.score) for one in again.labels] == [(one.name, one.score) for one in levels]
    assert again.fallback.name == "can't say"


@pytest.mark.parametrize("file_format", ["doccano", "prodigy"])
@pytest.mark.parametrize(("kind", "rows"), [(QuestionKind.SPANS, SPANS), (QuestionKind.SEVERAL_LABELS, SETS)])
def test_lines_of_doccano_and_prodigy_come_back_with_every_annotator(workbench, tmp_path, file_format, kind, rows):
    project_id = project(workbench, rows, kind)
    path = tmp_path / "a.jsonl"
    path.write_bytes(workbench.export.file(project_id, shape="tool", file_format=file_format))
    again = said(workbench, brought_back(workbench, path))
    before = said(workbench, project_id)
    assert {text: {name: held for (name, _), held in by.items()} for text, by in again.items()} == {
        text: {name: held for (name, _), held in by.items()} for text, by in before.items()
    }


def test_conll_gets_the_words_with_the_tags_of_the_reference(workbench, tmp_path):
    project_id = project(workbench, SPANS, QuestionKind.SPANS)
    written = workbench.export.file(project_id, shape="tool", file_format="conll").decode()
    assert written.split("\n\n")[0] == "Ann\tB-PER\nmet\tO\n😀\tO\nBen\tB-PER"
    path = tmp_path / "a.conll"
    path.write_text(written, encoding="utf-8")
    table = read_table(path)
    assert [json.loads(row[1]) for row in table.rows][1] == [{"start": 3, "end": 7, "label": "LOC"}]


def test_a_format_that_cannot_hold_the_answers_is_refused_with_those_that_can(workbench):
    project_id = project(workbench, STARS, QuestionKind.RATING)
    held = ["label_studio", "argilla", "kili", "spacy", "docbin", "datasets"]
    assert list(workbench.export.tool_formats(project_id)) == held
    with pytest.raises(WorkbenchError, match="no format for these answers conll"):
        workbench.export.file(project_id, shape="tool", file_format="conll")


def test_the_preview_shows_the_first_records_and_is_no_look(workbench):
    project_id = project(workbench, SPANS, QuestionKind.SPANS)
    (line, *_), *_ = [
        list(row.values()) for row in workbench.export.preview(project_id, shape="tool", file_format="doccano")
    ]
    assert json.loads(line)["label"] == [[0, 3, "PER"], [10, 13, "PER"]]


@pytest.mark.parametrize(("kind", "rows"), [(QuestionKind.SPANS, SPANS), (QuestionKind.SEVERAL_LABELS, SETS)])
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet", "excel"])
@pytest.mark.parametrize("shape", ["long", "wide"])
def test_our_own_tables_come_back_as_the_kind_that_they_are(workbench, tmp_path, kind, rows, file_format, shape):
    project_id = project(workbench, rows, kind)
    suffix = {"csv": "csv", "jsonl": "jsonl", "parquet": "parquet", "excel": "xlsx"}[file_format]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(workbench.export.file(project_id, shape=shape, file_format=file_format))
    table = read_table(path)
    found = recognise(table)
    assert found.kind is kind
    if shape == "long":
        again = said(workbench, brought_back(workbench, path))
        assert {text: {name: held for (name, _), held in by.items()} for text, by in again.items()} == {
            text: {name: held for (name, _), held in by.items()} for text, by in said(workbench, project_id).items()
        }
    else:
        assert set(found.columns.labels) <= {"label:ana", "label:m7"} and found.columns.labels
