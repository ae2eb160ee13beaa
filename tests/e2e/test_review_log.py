"""The log of a reviewer's acts as a browser keeps it, where several pages share what they keep."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LOG = (Path(__file__).parents[2] / "pages/_ui/review/js/log.js").read_text()
STORAGE = """
const storage = Object.create({
  getItem(key) { return this[key] ?? null; },
  setItem(key, value) { this[key] = value; },
  removeItem(key) { delete this[key]; },
});
const kept = (name) => JSON.parse(storage["labelloop.review.home." + name] ?? "[]").map((act) => act.n);
const said = (item, label) => ({ project: 1, reviewer: "me", item, label });
"""


def run(page: Page, script: str) -> object:
    code = LOG.replace("export ", "") + STORAGE + script
    return page.evaluate(f"() => {{ {code} }}")


def test_an_act_that_another_page_adds_to_its_log_outlives_what_this_page_hears_of_the_earlier_ones(page: Page) -> None:
    script = """
    const one = createLog(storage, "one"); openLog(one, "home");
    addAct(one, said(1, "A")); addAct(one, said(2, "A"));
    const other = createLog(storage, "other"); openLog(other, "home");
    addAct(one, said(3, "A"));
    confirmActs(other, { one: 2 }, []);
    const before = kept("one");
    confirmActs(other, { one: 3 }, []);
    return [before, waitingActs(other).length];
    """
    assert run(page, script) == [[1, 2, 3], 0]


def test_what_a_closed_page_kept_is_let_go_once_all_of_it_is_stored(page: Page) -> None:
    script = """
    const one = createLog(storage, "one"); openLog(one, "home");
    addAct(one, said(1, "A")); addAct(one, said(2, "A"));
    const other = createLog(storage, "other"); openLog(other, "home");
    const waiting = waitingActs(other).length;
    confirmActs(other, { one: 1 }, []);
    const half = waitingActs(other).length;
    confirmActs(other, { one: 2 }, []);
    return [waiting, half, waitingActs(other).length, kept("one")];
    """
    assert run(page, script) == [2, 1, 0, []]


def test_a_word_lies_over_the_row_until_the_row_knows_of_it(page: Page) -> None:
    script = """
    const log = createLog(storage, "one"); openLog(log, "home");
    addAct(log, said(1, "A")); addAct(log, said(2, "B"));
    confirmActs(log, { one: 2 }, []);
    const before = [1, 2].map((item) => wordOn(log, 1, "me", item).label ?? null);
    forgetKnown(log, { one: 1 });
    return [before, [1, 2].map((item) => wordOn(log, 1, "me", item).label ?? null)];
    """
    assert run(page, script) == [["A", "B"], [None, "B"]]
