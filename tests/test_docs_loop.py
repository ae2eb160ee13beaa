"""The notebook-style script in docs/ goes through the whole loop."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.encoder
@pytest.mark.slow
def test_the_script_in_docs_goes_round_the_loop_without_a_browser(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    finished = subprocess.run(
        [sys.executable, "docs/loop.py"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert re.search(r"validation items, .* agrees with maria on \d+ ?%", finished.stdout)
    fixed, broken = map(int, re.search(r"fixed (\d+) broken (\d+)", finished.stdout).groups())  # type: ignore[union-attr]
    assert fixed > broken, "a model taught on the train split gets more right than the one it came from"
    assert "is better by" in finished.stdout, "on so many items it can be told"
    assert "streamlit" not in finished.stderr.lower()
    assert "1137 rows" in finished.stdout
    scores = dict(re.findall(r"^(.+?) \{'strict_f1': ([\d.]+)", finished.stdout, re.MULTILINE))
    taught, base = ([float(f1) for who, f1 in scores.items() if who.startswith(kind)] for kind in ("tuned", "minilm"))
    assert len(taught) == len(base) == 2 and min(taught) > max(base), (
        "as tags and as quotes it marks better once taught"
    )
