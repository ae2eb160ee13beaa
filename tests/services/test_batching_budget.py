import pytest

from core.model import Budget, Price
from core.services.batching_budget import Load, expected, over, spent_by
from core.storage.runs import Spent
from tests.fakes.runs_of import run_with

PRICE = Price(input=2.0, output=10.0, batch_factor=0.5)


def test_before_the_first_answer_a_batch_is_expected_to_take_a_token_for_every_four_characters():
    # 4,000 bytes / 4 = 1,000 tokens asked, 10 × 20 answered; (1,000 × 2 + 200 × 10) / 1e6 × 0.5
    load = expected(10, 4000, run_with(), PRICE)
    assert (load.calls, load.tokens) == (10, 1200) and load.dollars == pytest.approx(0.002)


def test_after_answers_it_is_expected_to_take_what_those_took():
    run = run_with(calls=4, prompt_tokens=400, completion_tokens=20)
    load = expected(10, 999_999, run, PRICE)
    assert load.tokens == 10 * (100 + 5) and load.dollars == pytest.approx((1000 * 2 + 50 * 10) / 1e6 * 0.5)


def test_an_unknown_price_stays_unknown_and_counts_in_calls_and_tokens_alone():
    load = expected(10, 4000, run_with(), None)
    assert load.dollars is None and over(Budget(dollars=0.0001), Load(0, 0, 0.0), load) == ""
    assert over(Budget(calls=9), Load(0, 0, 0.0), load) != ""


def test_what_was_spent_adds_up_over_the_grid_each_at_its_own_price():
    price = {"input": 2.0, "output": 10.0, "batch_factor": 0.5}
    live = Spent(calls=1, prompt_tokens=1000, cached_tokens=0, completion_tokens=100, price=price)
    batch = Spent(calls=2, prompt_tokens=1000, cached_tokens=0, completion_tokens=100, price=price, is_batch=True)
    load = spent_by([live, batch])
    assert (load.calls, load.tokens) == (3, 2200) and load.dollars == pytest.approx(0.003 + 0.0015)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(calls=12), ["10 calls", "cap is 12 calls", "5 spent"]),
        (Budget(tokens=1300), ["1,200 tokens", "cap is 1,300 tokens", "500 spent"]),
        (Budget(dollars=0.5), ["$0.40", "cap is $0.50", "$0.20 spent"]),
        (Budget(), []),
        (Budget(calls=15, tokens=1700, dollars=0.61), []),
    ],
)
def test_a_batch_that_does_not_fit_is_told_with_what_it_would_take_and_what_is_gone(budget, words):
    said = over(budget, Load(5, 500, 0.2), Load(10, 1200, 0.4))
    assert bool(said) == bool(words) and all(word in said for word in words)
