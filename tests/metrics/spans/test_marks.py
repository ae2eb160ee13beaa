"""Spans as arrays: their order, and what is refused."""

import numpy as np
import pytest

from core.metrics.spans import Marks, SpanTable, Words
from tests.metrics.spans.worlds import table_of


def test_spans_come_in_the_order_of_the_text_each_once():
    marks = Marks.of([[(5, 7, 0), (0, 4, 1), (5, 7, 0), (0, 4, 0)], [], [(1, 2, 0)]])
    assert list(zip(marks.item, marks.start, marks.end, marks.label, strict=True)) == [
        (0, 0, 4, 0),
        (0, 0, 4, 1),
        (0, 5, 7, 0),
        (2, 1, 2, 0),
    ]
    assert (marks.n, len(marks)) == (3, 4)


@pytest.mark.parametrize("span", [(4, 4, 0), (5, 4, 0), (-1, 4, 0), (0, 4, -1)])
def test_what_is_no_span_is_refused(span):
    with pytest.raises(ValueError, match="empty, reversed"):
        Marks.of([[span]])


def test_a_table_refuses_what_does_not_fit_together():
    with pytest.raises(ValueError, match="beyond its text"):
        table_of([([(0, 99, 0)], [])])
    with pytest.raises(ValueError, match="3 labels, and one span has number 3"):
        table_of([([], [(0, 4, 3)])])
    with pytest.raises(ValueError, match="same items"):
        SpanTable(("a",), Marks.of([[]]), Marks.of([]), np.array([4]), Words.of(["abcd"]))


def test_items_without_spans_are_items():
    table = table_of([([], []), ([(0, 4, 0)], []), ([], [(0, 4, 0)]), ([], [])])
    assert (table.n, table.items_with_spans) == (4, 2)
