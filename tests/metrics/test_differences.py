"""Differences of two raters against their means."""

import numpy as np
import pytest

from core.metrics import Contingency
from core.metrics.differences import Differences, differences

LEVELS = ("1", "2", "3", "none")
SCORES = (1.0, 2.0, 3.0, None)


def of(*pairs: tuple[str, str, int]) -> Differences:
    return differences(Contingency.from_pairs(list(pairs), LEVELS), SCORES)


def test_points_are_counted_and_the_limits_are_those_of_the_single_differences():
    found = of(("1", "2", 3), ("3", "2", 1), ("2", "2", 4), ("1", "3", 2), ("none", "3", 9), ("2", "none", 1))
    assert found.points == ((1.5, 1.0, 3), (2.0, 0.0, 4), (2.0, 2.0, 2), (2.5, -1.0, 1))
    each = np.array([1.0] * 3 + [0.0] * 4 + [2.0] * 2 + [-1.0])
    assert (found.n, found.mean) == (10, pytest.approx(each.mean()))
    assert found.high == pytest.approx(each.mean() + 1.959964 * each.std(ddof=1), abs=1e-5)
    assert found.low == pytest.approx(each.mean() - 1.959964 * each.std(ddof=1), abs=1e-5)


def test_few_items_have_no_limits_and_none_no_mean():
    assert of(("none", "1", 5)) == Differences((), 0)
    assert of(("1", "3", 1)) == Differences(((2.0, 2.0, 1),), 1, 2.0)
    same = of(("2", "2", 7))
    assert (same.mean, same.low, same.high) == (0.0, 0.0, 0.0)
