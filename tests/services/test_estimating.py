"""What runs will come to: ranges by hand, from measured calls and by rule of thumb."""

from math import sqrt

import pytest

from core.model import Message, Price
from core.services.asking.estimating import Amount, Pace, is_as_long, measured, rough, total_of
from core.storage.run_figures import Call

PRICE = Price(input=1.0, output=10.0, cached_input=0.1, batch_factor=0.5)
ALIKE = [Call(100, 0, 10, 0.5)] * 8
PACE = Pace(latency=0.5, calls=20, seconds=5.0)


def test_the_range_of_a_total_is_the_prediction_interval_of_students_t() -> None:
    # 90 and 110 five times each: mean 100, variance 1000 / 9, t(9) = 2.2622 from the tables.
    # 40 more: 4000 ± 2.2622 * sqrt(1000 / 9) * sqrt(40² / 10 + 40) = 4000 ± 337.2.
    total = total_of([90.0, 110.0] * 5, 40)
    half = 2.2622 * sqrt(1000 / 9) * sqrt(40**2 / 10 + 40)
    assert total.value == pytest.approx(4000)
    assert total.high - total.value == pytest.approx(half, rel=0.005)
    assert total.value - total.low == pytest.approx(half, rel=0.005)


def test_students_t_agrees_with_the_tables_from_seven_degrees_of_freedom_on() -> None:
    # Values 0 and 2 alternately have a spread of sqrt(n / (n - 1)); one more draw has half width t s sqrt(1 + 1 / n).
    for n, t in ((8, 2.3646), (20, 2.0930), (200, 1.9720)):
        total = total_of([0.0, 2.0] * (n // 2), 1)
        assert total.high - total.value == pytest.approx(t * sqrt(n / (n - 1)) * sqrt(1 + 1 / n), rel=0.005)


def test_where_lengths_are_known_the_total_is_that_of_the_regression_on_them() -> None:
    # Lengths 0 to 30 and values 10, 14, 16, 20, twice: Sxx 1000, slope 320 / 1000, residuals -.2 .6 -.6 .2, so that the
    # sum of their squares is 1.6 over 6 degrees of freedom. At length 25: 15 + 0.32 * 10 = 18.2. t(6) = 2.4469.
    # The residuals are larger in the middle, so that the usual variance of the line is the larger one.
    lengths, values = [0.0, 10.0, 20.0, 30.0] * 2, [10.0, 14.0, 16.0, 20.0] * 2
    total = total_of(values, 100, lengths, coming_length=25.0)
    half = 2.4469 * sqrt(1.6 / 6) * sqrt(100**2 * (1 / 8 + 10**2 / 1000) + 100)
    assert total.value == pytest.approx(1820)
    assert total.high - total.value == total.value - total.low == pytest.approx(half, rel=0.005)


def test_where_longer_texts_vary_more_the_range_is_wider_for_it() -> None:
    # At lengths 0 and 30, where nothing varies, and at 90, where values are 75 and 105, to come at 90:
    # the mean is 40, Sxx 2 (40² + 10² + 50²) = 8400, the line goes through 0, 30 and 90; residuals -15 and 15 at 90.
    # Leverage of 90 is 1/6 + 2500/8400 = 0.4643, and its weight the same: 2 (0.4643 * 15 / 0.5357)² = 338.
    total = total_of([0.0, 0.0, 30.0, 30.0, 75.0, 105.0], 100, [0.0, 0.0, 30.0, 30.0, 90.0, 90.0], coming_length=90.0)
    half = 2.7764 * sqrt(100**2 * 2 * (0.464286 * 15 / 0.535714) ** 2 + 100 * 450 / 4)
    assert total.value == pytest.approx(9000)
    assert total.high - total.value == pytest.approx(half, rel=0.01)


def test_lengths_that_are_all_the_same_tell_nothing() -> None:
    values = [90.0, 110.0] * 5
    assert total_of(values, 40, [7.0] * 10, coming_length=7.0) == total_of(values, 40)


def test_calls_that_are_all_alike_leave_no_doubt() -> None:
    # 100 tokens in at $1 and 10 out at $10 a million are $0.0002 a call.
    expected = measured(1000, ALIKE, PRICE, batch=False)
    assert expected is not None and expected.measured == 8
    assert expected.tokens == Amount(110_000, 110_000, 110_000)
    assert expected.dollars is not None
    assert expected.dollars.value == expected.dollars.high == pytest.approx(0.2)


def test_cached_tokens_and_batches_cost_their_own_price() -> None:
    # 20 fresh at 1, 80 cached at 0.1, 10 out at 10: 20 + 8 + 100 = 128 millionths; a batch costs half.
    calls = [Call(100, 80, 10, 0.5)] * 8
    single, batch = (measured(1_000_000, calls, PRICE, batch=batch) for batch in (False, True))
    assert single is not None and single.dollars is not None and single.dollars.value == pytest.approx(128)
    assert batch is not None and batch.dollars is not None and batch.dollars.value == pytest.approx(64)


def test_too_few_measured_calls_measure_nothing() -> None:
    assert measured(10, ALIKE[:7], PRICE, batch=False) is None
    assert measured(10, [Call(None, None, None, 0.5)] * 50, PRICE, batch=False) is None


def test_an_unknown_price_stays_unknown() -> None:
    expected = measured(10, ALIKE, None, batch=False)
    assert expected is not None and expected.dollars is None
    only_input = measured(10, ALIKE, Price(input=1.0), batch=False)
    assert only_input is not None and only_input.dollars is None
    guessed = rough(10, [[Message("user", "a" * 400)]], {"price": None}, batch=False)
    assert guessed.dollars is None and guessed.tokens.value > 0


def test_nothing_to_call_comes_to_nothing() -> None:
    expected = measured(0, ALIKE, PRICE, batch=False, pace=PACE)
    assert expected is not None
    assert (expected.tokens.value, expected.dollars, expected.seconds) == (0, Amount(0, 0, 0), Amount(0, 0, 0))


def test_the_rule_of_thumb_counts_four_characters_a_token_within_a_wide_range() -> None:
    # 400 characters: 100 tokens (73 to 200), 4 for the message, 12 for the answer (5 to 60); twice.
    guessed = rough(2, [[Message("user", "a" * 400)]], {"price": None}, batch=False)
    assert guessed.measured == 0 and guessed.seconds is None
    assert guessed.tokens.value == pytest.approx(2 * (100 + 4 + 12))
    assert guessed.tokens.low == pytest.approx(2 * (400 / 5.5 + 4 + 5))
    assert guessed.tokens.high == pytest.approx(2 * (200 + 4 + 60))


def test_reasoning_and_a_bound_on_answers_change_the_guess() -> None:
    messages = [[Message("user", "a" * 400)]]
    thinks = rough(1, messages, {"price": None, "reasoning_effort": "high"}, batch=False)
    bound = rough(1, messages, {"price": None, "reasoning_effort": "high", "answer_tokens": 50}, batch=False)
    assert thinks.tokens.high == pytest.approx(200 + 4 + 3000)
    assert bound.tokens.high == pytest.approx(200 + 4 + 50)


def test_a_short_run_was_still_gathering_speed() -> None:
    # 20 calls in 5 s are 4 a second: 400 take 100 s at that rate; at 200 in flight two rounds of half a second.
    time = Pace(latency=0.5, calls=20, seconds=5.0, in_flight=200).time_for(400, 100)
    assert (time.low, time.high) == pytest.approx((1.0, 100.0))
    assert time.value == pytest.approx(10.0)


def test_a_long_run_has_found_its_pace() -> None:
    time = Pace(latency=0.5, calls=1000, seconds=50.0).time_for(400, 100)
    assert (time.value, time.low, time.high) == pytest.approx((20.0, 20 / 1.33, 20 * 1.33))


def test_limits_a_minute_are_never_beaten() -> None:
    requests = Pace(0.5, 1000, 50.0, requests_per_minute=100).time_for(400, 100)
    tokens = Pace(0.5, 1000, 50.0, tokens_per_minute=10_000).time_for(400, 100)
    assert requests.low == requests.value == pytest.approx(240)
    assert tokens.low == tokens.value == pytest.approx(240)


def test_an_answer_that_is_a_text_is_guessed_as_long_as_texts_are_and_any_other_short() -> None:
    # 400 characters: 0.5 * 400 / 5.5 = 36.4, 400 / 4 = 100 and 2 * 400 / 2 = 400 tokens an answer.
    asked = [[Message("user", "")]]
    text, label = (rough(10, asked, {"price": None}, batch=False, characters=one) for one in (400.0, None))
    assert text.tokens.value - label.tokens.value == pytest.approx(10 * (100 - 12))
    assert text.tokens.high - label.tokens.high == pytest.approx(10 * (400 - 60))
    capped = rough(10, asked, {"answer_tokens": 50}, batch=False, characters=400.0)
    assert capped.tokens.value == pytest.approx(10 * (50 + 4))
    thinking = rough(10, asked, {"reasoning_effort": "high"}, batch=False, characters=400.0)
    assert thinking.tokens.value == pytest.approx(10 * (400 + 100 + 4)), "what is thought comes before it"


@pytest.mark.parametrize(
    ("config", "is_long"),
    [
        ({"task_type": "text"}, True),
        ({"task_type": "spans"}, True),
        ({"task_type": "spans", "options": {"answers": "quotes"}}, False),
        ({"task_type": "several_labels"}, False),
        ({}, False),
    ],
)
def test_texts_and_tagged_copies_are_as_long_as_what_they_are_about(config, is_long: bool) -> None:
    assert is_as_long(config) is is_long
