"""The law of learning curves: what made the points is found again, and how far it can be told."""

from math import inf, isinf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.power_law import Size, fit, pooled_noise, sizes_of


def points(top, drop, slope, noise=0.0, sizes=(25, 50, 100, 200, 400), deals=4, seed=0):
    rng = np.random.default_rng(seed)
    return sizes_of({n: [top - drop * n**-slope + noise * rng.standard_normal() for _ in range(deals)] for n in sizes})


@pytest.mark.parametrize(("top", "drop", "slope"), [(0.9, 1.5, 0.5), (0.8, 0.9, 0.35), (0.95, 3.0, 0.8)])
def test_points_without_noise_give_their_law_back(top, drop, slope):
    law = fit(points(top, drop, slope), 1000)
    assert law is not None
    for n in (25, 400, 2000):
        assert law.at(n) == pytest.approx(top - drop * n**-slope, abs=0.005)
    low, best, high = law.examples_for(top - drop * 1000**-slope)
    assert low <= 1000 * 1.1 and high >= 1000 * 0.9 and best == pytest.approx(1000, rel=0.1)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """Of eighty curves with noise, the gain of twice the examples lies in its interval in nearly all."""
    top, drop, slope, held = 0.85, 1.2, 0.45, 0
    truth = drop * (400**-slope - 800**-slope)
    for seed in range(80):
        law = fit(points(top, drop, slope, 0.015, deals=3, seed=seed), 1000)
        assert law is not None
        gain = law.gain(400, 800)
        held += gain.low <= truth <= gain.high
    assert held >= 72


def test_a_flat_curve_gains_nothing_and_reaches_nothing_higher():
    law = fit(points(0.7, 0.0, 0.5, 0.002), 1000)
    assert law is not None
    gain = law.gain(400, 800)
    assert abs(gain.value) < 0.005 and gain.high < 0.01
    assert law.examples_for(0.9)[0] == inf and law.examples_for(0.5)[1] <= 400


def test_a_score_above_where_it_levels_off_may_be_out_of_reach():
    law = fit(points(0.8, 1.2, 0.6, 0.003), 1000)
    assert law is not None
    low, best, high = law.levels_off()
    assert low <= 0.8 <= high and low <= best <= high
    assert isinf(law.examples_for(0.99)[1])


def test_no_curve_ends_above_one():
    law = fit(points(1.2, 1.5, 0.3, 0.01), 1000)
    assert law is not None and law.top <= 1.0 and law.tops.max() <= 1.0 and law.levels_off()[2] <= 1.0


def test_how_few_validation_items_there_are_widens_levels_and_leaves_gains():
    exact, rough = (fit(points(0.8, 1.2, 0.5, 0.01), 1000, measured=m) for m in (0.0, 0.05))
    assert exact is not None and rough is not None
    assert exact.gain(400, 800) == rough.gain(400, 800)
    narrow, wide = (law.levels_off() for law in (exact, rough))
    assert wide[2] - wide[0] > narrow[2] - narrow[0]


def test_two_sizes_or_one_deal_of_each_tell_no_law():
    assert fit(points(0.8, 1.0, 0.5, sizes=(25, 50)), 1000) is None
    assert fit(points(0.8, 1.0, 0.5, deals=1), 1000) is None


def test_all_examples_are_one_deal_and_say_nothing_of_how_deals_differ():
    sizes = [Size(25, (0.5, 0.6)), Size(50, (0.7, 0.7))]
    assert pooled_noise(sizes, 50) == pytest.approx((0.5 * 0.1 * 2**0.5, 1))
    assert pooled_noise(sizes[1:], 50) is None


def test_the_interval_of_a_size_is_students_over_its_deals():
    low, high = Size(25, (0.5, 0.6, 0.7)).interval(None)
    # sd .1, over the root of 3, times 4.303 for two degrees of freedom
    assert (low, high) == pytest.approx((0.6 - 0.24843, 0.6 + 0.24843), abs=1e-4)
    assert Size(25, (0.5,)).interval(None) is None
    assert Size(25, (0.5,)).interval(0.1) == pytest.approx((0.5 - 0.196, 0.5 + 0.196))


@given(
    st.dictionaries(
        st.integers(10, 100_000), st.lists(st.floats(-1, 1), min_size=1, max_size=4), min_size=3, max_size=6
    )
)
def test_whatever_the_scores_the_fit_is_of_numbers(scores):
    law = fit(sizes_of(scores), max(scores) + 1)
    if law is not None:
        gain = law.gain(law.largest, 2 * law.largest)
        assert gain.low <= gain.value <= gain.high and gain.value >= 0
        low, best, high = law.examples_for(0.5)
        assert 0 <= low <= best <= high
