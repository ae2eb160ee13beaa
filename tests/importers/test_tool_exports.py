"""JSON as annotation tools export it."""

import json
from pathlib import Path

import pytest

from core.importers import guess_columns, read_csv, read_jsonl
from core.importers.csv_file import peek_csv
from core.importers.label_cells import read_label
from core.model import TableData


@pytest.fixture
def read(tmp_path: Path):
    def of(records: list[dict[str, object]], *, lines: bool = False) -> TableData:
        path = tmp_path / "export.json"
        path.write_text("\n".join(map(json.dumps, records)) if lines else json.dumps(records), encoding="utf-8")
        return read_jsonl(path)

    return of


def choice(*labels: str, name: str = "topic") -> dict[str, object]:
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": list(labels)}}


def task(number: int, *annotations: dict[str, object], **more: object) -> dict[str, object]:
    return {"id": number, "data": {"headline": f"headline {number}"}, "annotations": list(annotations), **more}


@pytest.mark.parametrize("lines", [True, False])
def test_a_label_studio_export_gives_the_label_beside_the_text(read, lines: bool) -> None:
    table = read([task(1, {"result": [choice("a")]}), task(2, {"result": [choice("b")]})], lines=lines)
    assert table.columns == ("id", "headline", "topic")
    assert table.rows == [["1", "headline 1", "a"], ["2", "headline 2", "b"]]
    assert table.notes == ("Recognised as a Label Studio export: 2 items, 2 rows.",)


def test_each_annotator_and_each_model_is_a_row_of_its_own(read) -> None:
    by_two = task(
        1,
        {"completed_by": 1, "result": [choice("a")]},
        {"completed_by": {"id": 2, "email": "ben@x.org"}, "result": [choice("b")]},
        predictions=[{"model_version": "v1", "result": [choice("a")]}],
    )
    table = read([by_two])
    assert [row[2:] for row in table.rows] == [["annotator 1", "a"], ["ben@x.org", "b"], ["model v1", "a"]]
    guess = guess_columns(table)
    assert (guess.text, guess.labels, guess.id, guess.annotator) == (("headline",), ("topic",), "id", "annotator")


def test_what_was_skipped_or_drafted_says_nothing_and_the_item_stays(read) -> None:
    skipped = task(
        1, {"completed_by": 1, "was_cancelled": True, "result": [choice("a")]}, drafts=[{"result": [choice("b")]}]
    )
    table = read([skipped, task(2), task(3, {"completed_by": 1, "result": [choice("a", "b")]})])
    assert [row[1:] for row in table.rows] == [
        ["headline 1", "", ""],
        ["headline 2", "", ""],
        ["headline 3", "annotator 1", '["a", "b"]'],
    ]


def test_old_exports_and_several_questions_are_read(read) -> None:
    old = {"id": 1, "data": {"t": "x"}, "completions": [{"result": [choice("a"), choice("calm", name="tone")]}]}
    assert read([old]).rows == [["1", "x", "a", "calm"]]


def test_an_older_doccano_export_gives_a_row_for_each_annotator(read) -> None:
    table = read(
        [{"id": 1, "text": "x", "annotations": [{"label": 2, "user": 7}, {"label": 3, "user": 8}], "meta": {}}]
    )
    assert table.columns == ("id", "text", "meta", "annotator", "label")
    assert [row[3:] for row in table.rows] == [["annotator 7", "2"], ["annotator 8", "3"]]


def test_records_of_no_known_tool_stay_as_they_are(read) -> None:
    assert read([{"text": "a", "annotations": [1]}]).rows == [["a", "[1]"]]


def test_what_prodigy_users_rejected_or_ignored_is_not_their_label(read) -> None:
    answers = [("accept", "A"), ("reject", "A"), ("ignore", "B"), ("accept", "B")]
    table = read(
        [{"text": f"t{n}", "label": of, "_task_hash": n, "answer": said} for n, (said, of) in enumerate(answers)]
    )
    assert table.columns == ("text", "label", "rejected")
    assert table.rows == [["t0", "A", ""], ["t1", "", "A"], ["t2", "", ""], ["t3", "B", ""]]
    assert "Answers that were rejected, ignored or missing do not count as labels" in table.notes[0]


def test_options_accepted_in_prodigy_are_the_label_and_a_rejected_choice_is_none(read) -> None:
    options = [{"id": "P", "text": "Good"}, {"id": 2, "text": "Bad"}]
    picks = [(["P"], "accept"), ([2], "accept"), (["P", 2], "accept"), (["P"], "reject"), ([], "accept")]
    table = read(
        [
            {"text": "t", "options": options, "accept": ids, "answer": said, "_annotator_id": "ana"}
            for ids, said in picks
        ]
    )
    assert table.columns == ("text", "annotator", "label", "rejected")
    assert [row[2] for row in table.rows] == ['["P"]', '["Bad"]', '["P", "Bad"]', "", "[]"]
    assert [(one.name, one.kind) for one in table.answers] == [("label", "several_labels")]
    assert {row[1] for row in table.rows} == {"ana"}


