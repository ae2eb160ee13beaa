"""Which price counts, importing and taking it back, and when a model ends."""

import json
from dataclasses import replace
from datetime import date

import pytest

from core.errors import WorkbenchError
from core.hosts.price_file import ANYWHERE
from core.hosts.profiles import EMBEDDED
from core.model import Host, Price
from core.services.hosts.price_import import Reach
from core.services.hosts.prices import Prices
from core.services.hosts.retiring import Retirements
from core.storage import hosts as stored_hosts

OPENAI = Host("openai", "OpenAI", "https://api.openai.com/v1", profile="openai")
GATEWAY = Host("openai", "Server at localhost", "http://localhost:8000/v1", profile="custom", is_local=True)
OLLAMA = Host("ollama", "Ollama", "http://localhost:11434/v1", profile="ollama", is_local=True)
NEBIUS = Host("nebius-2", "Nebius Token Factory", "https://api.tokenfactory.nebius.com/v1", profile="nebius")


@pytest.fixture
def prices(db):
    return Prices(db)


def litellm(**inputs):
    """A price file of OpenAI's models: dollars per million tokens by name, or the day on which the model ends."""
    entries = {}
    for name, given in inputs.items():
        entry = {"litellm_provider": "openai", "mode": "chat"}
        if isinstance(given, str):
            entry["deprecation_date"] = given
        else:
            entry |= {"input_cost_per_token": given / 1e6, "output_cost_per_token": given / 1e6}
        entries[name.replace("_", "-")] = entry
    return json.dumps(entries).encode()


def imported(prices, **inputs):
    plan = prices.plan_import(litellm(**inputs), "prices.json")
    prices.import_file(plan)
    return plan


def test_a_price_is_unknown_until_somebody_says_it(prices):
    assert prices.of(OPENAI, "nobody-knows") is None
    assert prices.of(GATEWAY, "gpt-4o") is None


@pytest.mark.parametrize("host", [EMBEDDED, OLLAMA])
def test_own_hardware_costs_nothing(prices, host):
    found = prices.of(host, "anything")
    assert (found.input, found.output, found.training) == (0, 0, 0)


def test_a_server_for_own_hardware_at_a_rented_address_costs_what_somebody_says_or_nobody_knows(prices):
    rented = replace(OLLAMA, key="vllm", profile="vllm", base_url="https://gpu.cloud.example/v1")
    assert prices.of(rented, "qwen") is None and not prices.is_free(rented)
    at_home = replace(rented, base_url="http://192.168.0.7:8000/v1")
    assert prices.of(at_home, "qwen").input == 0 and prices.is_free(at_home)


def test_a_price_of_the_user_s_goes_before_free(prices):
    prices.set("ollama", "qwen", Price(0.2, 0.3))
    assert (prices.of(OLLAMA, "qwen").input, prices.of(OLLAMA, "llama").input) == (0.2, 0)


def test_shipped_prices_hold_for_their_kind_of_host_under_any_key(prices):
    found = prices.of(NEBIUS, "meta-llama/Llama-3.3-70B-Instruct")
    assert (found.input, found.output, found.training) == (0.13, 0.40, 2.80)
    assert prices.of(OPENAI, "ft:gpt-4.1-mini-2025-04-14:org::id").input == 0.80


def test_a_tuned_model_never_has_the_price_of_its_base(prices):
    assert prices.of(OPENAI, "gpt-4.1") is not None
    assert prices.of(OPENAI, "ft:gpt-4.1:org::id") is None


def test_typed_goes_before_imported_and_imported_before_shipped(prices):
    imported(prices, gpt_4o=5)
    assert (prices.of(OPENAI, "gpt-4o").input, prices.of(OPENAI, "gpt-4o").source) == (5, "prices.json")
    prices.set("openai", "gpt-4o", Price(7, 8))
    assert (prices.of(OPENAI, "gpt-4o").input, prices.of(OPENAI, "gpt-4o").source) == (7, "typed")
    prices.remove("openai", "gpt-4o")
    assert prices.of(OPENAI, "gpt-4o").input == 5
    back = []
    while prices.last_change:
        prices.undo()
        back.append(prices.of(OPENAI, "gpt-4o").input)
    assert back == [7, 5, 2.5], "each change is taken back by itself, the last one first"


def test_what_is_typed_for_one_host_holds_for_no_other(prices):
    prices.set("nebius", "x", Price(1, 2))
    assert prices.of(NEBIUS, "x") is None
    assert prices.of(replace(NEBIUS, key="nebius"), "x").input == 1


def test_openai_prices_do_not_hold_for_another_server_behind_its_variable(prices):
    imported(prices, gpt_x=5)
    assert prices.of(OPENAI, "gpt-x").input == 5
    assert prices.of(GATEWAY, "gpt-x") is None


def test_the_exact_name_counts_before_that_without_a_date(prices):
    prices.set("openai", "x", Price(1, 1))
    assert prices.of(OPENAI, "x-2026-01-01").input == 1
    prices.set("openai", "x-2026-01-01", Price(2, 2))
    assert (prices.of(OPENAI, "x-2026-01-01").input, prices.of(OPENAI, "x").input) == (2, 1)


def test_a_batch_costs_what_the_kind_of_host_says_unless_the_price_says_otherwise(prices):
    prices.set("openai", "x", Price(1, 1))
    prices.set("openai", "y", Price(1, 1, batch_factor=0.8))
    assert (prices.of(OPENAI, "x").batch_factor, prices.of(OPENAI, "y").batch_factor) == (0.5, 0.8)


