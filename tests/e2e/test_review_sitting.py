"""What a reviewer is doing, where the rows are given anew under the item that is read."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from pages._ui.shell.bundle import bundle

pytestmark = pytest.mark.browser

SITTING = bundle(Path(__file__).parents[2] / "pages/_ui/review/js", "sitting.js")
WORLD = """
const given = (revision, from, to) => ({
    revision, queue: "q", project: 1, reviewer: "me", keys: "", start: 0, before: from, total: 9, blind: false,
    knows: {},
    choices: [{ id: 1, name: "A", key: "1" }],
    rows: Array.from({ length: to - from }, (_, n) => ({ id: from + n, mine: null, note: "", opinions: [] })),
});
const it = sittingOf("k");
const view = () => { it.seen = atEnd(it) ? null : row(it).id; return it.seen; };
beginSitting(it, given("one", 4, 8));
it.at = 2;
"""


def run(page: Page, script: str) -> object:
    return page.evaluate(f"() => {{ {SITTING} {WORLD} {script} }}")


def test_an_item_that_left_its_queue_stays_in_view_whenever_the_rows_are_given_again(page: Page) -> None:
    script = """
    const seen = [view()];
    beginSitting(it, given("two", 0, 4));
    seen.push(view());
    renewRows(it, given("two", 0, 4));
    seen.push(view());
    it.at += 1;
    seen.push(view());
    renewRows(it, given("two", 0, 4));
    seen.push(view());
    return [seen, it.seek, position(it), moreLeft(it)];
    """
    assert run(page, script) == [[6, 6, 6, 0, 0], 6, 0, 5]


def test_an_item_that_is_still_in_its_queue_is_not_there_twice(page: Page) -> None:
    script = """
    view();
    beginSitting(it, given("two", 2, 8));
    return [view(), it.seek, it.data.rows.length];
    """
    assert run(page, script) == [6, None, 6]
