"""The price table of the Hosts page."""

import json

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput

from core.model import AnnotatorKind, Host, Price
from core.services.common.lookup import ensure_annotator
from core.services.hosts.drafts import HostDraft
from core.services.hosts.price_import import Reach
from core.services.hosts.prices import PriceRow, Prices
from core.workbench import Workbench
from pages._ui.hosts.prices_change import reach_in_words
from pages._ui.hosts.prices_view import ROWS, price_rows, save_edits
from tests.pages.conftest import OpenApp, Small, texts


@pytest.fixture(autouse=True)
def _openai_beside_the_embedded_host(monkeypatch: pytest.MonkeyPatch, _own_data: None) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-a-test")


def price_file(**inputs: float) -> bytes:
    return json.dumps(
        {
            name: {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": dollars / 1e6}
            for name, dollars in inputs.items()
        }
    ).encode()


def number(at: AppTest, label: str) -> NumberInput:
    return next(one for one in at.number_input if one.label.startswith(f"{label}, $"))


def choose(at: AppTest, model: str) -> None:
    """Choose a model where a price is added."""
    next(one for one in at.selectbox if one.label == "Model").set_value(model).run()


def price(at: AppTest, model: str | None, dollars: float) -> AppTest:
    if model is not None:
        choose(at, model)
    number(at, "Input").set_value(dollars).run()
    return (
        next(one for one in at.button if one.label in ("Add", "Replace") and one.key.startswith("prices-"))
        .click()
        .run()
    )


@pytest.mark.parametrize(
    ("reach", "said"),
    [
        (Reach({"openai": 2}, {}), "2 for OpenAI."),
        (Reach({"openai": 2}, {"Groq": 1}), "2 for OpenAI. 1 more applies once you add Groq."),
        (Reach({}, {"Groq": 2, "Together": 1}), "None of them is for one of your hosts; they apply once you add Groq"),
    ],
)
def test_for_which_hosts_imported_prices_hold_is_said(reach: Reach, said: str) -> None:
    assert reach_in_words(reach, [Host("openai", "OpenAI", "")]).startswith(said)


def add_annotator(wb: Workbench, small: Small, model: str, host: str = "openai") -> None:
    with wb.db.write() as conn:
        ensure_annotator(
            conn,
            small.id,
            AnnotatorKind.MODEL,
            model,
            host=host,
            model=model,
            prompt_version_id=small.version,
        )


def test_where_all_hosts_are_own_hardware_there_is_nothing_to_price(
    app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    at = app("hosts")
    assert "these hosts run on your own hardware" in texts(at) and not at.exception


def test_an_unknown_number_is_an_empty_cell_and_free_is_a_zero() -> None:
    rows = [
        PriceRow("h", "a", None, False),
        PriceRow("h", "b", Price(0.0, 2.0, source="x.json"), False),
        PriceRow("h", "c", Price(1.0), True),
    ]
    lines = [row.cells for row in price_rows(rows, {"h": "Host"})]
    assert [line["source"] for line in lines] == ["unknown", "x.json", "typed by you"]
    assert [(line["input"], line["output"]) for line in lines] == [("", ""), ("0", "2"), ("1", "")]


def test_typing_over_a_number_makes_the_row_the_user_s_and_emptying_it_gives_it_back(wb: Workbench) -> None:
    openai = wb.hosts.get("openai")
    rows = wb.price_table.find([openai], "gpt-4o")
    assert save_edits(wb, rows, {"openai/gpt-4o": {"output": "11"}}) == []
    assert wb.prices.of(openai, "gpt-4o") == Price(2.5, 11.0, 1.25, 0.5, None, "typed")
    assert wb.prices.of(openai, "gpt-4o-mini").source.startswith("shipped")
    emptied = dict.fromkeys(["input", "cached_input", "output", "batch_factor", "training"], " ")
    assert save_edits(wb, wb.price_table.find([openai], "gpt-4o"), {"openai/gpt-4o": emptied}) == []
    assert wb.prices.of(openai, "gpt-4o").output == 10.0


def test_what_cannot_be_kept_is_said_with_its_model_and_the_other_rows_are_kept(wb: Workbench) -> None:
    openai = wb.hosts.get("openai")
    rows = wb.price_table.find([openai], "gpt-4o")
    edits = {"openai/gpt-4o": {"output": "1,250"}, "openai/gpt-4o-mini": {"output": "3"}}
    assert save_edits(wb, rows, edits) == [
        "gpt-4o: “1,250” under Output can be 1250 or 1.250. Write it without the comma. "
        "No change to this row was saved."
    ]
    assert wb.prices.of(openai, "gpt-4o").output == 10.0
    assert wb.prices.of(openai, "gpt-4o-mini").output == 3.0


def test_a_search_that_finds_nothing_says_so(app: OpenApp) -> None:
    at = app("hosts")
    at.text_input(key="prices-search").set_value("zzz").run()
    assert "No price of a model with “zzz” in its name" in texts(at)


def test_a_price_can_be_added_for_a_model_whose_price_nobody_knows(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_annotator(wb, small, "my-model")
    at = price(app("hosts"), "my-model", 0.25)
    assert wb.prices.of(wb.hosts.get("openai"), "my-model") == Price(0.25, None, None, 0.5, None, "typed")
    assert "my-model on OpenAI: $0.25 in, unknown out" in texts(at) and not at.exception


def test_a_price_without_a_model_is_refused_with_a_sentence(app: OpenApp) -> None:
    at = price(app("hosts"), None, 0.25)
    assert "A price needs the name of a model" in texts(at) and not at.exception


def test_a_price_that_is_there_is_shown_before_it_is_replaced_and_one_click_brings_it_back(
    app: OpenApp, wb: Workbench
) -> None:
    openai = wb.hosts.get("openai")
    wb.prices.set("openai", "m", Price(3.0, 15.0, cached_input=0.3))
    at = app("hosts")
    choose(at, "m")
    assert "Now $3.00 in, $15.00 out (typed by you): it will be replaced." in texts(at)
    assert number(at, "Input").value == 3.0
    at = price(at, "m", 30.0)
    assert wb.prices.of(openai, "m") == Price(30.0, 15.0, 0.3, 0.5, None, "typed")
    assert "m on OpenAI: $30.00 in, $15.00 out, before $3.00 in, $15.00 out" in texts(at)
    at.button(key="prices-undo").click().run()
    assert Prices(wb.db).of(openai, "m") == Price(3.0, 15.0, 0.3, 0.5, None, "typed")


def test_own_hardware_is_named_as_free_and_takes_a_price_all_the_same(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    add_annotator(wb, small, "qwen", "ollama")
    box = wb.hosts.add("ollama", HostDraft("Box", "http://localhost:9/v1"))
    at = app("hosts")
    assert "Models on Box cost nothing, unless you add a price." in texts(at)
    at.selectbox(key="prices-add-host").set_value("ollama").run()
    choose(at, "qwen")
    assert "It costs nothing now: it runs on your own hardware" in texts(at)
    at = price(at, "qwen", 0.2)
    assert wb.prices.of(box, "qwen") == Price(0.2, None, None, None, None, "typed")
    assert [row.model for row in wb.price_table.find([box], "")] == ["qwen"]


def test_a_file_is_looked_at_first_then_imported_then_undone(app: OpenApp, wb: Workbench) -> None:
    at = app("hosts")
    at.file_uploader(key="prices-file").set_value(("prices.json", price_file(x=3.0), "application/json")).run()
    assert "1 price: 1 new, 0 changed, 0 the same." in texts(at) and "1 for OpenAI." in texts(at)
    assert wb.prices.of(wb.hosts.get("openai"), "x") is None
    at.button(key="prices-import").click().run()
    assert "1 price imported from prices.json. 1 for OpenAI." in texts(at)
    at.button(key="prices-undo").click().run()
    assert "imported from" not in texts(at) and not at.exception
    assert [row.model for row in wb.prices.rows(wb.hosts.get("openai"))].count("x") == 0


def test_a_file_of_another_kind_is_one_sentence(app: OpenApp) -> None:
    at = app("hosts")
    at.file_uploader(key="prices-file").set_value(("prices.json", b"[1]", "application/json")).run()
    assert "does not contain a litellm price list" in texts(at) and not at.exception


def test_many_prices_come_in_pages(app: OpenApp, wb: Workbench) -> None:
    plan = wb.prices.plan_import(price_file(**{f"m{i:03}": 1.0 for i in range(2 * ROWS)}), "prices.json")
    wb.prices.import_file(plan)
    at = app("hosts")
    assert f"of 3 · {2 * ROWS + 9} prices" in texts(at)
    at.number_input(key="prices-page").set_value(3).run()
    at.text_input(key="prices-search").set_value("m0").run()
    assert at.number_input(key="prices-page").value == 2 and f"of 2 · {2 * ROWS} prices" in texts(at)
    assert not at.exception
