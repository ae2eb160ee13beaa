"""Position bias, each number worked by hand."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.intervals import Z
from core.metrics.position import BothShown, OnceShown


def test_the_share_of_one_order_is_a_share_with_wilsons_interval():
    found = OnceShown(first=30, second=10).preferred_first
    centre, half = (0.75 + Z**2 / 80) / (1 + Z**2 / 40), Z * sqrt(0.75 * 0.25 / 40 + Z**2 / 6400) / (1 + Z**2 / 40)
    assert (found.value, found.n) == (0.75, 40)
    assert (found.low, found.high) == (pytest.approx(centre - half), pytest.approx(centre + half))


def test_nothing_is_said_where_nothing_was_preferred():
    assert OnceShown().preferred_first.value is None and OnceShown().preferred_first.undefined
    none = BothShown(ties=4)
    assert none.preferred_first.value is None and none.flipped.value is None and none.flipped.undefined


def test_of_both_orders_each_item_gives_two_answers_one_for_each_place_unless_it_flips():
    found = BothShown(first_candidate=40, second_candidate=30, always_first=25, always_second=5)
    # 70 items have one answer for the first place of their two, 25 have two, 5 none: (70 + 50) of 200.
    assert found.preferred_first.value == pytest.approx(0.6)
    assert (found.flipped.value, found.flipped.n, found.decided) == (0.3, 100, 100)
    assert found.preferred_first.low > 0.5


def test_who_always_prefers_the_first_shown_does_so_and_flips_each_time():
    found = BothShown(always_first=50)
    assert (found.preferred_first.value, found.preferred_first.high, found.flipped.value) == (1.0, 1.0, 1.0)
    assert found.preferred_first.low > 0.9


@given(*[st.integers(0, 60)] * 4)
def test_turning_all_around_turns_the_share_around(one, other, first, second):
    found, turned = BothShown(one, other, first, second), BothShown(one, other, second, first)
    if not found.decided:
        return
    assert found.preferred_first.value == pytest.approx(1 - turned.preferred_first.value)
    assert 0 <= found.preferred_first.low <= found.preferred_first.value <= found.preferred_first.high <= 1
    assert found.preferred_first.low == pytest.approx(1 - turned.preferred_first.high)
    assert found.flipped == turned.flipped
