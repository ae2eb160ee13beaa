"""The error table of spans: one cell for each span, and each cell knows its items."""

import pytest
from hypothesis import given

from core.metrics.spans import Cell, SpanError, SpanSums, error_cells, items_in, span_errors
from tests.metrics.spans.worlds import overlapping, pairs_of, table_of


def cells(*pairs):
    return error_cells(SpanSums(table_of(pairs)).outcomes)


KINDS = {
    "missed": ([(3, 8, 1)], [], Cell(SpanError.MISSED, 1, None)),
    "spurious": ([], [(3, 8, 1)], Cell(SpanError.SPURIOUS, None, 1)),
    "wrong label": ([(3, 8, 1)], [(3, 8, 2)], Cell(SpanError.WRONG_LABEL, 1, 2)),
    "wrong label, other edges": ([(3, 8, 1)], [(2, 6, 2)], Cell(SpanError.WRONG_LABEL, 1, 2)),
    "longer to the right": ([(3, 8, 1)], [(3, 9, 1)], Cell(SpanError.LONGER, 1, 1)),
    "longer to both sides": ([(3, 8, 1)], [(2, 9, 1)], Cell(SpanError.LONGER, 1, 1)),
    "shorter": ([(3, 8, 1)], [(4, 8, 1)], Cell(SpanError.SHORTER, 1, 1)),
    "shifted": ([(3, 8, 1)], [(4, 9, 1)], Cell(SpanError.SHIFTED, 1, 1)),
}


@pytest.mark.parametrize(("reference", "candidate", "cell"), KINDS.values(), ids=KINDS)
def test_each_error_has_its_cell(reference, candidate, cell):
    assert cells((reference, candidate)) == {cell: 1}


def test_spans_that_touch_are_one_missed_and_one_spurious():
    assert cells(([(0, 4, 0)], [(4, 8, 0)])) == {
        Cell(SpanError.MISSED, 0, None): 1,
        Cell(SpanError.SPURIOUS, None, 0): 1,
    }


def test_a_span_prefers_its_own_label_to_more_overlap():
    found = cells(([(0, 10, 0)], [(0, 9, 1), (8, 10, 0)]))
    assert found == {Cell(SpanError.SHORTER, 0, 0): 1, Cell(SpanError.SPURIOUS, None, 1): 1}


def test_the_most_frequent_cell_comes_first_and_opens_its_items():
    missed, longer = ([(3, 8, 1)], []), ([(3, 8, 1)], [(3, 9, 1)])
    table = table_of([longer, missed, ([], []), missed, ([(3, 8, 1), (9, 11, 1)], [])])
    outcomes = SpanSums(table).outcomes
    assert list(error_cells(outcomes).items()) == [
        (Cell(SpanError.MISSED, 1, None), 4),
        (Cell(SpanError.LONGER, 1, 1), 1),
    ]
    assert items_in(outcomes, Cell(SpanError.MISSED, 1, None)).tolist() == [1, 3, 4]
    assert items_in(outcomes, Cell(SpanError.LONGER, 1, 1)).tolist() == [0]
    assert items_in(outcomes, Cell(SpanError.SPURIOUS, None, 1)).tolist() == []


def test_no_items_have_no_errors():
    assert cells() == {}


@given(pairs_of(overlapping()))
def test_every_span_is_right_or_stands_in_exactly_one_cell(pairs):
    table = table_of(pairs)
    outcomes = SpanSums(table).outcomes
    errors = span_errors(outcomes)
    for side, equal in (("reference", outcomes.equal.reference), ("candidate", outcomes.equal.candidate)):
        places = [int(place) for one in errors for place in getattr(one, side) if place >= 0]
        assert sorted([*places, *equal.tolist()]) == list(range(len(getattr(table, side))))
    both = [set(map(tuple, a)) & set(map(tuple, b)) for a, b in pairs]
    assert len(outcomes.equal) == sum(map(len, both))
    assert sum(error_cells(outcomes).values()) == sum(len(one.item) for one in errors)
