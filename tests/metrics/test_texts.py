"""Figures of texts, against sacrebleu's, the textbook's table and hand-worked means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import TextSums, estimate_all
from core.metrics.texts.chrf import chrf
from core.metrics.texts.distance import edit_distance, edit_similarity
from core.metrics.texts.figures import MOST


@pytest.mark.parametrize(
    ("reference", "candidate", "score"),
    [
        ("The cat is on the mat.", "The cat sat on the mat.", 67.17273492330233),
        ("Das Haus ist sehr klein und alt.", "Das Haus ist klein", 45.97122862323818),
        ("xyz", "abc", 0.0),
        ("ab", "a", 55.55555555555556),
        ("ein  Tag", "Ein Tag", 59.166666666666664),
        ("東京は日本の首都だ", "東京は日本の首都です", 80.7971795938625),
        ("x y z", "x", 38.46153846153846),
        ("the cat sat on the mat", "on the mat the cat sat", 81.09203296703296),
    ],
)
def test_chrf_is_what_sacrebleu_2_6_gives_for_one_sentence(reference, candidate, score):
    assert 100 * chrf(reference, candidate) == pytest.approx(score)


def test_two_texts_without_a_character_are_the_same():
    assert chrf("", " ") == 1.0 and chrf("", "a") == 0.0
    assert edit_similarity("", "") == 1.0 and edit_similarity("", "a") == 0.0


def by_the_table(one, other):
    """The recurrence as Wagner and Fischer 1974 have it."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]


@given(st.text("abc ü", max_size=40), st.text("abc ü", max_size=40))
def test_the_edit_distance_is_that_of_the_table(one, other):
    assert edit_distance(one, other) == by_the_table(one, other) == edit_distance(other, one)


def test_kitten_and_sitting():
    assert edit_distance("kitten", "sitting") == 3 and edit_similarity("kitten", "sitting") == pytest.approx(1 - 3 / 7)


def test_each_figure_is_a_mean_over_items_with_an_interval_around_it():
    pairs = [("A cat.", "a  cat."), ("kitten", "sitting"), ("same", "same"), ("", "")]
    cosines = [1.0, 0.2, 1.0, 1.0]
    figures = estimate_all(TextSums(pairs, lambda looked_at: np.array(cosines[: len(looked_at)])))
    assert list(figures) == ["same_text", "edit_similarity", "chrf", "cosine"]
    assert figures["same_text"].value == 0.75  # case and white space aside
    assert figures["edit_similarity"].value == pytest.approx((1 - 2 / 7 + 1 - 3 / 7 + 1 + 1) / 4)
    assert figures["cosine"].value == pytest.approx(0.8)
    for figure in figures.values():
        assert figure.n == 4 and figure.low <= figure.value <= figure.high and figure.interval
    assert TextSums(pairs).agreements == 2


def test_a_cosine_that_is_not_worked_out_for_all_of_them_says_for_how_many():
    pairs = [("a", "b"), ("c", "d")]
    for sums, left in ((TextSums(pairs), 2), (TextSums(pairs, lambda _: np.array([0.5, np.nan])), 1)):
        figure = estimate_all(sums, ["cosine"])["cosine"]
        assert (figure.value, figure.undefined) == (None, f"not worked out yet for {left} of 2 items")


def test_without_items_every_figure_says_why_it_is_none():
    for figure in estimate_all(TextSums([])).values():
        assert figure.value is None and figure.undefined


def test_of_many_items_so_many_are_looked_at_closely_and_the_figure_says_how_many():
    sums = TextSums([("abc", "abd")] * (MOST + 10))
    figures = estimate_all(sums)
    assert figures["same_text"].n == MOST + 10 and figures["chrf"].n == figures["edit_similarity"].n == MOST
    assert figures["edit_similarity"].value == pytest.approx(2 / 3)
