"""Annotations as long and wide rows."""

from datetime import UTC, datetime, timedelta

import pytest

from core.exporters import field_column, long_columns, long_rows, wide_columns, wide_rows
from core.model import Annotation, Item, Split

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = Item(1, "first <b>text</b>", "a1", {"source": "wire", "label": "old"}, Split.TEST)
TWO = Item(2, "second", "a2", {"source": "web"})


def annotation(item: Item, annotator: int, label: str | None, minutes: int = 0, **more) -> Annotation:
    return Annotation(item.id, annotator, label, NOON + timedelta(minutes=minutes), **more)


ANNOTATED = [
    (ONE, annotation(ONE, 1, "NEWS", id=1), "maria"),
    (ONE, annotation(ONE, 1, "SPORTS", 5, id=2), "maria"),
    (ONE, annotation(ONE, 2, "SPORTS", confidence=0.75, reason="", raw="sports", run_id=9), "v2"),
    (TWO, None, ""),
]


def test_long_has_one_row_an_annotation_with_its_history() -> None:
    rows = list(long_rows(ANNOTATED, ["source"]))
    assert [(row["id"], row.get("annotator"), row.get("label")) for row in rows] == [
        ("a1", "maria", "NEWS"),
        ("a1", "maria", "SPORTS"),
        ("a1", "v2", "SPORTS"),
        ("a2", None, None),
    ]
    assert (rows[2]["confidence"], rows[2]["run_id"], rows[2]["raw"]) == (0.75, 9, "sports")
    assert (rows[0]["split"], rows[3]["split"]) == ("test", None)
    assert rows[0]["created_at"] == NOON and rows[0]["source"] == "wire"
    assert set(rows[0]) == set(long_columns(["source"]))


def test_wide_has_one_row_an_item_with_the_current_label_of_each_annotator() -> None:
    rows = list(wide_rows(ANNOTATED))
    assert [row["item_id"] for row in rows] == [1, 2]
    assert (rows[0]["label:maria"], rows[0]["label:v2"], rows[0]["confidence:v2"]) == ("SPORTS", "SPORTS", 0.75)
    assert "label:maria" not in rows[1]
    assert set(rows[0]) == set(wide_columns(["maria", "v2"]))


def test_the_newest_annotation_counts_in_whatever_order_they_come() -> None:
    (row,) = wide_rows([ANNOTATED[1], ANNOTATED[0]])
    assert row["label:maria"] == "SPORTS"
    same_time = [(ONE, annotation(ONE, 1, label, id=id_), "maria") for label, id_ in (("B", 4), ("A", 3))]
    assert next(wide_rows(same_time))["label:maria"] == "B"


def test_a_label_that_was_taken_back_is_empty_and_does_not_bring_the_old_one_back() -> None:
    (row,) = wide_rows([ANNOTATED[0], (ONE, annotation(ONE, 1, None, 9), "maria")])
    assert row["label:maria"] is None


def test_fields_that_are_called_like_our_columns_get_a_prefix() -> None:
    assert field_column("source") == "source"
    assert field_column("label") == "field:label" and field_column("text") == "field:text"
    assert field_column("label:maria") == "field:label:maria"
    (row, *_) = wide_rows(ANNOTATED, ["source", "label"])
    assert (row["source"], row["field:label"]) == ("wire", "old")
    columns = long_columns(["text", "label", "source"])
    assert len(set(columns)) == len(columns)


def test_items_that_do_not_come_together_are_refused_instead_of_written_twice() -> None:
    with pytest.raises(ValueError, match="item 1 do not come together"):
        list(wide_rows([ANNOTATED[0], ANNOTATED[3], ANNOTATED[1]]))


def test_rows_are_made_as_they_are_asked_for() -> None:
    def endless():
        number = 0
        while True:
            number += 1
            yield Item(number, "t"), None, ""

    assert next(wide_rows(endless()))["item_id"] == 1
    assert next(long_rows(endless()))["item_id"] == 1
