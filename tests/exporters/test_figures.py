"""Figures as text."""

import pytest

from core.exporters.figures import basis, number, percent, with_interval
from core.model import Estimate


@pytest.mark.parametrize(
    ("value", "plainly", "signed"),
    [
        (0.764, ".76", "+.76"),
        (-0.02, "−.02", "−.02"),
        (-0.004, ".00", ".00"),
        (0.0, ".00", ".00"),
        (0.996, "1.00", "+1.00"),
        (-1.0, "−1.00", "−1.00"),
        (None, "–", "–"),
    ],
)
def test_a_figure_has_two_digits_a_real_minus_and_no_sign_where_it_is_nothing(
    value: float | None, plainly: str, signed: str
) -> None:
    assert number(value) == plainly
    assert number(value, signed=True) == signed


def test_a_figure_is_said_with_its_interval() -> None:
    assert with_interval(Estimate(0.08, 103, -0.02, 0.18), signed=True) == "+.08 [−.02, +.18]"
    assert with_interval(Estimate(None, 0, undefined="nothing to compare")) == "undefined"


def test_a_figure_without_an_interval_says_so_and_a_rough_one_too() -> None:
    assert with_interval(Estimate(-0.001, 9)) == ".00, no interval"
    assert with_interval(Estimate(0.45, 9, 0.2, 0.81, rough="few items")) == ".45 [.20, .81] rough"


def test_what_a_figure_rests_on_ends_with_how_far_it_is_to_be_trusted() -> None:
    assert basis(Estimate(0.45, 9, 0.2, 0.81, "Wilson")) == "n = 9, 95 % interval: Wilson"
    rough = Estimate(0.45, 9, 0.2, 0.81, "Wilson", rough="its one label has fewer than 10 items")
    assert basis(rough) == "n = 9, 95 % interval: Wilson; rough: its one label has fewer than 10 items"
    assert basis(Estimate(None, 0, undefined="nothing to compare")) == "undefined: nothing to compare"


def test_a_share_is_said_in_whole_per_cent_with_a_space() -> None:
    assert percent(0.534) == "53 %"
