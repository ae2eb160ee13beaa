"""So many of a kind, and one at that."""

import re
from pathlib import Path

import pytest

from core.plural import bytes_in_words, count

ROOT = Path(__file__).parents[1]
BY_HAND = re.compile(r"\{[^{}]*:\+?,?\.\d[f%]\}|toFixed\(2\)|%\{[a-zA-Z_\[\]0-9.]+:\.\d[f%]\}")
"""A share or a score that is rounded where it is written: what is measured in a unit may be."""
IN_A_UNIT = re.compile(
    r"seconds|wait|/ 60|1e6|1e3|1_000|dollars|amount|_SECONDS|rate|run\.rate|tokens|step|n / 100|_SURE|Pick\("
)


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (12_000, "12,000 people")]
)
def test_one_is_singular_and_every_other_number_plural(number: int, said: str) -> None:
    assert count(number, "person", "people") == said


def test_the_plural_is_an_s_where_nothing_else_is_said() -> None:
    assert (count(1, "item"), count(2, "item")) == ("1 item", "2 items")


def test_no_score_or_share_is_rounded_by_hand_outside_the_one_place_that_writes_figures() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("core/services", "core/exporters", "pages")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".js"} and path.name != "figures.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if BY_HAND.search(line) and not IN_A_UNIT.search(line)
    ]
    assert found == []


def test_sizes_are_told_with_a_tenth_where_there_is_one() -> None:
    assert [bytes_in_words(n * 2**19) for n in (1, 40, 3 * 2**10, 2**14)] == ["512 kB", "20 MB", "1.5 GB", "8 GB"]
    assert [bytes_in_words(n) for n in (0, 100, 12_345)] == ["0 kB", "0.1 kB", "12.1 kB"]
