"""Two candidates who give sets, or mark spans, on the same items: how far they differ, and whether that is luck."""

import itertools

import numpy as np
import pytest

from core.metrics import METRICS, Outcomes, compare_sums
from core.metrics.sets.figures import SetSums
from core.metrics.sets.table import SetTable
from core.metrics.spans import SpanSums
from core.metrics.sums import paired
from tests.metrics.spans.worlds import table_of

LABELS = ("A", "B", "C")
KEYS = ("mean_jaccard", "micro_f1", "set_macro_f1")


def sums_of(own, other):
    return SetSums(SetTable.from_pairs(((a, b, 1) for a, b in zip(own, other, strict=True)), LABELS))


def compared(reference, a, b, keys=KEYS):
    right = [(one == ref, two == ref) for ref, one, two in zip(reference, a, b, strict=True)]
    kinds = ((False, True), (True, False), (False, False), (True, True))
    outcomes = Outcomes(*(right.count(kind) for kind in kinds))
    return compare_sums(outcomes, sums_of(reference, a), sums_of(reference, b), {key: METRICS[key] for key in keys})


def test_a_difference_is_that_of_the_two_figures():
    reference, a, b = [[0], [0, 1], [2], [1]] * 10, [[0], [0], [1], [1]] * 10, [[0], [0, 1], [2], [0, 1]] * 10
    found = compared(reference, a, b)
    assert found.differences["mean_jaccard"].value == pytest.approx((1 + 1 + 1 + 0.5) / 4 - (1 + 0.5 + 0 + 1) / 4)
    assert found.differences["micro_f1"].value == pytest.approx(2 * 50 / 110 - 2 * 30 / 90)
    # A: F1 of A is 1, of B 1 / 2 (10 of 20 + 20), of C 0; B's are 20 of 20 + 30, 20 of 20 + 20, 10 of 10 + 10
    assert found.differences["set_macro_f1"].value == pytest.approx((0.8 + 1 + 1) / 3 - (1 + 0.5 + 0) / 3)
    assert [one.difference.value for one in found.by_label] == pytest.approx([-0.2, 0.5, 1.0])
    assert (found.fixed, found.broken, found.both_right, found.still_wrong) == (20, 10, 10, 0)


def test_the_test_is_that_of_all_ways_to_swap_the_two():
    generator = np.random.default_rng(1)
    a, b = generator.integers(0, 3, (2, 10)) / 2
    seen = abs((b - a).mean())
    every = [abs(((b - a) * signs).mean()) for signs in itertools.product((1, -1), repeat=10)]
    exact = np.mean([one >= seen - 1e-12 for one in every])
    reference = [[0, 1]] * 10
    sides = [[[0, 1][: int(2 * one)] or [2] for one in side] for side in (a, b)]
    found = compared(reference, *sides, keys=("mean_jaccard",))
    assert found.differences["mean_jaccard"].value == pytest.approx((b - a).mean())
    assert found.headline_p == pytest.approx(exact, abs=0.015)


def test_two_who_say_the_same_cannot_be_told_apart_and_may_differ_on_what_was_not_seen():
    reference, said = [[0], [1]] * 40, [[0], [0, 1]] * 40
    found = compared(reference, said, said)
    assert found.headline_p == 1.0
    for difference in found.differences.values():
        assert difference.value == 0 and difference.low < 0 < difference.high


def test_intervals_of_a_difference_hold_about_as_often_as_they_say_and_false_wins_are_rare():
    generator, held, told = np.random.default_rng(0), [], []
    for _ in range(120):
        reference = [[int(one)] for one in generator.integers(0, 3, 100)]
        a, b = ([one if generator.random() < 0.7 else [0, 1, 2] for one in reference] for _ in range(2))
        found = compared(reference, a, b, keys=("mean_jaccard",))
        difference = found.differences["mean_jaccard"]
        held.append(difference.low <= 0 <= difference.high)
        told.append(found.headline_p < 0.05)
    assert 0.9 <= np.mean(held) <= 1.0
    assert np.mean(told) <= 0.1


def test_spans_are_compared_by_the_same_means():
    reference = [[(0, 4, 0), (6, 8, 1)]] * 60
    a, b = [[(0, 4, 0)]] * 60, [[(0, 4, 0), (6, 8, 1)]] * 60
    one, other = (SpanSums(table_of(list(zip(reference, side, strict=True)))) for side in (a, b))
    found = compare_sums(Outcomes(60, 0, 0, 0), one, other, {"strict_f1": METRICS["strict_f1"]})
    assert found.differences["strict_f1"].value == pytest.approx(1 - 2 / 3)
    assert found.headline_p < 0.001
    assert [label.difference.value for label in found.by_label] == [0.0, 1.0, None]
    assert [label.told for label in found.by_label] == [False, True, False]


def test_without_items_nothing_is_claimed():
    found = compared([], [], [])
    assert found.n == 0 and found.headline_p is None
    assert all(one.value is None and one.undefined for one in found.differences.values())


def test_a_figure_that_one_of_them_does_not_have_has_no_difference():
    none = sums_of([[]] * 3, [[]] * 3)
    some = sums_of([[]] * 3, [[0]] * 3)
    found = paired(none.micro, some.micro, 3, "undefined for one of them")
    assert found.difference.undefined == "undefined for one of them" and found.p is None
