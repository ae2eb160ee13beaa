"""The rows of the price table, and what becomes of what is typed over them."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import AnnotatorKind, Host, Price
from core.services.common.lookup import ensure_annotator
from core.services.hosts.price_table import PriceTable, read_number
from core.services.hosts.prices import Prices

OPENAI = Host("openai", "OpenAI", "https://api.openai.com/v1", profile="openai")
OLLAMA = Host("ollama", "Ollama", "http://localhost:11434/v1", profile="ollama", is_local=True)


class Listed:
    """The hosts above, and what one of them listed last."""

    def get(self, key):
        return {"openai": OPENAI, "ollama": OLLAMA}[key]

    def listed(self, key):
        return ["of-the-list"] if key == "openai" else []


@pytest.fixture
def prices(db):
    return Prices(db)


@pytest.fixture
def table(prices):
    return PriceTable(Listed(), prices)


def names(table, search=""):
    return [row.model for row in table.find([OPENAI], search)]


def test_search_takes_words_in_any_order_and_case(table):
    assert names(table, "MINI 4.1") == ["ft:gpt-4.1-mini", "gpt-4.1-mini"]
    assert names(table, "nothing of that name") == []


def test_models_in_use_come_first_even_those_without_a_price(workbench, small_project):
    with workbench.db.write() as conn:
        ensure_annotator(conn, small_project.id, AnnotatorKind.MODEL, "m", host="openai", model="zebra")
    found = names(workbench.price_table)
    assert found[0] == "zebra" and "gpt-6-luna" in found[1:] and "zebra" not in found[1:]
    assert workbench.price_table.known_models("openai")[0] == "zebra"


def test_names_to_choose_from_are_those_listed_last_and_those_with_a_price(table, prices):
    prices.set("ollama", "priced", Price(1.0))
    assert table.known_models("ollama") == ["priced"]
    assert table.known_models("openai")[0] == "of-the-list" and "gpt-4o" in table.known_models("openai")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0,25", 0.25),
        (" $3.5 ", 3.5),
        ("1e-2", 0.01),
        ("$ 0,125", 0.125),
        ("12,5", 12.5),
        ("1.250", 1.25),
        ("-1", -1.0),
        (" ", None),
        ("$", None),
    ],
)
def test_a_number_is_read_as_people_write_it(written, number):
    assert read_number(written, "Output") == number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1,250", "“1,250” under Output can be 1250 or 1.250."),
        ("$12,500", "“$12,500” under Output can be 12500 or 12.500."),
        ("nan", "“nan” under Output is not a number."),
        ("-inf", "“-inf” under Output is not a number."),
        ("1e400", "“1e400” under Output is not a number."),
        ("abc", "“abc” under Output is not a number."),
        ("1.000,5", "“1.000,5” under Output is not a number."),
        ("1,000,000", "“1,000,000” under Output is not a number."),
        ("1_000", "“1_000” under Output is not a number."),
    ],
)
def test_what_is_no_number_is_said_as_it_is(written, said):
    with pytest.raises(WorkbenchError) as refused:
        read_number(written, "Output")
    assert refused.value.message == said and refused.value.hint.endswith("No change to this row was saved.")


@pytest.mark.parametrize(
    ("written", "said"),
    [("1,250", "can be 1250 or 1.250"), ("abc", "is not a number"), ("-1", "A price cannot be negative.")],
)
def test_a_row_with_what_is_no_price_keeps_nothing_that_was_typed_into_it(table, prices, written, said):
    before = prices.of(OPENAI, "gpt-4o")
    with pytest.raises(WorkbenchError, match=said):
        table.type_over("openai", "gpt-4o", {"input": "7", "output": written})
    assert prices.of(OPENAI, "gpt-4o") == before


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_price_that_is_no_number_is_called_that(prices, number):
    with pytest.raises(WorkbenchError, match="A price must be a number"):
        prices.set("openai", "gpt-4o", Price(number))


def test_typing_over_a_number_keeps_the_others_and_emptying_every_one_gives_the_row_back(table, prices):
    table.type_over("openai", "gpt-4o", {"output": "11"})
    assert prices.of(OPENAI, "gpt-4o") == Price(2.5, 11.0, 1.25, 0.5, None, "typed")
    table.type_over("openai", "gpt-4o", {"cached_input": ""})
    assert prices.of(OPENAI, "gpt-4o").cached_input is None
    emptied = dict.fromkeys(["input", "cached_input", "output", "batch_factor", "training"], " ")
    table.type_over("openai", "gpt-4o", emptied)
    assert prices.of(OPENAI, "gpt-4o").output == 10.0 and not prices.row(OPENAI, "gpt-4o").is_typed


def test_a_row_typed_over_with_what_it_says_already_stays_as_it_came(table, prices):
    table.type_over("openai", "gpt-4o", {"output": "10.00", "input": "2,5"})
    assert not prices.row(OPENAI, "gpt-4o").is_typed and prices.last_change is None


def test_a_price_of_own_hardware_begins_with_nothing_but_what_was_given(table, prices):
    table.put("ollama", "qwen", {"input": 0.2, "output": None})
    assert replace(prices.of(OLLAMA, "qwen"), source="") == Price(0.2)
