import math

import numpy as np
import pytest

from core.embedded.asked import Options
from core.embedded.classifier import (
    NOTHING_FITS,
    TEMPERATURE,
    label_vectors,
    says_nothing,
    softmax,
    with_examples,
    zero_shot,
)
from core.embedded.kinds.one_label import choose

X, Y, Z = np.eye(3, dtype=np.float32)


def test_zero_shot_is_the_cosine_and_a_fallback_has_a_constant():
    scores = zero_shot(X, np.stack([X, Y, X]), np.array([False, False, True]))
    assert scores.tolist() == [1.0, 0.0, NOTHING_FITS]


def test_examples_blend_as_documented_and_leave_other_labels_alone():
    # Label 0 has z = 0 and examples with cosines 1 and 0: T log(1/2 e^0 + 1/2 (e^20 + e^0) / 2).
    blended = with_examples(np.array([0.0, 0.3]), X, np.stack([X, Y]), np.array([0, 0]))
    expected = TEMPERATURE * math.log(0.5 + 0.5 * (math.exp(20) + 1) / 2)
    assert blended.tolist() == [pytest.approx(expected), 0.3]


def test_softmax_of_equal_scores_is_uniform_and_impossible_is_zero():
    assert softmax(np.array([2.0, 2.0, -np.inf])).tolist() == [0.5, 0.5, 0.0]
    # e^0.7 / (e^0.7 + 1) = 0.668188
    assert softmax(np.array([0.7, 0.0]))[0] == pytest.approx(0.668188, abs=1e-6)


@pytest.mark.parametrize(("text", "nothing"), [("", True), ("?! ...", True), ("42", False), ("é", False)])
def test_a_text_without_letters_or_digits_says_nothing(text, nothing):
    assert says_nothing(text) is nothing


def options(n=1, temperature=0.0, seed=None):
    return Options(n, temperature, seed, False, 0)


def test_without_temperature_every_answer_is_the_most_probable():
    assert choose(np.array([0.3, 0.4, 0.3]), options(n=5)) == [1] * 5


def test_draws_follow_the_distribution_and_repeat_with_the_seed():
    p = np.array([0.2, 0.5, 0.3])
    draws = choose(p, options(n=128, temperature=1.0, seed=7))
    assert draws == choose(p, options(n=128, temperature=1.0, seed=7))
    shares = np.bincount(sum((choose(p, options(128, 1.0, s)) for s in range(40)), []), minlength=3) / 5120
    # 5,120 draws: a standard error of 0.007 at most.
    np.testing.assert_allclose(shares, p, atol=0.03)


def test_a_low_temperature_sharpens_and_an_impossible_label_is_never_drawn():
    draws = choose(np.array([0.4, 0.6, 0.0]), options(n=128, temperature=0.05, seed=1))
    # (0.6 / 0.4) ** 20 = 3,325 to 1
    assert draws.count(1) >= 126 and 2 not in draws


def test_a_labels_vector_is_the_mean_direction_of_what_is_said_of_it():
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], dtype=np.float32)
    labels = label_vectors(vectors, np.array([0, 0, 1]))
    assert labels == pytest.approx(np.array([[0.5**0.5, 0.5**0.5], [0.6, 0.8]]), abs=1e-6)
