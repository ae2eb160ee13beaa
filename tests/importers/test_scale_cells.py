"""A plain table whose column holds the levels of a scale is proposed as a rating."""

import pytest

from core.importers import names_in, recognise
from core.model import QuestionKind, TableData

ROWS = [(f"text number {n} of them", str(1 + n % 5), str(1 + (n + n // 7) % 5)) for n in range(20)]


@pytest.mark.parametrize("name", ["rating", "Stars", "score", "level", "user_rating", "Review Score", "stars:ana"])
def test_consecutive_whole_numbers_under_such_a_name_are_levels(name: str) -> None:
    found = recognise(TableData(("review", name), [row[:2] for row in ROWS]))
    assert (found.kind, found.columns.labels, found.columns.text) == (QuestionKind.RATING, (name,), ("review",))
    assert name in found.about


@pytest.mark.parametrize("names", [("ana_rating", "ben_rating"), ("rating_ana", "rating_ben"), ("score 1", "score 2")])
def test_everybody_who_rates_is_proposed(names: tuple[str, str]) -> None:
    found = recognise(TableData(("review", *names), ROWS))
    assert (found.kind, found.columns.labels) == (QuestionKind.RATING, names)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("label", ["1", "2", "3"]),
        ("rating", ["1", "2"]),
        ("rating", ["1", "2", "4"]),
        ("rating", ["good", "bad", "ugly"]),
        ("rating", [str(n) for n in range(11)]),
        ("score", ["0.1", "0.5", "0.9"]),
        ("operating", ["1", "2", "3"]),
    ],
)
def test_what_is_no_scale_is_none(name: str, cells: list[str]) -> None:
    rows = [(f"text number {n} of them", cells[n % len(cells)]) for n in range(33)]
    assert recognise(TableData(("text", name), rows)).kind is QuestionKind.SINGLE_LABEL


def test_a_column_that_is_called_a_label_goes_before_a_rating() -> None:
    rows = [(*row[:2], "ab"[n % 2]) for n, row in enumerate(ROWS)]
    found = recognise(TableData(("review", "stars", "category"), rows))
    assert (found.kind, found.columns.labels) == (QuestionKind.SINGLE_LABEL, ("category",))


@pytest.mark.parametrize("cell", ['{"a": 2}', '{"a": "b", "c": "d"}', '{"labels": {"x": 1}}'])
def test_an_object_that_marks_no_names_is_no_set_of_them(cell: str) -> None:
    with pytest.raises(ValueError, match="is no list of the names of labels"):
        names_in(cell, ",")
