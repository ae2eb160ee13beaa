"""Notes and flags made in Review leave the workbench in every shape, and come back in as fields."""

import csv
import json
from io import StringIO
from itertools import islice

import pytest

from core.importers import read_table
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import Decision


@pytest.fixture
def noted(small_project, workbench):
    """On four items: a label with a note and a flag; a flag alone; a note written, then removed; a label alone."""
    one, two, three, four, *_ = small_project.items()
    told = [
        Decision(1, one, "SPORTS", note="two readings", flagged=True),
        Decision(2, two, flagged=True),
        Decision(3, three, note="never mind"),
        Decision(4, three, note=""),
        Decision(5, four, "POLITICS"),
    ]
    workbench.review.store(small_project.id, "log", "me", told)
    return small_project


def rows(project, **what):
    text = project.wb.export.file(project.id, file_format="jsonl", **what).decode()
    found = [json.loads(line) for line in text.splitlines()]
    assert project.wb.export.count_rows(project.id, **what) == len(found)
    return found


def mine(found):
    return [(r["label"], r["note"], r["flag"], r["entry"]) for r in found if r["annotator"] == "me"]


def test_long_rows_carry_the_note_and_flag_and_a_mark_without_a_label_has_a_row(noted):
    assert mine(rows(noted, shape="long")) == [
        ("SPORTS", "two readings", True, "said"),
        (None, "", True, "mark"),
        ("POLITICS", "", None, "said"),
    ]


@pytest.mark.parametrize(("with_history", "added"), [(False, [1, 1, 1]), (True, [1, 2, 3])])
def test_the_rows_are_counted_anew_after_a_flag_a_label_and_a_label_taken_back(noted, with_history, added):
    item, what = list(noted.items())[5], {"shape": "long", "with_history": with_history}
    before, after = len(rows(noted, **what)), []
    for act in (Decision(6, item, flagged=True), Decision(7, item, "SPORTS"), Decision(8, item, takes_back=True)):
        noted.wb.review.store(noted.id, "log", "me", [act])
        after.append(len(rows(noted, **what)) - before)
    assert after == added


def test_history_tells_each_mark_in_its_place(noted):
    assert mine(rows(noted, shape="long", with_history=True)) == [
        ("SPORTS", "", None, "said"),
        (None, "two readings", True, "mark"),
        (None, "", True, "mark"),
        (None, "never mind", None, "mark"),
        (None, "", None, "mark"),
        ("POLITICS", "", None, "said"),
    ]


def test_wide_rows_have_a_column_for_the_notes_and_the_flags_of_each_person(noted):
    found = rows(noted, shape="wide")
    assert [(r["label:me"], r["note:me"], r["flag:me"]) for r in found[:4]] == [
        ("SPORTS", "two readings", True),
        (None, None, True),
        (None, None, None),
        ("POLITICS", None, None),
    ]
    assert [name for name in found[0] if name.startswith(("note:", "flag:"))] == ["note:me", "flag:me"]


@pytest.mark.parametrize("shape", ["long", "wide"])
def test_the_preview_is_the_beginning_of_the_file(noted, shape):
    whole = noted.wb.export.file(noted.id, shape=shape, file_format="csv-plain").decode()
    first = noted.wb.export.preview(noted.id, shape=shape, n=3)
    assert first == list(islice(csv.DictReader(StringIO(whole, newline="")), 3))
    assert "two readings" in {row.get("note", row.get("note:me")) for row in first}


def test_only_the_chosen_annotators_notes_are_told(noted):
    what = {"annotator_ids": [noted.gold]}
    assert not any("note" in name for name in rows(noted, shape="wide", **what)[0])
    assert {r["annotator"] for r in rows(noted, shape="long", with_history=True, **what)} == {"gold"}


def test_notes_that_come_in_again_stay_fields_beside_new_ones(noted, workbench, tmp_path):
    path = tmp_path / "wide.csv"
    path.write_bytes(noted.wb.export.file(noted.id, shape="wide", file_format="csv"))
    again = workbench.data.import_table(read_table(path), ImportChoice("Again", ("text",), ("label:gold",), "id"))
    found = [
        json.loads(x) for x in workbench.export.file(again, shape="wide", file_format="jsonl").decode().split("\n")[:1]
    ]
    assert found[0]["field:note:me"] == "two readings"
    assert found[0]["field:flag:me"] == "true"


def test_a_merge_in_the_history_says_that_it_is_one(small_project, workbench):
    ids = {label.name: label.id for label in workbench.tasks.get(small_project.id).choices}
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    workbench.tasks.restore(small_project.id, ids["POLITICS"])
    first = [r for r in rows(small_project, shape="long", with_history=True) if r["annotator"] == "gold"][:3]
    assert [(r["label"], r["entry"], r["reason"]) for r in first] == [
        ("POLITICS", "said", ""),
        ("SPORTS", "merge", ""),
        ("POLITICS", "restore", ""),
    ]