def test_emptying_every_number_takes_the_price_back(prices):
    prices.set("openai", "gpt-4o", Price(7, 8))
    prices.set("openai", "gpt-4o", Price())
    assert prices.of(OPENAI, "gpt-4o").input == 2.5


@pytest.mark.parametrize(("model", "price"), [("x", Price(-1, 1)), ("x", Price(float("nan"), 1)), (" ", Price(1, 1))])
def test_what_is_no_price_is_refused_with_a_sentence(prices, db, model, price):
    before = prices.rows(OPENAI)
    with pytest.raises(WorkbenchError, match="negative|must be a number|name of a model"):
        prices.set("openai", model, price)
    assert Prices(db).rows(OPENAI) == before


def test_another_process_sees_the_new_price(prices, db, monkeypatch):
    monkeypatch.setattr("core.services.hosts.prices._FRESH_SECONDS", 0.0)
    other = Prices(db)
    assert other.of(OPENAI, "x") is None
    prices.set("openai", "x", Price(1, 1))
    assert other.of(OPENAI, "x").input == 1


def test_rows_hold_everything_known_by_name_once(prices):
    imported(prices, gpt_4o=5, gpt_x=3)
    prices.set("openai", "gpt-x", Price(4, 4))
    rows = {row.model: row for row in prices.rows(OPENAI)}
    assert len(rows) == len(prices.rows(OPENAI))
    assert (rows["gpt-4o"].price.input, rows["gpt-4o"].is_typed) == (5, False)
    assert (rows["gpt-x"].price.input, rows["gpt-x"].is_typed) == (4, True)
    assert rows["gpt-6-luna"].price.input == 0.10


def test_the_plan_says_what_is_new_changed_and_the_same_and_changes_nothing(prices):
    imported(prices, a=1, b=2)
    plan = prices.plan_import(litellm(a=1, b=3, c=4), "newer.json")
    assert (plan.new, plan.changed, plan.same) == (1, 1, 1)
    assert prices.of(OPENAI, "b").input == 2 and prices.of(OPENAI, "c") is None


def test_undo_brings_back_what_was_there_before_the_import(prices):
    imported(prices, a=1, b=2)
    imported(prices, b=3, c=4)
    assert prices.of(OPENAI, "b").input == 3
    prices.undo()
    assert [prices.of(OPENAI, name) and prices.of(OPENAI, name).input for name in "abc"] == [1, 2, None]
    prices.undo()
    assert prices.of(OPENAI, "a") is None and prices.last_change is None
    prices.undo()
    assert prices.of(OPENAI, "gpt-4o").input == 2.5


@pytest.mark.parametrize("after", [Price(30, 30), Price()])
def test_a_price_typed_over_or_taken_back_can_be_undone(prices, after):
    prices.set("openai", "x", Price(3, 4, 0.3))
    before = prices.of(OPENAI, "x")
    prices.set("openai", "x", after)
    assert prices.of(OPENAI, "x") != before
    prices.undo()
    assert prices.of(OPENAI, "x") == before


def test_the_reach_of_a_file_names_hosts_that_are_there_and_kinds_that_are_not(prices):
    plan = prices.plan_import(litellm(a=1, b=2), "prices.json")
    assert prices.reach(plan.places, [OPENAI, NEBIUS]) == Reach({"openai": 2}, {})
    assert prices.reach(plan.places, [OLLAMA, GATEWAY]) == Reach({}, {"OpenAI": 2})
    assert prices.reach([ANYWHERE], [GATEWAY]) == Reach({"openai": 1}, {})
    assert prices.reach([ANYWHERE], [OPENAI]) == Reach({}, {"another server or a gateway": 1})


# ends


@pytest.fixture
def retirements(db, prices):
    return Retirements(db, prices)


def test_the_host_s_own_word_goes_before_the_file_and_the_file_before_what_was_shipped(prices, retirements, db):
    assert retirements.of(OPENAI, "gpt-4o").day == date(2027, 1, 14)
    imported(prices, gpt_4o="2027-02-02")
    found = retirements.of(OPENAI, "gpt-4o")
    assert (found.day, found.source, found.successor) == (date(2027, 2, 2), "prices.json", "gpt-6-luna")
    with db.write() as conn:
        stored_hosts.remember_shutdown(conn, "openai", {"gpt-4o": "2027-03-03"})
    found = retirements.of(OPENAI, "gpt-4o")
    assert (found.day, found.source) == (date(2027, 3, 3), "OpenAI says so")


def test_a_tuned_model_ends_with_its_base_and_keeps_its_name(retirements):
    found = retirements.of(OPENAI, "ft:gpt-4o-mini-2024-07-18:org::id")
    assert (found.model, found.day) == ("ft:gpt-4o-mini-2024-07-18:org::id", date(2027, 1, 14))


def test_an_end_without_a_price_does_not_hide_the_shipped_price(prices):
    imported(prices, gpt_4o="2027-02-02")
    assert prices.of(OPENAI, "gpt-4o").input == 2.5


def test_nothing_is_known_of_the_end_of_other_models(retirements):
    assert retirements.of(OPENAI, "gpt-6-luna") is None
    assert retirements.of(GATEWAY, "gpt-4o") is None
    assert retirements.training_end(GATEWAY) is None and retirements.training_end(OPENAI).day == date(2027, 1, 6)
