"""How what is typed goes to the server, by the browser's own clock: the shell's scripts without a server."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from pages._ui.words.bundle import bundle

pytestmark = pytest.mark.browser

OUTBOX = bundle(Path(__file__).parents[2] / "pages/_ui", "shell/outbox.js")
APP = "<div data-testid=stApp data-test-connection-state=CONNECTED data-test-script-state=notRunning></div>"
WORLD = """
const root = document.body, sent = [], held = [];
const outbox = createOutbox(100, () => ({ text: "all" }), () => held.push(sent.length));
const draw = (state) => Object.assign(document.querySelector("div").dataset, state);
attach(outbox, "place", root, (message) => sent.push(message));
Object.assign(globalThis, { outbox, sent, held, draw, number, schedule, confirm, flush, isConnected, turnTo, unsent });
"""


@pytest.fixture
def typed(page: Page) -> Page:
    """A page in which something was just typed."""
    page.clock.install(time=1_700_000_000)
    page.set_content(APP)
    page.clock.pause_at(1_700_000_600)  # from here on time passes when a test says so
    page.evaluate(f"() => {{ {OUTBOX} {WORLD} number(outbox); schedule(outbox); }}")
    return page


def sent(page: Page) -> list[int]:
    return page.evaluate("sent.map((one) => one.seq)")


def test_what_was_typed_is_sent_after_a_pause_and_again_until_the_server_has_it(typed: Page) -> None:
    typed.clock.run_for(99)
    assert sent(typed) == []
    typed.clock.run_for(1)
    [seq] = sent(typed)
    assert typed.evaluate("[sent[0].text, unsent.get('place').isPending()]") == ["all", True]
    typed.clock.run_for(3000)
    assert sent(typed) == [seq, seq] and typed.evaluate("held") == [1]
    assert typed.evaluate("[confirm(outbox, outbox.seq - 1), confirm(outbox, outbox.seq)]") == [False, True]
    typed.clock.run_for(10_000)
    assert sent(typed) == [seq, seq] and not typed.evaluate("unsent.get('place').isPending()")


def test_numbers_rise_also_where_the_clock_went_back(typed: Page) -> None:
    typed.evaluate("outbox.seq = 1_900_000_000_000; number(outbox); flush(outbox)")
    assert sent(typed) == [1_900_000_000_001]


def test_nothing_is_sent_again_into_an_answer_under_way(typed: Page) -> None:
    typed.clock.run_for(100)
    typed.evaluate("draw({ testScriptState: 'running' })")
    typed.clock.run_for(9000)
    assert len(sent(typed)) == 1
    typed.evaluate("draw({ testScriptState: 'notRunning' })")
    typed.clock.run_for(100)
    assert len(sent(typed)) == 2


def test_while_another_page_is_asked_for_nothing_is_sent(typed: Page) -> None:
    typed.evaluate("turnTo('/elsewhere', 1000)")
    typed.clock.run_for(999)
    assert sent(typed) == []
    typed.clock.run_for(3000)
    assert len(sent(typed)) == 1


def test_a_machine_without_a_network_is_connected_to_the_server_on_it(typed: Page) -> None:
    typed.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => false })")
    assert typed.evaluate("isConnected()")
    typed.evaluate("draw({ testConnectionState: 'DISCONNECTED_FOREVER' })")
    assert not typed.evaluate("isConnected()")
    typed.evaluate("document.querySelector('div').remove()")
    assert not typed.evaluate("isConnected()")
