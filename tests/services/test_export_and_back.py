"""An export of ours, brought in again, says the same of the same items under the same names."""

import json

import pytest

from core.importers import guess_columns, read_table
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import Decision


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
