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
const entries = (from) => Object.keys(storage).filter((key) => key.startsWith(from)).map((key) => storage[key]);
const kept = (name) => entries("labelloop.review.home." + name).flatMap(JSON.parse).map((act) => act.n);
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
    confirmActs(other, { "one.1": 2 }, []);
    const before = kept("one");
    confirmActs(other, { "one.1": 3 }, []);
    return [before, waitingActs(other).length, kept("one")];
    """
    assert run(page, script) == [[3], 0, [3]]


def test_what_a_closed_page_kept_is_let_go_once_all_of_it_is_stored(page: Page) -> None:
    script = """
    const one = createLog(storage, "one"); openLog(one, "home");
    addAct(one, said(1, "A")); addAct(one, said(2, "A"));
    const other = createLog(storage, "other"); openLog(other, "home");
    const waiting = waitingActs(other).length;
    confirmActs(other, { "one.1": 1 }, []);
    const half = waitingActs(other).length;
    confirmActs(other, { "one.1": 2 }, []);
    return [waiting, half, waitingActs(other).length, kept("one")];
    """
    assert run(page, script) == [2, 1, 0, []]


def test_a_word_lies_over_the_row_until_the_row_knows_of_it(page: Page) -> None:
    script = """
    const log = createLog(storage, "one"); openLog(log, "home");
    addAct(log, said(1, "A")); addAct(log, said(2, "B"));
    confirmActs(log, { "one.1": 2 }, []);
    const before = [1, 2].map((item) => wordOn(log, 1, "me", item).label ?? null);
    forgetKnown(log, { "one.1": 1 });
    return [before, [1, 2].map((item) => wordOn(log, 1, "me", item).label ?? null)];
    """
    assert run(page, script) == [["A", "B"], [None, "B"]]


def test_what_waits_on_one_project_holds_back_nothing_on_another(page: Page) -> None:
    script = """
    const log = createLog(storage, "one"); openLog(log, "home");
    addAct(log, said(1, "A")); addAct(log, { ...said(2, "B"), project: 2 }); addAct(log, said(3, "A"));
    confirmActs(log, { "one.2": 2 }, []);
    const left = waitingActs(log).map((act) => act.n);
    confirmActs(log, { "one.1": 3 }, []);
    return [left, waitingActs(log), entries("labelloop.")];
    """
    assert run(page, script) == [[1, 3], [], []]


def test_what_the_server_cannot_read_is_set_aside_and_sent_no_more(page: Page) -> None:
    script = """
    const one = createLog(storage, "one"); openLog(one, "home");
    addAct(one, said(1, "A")); addAct(one, said(2, "A"));
    confirmActs(one, { "one.1": 2 }, [], [["one.1", 1]]);
    const other = createLog(storage, "other"); openLog(other, "home");
    const aside = entries("labelloop.aside.home.").flatMap(JSON.parse).map((act) => act.n);
    return [waitingActs(one), waitingActs(other), wordOn(one, 1, "me", 1), aside];
    """
    assert run(page, script) == [[], [], {}, [1]]


def test_what_is_no_act_at_all_is_set_aside_at_once_and_the_rest_is_sent(page: Page) -> None:
    script = """
    storage["labelloop.review.home.hand"] = "no list";
    storage["labelloop.review.home.half"] = "[{";
    storage["labelloop.review.home.none"] = "null";
    const act = { log: "old", n: 2, at: 0, ...said(2, "B") };
    storage["labelloop.review.home.old"] = JSON.stringify([{ n: "1", log: "old" }, null, act]);
    const log = createLog(storage, "one"); openLog(log, "home");
    const waiting = waitingActs(log).map((act) => act.n);
    confirmActs(log, { old: 2 }, []);
    return [log.aside, waiting, entries("labelloop.review."), entries("labelloop.aside.home.").length];
    """
    assert run(page, script) == [5, [2], [], 4]


def test_a_page_that_is_opened_again_keeps_an_entry_of_several_until_all_of_it_is_stored(page: Page) -> None:
    script = """
    const acts = [1, 2].map((n) => ({ log: "old", n, at: n, ...said(n, "B") }));
    storage["labelloop.review.home.old"] = JSON.stringify(acts);
    const log = createLog(storage, "one"); openLog(log, "home"); openLog(log, "home");
    confirmActs(log, { old: 1 }, []);
    const half = [waitingActs(log).length, kept("old")];
    confirmActs(log, { old: 2 }, []);
    return [half, waitingActs(log).length, kept("old")];
    """
    assert run(page, script) == [[1, [1, 2]], 0, []]


def test_a_key_writes_one_entry_however_many_wait(page: Page) -> None:
    script = """
    let written = 0;
    const counted = { getItem: () => null, removeItem() {}, setItem(key, value) { written += value.length; } };
    const log = createLog(counted, "one"); openLog(log, "home");
    for (let n = 1000; n < 1100; n++) addAct(log, said(n, "A"));
    const first = written;
    for (let n = 1100; n < 3000; n++) addAct(log, said(n, "A"));
    return Math.round((written - first) / 1900 / (first / 100));
    """
    assert run(page, script) == 1


def test_where_an_act_finds_no_room_those_after_it_wait_with_it_so_that_no_page_has_them_stored_first(
    page: Page,
) -> None:
    script = """
    let room = 300;
    const nearlyFull = Object.create({
      getItem(key) { return this[key] ?? null; },
      setItem(key, value) { if (value.length > room) throw new Error("full"); this[key] = value; },
      removeItem(key) { delete this[key]; },
    });
    const one = createLog(nearlyFull, "one"); openLog(one, "home");
    addAct(one, { project: 1, reviewer: "me", item: 1, note: "x".repeat(400) });
    addAct(one, said(1, "A"));
    const other = createLog(nearlyFull, "other"); openLog(other, "home");
    const found = waitingActs(other).length;
    room = 1000;
    addAct(one, said(2, "A"));
    const last = createLog(nearlyFull, "last"); openLog(last, "home");
    return [found, waitingActs(last).map((act) => act.n), isKept(one)];
    """
    assert run(page, script) == [0, [1, 2, 3], True]
