"""What failures say about the host and about the item."""

import pytest

from core.hosts.decide import Pause, Policy, Record, Retry, Stop, Wait
from core.hosts.wire import Failure
from core.model import ErrorKind
from core.services.labelling.host_health import HostHealth, is_away
from core.services.labelling.work import Work

LIMIT = Failure(ErrorKind.RATE_LIMIT, "slow down")
DOWN = Failure(ErrorKind.SERVER, "overloaded")
REFUSED = Failure(ErrorKind.CONNECTION, "cannot connect")


@pytest.fixture
def health():
    health = HostHealth(Policy(attempts=3, patient_attempts=4, breaker=6), "The host", "KEY")
    health.answered()
    return health


def work(item=1):
    return Work(item, None, b"")


def fail(health, one, failure=DOWN, now=0.0):
    health.started(one)
    return health.failed(one, failure, now)[0]


def test_an_item_is_given_up_after_its_attempts(health):
    one = work()
    decisions = []
    for _ in range(3):
        decisions.append(type(fail(health, one)))
        health.answered()
    assert decisions == [Retry, Retry, Record]
    assert one.tries == 3


def test_a_rate_limit_that_hits_one_item_while_others_are_answered_counts_against_it(health):
    one = work()
    decisions = []
    for _ in range(4):
        decisions.append(type(fail(health, one, LIMIT)))
        health.answered()
    assert decisions == [Retry, Retry, Retry, Record]


def test_a_rate_limit_that_hits_the_only_item_left_counts_against_it_too(health):
    one = work()
    assert [type(fail(health, one, LIMIT)) for _ in range(4)] == [Retry, Retry, Retry, Record]


def test_a_rate_limit_that_hits_all_says_nothing_about_any(health):
    items = [work(i) for i in range(5)]
    for _ in range(50):
        assert all(isinstance(fail(health, one, LIMIT), Retry) for one in items)
    assert {one.tries for one in items} == {50}
    assert max(one.attempt for one in items) <= 2


def test_while_the_host_is_away_no_attempt_counts_and_one_probe_at_a_time_is_sent(health):
    items = [work(i) for i in range(6)]
    decisions = [fail(health, one) for one in items]
    assert [type(decision) for decision in decisions] == [Retry] * 5 + [Wait]
    assert items[5].attempt == 1
    assert health.delay(0.0) == 1.0
    assert health.why(0.0) == "The host does not answer: trying again in 1 s"
    assert is_away(health.why(0.0))
    assert isinstance(fail(health, items[5], now=1.0), Wait)
    assert health.delay(1.0) == 2.0
    health.started(items[0])
    assert health.why(3.0) == "The host does not answer: trying again"
    assert is_away(health.why(3.0)) and not is_away("16 in flight, and growing")
    assert health.answered(), "it has come back"
    assert (health.why(3.0), health.delay(3.0)) == ("", 0.0)


def test_ten_minutes_away_pause_the_run(health):
    items = [work(i) for i in range(6)]
    for one in items:
        fail(health, one)
    assert isinstance(fail(health, items[0], now=599.0), Wait)
    assert isinstance(fail(health, items[0], now=600.0), Pause)


def test_a_rate_limit_shows_that_the_host_is_back(health):
    items = [work(i) for i in range(6)]
    for one in items:
        fail(health, one)
    health.started(items[0])
    _, came_back = health.failed(items[0], LIMIT, 1.0)
    assert came_back
    assert health.delay(1.0) == 0.0


def test_a_host_that_was_never_there_stops_the_run_soon():
    health = HostHealth(Policy(attempts=3, breaker=6), "The host", "KEY")
    decisions = [fail(health, work(i), REFUSED) for i in range(6)]
    assert [type(decision) for decision in decisions] == [Retry] * 5 + [Stop]


def test_a_probe_that_met_a_bug_of_ours_does_not_shut_the_host_out(health):
    items = [work(i) for i in range(6)]
    for one in items:
        fail(health, one)
    health.started(items[0])
    health.given_up(items[0])
    assert health.delay(5.0) == 0.0
