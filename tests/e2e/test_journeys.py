"""Whole journeys in real Chromium against a real server: what a user does, from the first screen on."""

import csv
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from tests.e2e.conftest import ROOT, Server, eventually
from tests.fakes.host import FakeHost

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEADLINES = Path(os.environ.get("LABELLOOP_TEST_DATA", ROOT.parent / "shared" / "data")) / "huffpost8_train.csv"
DONE = "SELECT json_extract(config, '$.split'), COUNT(*), MIN(done) FROM runs WHERE status = 'done'"
PAGES = ("", "data", "task", "prompts", "runs", "review", "agreement", "fine_tune", "compare", "export", "hosts")


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def go(page: Page, name: str) -> None:
    """Through the sidebar, as a person would."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.locator("h1")).to_contain_text(name)


def choose(page: Page, label: str, option: str) -> None:
    """A list that is opened while the page is still being drawn may close again: then it is opened once more."""
    for _ in range(6):
        page.get_by_role("combobox", name=re.compile(label)).first.click()
        try:
            return page.get_by_role("option", name=option, exact=True).click(timeout=10_000)
        except NotInTime:
            page.keyboard.press("Escape")
    raise AssertionError(f"{label} never offered {option}")


def shows_its_end(page: Page) -> None:
    """The run that just ended is drawn as ended. A click in the very moment of that redraw would be overtaken by it."""
    expect(page.get_by_text("Time per answer", exact=True)).to_be_visible()


def no_trouble(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)


def rows(server_data: Path, query: str) -> list[tuple]:
    with sqlite3.connect(f"file:{server_data / 'labelloop.sqlite3'}?mode=ro", uri=True) as db:
        return db.execute(query).fetchall()


def size(server_data: Path, split: str) -> int:
    return int(rows(server_data, f"SELECT COUNT(*) FROM items WHERE split = '{split}'")[0][0])


def until(page: Page, server_data: Path, query: str, wanted: object) -> None:
    """Look at the database again and again, the browser going on meanwhile, until the query gives what is wanted."""
    found = lambda: rows(server_data, query)  # noqa: E731
    eventually(page, lambda: found() == wanted, lambda: f"{query}: {found()}, wanted {wanted}")


def learns(page: Page, server_data: Path) -> None:
    """Start the fine-tune and see it through: training takes as long as the machine needs, unlike a page."""
    button(page, "Start")
    states = lambda: rows(server_data, "SELECT status FROM fine_tunes")  # noqa: E731
    eventually(page, lambda: states() == [("succeeded",)], lambda: f"fine-tunes: {states()}", seconds=600)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.encoder
def test_the_demo_leads_from_the_first_screen_to_a_comparison(app: Server, page: Page, data: Path) -> None:
    page.goto(app.url)
    button(page, "Start with the demo")
    expect(page.get_by_text("Through the loop with the demo")).to_be_visible()

    validation, test = size(data, "validation"), size(data, "test")

    go(page, "Runs")
    button(page, "Start")
    until(page, data, "SELECT status, done, total FROM runs", [("done", validation, validation)])
    shows_its_end(page)

    go(page, "Review")
    page.locator(".review .hint[data-act=keys]").wait_for()
    for key in "12345":
        page.keyboard.press(key)
    reviewed = (
        "SELECT COUNT(*) FROM current c JOIN annotators a ON a.id = c.annotator_id"
        " WHERE a.kind = 'person' AND c.value_id IS NOT NULL"
    )
    until(page, data, reviewed, [(5,)])

    go(page, "Agreement")
    expect(page.get_by_text(re.compile(rf"On {validation} validation items, .* agrees with maria on"))).to_be_visible()

    go(page, "Fine-tune")
    learns(page, data)
    button(page, "Run it on test and compare")
    until(page, data, f"{DONE} GROUP BY 1 ORDER BY 1", [("test", 2, test), ("validation", 2, validation)])
    expect(page.locator("h1")).to_contain_text("Compare")
    expect(page.get_by_text(re.compile(rf"on (these|the same) {test} items"))).to_be_visible()
    # The number in the list is of now, not of when the runs began.
    expect(page.get_by_role("combobox", name="Split").first).to_have_value(re.compile(r"test · [1-9]\d* items"))

    go(page, "Compare")
    expect(page.get_by_text(re.compile(rf"on (these|the same) {test} items"))).to_be_visible()
    expect(page.get_by_text("test, look 1")).to_be_visible()
    no_trouble(page)


@pytest.mark.encoder
@pytest.mark.skipif(not HEADLINES.exists(), reason=f"{HEADLINES} is not here")
def test_ones_own_csv_goes_from_upload_to_a_tuned_model(app: Server, page: Page, data: Path, tmp_path: Path) -> None:
    with HEADLINES.open(encoding="utf-8", newline="") as whole:
        mine = list(csv.reader(whole))
    part = tmp_path / "my headlines.csv"
    with part.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([mine[0], *mine[1::4]])

    page.goto(app.url)
    button(page, "New project from a file")
    page.locator("input[type=file]").set_input_files(part)
    # The columns, the preview and the button stand on the first screen.
    expect(page.get_by_role("button", name="Import 400 items")).to_be_in_viewport(ratio=1)
    expect(page.get_by_test_id("stDataFrame")).to_be_in_viewport(ratio=1)
    button(page, "Import 400 items")
    until(page, data, "SELECT COUNT(*), COUNT(split) FROM items", [(400, 400)])
    # The page goes on to the data by itself; a click before that would be overtaken.
    expect(page.locator("h1")).to_have_text("Data")

    go(page, "Prompts")
    button(page, "Save as v1")
    until(page, data, "SELECT COUNT(*) FROM prompt_versions", [(1,)])
    expect(page.get_by_text(re.compile("^Saved on"))).to_be_visible()

    go(page, "Runs")
    button(page, "Start")
    until(page, data, "SELECT status, done FROM runs", [("done", 80)])
    shows_its_end(page)

    go(page, "Fine-tune")
    learns(page, data)
    button(page, "Run it on test and compare")
    until(page, data, f"{DONE} GROUP BY 1 ORDER BY 1", [("test", 2, 80), ("validation", 2, 80)])

    go(page, "Compare")
    expect(page.get_by_text(re.compile(r"on (these|the same) 80 items"))).to_be_visible()
    right = (
        "SELECT SUM(m.value_id = r.value_id) * 1.0 / COUNT(*) FROM current m JOIN annotators a ON a.id = m.annotator_id"
        " JOIN items i ON i.id = m.item_id AND i.split = 'test' JOIN current r ON r.item_id = m.item_id"
        " JOIN projects p ON p.reference_id = r.annotator_id WHERE a.kind = 'model' GROUP BY a.id ORDER BY a.id"
    )
    base, tuned = (share for (share,) in rows(data, right))
    assert base > 0.35 and tuned > 0.5, "far above the one in eight of guessing"
    no_trouble(page)


@pytest.fixture
def slow_world(tmp_path: Path) -> Iterator[tuple[FakeHost, Server]]:
    """A workbench whose host "openai" is a fake one that can be held."""
    with FakeHost() as host:
        environment = {"LABELLOOP_DATA": str(tmp_path / "data"), "OPENAI_BASE_URL": host.base_url}
        server = Server("app.py", environment, tmp_path / "server.log").start()
        yield host, server
        host.release()
        server.stop()


def test_a_run_survives_cancel_and_kill_and_neither_repeats_nor_loses_an_item(
    slow_world: tuple[FakeHost, Server], page: Page, data: Path
) -> None:
    host, server = slow_world
    page.goto(server.url)
    button(page, "Start with the demo")
    expect(page.get_by_text("Through the loop with the demo")).to_be_visible()
    train = size(data, "train")

    def stored() -> int:
        return rows(data, "SELECT COUNT(*) FROM annotations WHERE run_id = 1")[0][0]

    page.goto(f"{server.url}/runs?project=1&run_hosts=openai&run_split=train")
    host.hold(after=20)
    button(page, "Start")
    until(page, data, "SELECT COUNT(*) FROM annotations WHERE run_id = 1", [(20,)])
    button(page, "Cancel")
    until(page, data, "SELECT status FROM runs", [("cancelled",)])
    assert stored() == 20
    host.release()

    host.hold(after=len(host.asked) + 20)
    button(page, "Resume")
    until(page, data, "SELECT COUNT(*) FROM annotations WHERE run_id = 1", [(40,)])
    server.kill()
    host.release()
    assert stored() == 40
    kept = rows(data, "SELECT i.text FROM annotations a JOIN items i ON i.id = a.item_id WHERE a.run_id = 1")

    server.start()
    page.goto(f"{server.url}/runs?project=1&run=1")
    expect(page.get_by_role("button", name="Resume").first).to_be_visible()
    # Counted only now: a run asks more and more at a time until it hears of the cancel, or is killed.
    asked, held = Counter(host.counts), len(host.asked) - 40
    button(page, "Resume")
    until(page, data, "SELECT status, done, total, errors FROM runs", [("done", train, train, 0)])
    assert rows(data, "SELECT COUNT(*), COUNT(DISTINCT item_id) FROM annotations WHERE run_id = 1") == [(train, train)]
    assert len(host.asked) - train <= held, "only what was in flight at the cancel and at the kill is asked again"
    assert [text for (text,) in kept if host.counts[text] > asked[text]] == [], "what was stored is asked again"
    no_trouble(page)


def test_a_deep_link_opens_its_view_on_a_fresh_server(
    slow_world: tuple[FakeHost, Server], context: BrowserContext, page: Page, data: Path
) -> None:
    _, server = slow_world
    page.goto(server.url)
    button(page, "Start with the demo")
    expect(page.get_by_text("Through the loop with the demo")).to_be_visible()
    page.goto(f"{server.url}/data?project=1")
    choose(page, "^Split", "test")
    expect(page).to_have_url(re.compile("in=test"))
    link = page.url
    server.stop()

    server.start()
    fresh = context.new_page()
    fresh.goto(link)
    expect(fresh.locator("h1")).to_have_text("Data")
    expect(fresh.get_by_test_id("stSidebarNav").get_by_role("link", name="Projects", exact=True)).to_be_visible()
    expect(fresh.get_by_text(f"{size(data, 'test')} items", exact=False).first).to_be_visible()
    expect(fresh).to_have_url(re.compile("project=1.*in=test"))
    no_trouble(fresh)


def test_no_page_asks_anything_of_another_machine(slow_world: tuple[FakeHost, Server], page: Page) -> None:
    _, server = slow_world
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((server.url, "data:", "blob:")) else elsewhere.append(request.url)
        ),
    )
    page.goto(server.url)
    button(page, "Start with the demo")
    expect(page.get_by_text("Through the loop with the demo")).to_be_visible()
    for name in PAGES:
        page.goto(f"{server.url}/{name}?project=1")
        expect(page.locator("h1")).to_be_visible()
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        no_trouble(page)
    assert elsewhere == []
