"""Hosts and runs in real Chromium: adding a host, grids, caps, the cache, repeats, batches, consent and masking."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from core.model import TableData
from core.services.data.bringing import ImportChoice
from core.settings import Settings
from core.splits import Shares
from core.workbench import open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_journeys import choose, data, go, no_trouble, rows, until  # noqa: F401 - `data` is a fixture
from tests.fakes.host import FakeHost
from tests.fakes.worlds import TASK, make_project, right_label

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VALIDATION = 12
ON_FAKE = "project=1&run_hosts=openai&run_models=openai:fake-large&run_split=validation"
World = tuple[FakeHost, Server]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def within(page: Page, opener: str, act: Callable[[], None]) -> None:
    """A popover that is opened while the page is still being drawn may close again: then it is opened once more."""
    for _ in range(6):
        press(page, opener)
        try:
            return act()
        except NotInTime:
            page.keyboard.press("Escape")
    raise AssertionError(f"{opener} never offered what was looked for")


def press_within(page: Page, opener: str, name: str) -> None:
    within(page, opener, lambda: page.get_by_role("button", name=name, exact=True).first.click(timeout=10_000))


def split_answers(texts: Counter[str]) -> object:
    """Of every three answers about an item, two are right."""

    def answer(text: str) -> str:
        texts[text] += 1
        wrong = "POLITICS" if right_label(text) == "SPORTS" else "SPORTS"
        return wrong if texts[text] % 3 == 0 else right_label(text)

    return answer


@contextmanager
def served(tmp_path: Path, **environment: str) -> Iterator[Server]:
    settings = {"LABELLOOP_DATA": str(tmp_path / "data"), **environment}
    server = Server("app.py", settings, tmp_path / "server.log").start()
    yield server
    server.stop()


@pytest.fixture
def small(data: Path) -> None:  # noqa: F811 - the fixture
    """A project of sixty items, twelve of them for validation, with two prompts."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(data)}))
    project = make_project(wb)
    wb.prompts.save(project.id, "Pick one of:\n{{label_names}}", "{{text}}", "names")
    wb.close()


@pytest.fixture
def world(small: None, tmp_path: Path) -> Iterator[World]:
    """The host "openai" is a fake one on this machine."""
    with FakeHost(right_label) as host, served(tmp_path, OPENAI_BASE_URL=host.base_url) as server:
        yield host, server


def test_a_host_of_ones_own_is_added_tested_and_labels(
    small: None,
    tmp_path: Path,
    page: Page,
    data: Path,  # noqa: F811
) -> None:
    with FakeHost(right_label) as host, served(tmp_path) as server:
        page.goto(f"{server.url}/hosts?project=1&add_host=custom")
        page.get_by_role("textbox", name="Name", exact=True).fill("Office server")
        page.get_by_role("textbox", name="Address", exact=True).fill(host.base_url)
        press(page, "Add")
        press(page, "Test this model")
        expect(page.get_by_text(re.compile(r"Connected, 2 models\. fake-large: .*logprobs yes"))).to_be_visible()
        tested = len(host.asked)

        go(page, "Runs")
        expect(page.get_by_text("free (own hardware)")).to_be_visible()
        choose(page, "^Hosts", "Office server")
        page.keyboard.press("Escape")  # while a list is open, the rest of the page cannot be reached
        expect(page.get_by_role("button", name="Remove Office server", exact=True)).to_be_visible()
        press(page, "Remove Embedded host")
        expect(page.get_by_text("Price of fake-large unknown")).to_be_visible()
        expect(page.get_by_text(f"{VALIDATION} calls")).to_be_visible()
        press(page, "Start run")
        until(page, data, "SELECT status, done, json_extract(config, '$.host') FROM runs", [("done", 12, "custom")])
        assert len(host.asked) == tested + VALIDATION
        no_trouble(page)


def test_a_grid_stops_at_its_cap_says_so_and_goes_on_once_it_is_raised(
    world: World,
    page: Page,
    data: Path,  # noqa: F811
) -> None:
    host, server = world
    two_by_two = "run_prompts=1,2&run_models=openai:fake-large,openai:fake-small"
    page.goto(f"{server.url}/runs?project=1&run_hosts=openai&run_split=validation&{two_by_two}")
    expect(page.get_by_text("(2 prompts × 2 models × 12 items)")).to_be_visible()
    calls = page.get_by_role("spinbutton", name="Calls", exact=True)
    within(page, "Options", lambda: calls.fill("30", timeout=10_000))
    page.keyboard.press("Enter")
    expect(page.get_by_text("at most 30 calls")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "Start 4 runs")

    until(page, data, "SELECT SUM(done), SUM(calls), COUNT(resume_at) FROM runs WHERE grid_id = 1", [(30, 30, 0)])
    expect(page.get_by_text(re.compile("The cap of 30 calls is reached"))).to_be_visible()
    assert len(host.asked) == 30

    press_within(page, "Raise the cap", "Continue with this cap")
    until(page, data, "SELECT COUNT(*), SUM(status = 'done'), SUM(done) FROM runs", [(4, 4, 48)])
    asked = Counter((each.text, each.body["model"], each.body["messages"][0]["content"]) for each in host.asked)
    assert (len(asked), set(asked.values())) == (48, {1})
    no_trouble(page)


