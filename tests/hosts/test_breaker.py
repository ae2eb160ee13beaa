"""When nobody is there: nothing is asked but one probing call at a time."""

from math import inf

import pytest

from core.hosts.breaker import Breaker


def opened(at=100.0):
    breaker = Breaker(failures=3, first_wait=1.0, longest_wait=30.0)
    for _ in range(3):
        breaker.failed(at)
    return breaker


def test_it_opens_at_the_last_of_so_many_failures_in_a_row():
    breaker = Breaker(failures=3)
    breaker.failed(1.0)
    breaker.failed(2.0)
    assert (breaker.is_open, breaker.delay(2.0)) == (False, 0.0)
    breaker.failed(3.0)
    assert (breaker.is_open, breaker.delay(3.0)) == (True, 1.0)


def test_an_answer_in_between_keeps_it_closed():
    breaker = Breaker(failures=3)
    for _ in range(5):
        breaker.failed(1.0)
        breaker.failed(1.0)
        assert not breaker.answered()
    assert not breaker.is_open


def test_one_probing_call_is_let_through_and_no_other_while_it_is_on_its_way():
    breaker = opened(at=100.0)
    assert breaker.delay(100.4) == pytest.approx(0.6)
    assert breaker.delay(101.0) == 0.0
    assert breaker.started()
    assert breaker.delay(500.0) == inf


def test_failed_probes_come_ever_less_often_up_to_half_a_minute():
    breaker, now, waits = opened(at=0.0), 0.0, []
    for _ in range(7):
        waits.append(breaker.delay(now))
        now += waits[-1]
        breaker.started()
        breaker.failed(now, was_probe=True)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_calls_from_before_it_opened_do_not_put_the_probe_off():
    breaker = opened(at=100.0)
    for _ in range(50):
        breaker.failed(100.5)
    assert breaker.delay(100.5) == 0.5
    breaker.started()
    breaker.failed(101.0)
    assert breaker.delay(101.0) == inf


def test_the_first_answer_closes_it_and_says_so_once():
    breaker = opened()
    breaker.started()
    assert breaker.answered()
    assert (breaker.is_open, breaker.delay(100.0)) == (False, 0.0)
    assert not breaker.answered()
    breaker.failed(200.0)
    assert not breaker.is_open


def test_a_refusal_shows_that_the_host_is_back_though_nothing_is_answered_yet():
    breaker = opened(at=100.0)
    assert breaker.refused(130.0)
    assert not breaker.is_open
    assert breaker.failing_for(160.0) == 60.0


def test_it_counts_from_the_first_failure_that_no_answer_followed():
    breaker = Breaker(failures=3)
    assert breaker.failing_for(5.0) == 0.0
    breaker.failed(10.0)
    breaker.failed(12.0)
    assert breaker.failing_for(15.0) == 5.0
    breaker.answered()
    assert breaker.failing_for(16.0) == 0.0


def test_a_probe_that_says_nothing_about_the_host_may_be_sent_again_at_once():
    breaker = opened(at=100.0)
    breaker.started()
    breaker.given_up()
    assert breaker.delay(101.0) == 0.0
