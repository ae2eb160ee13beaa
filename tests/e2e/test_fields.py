"""Tables of plain fields in Chromium: every cell arrives, however fast it is typed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_journeys import data, no_trouble, rows, until  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SPELLINGS = ("Sports ", "SPORTS", "sports", "Politics ", "POLITICS", "politics", "Money ", "MONEY", "money")


def test_cells_typed_at_once_count_as_they_were_typed(app: Server, page: Page, tmp_path: Path, data: Path) -> None:  # noqa: F811
    written = "".join(f"headline number {i * 13},{SPELLINGS[i % 9]}\n" for i in range(90))
    path = tmp_path / "spellings.csv"
    path.write_text("text,label\n" + written)
    page.goto(f"{app.url}/data?new=1")
    page.locator("input[type=file]").set_input_files(path)
    fields = page.get_by_role("table", name="Spellings of labels").get_by_role("textbox")
    expect(fields).to_have_count(9)
    for place, field in enumerate(fields.all()):
        field.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type(f"label {place}")
    page.get_by_role("button", name="Import 90 items").click()
    counts = "SELECT COUNT(*) FROM current GROUP BY value_id"
    until(page, data, counts, [(10,)] * 9)
    named = {name for (name,) in rows(data, "SELECT name FROM labels WHERE name LIKE 'label %'")}
    assert named == {f"label {place}" for place in range(9)}
    no_trouble(page)


def test_prices_typed_row_after_row_are_all_kept(page: Page, tmp_path: Path, data: Path) -> None:  # noqa: F811
    environment = {"LABELLOOP_DATA": str(data), "OPENAI_API_KEY": "sk-of-a-test"}
    server = Server("app.py", environment, tmp_path / "server.log").start()
    try:
        page.goto(f"{server.url}/hosts")
        table = page.get_by_role("table", name="Prices")
        first = table.get_by_role("textbox").first
        first.wait_for()
        first.focus()
        for number in range(1, 21):  # four rows of five numbers
            page.keyboard.press("Control+A")
            page.keyboard.type(str(number))
            page.keyboard.press("Tab")
        kept = "SELECT input, cached_input, output, batch_factor, training FROM prices ORDER BY input"
        until(page, data, kept, [tuple(float(5 * row + n) for n in range(1, 6)) for row in range(4)])
        expect(table.get_by_text("typed by you")).to_have_count(4)
        for place in range(5):
            expect(table.get_by_role("textbox").nth(place)).to_have_value(str(place + 1))
        no_trouble(page)
    finally:
        server.stop()


def test_a_price_typed_slowly_is_stored_when_its_field_is_left_and_not_half(
    page: Page,
    tmp_path: Path,
    data: Path,  # noqa: F811
) -> None:
    environment = {"LABELLOOP_DATA": str(data), "OPENAI_API_KEY": "sk-of-a-test"}
    server = Server("app.py", environment, tmp_path / "server.log").start()
    stored = "SELECT input, cached_input FROM prices"
    try:
        page.goto(f"{server.url}/hosts")
        fields = page.get_by_role("table", name="Prices").get_by_role("textbox")
        fields.first.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("7")
        page.keyboard.press("Tab")
        page.keyboard.press("Control+A")
        page.keyboard.type("0.")
        until(page, data, stored, [(7.0, None)])
        # What is not confirmed is sent again after some seconds, and when a click waits for it.
        # Nor is a field left where another window comes to the front: a price list, to look the number up.
        fields.nth(1).evaluate("(field) => field.dispatchEvent(new FocusEvent('blur'))")
        page.evaluate("globalThis.__labelloopUnsent.forEach((one) => one.send())")
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        page.keyboard.type("15")
        page.keyboard.press("Tab")
        until(page, data, stored, [(7.0, 0.15)])
        expect(fields.nth(1)).to_have_value("0.15")
        no_trouble(page)
    finally:
        server.stop()
