"""The price table of the Hosts page."""

import json

import pandas as pd
import pytest

from core.model import AnnotatorKind, Price
from core.services.lookup import ensure_annotator
from core.services.prices import PriceRow
from core.workbench import Workbench
from pages._ui.prices_view import ROWS, edited, found_rows, price_frame, save_edits
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


def add_annotator(wb: Workbench, small: Small, model: str) -> None:
    with wb.db.write() as conn:
        ensure_annotator(
            conn,
            small.id,
            AnnotatorKind.MODEL,
            model,
            host="openai",
            model=model,
            prompt_version_id=small.version,
        )


def models(wb: Workbench, search: str = "") -> list[str]:
    return [row.model for row in found_rows(wb, [wb.hosts.get("openai")], search)]


def test_where_all_hosts_are_own_hardware_there_is_nothing_to_price(
    app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    at = app("hosts")
    assert "these hosts run on your own hardware" in texts(at) and not at.exception


def test_models_in_use_come_first_even_those_without_a_price(wb: Workbench, small: Small) -> None:
    add_annotator(wb, small, "zebra")
    assert models(wb)[0] == "zebra" and "gpt-6-luna" in models(wb)[1:]
    assert "zebra" not in models(wb)[1:]


def test_search_takes_words_in_any_order_and_case(wb: Workbench) -> None:
    assert models(wb, "MINI 4.1") == ["ft:gpt-4.1-mini", "gpt-4.1-mini"]
    assert models(wb, "nothing of that name") == []


def test_an_unknown_number_is_an_empty_cell_and_free_is_a_zero() -> None:
    rows = [
        PriceRow("h", "a", None, False),
        PriceRow("h", "b", Price(0.0, 2.0, source="x.json"), False),
        PriceRow("h", "c", Price(1.0), True),
    ]
    frame = price_frame(rows, {"h": "Host"})
    assert list(frame["Source"]) == ["unknown", "x.json", "typed by you"]
    assert [pd.isna(value) for value in frame["Input"]] == [True, False, False]
    assert frame["Input"][1] == 0.0 and frame["Output"].isna().tolist() == [True, False, True]


def test_an_edit_keeps_the_other_numbers_and_can_make_one_unknown() -> None:
    before = Price(1.0, 2.0, 0.5, 0.5, None, "shipped")
    assert edited(before, {"output": 3}) == Price(1.0, 3.0, 0.5, 0.5)
    assert edited(before, {"input": None}) == Price(None, 2.0, 0.5, 0.5)
    assert edited(None, {"input": 1}) == Price(1.0)


def test_typing_over_a_number_makes_the_row_the_user_s_and_emptying_it_gives_it_back(wb: Workbench) -> None:
    openai = wb.hosts.get("openai")
    rows = found_rows(wb, [openai], "gpt-4o")
    place = next(i for i, row in enumerate(rows) if row.model == "gpt-4o")
    save_edits(wb, rows, {place: {"Output": 11}})
    assert wb.prices.of(openai, "gpt-4o") == Price(2.5, 11.0, 1.25, 0.5, None, "typed")
    assert wb.prices.of(openai, "gpt-4o-mini").source.startswith("shipped")
    emptied = dict.fromkeys(["Input", "Cached", "Output", "Batch ×", "Training"])
    save_edits(wb, found_rows(wb, [openai], "gpt-4o"), {place: emptied})
    assert wb.prices.of(openai, "gpt-4o").output == 10.0


def test_a_search_that_finds_nothing_says_so(app: OpenApp) -> None:
    at = app("hosts")
    at.text_input(key="prices-search").set_value("zzz").run()
    assert "No price of a model with “zzz” in its name" in texts(at)


def test_a_price_can_be_added_for_a_model_nobody_knows(app: OpenApp, wb: Workbench) -> None:
    at = app("hosts")
    at.text_input(key="prices-add-model").set_value("my-model")
    at.number_input(key="prices-add-input").set_value(0.25)
    next(button for button in at.button if button.form_id == "prices-add").click().run()
    assert wb.prices.of(wb.hosts.get("openai"), "my-model") == Price(0.25, None, None, 0.5, None, "typed")


def test_a_price_without_a_model_is_refused_with_a_sentence(app: OpenApp) -> None:
    at = app("hosts")
    at.number_input(key="prices-add-input").set_value(0.25)
    next(button for button in at.button if button.form_id == "prices-add").click().run()
    assert "A price needs the name of a model" in texts(at) and not at.exception


def test_a_file_is_looked_at_first_then_imported_then_undone(app: OpenApp, wb: Workbench) -> None:
    at = app("hosts")
    at.file_uploader(key="prices-file").set_value(("prices.json", price_file(x=3.0), "application/json")).run()
    assert "1 price: 1 new, 0 changed, 0 the same." in texts(at)
    assert wb.prices.of(wb.hosts.get("openai"), "x") is None
    at.button(key="prices-import").click().run()
    assert "1 price imported from prices.json." in texts(at)
    at.button(key="prices-undo").click().run()
    assert "imported from" not in texts(at) and not at.exception
    assert [row.model for row in wb.prices.rows(wb.hosts.get("openai"))].count("x") == 0


def test_a_file_of_another_kind_is_one_sentence(app: OpenApp) -> None:
    at = app("hosts")
    at.file_uploader(key="prices-file").set_value(("prices.json", b"[1]", "application/json")).run()
    assert "holds no price list of litellm" in texts(at) and not at.exception


def test_many_prices_come_in_pages(app: OpenApp, wb: Workbench) -> None:
    plan = wb.prices.plan_import(price_file(**{f"m{i:03}": 1.0 for i in range(2 * ROWS)}), "prices.json")
    wb.prices.import_file(plan)
    at = app("hosts")
    assert f"of 3 · {2 * ROWS + 9} prices" in texts(at)
    at.number_input(key="prices-page").set_value(3).run()
    at.text_input(key="prices-search").set_value("m0").run()
    assert at.number_input(key="prices-page").value == 2 and f"of 2 · {2 * ROWS} prices" in texts(at)
    assert not at.exception
