"""What calls cost, by hand; and under which names a price is looked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.prices import FREE, SHIPPED, base_of, cost, spellings
from core.hosts.profiles import PROFILES
from core.model import Price

PRICE = Price(input=2.0, output=8.0, cached_input=0.5, batch_factor=0.5)
MILLION = 1_000_000


def dollars(price, prompt=0, cached=0, completion=0, batch=False):
    return cost(price, prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion, batch=batch)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ((MILLION, 0, 0), 2.0),
        ((0, 0, MILLION), 8.0),
        ((MILLION, MILLION, 0), 0.5),
        ((1_000, 400, 100), 0.0012 + 0.0002 + 0.0008),  # 600 at 2, 400 at 0.5, 100 at 8 a million
        ((100, 500, 0), 0.00005),  # a host that counts more cached than sent
        ((0, 0, 0), 0.0),
    ],
)
def test_each_kind_of_token_has_its_price(tokens, expected):
    assert dollars(PRICE, *tokens) == pytest.approx(expected)


def test_a_batch_costs_its_share_and_all_where_the_share_is_unknown():
    assert dollars(PRICE, MILLION, batch=True) == pytest.approx(1.0)
    assert dollars(Price(2.0, 8.0), MILLION, batch=True) == pytest.approx(2.0)


def test_cached_tokens_cost_as_much_as_others_where_their_price_is_unknown():
    assert dollars(Price(2.0, 8.0), MILLION, MILLION) == pytest.approx(2.0)


@pytest.mark.parametrize("price", [None, Price(), Price(output=8.0), Price(cached_input=0.5)])
def test_what_is_unknown_is_none_and_never_nothing(price):
    assert dollars(price, 1_000) is None


def test_an_unknown_price_that_is_not_needed_does_no_harm():
    assert dollars(Price(input=2.0), MILLION) == pytest.approx(2.0)
    assert dollars(Price(input=2.0), MILLION, completion=1) is None
    assert dollars(None) is None


def test_own_hardware_costs_nothing():
    assert dollars(FREE, MILLION, 5, MILLION) == 0.0


@given(*[st.integers(0, 10**9)] * 3, st.booleans())
def test_it_never_falls_as_tokens_are_added(prompt, cached, completion, batch):
    spent = dollars(PRICE, prompt, cached, completion, batch)
    assert dollars(PRICE, prompt + 1, cached, completion, batch) >= spent >= 0
    assert dollars(PRICE, prompt, cached, completion + 1, batch) >= spent


NAMES = {
    "gpt-4o": ["gpt-4o"],
    "gpt-4o-2024-08-06": ["gpt-4o-2024-08-06", "gpt-4o"],
    "ft:gpt-4o-2024-08-06:org::id": [
        "ft:gpt-4o-2024-08-06:org::id",
        "ft:gpt-4o-2024-08-06",
        "ft:gpt-4o",
    ],
    "meta-llama/Llama-3.3-70B-Instruct": ["meta-llama/Llama-3.3-70B-Instruct"],
    "llama3:8b": ["llama3:8b"],
}


@pytest.mark.parametrize("model", NAMES)
def test_a_snapshot_is_priced_like_its_model_and_a_tuned_one_never_like_its_base(model):
    assert spellings(model) == NAMES[model]


def test_the_base_of_a_tuned_model_stands_in_its_name():
    assert base_of("ft:gpt-4o-2024-08-06:org::id") == "gpt-4o-2024-08-06"
    assert base_of("llama3:8b") == "llama3:8b"


def test_every_price_shipped_belongs_to_a_profile_and_is_above_nothing():
    for (profile, model), price in SHIPPED.items():
        assert profile in PROFILES and not PROFILES[profile].is_own, model
        assert price.input and price.output and price.source
        assert price.cached_input is None or 0 < price.cached_input < price.input
