import math

import numpy as np
import pytest

from core.embedded.encoder import DIMENSIONS, _batches, gelu


def test_gelu_is_within_a_millionth_of_the_exact_one():
    x = np.linspace(-12, 12, 4801, dtype=np.float32).reshape(-1, 1)
    exact = np.array([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x[:, 0].astype(float)])
    error = np.abs(gelu(x.copy())[:, 0] - exact)
    # Single precision itself is worth 12 * 2**-24 = 7e-7 at the ends.
    assert error.max() < 2e-6


def test_batches_hold_every_text_once_and_respect_the_limit():
    lengths = [5, 50, 7, 300, 6, 49]
    batches = _batches(lengths, 100)
    assert batches == [[3], [1, 5], [2, 4, 0]]


@pytest.mark.encoder
@pytest.mark.parametrize(
    ("other", "similarity"),
    [("That is a happy dog", 0.6946), ("That is a very happy person", 0.9429), ("Today is a sunny day", 0.2569)],
)
def test_known_similarities_are_reproduced(encoder, other, similarity):
    a, b = encoder.encode(["That is a happy person", other])
    assert float(a @ b) == pytest.approx(similarity, abs=1e-4)


@pytest.mark.encoder
def test_a_text_has_the_same_vector_alone_and_among_longer_ones(encoder):
    texts = ["short", "a rather longer text about nothing in particular, with commas", "word " * 400]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)


@pytest.mark.encoder
def test_what_follows_the_256th_token_changes_nothing(encoder):
    # 254 words and the two special tokens fill the window exactly.
    head = "word " * 254
    a, b = encoder.encode([head + "football", head + "quantum chemistry"])
    np.testing.assert_array_equal(a, b)


@pytest.mark.encoder
def test_no_text_gives_no_vectors_and_an_empty_text_gives_one(encoder):
    assert encoder.encode([]).shape == (0, DIMENSIONS)
    assert np.isfinite(encoder.encode([""])).all()


@pytest.mark.encoder
def test_tokens_are_counted_in_full_and_without_special_ones(encoder):
    assert encoder.count_tokens(["hello world", "", "word " * 400]) == [2, 0, 400]