def test_a_later_record_of_another_shape_stays_as_it_is(read) -> None:
    tasks = [task(n, {"result": [choice("a")]}) for n in range(60)]
    assert len(read([*tasks, {"headline": "odd", "topic": "b"}]).rows) == 61


ANSWERS = [
    {"text": "a", "label": "x", "answer": "accept"},
    {"text": "b", "label": "y", "answer": "reject"},
    {"text": "c", "label": "z", "answer": "ignore"},
]
PLAIN = {"text": "d", "label": "x"}


@pytest.mark.parametrize("place", range(4))
def test_one_line_without_an_answer_makes_no_label_of_what_was_rejected(read, place: int) -> None:
    table = read([*ANSWERS[:place], PLAIN, *ANSWERS[place:]], lines=True)
    said = {row[table.columns.index("text")]: row[table.columns.index("label")] for row in table.rows}
    assert said == {"a": "x", "b": "", "c": "", "d": ""} and "answer" not in table.columns
    beside = [row[table.columns.index("unanswered")] for row in table.rows]
    assert [one for one in beside if one] == ["x"] and beside[place] == "x"


def test_answers_behind_many_lines_without_are_recognised(read) -> None:
    table = read([PLAIN] * 60 + ANSWERS * 40, lines=True)
    assert [row[table.columns.index("label")] for row in table.rows].count("y") == 0


def test_an_answer_without_a_label_beside_others_says_nothing(read) -> None:
    table = read([*ANSWERS, {"text": "e", "answer": "accept"}])
    assert "answer" not in table.columns and len(table.rows) == 4 and "another shape" not in table.notes[0]


def test_categories_accepted_in_prodigy_are_the_label_and_rejected_ones_are_none(read) -> None:
    said = [({"x": 1, "y": 0}, "accept"), ({"x": 0, "y": 1}, "reject"), ({"x": 0, "y": 1}, "ignore")]
    table = read([{"text": f"t{n}", "cats": cats, "answer": answer} for n, (cats, answer) in enumerate(said)])
    assert table.columns == ("text", "label", "rejected")
    assert [read_label(row[1]).label for row in table.rows] == ["x", "", ""]


def test_answers_in_a_few_records_of_a_table_are_no_export(read) -> None:
    table = read([PLAIN | {"answer": "yes"}] * 3 + ANSWERS[:1])
    assert table.columns == ("text", "label", "answer") and table.notes == ()


def test_prodigy_answers_in_a_csv_are_read_as_in_json(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("text,label,answer\na,x,accept\nb,y,reject\nc,x,ignore\n\nd,y,\ne,x,Accept\n", encoding="utf-8")
    table = read_csv(path)
    assert table.columns == ("text", "label", "rejected", "unanswered")
    assert table.rows == [
        ["a", "x", "", ""],
        ["b", "", "y", ""],
        ["c", "", "", ""],
        ["", "", "", ""],
        ["d", "", "", "y"],
        ["e", "x", "", ""],
    ]
    assert "Recognised as a Prodigy export" in table.notes[0]
    assert peek_csv(path, 2).rows == [row[:3] for row in table.rows[:2]]


def test_options_accepted_in_a_csv_of_prodigy_are_the_label(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    options = '"[{""id"": 1, ""text"": ""Good""}]"'
    path.write_text(
        f"text,options,accept,answer,_annotator_id\na,{options},[1],accept,ana\nb,{options},[1],reject,ben\n"
        f"c,{options},\"['x', 'y']\",accept,ana\n",
        encoding="utf-8",
    )
    table = read_csv(path)
    assert table.columns == ("text", "annotator", "label", "rejected")
    assert table.rows == [["a", "ana", '["Good"]', ""], ["b", "ben", "", "Good"], ["c", "ana", '["x", "y"]', ""]]


def test_a_column_of_other_answers_in_a_csv_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "quiz.csv"
    path.write_text("text,label,answer\na,x,accept\nb,y,never\n", encoding="utf-8")
    assert read_csv(path).columns == ("text", "label", "answer") and read_csv(path).notes == ()


@pytest.mark.parametrize("place", range(3))
def test_a_task_without_any_list_of_annotations_is_an_item_like_the_others(read, place: int) -> None:
    tasks = [task(1, {"result": [choice("a")]}), task(2, {"result": [choice("b")]})]
    table = read([*tasks[:place], {"id": 3, "data": {"headline": "headline 3"}}, *tasks[place:]])
    assert set(table.columns) == {"id", "headline", "topic"}
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert {row["headline"]: row["topic"] for row in rows} == {"headline 1": "a", "headline 2": "b", "headline 3": ""}