def test_the_same_run_again_comes_from_the_cache_without_a_call(
    world: World,
    page: Page,
    data: Path,  # noqa: F811
) -> None:
    host, server = world
    page.goto(f"{server.url}/runs?{ON_FAKE}")
    press(page, "Start run")
    until(page, data, "SELECT status, done, from_cache FROM runs", [("done", 12, 0)])
    asked = len(host.asked)

    page.goto(f"{server.url}/runs?{ON_FAKE}&run_which=all")
    expect(page.get_by_text("No call is needed: all of these items have an answer in the cache.")).to_be_visible()
    press(page, "Start run")
    until(page, data, "SELECT status, done, from_cache, calls FROM runs WHERE id = 2", [("done", 12, 12, 0)])
    expect(page.get_by_text("From the cache", exact=True)).to_be_visible()
    assert len(host.asked) == asked

    page.goto(f"{server.url}/runs?project=1&run=2")
    listed = page.locator(".opens tbody tr")
    expect(listed).to_have_count(2)
    listed.nth(1).click()  # the newest is first
    expect(page).to_have_url(re.compile(r"[?&]run=1(&|$)"))
    expect(listed.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile(r"[?&]run=2(&|$)"))
    expect(listed.nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile(r"[?&]run=1(&|$)"))
    no_trouble(page)


def test_three_answers_an_item_give_their_share_as_confidence(
    small: None,
    tmp_path: Path,
    page: Page,
    data: Path,  # noqa: F811
) -> None:
    with (
        FakeHost(split_answers(Counter())) as host,  # type: ignore[arg-type]
        served(tmp_path, OPENAI_BASE_URL=host.base_url) as server,
    ):
        page.goto(f"{server.url}/runs?{ON_FAKE}&run_repeats=3")
        expect(page.get_by_text("36 calls")).to_be_visible()
        press(page, "Start run")
        until(page, data, "SELECT status, done, calls FROM runs", [("done", 12, 36)])
        expect(page.get_by_text("share of 3 answers")).to_be_visible()
    shares = "SELECT confidence_source, ROUND(MIN(confidence), 3), ROUND(MAX(confidence), 3) FROM annotations"
    assert rows(data, f"{shares} WHERE run_id = 1") == [("repeats", 0.667, 0.667)]
    no_trouble(page)


@pytest.mark.encoder
def test_a_batch_on_the_embedded_host_goes_from_start_to_results(
    small: None,
    tmp_path: Path,
    page: Page,
    data: Path,  # noqa: F811
) -> None:
    with served(tmp_path) as server:
        page.goto(f"{server.url}/runs?project=1&run_split=validation&run_mode=batch")
        expect(page.get_by_text("as a batch", exact=False).first).to_be_visible()
        press(page, "Start run")
        until(page, data, "SELECT status, done, errors FROM runs", [("done", VALIDATION, 0)])
        expect(page.get_by_text("Batches", exact=True)).to_be_visible()
        expect(page.get_by_text("Answers by label")).to_be_visible()
        assert {status for (status,) in rows(data, "SELECT status FROM batches")} == {"collected"}
        no_trouble(page)


ELSEWHERE = "http://models.example:8000/v1"
"""A host of another machine. No such name exists: what is sent to it reaches the proxy, which is the fake."""


def through(host: FakeHost) -> dict[str, str]:
    """An environment in which everything to another machine goes through a proxy."""
    proxy = host.base_url.removesuffix("/v1")
    return {"http_proxy": proxy, "HTTP_PROXY": proxy, "no_proxy": "", "NO_PROXY": ""}


def letters(data: Path) -> None:  # noqa: F811
    """A project whose every text holds an e-mail address."""
    texts = [
        f"{'team' if i % 2 else 'law'}{i} one{i} two{i} three{i}, write to maria{i}@example.org" for i in range(40)
    ]
    table = TableData(("text", "gold"), [(text, right_label(text)) for text in texts], "made for a test")
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(data)}))
    project = wb.data.import_table(table, ImportChoice("Letters", ("text",), ("gold",)), task=TASK)
    wb.data.split(project, Shares(0.5, 0.3, 0.2), seed=1)
    wb.prompts.save(project, "Choose one of:\n{{labels}}", "{{text}}", "plain")
    wb.close()


def test_a_host_elsewhere_is_asked_nothing_before_consent_and_then_sees_texts_masked(
    tmp_path: Path,
    page: Page,
    data: Path,  # noqa: F811
) -> None:
    letters(data)
    with (
        FakeHost(right_label) as host,
        served(tmp_path, OPENAI_BASE_URL=ELSEWHERE, OPENAI_API_KEY="made-up", **through(host)) as server,
    ):
        page.goto(f"{server.url}/runs?{ON_FAKE}")
        expect(page.get_by_text(re.compile("Before the first call to Server at"))).to_be_visible()
        expect(page.get_by_role("button", name="Start run", exact=True)).to_be_disabled()

        page.goto(f"{server.url}/hosts?project=1&host=openai")
        page.get_by_text("Masking, parameters, limits").first.click()
        choose(page, "^Mask before sending", "e-mail addresses")
        page.keyboard.press("Escape")
        press(page, "Save")
        expect(page.get_by_text("E-mail addresses are masked before anything is sent.")).to_be_visible()
        assert (host.asked, dict(host.served)) == ([], {})

        page.goto(f"{server.url}/prompts?project=1&try_host=openai")
        page.get_by_role("button", name=re.compile("^Allow Server at")).click()
        press(page, "Try on 5 random validation items")
        page.get_by_text(re.compile("^masked · ")).first.click()
        expect(page.get_by_text(re.compile(r"write to \[EMAIL_[0-9A-F]+\]")).first).to_be_visible()
        sent = json.dumps([each.body for each in host.asked])
        assert len(host.asked) >= 5 and "[EMAIL_" in sent and "@example.org" not in sent
        no_trouble(page)
