"""Whether one more call fits under a cap; pure, so every sum here is worked by hand."""

from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from core.model import Budget, Price, Run, RunStatus
from core.services.labelling.purses import Purses, money
from core.storage.runs import Spent

PRICE = Price(input=1000.0, output=2000.0)  # a tenth of a cent for a prompt token, two tenths for one of the answer


def run(run_id=1, grid_id=None, price=PRICE, before=(0, 0), **caps):
    """A run with these caps that has made `before` calls with so many prompt tokens."""
    config = {"budget": asdict(Budget(**caps)), "price": None if price is None else asdict(price)}
    when = datetime(2026, 11, 21, tzinfo=UTC)
    return Run(
        id=run_id, project_id=1, annotator_id=1, status=RunStatus.RUNNING, total=100, done=0, errors=0, created_at=when,
        config=config, grid_id=grid_id, calls=before[0], prompt_tokens=before[1],
    )  # fmt: skip


def started(purse, n):
    """How many of `n` calls the purse lets go."""
    for sent in range(n):
        if not purse.allows_one_more():
            return sent
        purse.started()
    return n


def test_without_a_cap_everything_is_allowed():
    purse = Purses().opened(run())
    assert not purse.is_bounded
    assert started(purse, 1000) == 1000


def test_a_cap_on_calls_is_kept_to_the_call():
    purse = Purses().opened(run(before=(7, 70), calls=10))
    assert started(purse, 100) == 3
    purse.spared()
    assert purse.allows_one_more()
    purse.started()
    for _ in range(3):
        purse.paid(1, 0, 1)
    assert not purse.allows_one_more()
    assert purse.sentence() == (
        "The cap of 10 calls is reached: 10 calls so far. Raise it to continue; what was labelled is kept."
    )


def test_a_cap_on_tokens_reckons_with_what_a_call_took_so_far():
    purse = Purses().opened(run(tokens=1000))
    assert started(purse, 4) == 4, "nothing is known yet"
    for _ in range(4):
        purse.paid(80, 0, 20)
    # 400 spent, 100 a call: six more fit.
    assert started(purse, 100) == 6
    assert "1,000 tokens is reached: 400 tokens" in purse.sentence()


def test_a_cap_on_dollars_uses_the_frozen_price():
    purse = Purses().opened(run(dollars=1.0))
    started(purse, 2)
    for _ in range(2):
        purse.paid(80, 0, 10)  # 0.08 + 0.02 dollars
    assert started(purse, 100) == 8
    for _ in range(8):
        purse.paid(80, 0, 10)
    assert purse.sentence().startswith("The cap of $1.00 is reached: $1.00 so far.")


def test_where_the_price_is_unknown_dollars_are_not_counted():
    purse = Purses().opened(run(dollars=0.01, price=None))
    started(purse, 1)
    purse.paid(10**6, 0, 10**6)
    assert purse.allows_one_more()


@pytest.mark.parametrize("caps", [{"tokens": 1000}, {"dollars": 1.0}])
def test_a_host_that_counts_no_tokens_is_not_asked_on_under_a_cap_that_needs_them(caps):
    purse = Purses().opened(run(**caps))
    assert started(purse, 5) == 5
    for _ in range(4):
        purse.paid(0, 0, 0)
    assert purse.allows_one_more(), "a few may forget to say"
    purse.paid(0, 0, 0)
    assert not purse.allows_one_more()
    assert "does not say how many tokens" in purse.sentence()


@pytest.mark.parametrize(
    ("caps", "price"),
    [({"calls": 1000}, PRICE), ({"dollars": 1.0}, Price(0.0, 0.0)), ({"dollars": 1.0}, None), ({}, PRICE)],
)
def test_a_cap_that_needs_no_tokens_does_not_ask_for_them(caps, price):
    purse = Purses().opened(run(price=price, **caps))
    assert started(purse, 50) == 50
    for _ in range(50):
        purse.paid(0, 0, 0)
    assert purse.allows_one_more()


def test_calls_that_were_hung_up_on_hold_up_nobody():
    purses = Purses()
    here = purses.opened(run(1, grid_id=1, calls=10))
    cut_off = purses.opened(run(2, grid_id=1, calls=10))
    started(cut_off, 10)
    assert not here.allows_one_more()
    purses.close(cut_off)
    assert here.allows_one_more()


def test_what_a_run_spent_before_counts():
    purse = Purses().opened(run(before=(9, 900), tokens=1000))
    assert started(purse, 10) == 1


def test_runs_of_one_worker_started_together_share_a_cap_to_the_call():
    purses = Purses()
    first = purses.opened(run(1, grid_id=1, calls=10))
    second = purses.opened(run(2, grid_id=1, calls=10))
    alone = purses.opened(run(3, calls=10))
    assert started(first, 6) == 6
    assert started(second, 100) == 4
    assert second.in_flight_together == 10
    assert started(alone, 100) == 10
    second.spared()
    assert first.allows_one_more()


def test_what_others_have_stored_counts_once():
    purses = Purses()
    here = purses.opened(run(1, grid_id=1, calls=10))
    beside = purses.opened(run(2, grid_id=1, calls=10))
    started(beside, 1)
    beside.paid(1, 0, 1)
    elsewhere = Spent(5, 50, 0, 5, run_id=3)
    here.others_have([Spent(1, 1, 0, 1, run_id=2), elsewhere])
    assert started(here, 100) == 4


def test_a_run_that_has_ended_counts_as_it_is_stored():
    purses = Purses()
    here = purses.opened(run(1, grid_id=1, calls=10))
    ended = purses.opened(run(2, grid_id=1, calls=10))
    started(ended, 3)
    for _ in range(3):
        ended.paid(1, 0, 1)
    purses.close(ended)
    assert started(here, 2) == 2, "until it is read again, as it was last known"
    here.others_have([Spent(6, 6, 0, 6, run_id=2)])
    assert started(here, 100) == 2


def test_what_a_run_paid_for_last_counts_though_what_was_read_of_it_is_older():
    purses = Purses()
    here = purses.opened(run(1, grid_id=1, calls=10))
    ended = purses.opened(run(2, grid_id=1, calls=10))
    started(ended, 6)
    for _ in range(6):
        ended.paid(1, 0, 1)
    purses.close(ended)
    here.others_have([Spent(1, 1, 0, 1, run_id=2)])  # read before the last five were stored
    assert started(here, 100) == 4


def test_that_one_has_read_of_a_run_that_ended_lets_no_other_forget_it():
    purses = Purses()
    here, beside, ended = (purses.opened(run(i, grid_id=1, calls=10)) for i in (1, 2, 3))
    started(ended, 6)
    for _ in range(6):
        ended.paid(1, 0, 1)
    purses.close(ended)
    here.others_have([Spent(6, 6, 0, 6, run_id=3)])
    assert started(beside, 100) == 4
    assert not here.allows_one_more()


@pytest.mark.parametrize(
    ("dollars", "said"),
    [(0.0, "$0.00"), (0.31, "$0.31"), (1234.5, "$1,234.50"), (0.0042, "$0.0042"), (0.012345, "$0.012")],
)
def test_small_amounts_keep_two_digits_that_say_something(dollars, said):
    assert money(dollars) == said
