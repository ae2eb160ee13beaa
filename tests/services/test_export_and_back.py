"""An export of ours, brought in again, says the same of the same items under the same names."""

import json

import pytest

from core.importers import guess_columns, read_table
from core.model import TableData
from core.services.data.bringing import ImportChoice
from core.services.data.sources import Source
from core.services.review.reviewing import Decision
from tests.cases.files import bring_into


@pytest.fixture
def marked(small_project, workbench):
    """Beside the reference a person labels four items, one with a note and a flag, and flags a fifth."""
    one, two, three, four, five, *_ = small_project.items()
    told = [
        Decision(1, one, "SPORTS", note="two readings", flagged=True),
        Decision(2, two, "POLITICS"),
        Decision(3, three, "SPORTS"),
        Decision(4, four, "POLITICS"),
        Decision(5, five, flagged=True),
    ]
    workbench.review.store(small_project.id, "log", "label:me", told)
    return small_project


def said(wb, project_id):
    """Who says what of which text, by the long export."""
    path = wb.export.file(project_id, shape="long", file_format="jsonl").decode().splitlines()
    rows = map(json.loads, path)
    return {(row["annotator"], row["text"], row["label"]) for row in rows if row["label"]}


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
@pytest.mark.parametrize("shape", ["wide", "long"])
def test_the_guessed_columns_of_an_export_bring_every_label_back(marked, workbench, tmp_path, shape, file_format):
    path = tmp_path / f"export.{file_format}"
    path.write_bytes(workbench.export.file(marked.id, shape=shape, file_format=file_format))
    table = read_table(path)
    guess = guess_columns(table)
    assert guess.annotator == ("annotator" if shape == "long" else None)
    choice = ImportChoice("again", guess.text, guess.labels, guess.id, annotator_column=guess.annotator)
    again = workbench.data.import_table(table, choice)
    assert said(workbench, again) == said(workbench, marked.id)


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_a_label_taken_back_stays_taken_back_when_a_history_is_brought_in(marked, workbench, tmp_path, file_format):
    one, two, three, four, *_ = marked.items()
    told = [
        Decision(6, one, takes_back=True),
        Decision(7, two, "SPORTS"),
        Decision(8, three, takes_back=True),
        Decision(9, three, "POLITICS"),
        Decision(10, four, note="a mark alone takes nothing back"),
    ]
    workbench.review.store(marked.id, "log", "label:me", told)
    path = tmp_path / f"export.{file_format}"
    path.write_bytes(workbench.export.file(marked.id, shape="long", file_format=file_format, with_history=True))
    table = read_table(path)
    guess = guess_columns(table)
    choice = ImportChoice("again", guess.text, guess.labels, guess.id, annotator_column=guess.annotator)
    again = workbench.data.import_table(table, choice)
    assert said(workbench, again) == said(workbench, marked.id)


def test_a_row_without_a_label_takes_nothing_back_in_a_table_that_is_no_export_of_ours(workbench):
    rows = [("one", "ana", "x", "said"), ("one", "ana", "", "said"), ("two", "ben", "y", "said")]
    table = TableData(("text", "annotator", "label", "entry"), rows)
    choice = ImportChoice("own", ("text",), ("label",), annotator_column="annotator")
    again = workbench.data.import_table(table, choice)
    assert said(workbench, again) == {("ana", "one", "x"), ("ben", "two", "y")}


ODD_TEXTS = [
    "ok",
    "=1+1",
    "'apos",
    "+1",
    "two\nlines",
    "one\r",
    "\ttab",
    "0071",
    "NaN",
    "None",
    '{"a": 1}',
    "＝1",
    "\ufeffx",
]
ODD_LABELS = ["=a", "''=b", "01", "1", "None", "a,b", '5" nails', "long " * 25 + "label"]


@pytest.mark.parametrize("file_format", ["csv", "csv-plain", "jsonl"])
@pytest.mark.parametrize("shape", ["wide", "long"])
def test_short_texts_long_labels_and_whatever_spreadsheets_compute_come_back(workbench, tmp_path, shape, file_format):
    said_of = [(text, ODD_LABELS[n % 4], ODD_LABELS[4 + n % 4]) for n, text in enumerate(ODD_TEXTS)]
    first = workbench.data.import_table(
        TableData(("text", "ana", "ben"), said_of), ImportChoice("first", ("text",), ("ana", "ben"))
    )
    path = tmp_path / f"export.{'jsonl' if file_format == 'jsonl' else 'csv'}"
    path.write_bytes(workbench.export.file(first, shape=shape, file_format=file_format))
    again = bring_into(workbench, Source(str(path)), name="again")
    assert again.texts == tuple(ODD_TEXTS)
    by_name = {who.removeprefix("label:"): labels for who, labels in again.said.items()}
    assert by_name == {
        "ana": {text: ana.strip() for text, ana, _ in said_of},
        "ben": {text: ben.strip() for text, _, ben in said_of},
    }
