"""What limit headers let be asked, in numbers."""

import pytest

from core.hosts.announced import Announced


def told(budget, used, *, limit=100, rate=50.0, until=None, now=0.0):
    """An answer to a call begun now: a bucket's reset is when it is full, a window's its end."""
    budget.heed(now, now, limit, limit - used, used / rate if until is None else until - now, 0)


def test_nothing_is_waited_for_before_the_host_says_anything():
    assert Announced().wait(5.0, 1.0) == 0.0


def test_what_was_spent_since_is_not_left_any_more():
    budget = Announced()
    budget.heed(1.0, 1.1, 100, 3, 10.0, 2)
    assert budget.wait(1.1, 1.0) == 0.0
    budget.spend(1.0)
    assert budget.wait(1.1, 1.0) == pytest.approx(9.9)


def test_a_bucket_is_known_by_its_reset_that_moves_on_with_every_call():
    budget = Announced()
    for n in range(1, 101):
        told(budget, n, now=n / 1000)
    assert budget.rate == pytest.approx(50.0)
    assert budget.wait(0.1, 1.0) == pytest.approx(0.02)


def test_so_is_one_that_holds_a_single_call():
    budget = Announced()
    for n in range(1, 11):
        told(budget, 1, limit=1, now=n * 0.02)
    assert budget.rate == pytest.approx(50.0)


def test_resets_in_whole_seconds_make_no_window_of_a_bucket():
    budget = Announced()
    for n in range(1, 101):
        budget.heed(n / 1000, n / 1000, 500, 500 - n, float(-(-n // 8)), 0)
    assert 7.0 <= budget.rate <= 8.8


def test_a_window_is_waited_for_and_one_call_is_sent_ahead():
    budget = Announced()
    for n in range(1, 101):
        told(budget, n, until=10.0, now=n / 1000)
    assert budget.rate == 0.0
    assert budget.wait(0.1, 1.0) == pytest.approx(9.9)
    assert budget.wait(10.0, 1.0) == 0.0
    budget.spend(1.0)
    assert budget.wait(10.0, 1.0) > 0.0
    told(budget, 1, until=20.0, now=10.0)
    assert budget.wait(10.1, 1.0) == 0.0


def test_a_host_that_falls_silent_is_not_waited_for():
    budget = Announced()
    told(budget, 100, until=10.0)
    budget.forget()
    assert budget.wait(0.1, 1.0) == 0.0


def test_an_answer_that_came_late_says_nothing_about_what_is_left_now():
    budget = Announced()
    told(budget, 100, until=10.0, now=1.0)
    told(budget, 5, until=10.0, now=0.5)
    assert budget.wait(1.0, 1.0) == pytest.approx(9.0)
