"""Rate limits as hosts announce them, each in its own way."""

import pytest

from core.hosts.rates import RateFacts, read_rates, seconds_until

NOW = 1_800_000_000.0
ISO = "2027-01-15T08:00:30+00:00"  # thirty seconds after NOW


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("20ms", 0.02),
        ("1m3s", 63.0),
        ("6m0.5s", 360.5),
        ("2h", 7200.0),
        ("1d2h", 93_600.0),
        ("17", 17.0),
        ("0", 0.0),
        ("12.5", 12.5),
        (str(NOW + 45), 45.0),
        (str(int((NOW + 45) * 1000)), 45.0),
        (str(NOW - 45), 0.0),
        (ISO, 30.0),
        ("2027-01-15T08:00:30Z", 30.0),
    ],
)
def test_a_reset_is_read_however_it_is_written(value, seconds):
    assert seconds_until(value, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize("value", ["", "soon", "1m3", "-5", "nan", "inf", "2027-01-15T08:00:30", "5 s", "3x"])
def test_what_is_no_time_is_nothing(value):
    assert seconds_until(value, NOW) is None


def test_the_headers_of_openai():
    headers = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-tokens": "199000",
        "x-ratelimit-reset-tokens": "300ms",
    }
    assert read_rates(headers, NOW) == RateFacts(500, 499, 0.12, 200_000, 199_000, 0.3)


@pytest.mark.parametrize(
    ("headers", "facts"),
    [
        (
            {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int((NOW + 9) * 1000))},
            RateFacts(20, 0, 9.0),
        ),
        ({"ratelimit-limit": "60", "ratelimit-remaining": "7", "ratelimit-reset": "30"}, RateFacts(60, 7, 30.0)),
        (
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": ISO,
                "anthropic-ratelimit-tokens-remaining": "1000",
            },
            RateFacts(50, 49, 30.0, None, 1000, None),
        ),
        ({"x-ratelimit-remaining-tokens": "0.0"}, RateFacts(remaining_tokens=0)),
    ],
    ids=["in milliseconds", "as drafted by the IETF", "of Anthropic", "tokens alone"],
)
def test_the_headers_of_others(headers, facts):
    assert read_rates(headers, NOW) == facts


@pytest.mark.parametrize(
    "headers",
    [{}, {"content-type": "application/json"}, {"x-ratelimit-remaining": "many"}, {"x-ratelimit-remaining": "-1"}],
)
def test_headers_that_say_nothing_are_nothing(headers):
    assert read_rates(headers, NOW) is None


def test_one_header_that_cannot_be_read_does_not_spoil_the_others():
    headers = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "?", "x-ratelimit-limit-tokens": ""}
    assert read_rates(headers, NOW) == RateFacts(remaining_requests=3)
