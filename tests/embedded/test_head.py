import io

import numpy as np
import pytest

from core.embedded.classifier import softmax
from core.embedded.head import LinearHead, _gradient, decay_of, train, weights_of
from core.embedded.heads.adam import LEARNING_RATE
from core.embedded.heads.settings import Settings


def clusters(n=60, seed=0):
    """Three clusters on the unit sphere in 384 dimensions."""
    generator = np.random.default_rng(seed)
    targets = np.arange(n) % 3
    centres = np.random.default_rng(99).normal(size=(3, 384))
    vectors = centres[targets] + generator.normal(size=(n, 384))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), targets.astype(np.intp)


def last(vectors, targets, **overrides):
    return list(train(vectors, targets, ["a", "b", "c"], settings(**overrides)))[-1]


def settings(**overrides):
    return Settings(**{"epochs": 5, "batch_size": 16, "rate": 1.0, "seed": 0, **overrides})


def test_training_learns_what_generalises_and_the_loss_falls():
    vectors, targets = clusters()
    unseen = clusters(seed=1)
    losses = [e.head.loss_and_accuracy(vectors, targets)[0] for e in train(vectors, targets, "abc", settings())]
    assert losses == sorted(losses, reverse=True)
    assert last(vectors, targets).head.loss_and_accuracy(*unseen)[1] == 1.0


def test_steps_count_batches():
    # 60 examples in batches of 16 are 4 steps an epoch.
    epochs = list(train(*clusters(), "abc", settings(epochs=2)))
    assert [(e.number, e.step) for e in epochs] == [(1, 4), (2, 8)]


def test_the_seed_decides_the_head():
    data = clusters()
    np.testing.assert_array_equal(last(*data).head.weights, last(*data).head.weights)
    assert (last(*data, seed=1).head.weights != last(*data).head.weights).any()


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate():
    vectors, targets = clusters(12)
    head = last(vectors, targets, epochs=1, batch_size=12, rate=2.0).head
    moved = np.abs(head.weights[np.abs(head.weights) > 0])
    np.testing.assert_allclose(moved, 2 * LEARNING_RATE, rtol=1e-2)


def test_the_gradient_is_that_of_the_documented_loss():
    generator = np.random.default_rng(3)
    x, targets = generator.normal(size=(5, 4)), np.array([0, 1, 2, 1, 0])
    w, weight, decay = generator.normal(size=(5, 3)), generator.uniform(0.5, 2, size=5), 0.03

    def loss(w):
        p = softmax(x @ w[:-1] + w[-1])
        return -(weight * np.log(p[np.arange(5), targets])).mean() + decay / 2 * (w[:-1] ** 2).sum()

    numeric = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        step = np.zeros_like(w)
        step[index] = 1e-6
        numeric[index] = (loss(w + step) - loss(w - step)) / 2e-6
    np.testing.assert_allclose(_gradient(x, targets, w, weight, decay), numeric, atol=1e-6)


def test_an_untrained_head_has_the_loss_of_guessing():
    zeros = LinearHead(("a", "b"), np.zeros(384), np.ones(384), np.zeros((384, 2)), np.zeros(2))
    loss, accuracy = zeros.loss_and_accuracy(np.ones((4, 384), np.float32), np.array([0, 0, 0, 1]))
    assert (loss, accuracy) == (pytest.approx(np.log(2)), 0.75)


def test_a_head_reads_back_as_it_was_written():
    vectors, targets = clusters()
    head = last(vectors, targets).head
    buffer = io.BytesIO()
    head.write(buffer)
    again = LinearHead.read(io.BytesIO(buffer.getvalue()))
    assert again.labels == ("a", "b", "c")
    np.testing.assert_array_equal(again.logits(vectors), head.logits(vectors))


def test_the_decay_is_that_of_a_prior_which_counts_the_less_the_more_examples_there_are():
    assert decay_of(10) == decay_of(800) == pytest.approx(0.01)
    assert decay_of(8_000) == pytest.approx(0.001)


def test_balanced_labels_count_the_same_in_all():
    weight = weights_of(np.array([0, 0, 0, 2]), 3, balanced=True)
    np.testing.assert_allclose(weight, [2 / 3, 2 / 3, 2 / 3, 2])
    assert weights_of(np.array([0, 0, 0, 2]), 3, balanced=False).tolist() == [1, 1, 1, 1]
