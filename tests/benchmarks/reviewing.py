"""Review of long texts with many marks, in Chromium: from a key to its frame, and from a link to the text in view."""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.conftest import CHROMIUM_ARGS, Server, installed_chromium

_PAINTED = """async key => {
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    await frame();
    const from = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown",
        {key: key.at(-1), shiftKey: key.length > 1, ctrlKey: key.length > 1, bubbles: true, composed: true}));
    const handled = performance.now() - from;
    document.querySelector("[data-testid=stApp]").getBoundingClientRect();
    await frame();
    return [handled, performance.now() - from];
}"""
_KEYS = (["Control", "Shift", "ArrowRight"], ["1"], [","], ["."])
_FRAME = 1000 / 60
_LIMIT = 50.0


def reviewing(rounds: int = 10) -> list[str]:
    """A key is answered within a frame or few: what is told is from the key to the end of the frame that shows it."""
    lines = [
        "review of long texts with 200 marks: from a key to the frame that shows it (aim under 50 ms), and opening"
    ]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        log = Path(folder) / "server.log"
        server = Server("tests/e2e/review_harness.py", {"REVIEW_HARNESS_FOLDER": folder}, log).start()
        chromium = playwright.chromium.launch(executable_path=installed_chromium(), args=CHROMIUM_ARGS)
        try:
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            for text, characters in (("short", 200), ("novel", 20_000), ("tome", 200_000)):
                lines.append(
                    _row(page, f"{server.url}/?case=spans&unsuggested=1&text={text}&store={text}", characters, rounds)
                )
        finally:
            chromium.close()
            server.stop()
    return lines


def _row(page: Page, url: str, characters: int, rounds: int) -> str:
    started = time.perf_counter()
    page.goto(url)
    page.locator(".review .hint[data-act=keys]").wait_for()
    opened = time.perf_counter() - started
    painted = [page.evaluate(_PAINTED, key)[1] for _ in range(rounds) for key in _KEYS]
    middle, worst = statistics.median(painted), sorted(painted)[int(0.95 * len(painted))]
    return (
        f"  {characters:8,} characters   opens in {opened:5.2f} s   a key {middle:6.1f} ms, 95 % within {worst:6.1f} ms"
        f"   {worst / _LIMIT:.2f} of the limit"
    )
