"""Colours, keys and the faults of a task."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Label, Task
from core.tasks import LABEL_COLORS, RESERVED_KEYS, check_task, complete_labels, propose_labels, text_on
from core.tasks.labels import FALLBACK_COLOR, complete_fallback

# Machado, Oliveira & Fernandes (2009), severity 1.0, for linear RGB.
SIGHTS = {
    "full colour": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07218], [0.01933, 0.11919, 0.95030]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(weights @ linear(color)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sight", SIGHTS)
def test_label_colours_stay_apart_for_people_who_see_colours_differently(sight: str) -> None:
    assert len(LABEL_COLORS) >= 12
    seen = {color: lab(SIGHTS[sight] @ linear(color)) for color in (*LABEL_COLORS, FALLBACK_COLOR)}
    closest = min((np.linalg.norm(seen[a] - seen[b]), a, b) for a, b in combinations(LABEL_COLORS, 2))
    assert closest[0] >= 15, closest  # CIE76; about 2.3 is a just noticeable difference


@pytest.mark.parametrize("color", [*LABEL_COLORS, FALLBACK_COLOR])
def test_a_chip_can_be_read_and_seen_on_both_themes(color: str) -> None:
    assert contrast(color, text_on(color)) >= 4.5
    assert contrast(color, "#FFFFFF") >= 1.9
    assert contrast(color, "#0E1117") >= 1.9


def test_proposed_labels_get_the_digits_first_and_then_letters_that_are_not_reserved() -> None:
    labels = propose_labels([f"L{number}" for number in range(12)])
    assert [label.key for label in labels] == [*"123456789", "a", "c", "d"]
    assert [label.color for label in labels] == list(LABEL_COLORS)


def test_proposing_skips_blanks_repeats_and_the_fallback() -> None:
    labels = propose_labels(["Sports ", "", "SPORTS", "Unable to classify", "Politics"])
    assert [label.name for label in labels] == ["Sports", "Politics"]
    assert [label.name for label in propose_labels(["a", "OTHER"], Label("other"))] == ["a"]


def test_completing_labels_keeps_what_is_there_and_repeats_nothing_before_it_must() -> None:
    labels = complete_labels([Label("a", color=LABEL_COLORS[1].lower(), key="2"), Label("b"), Label("c")])
    assert [label.key for label in labels] == ["2", "1", "3"]
    assert [label.color for label in labels] == [LABEL_COLORS[1].lower(), LABEL_COLORS[0], LABEL_COLORS[2]]


@given(st.integers(2, 500))
def test_any_number_of_proposed_labels_passes_the_check(count: int) -> None:
    labels = propose_labels([f"label {number}" for number in range(count)])
    assert len(labels) == count
    assert check_task(Task(labels, complete_fallback(Task(()).fallback))) == []
    keys = [label.key for label in labels if label.key]
    assert len(keys) == len(set(keys)) and not RESERVED_KEYS & set(keys) and "0" not in keys


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([], "no labels"),
        ([Label("a")], "only one label"),
        ([Label(f"l{number}") for number in range(501)], "501 labels; the limit is 500"),
        ([Label("Sports"), Label("SPORTS")], '"SPORTS" and "Sports" are the same name'),
        ([Label("a b"), Label("a_b")], "the same name"),
        ([Label("a"), Label("a")], '"a" occurs twice'),
        ([Label("a"), Label("unable to classify")], "the same name"),
        ([Label("a"), Label("  ")], "has no name"),
        ([Label("a"), Label("b\nc")], "line break"),
        ([Label("a"), Label("b ")], "begins or ends with a space"),
        ([Label("a"), Label("b" * 201)], "201 characters"),
        ([Label("a", key="1"), Label("b", key="1")], 'share the key "1"'),
        ([Label("a", key="u"), Label("b")], "review screen itself"),
        ([Label("a", key="0"), Label("b")], "reserved for the fallback"),
        ([Label("a", key="12"), Label("b")], "not one character"),
        ([Label("a", color="red"), Label("b")], '"red"'),
        ([Label("a", color="#12345g"), Label("b")], '"#12345g"'),
    ],
)
def test_each_fault_of_a_task_has_one_clear_sentence(labels: list[Label], sentence: str) -> None:
    problems = check_task(Task(tuple(labels)))
    assert len(problems) == 1, problems
    assert sentence in problems[0].message and problems[0].hint


def test_a_problem_says_which_label_it_is_about() -> None:
    (problem,) = check_task(Task((Label("a"), Label("b"), Label(""))))
    assert (problem.row, problem.column) == (3, "name")


def test_names_in_any_script_are_fine() -> None:
    assert check_task(Task((Label("🙂"), Label("أخبار"), Label("<b>bold</b>"), Label("naïve")))) == []
