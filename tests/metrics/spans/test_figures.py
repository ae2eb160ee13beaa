"""What each span figure says: its interval, and why it has none."""

import numpy as np
import pytest
from hypothesis import given, settings

from core.metrics import estimate_all, rows
from core.metrics.spans import SPAN_METRICS, Marks, SpanSums, SpanTable, Words
from core.metrics.spans.figures import NO_SPANS, NONE_MARKED, NONE_TO_FIND
from tests.metrics.spans.worlds import LABELS, LENGTH, overlapping, pairs_of, table_of

SHARES = [key for key, metric in SPAN_METRICS.items() if metric.unit == "share"]


def figures(pairs):
    return estimate_all(SpanSums(table_of(pairs)))


def test_the_metrics_are_named_as_on_the_list():
    assert list(figures([([], [])])) == list(SPAN_METRICS)
    assert all(key == metric.key and metric.title and metric.about for key, metric in SPAN_METRICS.items())


def test_no_items_leave_every_figure_undefined_with_a_reason():
    for estimate in figures([]).values():
        assert (estimate.value, estimate.n, estimate.low) == (None, 0, None)
        assert estimate.undefined


def test_where_nobody_marked_anything_nothing_is_0_or_1():
    found = figures([([], [])] * 60)
    assert all(estimate.value is None and estimate.undefined and estimate.n == 60 for estimate in found.values())
    assert found["strict_f1"].undefined == NO_SPANS


def test_a_candidate_that_marks_nothing_has_no_precision_and_finds_nothing():
    found = figures([([(0, 4, 0)], [])])
    assert (found["strict_precision"].value, found["strict_precision"].undefined) == (None, NONE_MARKED)
    assert found["strict_recall"].value == found["strict_f1"].value == found["span_iou"].value == 0.0
    other = figures([([], [(0, 4, 0)])])
    assert (other["exact_recall"].value, other["exact_recall"].undefined) == (None, NONE_TO_FIND)


def test_a_perfect_score_has_an_interval_below_it_and_is_called_rough_on_few_items():
    few, many = (figures([([(0, 4, 0), (6, 8, 1)], [(0, 4, 0), (6, 8, 1)])] * n)["strict_f1"] for n in (10, 400))
    assert few.value == many.value == few.high == many.high == 1.0
    assert few.low < many.low < 1.0
    assert few.rough == "fewer than 50 items have a span"
    assert many.rough == ""


@settings(max_examples=30)
@given(pairs_of(overlapping()))
def test_a_figure_lies_within_its_interval_and_shares_between_0_and_1(pairs):
    for key, estimate in figures(pairs).items():
        if estimate.value is None:
            assert estimate.undefined and estimate.low is None
            continue
        assert estimate.low <= estimate.value <= estimate.high <= 1.0 + 1e-9
        assert estimate.low >= 0.0 or key not in SHARES
        assert "2,000 draws" in estimate.interval


def many_items(n, seed):
    """Two spans an item, of which the candidate finds six in ten, one in ten with the wrong label."""
    generator = np.random.default_rng(seed)
    item = np.repeat(np.arange(n), 2)
    start = np.tile([0, 20], n) + generator.integers(0, 8, 2 * n)
    label = generator.integers(0, 3, 2 * n)
    luck = generator.random(2 * n)
    other = np.where(luck < 0.1, (label + 1) % 3, label)
    found = luck < 0.7
    reference = Marks.ordered(n, item, start, start + 5, label)
    candidate = Marks.ordered(n, item[found], start[found], start[found] + 5, other[found])
    words = words_every_five(n, 8)
    return SpanTable(LABELS, reference, candidate, np.full(n, LENGTH), words)


def words_every_five(n, number):
    """Words of four letters and a blank, `number` of them in each of `n` texts."""
    return Words.of(["word " * number] * n)


def test_intervals_of_dealt_rows_are_those_of_the_items(monkeypatch):
    table = many_items(4_000, seed=1)
    dealt = estimate_all(SpanSums(table))
    monkeypatch.setattr(rows, "MOST_ROWS", 4_000)
    by_item = estimate_all(SpanSums(table))
    for key, estimate in dealt.items():
        assert estimate.value == pytest.approx(by_item[key].value)
        width = by_item[key].high - by_item[key].low
        assert estimate.high - estimate.low == pytest.approx(width, rel=0.15), key


def test_the_interval_of_f1_holds_about_as_often_as_it_says():
    # F1 of that world is 2 x .6 / 1.7
    truth = 2 * 0.6 / 1.7
    held = [
        low <= truth <= high
        for estimate in (
            estimate_all(SpanSums(many_items(100, seed)), ["strict_f1"])["strict_f1"] for seed in range(80)
        )
        for low, high in ((estimate.low, estimate.high),)
    ]
    assert 0.88 <= np.mean(held) <= 1.0


def test_the_same_table_gives_the_same_figures():
    assert figures([([(0, 4, 0)], [(1, 4, 0)])] * 3) == figures([([(0, 4, 0)], [(1, 4, 0)])] * 3)
