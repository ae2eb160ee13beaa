"""Figures as text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exporters.figures import (
    basis,
    digits_of_difference,
    interval,
    number,
    p_value,
    percent,
    percent_interval,
    points,
    small,
    with_interval,
)
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
    assert (percent(0.0), percent(1.0)) == ("0 %", "100 %")


def test_a_share_of_something_is_never_0_and_a_share_of_less_than_all_never_100_per_cent() -> None:
    assert (percent(3 / 1000), percent(997 / 1000)) == ("< 1 %", "> 99 %")


@pytest.mark.parametrize("value", [0.575, 23 / 40, 1 - 17 / 40, 0.565 + 0.01])
def test_a_half_is_rounded_up_however_the_number_came_about_and_in_per_cent_alike(value: float) -> None:
    assert (number(value), number(-value, signed=True), percent(value)) == (".58", "−.58", "58 %")


SHARES = st.builds(lambda n, k: min(n, k) / max(n, k, 1), st.integers(0, 2000), st.integers(0, 2000))


@given(SHARES)
def test_a_figure_and_the_same_share_in_per_cent_have_the_same_digits(share: float) -> None:
    written = percent(share)
    if written[0] not in "<>":
        assert int(100 * Decimal(number(share))) == int(written.removesuffix(" %"))


@given(st.floats(-1, 1), st.integers(1, 4))
def test_what_is_written_is_the_nearest_number_of_so_many_digits_and_never_a_negative_nothing(
    value: float, digits: int
) -> None:
    written = number(value, signed=True, digits=digits)
    assert abs(Decimal(written.replace("−", "-")) - Decimal(value)) <= Decimal(5).scaleb(-digits - 1) + Decimal("1e-11")
    assert written.lstrip("−+").startswith((".", "1")) and (set(written) - set("−+.0") or written[0] == ".")


@given(SHARES, SHARES)
def test_a_difference_of_two_digits_is_that_of_the_two_figures_that_are_read_and_any_other_has_three(
    a: float, b: float
) -> None:
    digits = digits_of_difference(Estimate(a, 9), Estimate(b, 9), Estimate(b - a, 9))
    read = Decimal(number(b)) - Decimal(number(a))
    assert (digits == 2) == (read == Decimal(number(b - a).replace("−", "-")))
    assert digits in (2, 3)


def test_a_difference_that_two_digits_would_misstate_shows_a_third() -> None:
    def read(a: float, b: float) -> list[str]:
        three = Estimate(a, 9), Estimate(b, 9), Estimate(b - a, 9, 0.05, 0.2)
        return [number(a), number(b), with_interval(three[2], signed=True, digits=digits_of_difference(*three))]

    assert read(0.644, 0.761) == [".64", ".76", "+.12 [+.05, +.20]"]
    assert read(0.644, 0.757) == [".64", ".76", "+.113 [+.05, +.20]"]


def test_a_difference_of_what_is_undefined_has_no_third_digit() -> None:
    none = Estimate(None, 0, undefined="nothing to compare")
    assert digits_of_difference(none, Estimate(0.5, 4), none) == 2


def test_a_difference_of_shares_is_said_in_points_with_as_many_digits() -> None:
    assert [points(0.117), points(-0.01), points(0.113, 3), points(0.01, 3)] == [
        "12 points",
        "1 point",
        "11.3 points",
        "1.0 points",
    ]


def test_a_share_with_its_interval_is_in_per_cent_throughout() -> None:
    assert percent_interval(Estimate(0.804, 50, 0.715, 0.86)) == "80 % (72–86)"
    assert percent_interval(Estimate(0.804, 50)) == "80 %"


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.00002, "p < .0001"),
        (0.00021, "p = .00021"),
        (0.0123, "p = .012"),
        (0.04, "p = .04"),
        (0.0625, "p = .063"),
        (0.0949, "p = .095"),
        (0.0996, "p = .10"),
        (0.2005, "p = .20"),
        (0.75, "p = .75"),
        (1.0, "p = 1.00"),
    ],
)
def test_p_values_are_said_with_two_digits_that_count_and_never_as_0(p: float, said: str) -> None:
    assert p_value(p) == said
    assert small(0.0061) == ".0061"


def test_an_interval_is_in_brackets_and_nothing_where_there_is_none() -> None:
    assert interval(Estimate(0.5, 9, 0.4, 0.6)) == "[.40, .60]" and interval(Estimate(0.5, 9)) == ""
