"""The demo data set keeps the shape that the demo project and its walk-through rely on."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "core" / "demo"
PEOPLE = ("maria", "jonas")
FALLBACK = "UNABLE_TO_CLASSIFY"
CATEGORIES = {
    "MEDIA & ENTERTAINMENT",
    "WORLD NEWS",
    "CULTURE & ARTS",
    "SCIENCE & TECHNOLOGY",
    "SPORTS",
    "POLITICS",
    "MONEY & BUSINESS",
    "STYLE & BEAUTY",
}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    # Strict quoting and strict UTF-8: a damaged file fails here instead of arriving as shifted columns.
    with (FOLDER / "headlines.csv").open(encoding="utf-8", errors="strict", newline="") as file:
        return list(csv.DictReader(file, strict=True, restkey="extra", restval="missing"))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_every_row_has_exactly_the_four_columns_all_filled(rows: list[dict[str, str]]) -> None:
    assert {tuple(row) for row in rows} == {("id", "text", "maria", "jonas")}
    assert all(value.strip() == value and value not in ("", "missing") for row in rows for value in row.values())


def test_there_are_enough_rows_to_tell_on_a_test_split_whether_a_model_got_better(rows: list[dict[str, str]]) -> None:
    assert len(rows) >= 1100


def test_no_id_appears_twice_and_ids_look_like_h001(rows: list[dict[str, str]]) -> None:
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"h\d{3,4}", one)] == []


def test_no_text_appears_twice_even_with_other_case_or_punctuation(rows: list[dict[str, str]]) -> None:
    counts = Counter(_words(row["text"]) for row in rows)
    assert [text for text, times in counts.items() if times > 1] == []


def test_no_two_texts_open_with_the_same_four_words(rows: list[dict[str, str]]) -> None:
    counts = Counter(" ".join(_words(row["text"]).split()[:4]) for row in rows)
    assert [opening for opening, times in counts.items() if times > 1] == []


def test_every_text_is_a_headline_with_a_description_rather_than_an_article(rows: list[dict[str, str]]) -> None:
    assert [row["id"] for row in rows if not 60 <= len(row["text"]) <= 400] == []
    assert [row["id"] for row in rows if "\n" in row["text"]] == []


def test_texts_bring_accents_and_curly_quotes_and_an_emoji_through_the_importer(rows: list[dict[str, str]]) -> None:
    everything = "".join(row["text"] for row in rows)
    assert {"é", "’", "“"} <= set(everything)
    assert any(ord(character) > 0xFFFF for character in everything)


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_uses_every_category_at_least_a_hundred_times(rows: list[dict[str, str]], person: str) -> None:
    counts = Counter(row[person] for row in rows)
    assert {name: counts[name] for name in CATEGORIES if counts[name] < 100} == {}


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_uses_a_label_outside_the_list_and_the_fallback_is_rare(rows: list[dict[str, str]], person: str) -> None:
    counts = Counter(row[person] for row in rows)
    assert set(counts) <= CATEGORIES | {FALLBACK}
    assert counts[FALLBACK] <= 4


def test_the_two_agree_mostly_but_leave_something_to_discuss(rows: list[dict[str, str]]) -> None:
    same = sum(row["maria"] == row["jonas"] for row in rows)
    assert 0.80 <= same / len(rows) <= 0.92


def test_the_readme_says_that_texts_and_labels_are_invented_and_states_the_true_counts(
    rows: list[dict[str, str]],
) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    same = sum(row["maria"] == row["jonas"] for row in rows)
    assert "All of it is invented" in readme
    assert "No two people labelled this" in readme
    assert f"agree on {same} of {len(rows)} items ({same / len(rows):.0%})".replace("%", " %") in readme
