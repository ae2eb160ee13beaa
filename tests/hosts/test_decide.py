"""What is done after a failed call; pure, so every number here is worked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.decide import Pause, Policy, Record, Retry, Situation, Stop, Wait, decide
from core.hosts.wire import Failure
from core.model import ErrorKind

POLICY = Policy()
TRANSIENT = [
    ErrorKind.RATE_LIMIT,
    ErrorKind.SERVER,
    ErrorKind.TIMEOUT,
    ErrorKind.CONNECTION,
    ErrorKind.MALFORMED,
]


def situation(attempt=1, in_a_row=1, successes=5, jitter=1.0, **facts):
    return Situation(attempt, in_a_row, successes, jitter, "The host", "THE_KEY", **facts)


def after(kind, retry_after=None, **facts):
    return decide(Failure(kind, "what it said", retry_after=retry_after), situation(**facts), POLICY)


@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_failure_in_passing_is_tried_again(kind):
    assert after(kind) == Retry(0.5)


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0)],
)
def test_the_wait_doubles_with_every_attempt(attempt, seconds):
    assert after(ErrorKind.SERVER, attempt=attempt) == Retry(seconds)


def test_the_wait_is_shortened_by_up_to_half_so_that_calls_spread():
    assert after(ErrorKind.SERVER, attempt=3, jitter=0.0) == Retry(1.0)


def test_the_wait_never_grows_beyond_the_longest():
    # 0.5 * 2^10 = 512 seconds, cut to 20.
    assert after(ErrorKind.RATE_LIMIT, attempt=11) == Retry(20.0)


def test_a_refused_item_waits_as_long_as_the_host_says_and_no_longer():
    assert after(ErrorKind.RATE_LIMIT, retry_after=7.0) == Retry(7.0)
    assert after(ErrorKind.RATE_LIMIT, retry_after=0.1) == Retry(0.1)
    assert after(ErrorKind.RATE_LIMIT, retry_after=1.0, attempt=8) == Retry(1.0)


def test_a_host_that_says_at_once_is_not_hammered():
    # 0.05 seconds more with each time, its jitter at the full.
    assert after(ErrorKind.RATE_LIMIT, retry_after=0.0) == Retry(0.05)
    assert after(ErrorKind.RATE_LIMIT, retry_after=0.0, attempt=4) == Retry(0.2)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(121.0, "2 minutes"), (180.0, "3 minutes"), (3600.0, "1 hour"), (86_400.0, "24 hours")],
)
def test_a_host_that_asks_for_more_than_two_minutes_pauses_the_run_until_then(seconds, said):
    assert after(ErrorKind.RATE_LIMIT, retry_after=120.0) == Retry(120.0)
    assert after(ErrorKind.RATE_LIMIT, retry_after=seconds) == Pause(f"The host asks us to wait {said}.", seconds)


def test_a_server_in_maintenance_may_ask_for_the_same():
    assert after(ErrorKind.SERVER, retry_after=3600.0, attempt=5).seconds == 3600.0


def test_the_wait_counts_what_was_really_sent_where_attempts_were_excused():
    # The fourth time it is sent: 0.5 * 2^3.
    assert after(ErrorKind.RATE_LIMIT, attempt=1, tries=4) == Retry(4.0)
    assert after(ErrorKind.RATE_LIMIT, attempt=1, tries=5000) == Retry(20.0)


@pytest.mark.parametrize("kind", [ErrorKind.SERVER, ErrorKind.TIMEOUT, ErrorKind.MALFORMED])
def test_an_item_is_given_up_after_its_fifth_attempt(kind):
    assert isinstance(after(kind, attempt=4), Retry)
    assert after(kind, attempt=5) == Record()


def test_a_rate_limit_is_borne_with_for_twelve_attempts():
    assert isinstance(after(ErrorKind.RATE_LIMIT, attempt=11), Retry)
    assert after(ErrorKind.RATE_LIMIT, attempt=12) == Record()


def test_a_refused_request_is_recorded_at_once():
    assert after(ErrorKind.BAD_REQUEST) == Record()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (ErrorKind.AUTHENTICATION, "The host refused the key (what it said). Check THE_KEY, then resume."),
        (ErrorKind.QUOTA, "The host says the account has no credit left (what it said). Top it up, then resume."),
        (
            ErrorKind.NOT_FOUND,
            "The host does not know what was asked for (what it said). Choose another model or check its address.",
        ),
    ],
)
def test_what_cannot_pass_stops_the_run_with_a_sentence(kind, said):
    assert after(kind) == Stop(said)


def test_a_key_that_was_never_sent_is_not_said_to_be_refused():
    wanted = ("The host asks for a key, and THE_KEY is not set", "Set it.")
    said = "The host asks for a key, and THE_KEY is not set (what it said). Set it. Then resume."
    assert after(ErrorKind.AUTHENTICATION, key_wanted=wanted) == Stop(said)


@pytest.mark.parametrize("kind", [ErrorKind.SERVER, ErrorKind.TIMEOUT, ErrorKind.CONNECTION])
def test_while_the_host_is_away_items_wait_without_losing_an_attempt(kind):
    assert after(kind, attempt=5, in_a_row=200, is_open=True) == Wait()


def test_a_host_that_answers_at_all_is_not_away():
    assert isinstance(after(ErrorKind.RATE_LIMIT, in_a_row=500, is_open=True), Retry)
    assert after(ErrorKind.MALFORMED, attempt=5, in_a_row=500, is_open=True) == Record()


def test_ten_minutes_without_an_answer_pause_the_run_until_the_user_resumes_it():
    assert after(ErrorKind.SERVER, is_open=True, failing_for=599.0) == Wait()
    assert after(ErrorKind.SERVER, is_open=True, failing_for=600.0) == Pause(
        "The host has not answered for 10 minutes (what it said). Nothing is lost: resume when it is back."
    )


def test_ten_minutes_of_nothing_but_rate_limits_pause_it_as_well():
    assert isinstance(after(ErrorKind.RATE_LIMIT, failing_for=599.0), Retry)
    assert isinstance(after(ErrorKind.RATE_LIMIT, failing_for=600.0), Pause)


def test_one_item_that_fails_for_long_while_the_breaker_is_closed_is_no_outage():
    assert after(ErrorKind.SERVER, attempt=5, failing_for=700.0) == Record()


@pytest.mark.parametrize("facts", [{"attempt": 5, "in_a_row": 5}, {"attempt": 1, "in_a_row": 20}])
def test_a_host_nobody_ever_reached_stops_the_run_soon(facts):
    assert after(ErrorKind.CONNECTION, successes=0, **facts) == Stop(
        "The host cannot be reached (what it said). Start it or check its address, then resume."
    )
    assert not isinstance(after(ErrorKind.CONNECTION, successes=1, **facts), Stop)


def test_a_host_that_refuses_the_first_ten_requests_refuses_everything():
    assert after(ErrorKind.BAD_REQUEST, in_a_row=9, successes=0) == Record()
    assert isinstance(after(ErrorKind.BAD_REQUEST, in_a_row=10, successes=0), Stop)
    assert after(ErrorKind.BAD_REQUEST, in_a_row=10, successes=1) == Record()


@given(
    st.sampled_from(list(ErrorKind)),
    st.none() | st.floats(0, 1e9),
    st.integers(1, 50),
    st.integers(1, 10_000),
    st.integers(0, 10_000),
    st.floats(0, 1),
    st.booleans(),
    st.floats(0, 1e5),
)
def test_every_failure_gets_a_decision_and_no_item_is_tried_for_ever(
    kind, retry_after, attempt, in_a_row, successes, jitter, is_open, failing_for
):
    decision = after(
        kind,
        retry_after=retry_after,
        attempt=attempt,
        in_a_row=in_a_row,
        successes=successes,
        jitter=jitter,
        is_open=is_open,
        failing_for=failing_for,
    )
    if isinstance(decision, Retry):
        assert attempt < POLICY.patient_attempts
        assert POLICY.least_wait / 2 <= decision.seconds <= POLICY.longest_retry_after
    if isinstance(decision, Wait):
        assert is_open
        assert failing_for < POLICY.outage_seconds
    if isinstance(decision, Stop | Pause):
        assert decision.message.endswith(".")
