"""The gate of non-inferiority, by intervals worked out by hand and by many draws."""

import numpy as np
import pytest

from core.metrics.gate import Verdict, gate
from core.metrics.intervals import paired_difference
from core.model import Estimate


def difference(value, low, high, n=400):
    return Estimate(value, n, low, high, "by hand")


@pytest.mark.parametrize(
    ("estimate", "margin", "verdict"),
    [
        (difference(0.01, -0.01, 0.03), 0.02, Verdict.PASSED),
        (difference(0.01, -0.02, 0.04), 0.02, Verdict.OPEN),  # it must lie above, not on it
        (difference(-0.01, -0.015, -0.005), 0.02, Verdict.PASSED),  # worse, and not by more than that
        (difference(-0.08, -0.12, -0.04), 0.02, Verdict.FAILED),
        (difference(-0.08, -0.12, -0.02), 0.02, Verdict.OPEN),
        (difference(0.0, -0.01, 0.01), 0.0, Verdict.OPEN),
        (difference(0.05, 0.01, 0.09), 0.0, Verdict.PASSED),
        (Estimate(None, 0, undefined="no items"), 0.02, Verdict.OPEN),
        (Estimate(0.1, 3), 0.02, Verdict.OPEN),
    ],
)
def test_it_is_passed_where_the_whole_interval_lies_above_minus_the_margin(estimate, margin, verdict):
    assert gate(estimate, margin).verdict is verdict


def test_it_says_how_many_items_would_decide():
    # The lower half, .04, has to shrink to .02: four times the items.
    assert gate(difference(0.0, -0.04, 0.04), 0.02).items == 1600
    # The upper half, .06, has to shrink to .03.
    assert gate(difference(-0.05, -0.11, 0.01), 0.02).items == 1600
    assert gate(difference(-0.02, -0.04, 0.0), 0.02).items is None
    assert gate(difference(0.05, 0.01, 0.09), 0.02).items is None


@pytest.mark.parametrize("margin", [-0.1, 1.1, float("nan")])
def test_a_margin_that_is_no_share_is_refused(margin):
    with pytest.raises(ValueError, match="margin"):
        gate(difference(0, -1, 1), margin)


def test_what_is_worse_by_just_the_margin_passes_in_one_case_of_forty():
    """B is worse by .05, the margin: to pass is the error, which the 2.5 % one-sided test makes so often."""
    generator = np.random.default_rng(0)
    passed, tries = 0, 2_000
    for _ in range(tries):
        fixed, broken, both, neither = map(int, generator.multinomial(400, [0.05, 0.10, 0.70, 0.15]))
        passed += gate(paired_difference(both, broken, fixed, neither, ""), 0.05).verdict is Verdict.PASSED
    assert 0.015 < passed / tries < 0.035
