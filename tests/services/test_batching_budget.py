import pytest

from core.model import Budget
from core.services.batching.load import Load, expected, over, spent_by
from core.storage.run_figures import Call
from core.storage.runs import Spent
from tests.fakes.runs_of import run_with

PRICE = {"input": 2.0, "output": 10.0, "batch_factor": 0.5}
PRICED = {"price": PRICE}


def test_before_the_first_answer_a_batch_is_expected_to_take_a_token_for_every_four_characters():
    # 4,000 bytes / 4 = 1,000 tokens asked, 10 × 20 answered; (1,000 × 2 + 200 × 10) / 1e6 × 0.5
    load = expected(10, 4000, run_with(config=PRICED))
    assert (load.calls, load.tokens) == (10, 1200) and load.dollars == pytest.approx(0.002)


def test_texts_are_expected_to_be_as_long_as_what_they_are_asked_with():
    assert expected(10, 4000, run_with(config=PRICED | {"task_type": "text"})).tokens == 1000 + 10 * 20 + 1000


def test_after_answers_it_is_expected_to_take_what_those_took():
    run = run_with(calls=4, prompt_tokens=400, completion_tokens=20, config=PRICED)
    load = expected(10, 999_999, run, [Call(9, 0, 9, 1.0)] * 8)
    assert load.tokens == 10 * (100 + 5) and load.dollars == pytest.approx((1000 * 2 + 50 * 10) / 1e6 * 0.5)


def test_before_its_own_answers_it_goes_by_those_of_a_probe_if_there_are_enough():
    probe = [Call(100, 0, 5, 1.0)] * 8
    assert expected(10, 999_999, run_with(config=PRICED), probe).tokens == 10 * (100 + 5)
    assert expected(10, 4000, run_with(config=PRICED), probe[:7]).tokens == 1200


def test_calls_that_told_no_tokens_say_nothing_of_what_the_next_will_take():
    assert expected(10, 4000, run_with(calls=9, config=PRICED), [Call(0, 0, 0, 1.0)] * 8).tokens == 1200


@pytest.mark.parametrize(("bound", "each"), [(None, 3000), (500, 500)])
def test_thinking_is_expected_at_its_longest(bound, each):
    run = run_with(config={"reasoning_effort": "high", "answer_tokens": bound})
    assert expected(10, 4000, run).tokens == 1000 + 10 * each


def test_loads_add_up_with_the_dollars_that_are_known():
    assert Load(1, 10, 0.5) + Load(2, 20, None) + Load() == Load(3, 30, 0.5)
    assert (Load(1, 10) + Load(2, 20)).dollars is None


def test_an_unknown_price_stays_unknown_and_counts_in_calls_and_tokens_alone():
    load = expected(10, 4000, run_with())
    assert load.dollars is None and over(Budget(dollars=0.0001), Load(0, 0, 0.0), load) == ""
    assert over(Budget(calls=9), Load(0, 0, 0.0), load) != ""


def test_what_was_spent_adds_up_over_the_grid_each_at_its_own_price():
    live = Spent(calls=1, prompt_tokens=1000, cached_tokens=0, completion_tokens=100, price=PRICE)
    batch = Spent(calls=2, prompt_tokens=1000, cached_tokens=0, completion_tokens=100, price=PRICE, is_batch=True)
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
