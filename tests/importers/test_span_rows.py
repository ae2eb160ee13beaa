"""Tables with one span a row become one row a text and person."""

import json
from pathlib import Path

from core.importers import read_table, recognise
from core.model import TableData


def _read(tmp_path: Path, text: str, name: str = "a.csv") -> TableData:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_table(path)


def test_spans_a_row_are_put_together_by_text_and_person(tmp_path: Path) -> None:
    rows = [
        "Ann met Ben in Oslo,ana,0,3,PER",
        "Ann met Ben in Oslo,ana,15,19,LOC",
        "Ann met Ben in Oslo,ben,0,3,PER",
        "nothing is marked here,ana,,,",
        "nothing is marked here,ben,0,7,PER",
    ]
    table = _read(tmp_path, "\n".join(["text,annotator,start,end,label", *rows]))
    assert table.columns == ("text", "annotator", "spans")
    assert [(row[1], [one["label"] for one in json.loads(row[2])]) for row in table.rows] == [
        ("ana", ["PER", "LOC"]),
        ("ben", ["PER"]),
        ("ana", []),
        ("ben", ["PER"]),
    ]
    assert table.notes == ("Rows are single spans: 5 rows with 4 spans of “text” became 4 rows.",)
    found = recognise(table)
    assert (found.kind, found.columns.text, found.columns.labels) == ("spans", ("text",), ("spans",))
    assert found.columns.annotator == "annotator"


def test_places_without_texts_stay_rows(tmp_path: Path) -> None:
    table = _read(tmp_path, "doc,type,start,end\n1,Insult,3,9\n2,Threat,0,4\n")
    assert table.columns == ("doc", "type", "start", "end")


def test_times_are_no_places(tmp_path: Path) -> None:
    table = _read(tmp_path, "text,start,end\na long text of words,09:00,10:00\nanother long text,11:00,12:00\n")
    assert table.columns == ("text", "start", "end")


def test_errors_of_translations_are_spans_by_each_rater(tmp_path: Path) -> None:
    head = "system\tdoc\tseg_id\trater\tsource\ttarget\tcategory\tseverity"
    rows = [
        'sys1\td1\t1\trater1\tEin "Haus"\tA <v>hose</v> stands\tAccuracy/Mistranslation\tMajor',
        'sys1\td1\t1\trater1\tEin "Haus"\tA hose <v>stands</v>\tStyle/Awkward\tMinor',
        'sys1\td1\t1\trater2\tEin "Haus"\tA hose stands\tNo-error\tNo-error',
    ]
    table = _read(tmp_path, "\n".join([head, *rows]) + "\n", "a.tsv")
    assert [row[table.columns.index("rater")] for row in table.rows] == ["rater1", "rater2"]
    first, second = (json.loads(row[-1]) for row in table.rows)
    assert first == [
        {"start": 2, "end": 6, "label": "Major: Accuracy/Mistranslation", "text": "hose"},
        {"start": 7, "end": 13, "label": "Minor: Style/Awkward", "text": "stands"},
    ]
    assert second == [] and {row[table.columns.index("target")] for row in table.rows} == {"A hose stands"}
    assert recognise(table).columns.annotator == "rater"


def test_chosen_and_rejected_in_a_table_are_a_preference_whose_place_tells_nothing(tmp_path: Path) -> None:
    rows = "".join(f"ask {n},it is good {n},it is bad {n}\n" for n in range(20))
    table = _read(tmp_path, f"prompt,chosen,rejected\n{rows}")
    assert table.columns == ("prompt", "first answer", "second answer", "preference")
    assert {row[3] for row in table.rows} == {"First is better", "Second is better"}
    assert recognise(table).candidates == ("first answer", "second answer")
