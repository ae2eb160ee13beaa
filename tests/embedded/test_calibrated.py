import csv

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.embedded.classifier import softmax
from core.embedded.head import train
from core.embedded.heads.calibrated import cooling_of, train_calibrated
from core.embedded.heads.settings import Settings


def clusters(sizes, seed, spread=4.0):
    """Vectors around the centre of their label, wide enough apart that some lie nearer to another's."""
    generator = np.random.default_rng(seed)
    targets = np.repeat(np.arange(len(sizes)), sizes)
    centres = np.random.default_rng(99).normal(size=(len(sizes), 384))
    vectors = centres[targets] + spread * generator.normal(size=(len(targets), 384))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), targets.astype(np.intp)


def best(vectors, targets, **overrides):
    settings = Settings(**{"epochs": 20, "batch_size": 32, "rate": 1.0, "seed": 0, **overrides})
    labels = [str(label) for label in range(targets.max() + 1)]
    return min(train_calibrated(vectors, targets, labels, settings), key=lambda epoch: epoch.unseen.loss).head


def calibration_error(p, targets, bins=10):
    """Expected calibration error (Guo et al. 2017), over bins of equal width."""
    sure, right = p.max(axis=1), p.argmax(axis=1) == targets
    places = np.minimum((sure * bins).astype(int), bins - 1)
    return sum(abs(sure[places == b].sum() - right[places == b].sum()) for b in range(bins)) / len(targets)


def test_the_factor_is_the_one_with_the_least_cross_entropy():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(400, 5)) * 3
    targets = np.array([generator.choice(5, p=p) for p in softmax(logits * 0.4)])
    weight = generator.uniform(0.5, 2, size=400)

    def loss(factor):
        return np.average(-np.log(softmax(logits * factor)[np.arange(400), targets]), weights=weight)

    found = cooling_of(logits, targets, weight)
    assert found == pytest.approx(0.4, abs=0.1)
    assert loss(found) <= min(map(loss, np.linspace(0.05, 3, 600))) + 1e-9


def test_predictions_that_are_all_right_or_all_wrong_have_a_factor_with_an_end():
    logits, targets = np.eye(3)[[0, 1, 2, 0]] * 5, np.array([0, 1, 2, 0])
    assert 1 < cooling_of(logits, targets, np.ones(4)) <= np.exp(3)
    assert cooling_of(logits, (targets + 1) % 3, np.ones(4)) == pytest.approx(np.exp(-3))
    assert cooling_of(np.zeros((4, 3)), targets, np.ones(4)) == 1


def test_what_is_told_of_unseen_examples_is_what_comes_of_them():
    train, test = clusters([100] * 4, seed=0, spread=8.0), clusters([500] * 4, seed=1, spread=8.0)
    labels, settings = ["a", "b", "c", "d"], Settings(10, 32, 1.0, 0)
    epoch = list(train_calibrated(*train, labels, settings))[-1]
    loss, accuracy = epoch.head.loss_and_accuracy(*test)
    seen_loss, seen_accuracy = epoch.head.loss_and_accuracy(*train)
    assert seen_accuracy > accuracy + 0.05 and seen_loss < loss - 0.1
    assert epoch.unseen.score == pytest.approx(accuracy, abs=0.06)
    assert epoch.unseen.loss == pytest.approx(loss, abs=0.15)


def test_labels_that_say_nothing_of_the_texts_are_not_claimed_to_be_sure():
    vectors, _ = clusters([100] * 4, seed=0)
    targets = np.random.default_rng(5).integers(0, 4, 400)
    p = softmax(best(vectors, targets).logits(clusters([100] * 4, seed=1)[0]))
    assert p.max(axis=1).mean() < 0.4


def test_a_rare_label_is_found_more_often_where_labels_count_the_same():
    train, (vectors, targets) = clusters([480, 20], seed=0, spread=9.0), clusters([300, 300], seed=1, spread=9.0)
    rare = targets == 1
    plain, balanced = (best(*train, balanced=wanted).logits(vectors).argmax(axis=1) for wanted in (False, True))
    assert (balanced[rare] == 1).mean() > (plain[rare] == 1).mean() + 0.2


def test_weights_are_the_smaller_the_more_they_are_held_back():
    vectors, targets = clusters([60] * 3, seed=0)
    sizes = []
    for decay in (0.0, None, 1.0, 100.0):
        *_, last = train(vectors, targets, ["a", "b", "c"], Settings(10, 32, 1.0, 0, decay=decay))
        sizes.append(np.abs(last.head.weights).sum())
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] < sizes[0] / 4


def test_an_example_of_each_label_is_enough_to_train_on():
    vectors, targets = clusters([1] * 10, seed=0)
    assert np.isfinite(best(vectors, targets).logits(vectors)).all()


@pytest.mark.slow
@pytest.mark.encoder
def test_headlines_are_learned_as_well_as_by_the_best_logistic_regression_and_better_calibrated(encoder, headlines):
    vectors, targets = embedded(encoder, headlines)
    for examples in (100, 400, 800):
        figures = []
        for seed in range(4):
            order = np.random.default_rng(seed).permutation(len(targets))
            train, test = order[:examples], order[-800:]
            head = best(vectors[train], targets[train], epochs=min(50, 8_000 // examples), seed=seed)
            theirs = strongest(vectors[train], targets[train], seed).predict_proba(vectors[test])
            both = (softmax(head.logits(vectors[test])), theirs)
            figures.append([tell(p, targets[test]) for p in both for tell in (accuracy, calibration_error)])
        ours, error, others, others_error = np.mean(figures, axis=0)
        print(f"{examples}: {ours:.3f} (ECE {error:.3f}), logistic regression {others:.3f} ({others_error:.3f})")
        assert ours > others - 0.01
        # 100 examples tell the temperature within a sixth: measured .047 there, .03 with more.
        assert error < others_error and error < (0.06 if examples == 100 else 0.05)


def accuracy(p, targets):
    return (p.argmax(axis=1) == targets).mean()


def embedded(encoder, path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    names = sorted({name for _, name in rows})
    return encoder.encode([text for text, _ in rows]), np.array([names.index(name) for _, name in rows])


def strongest(vectors, targets, seed):
    """Of logistic regressions the one whose strength does best on a fifth that is held out, then fitted to all."""
    order = np.random.default_rng(seed).permutation(len(targets))
    held, kept = order[: len(order) // 5], order[len(order) // 5 :]

    def fitted(strength, rows):
        return LogisticRegression(C=strength, max_iter=1_000).fit(vectors[rows], targets[rows])

    strengths = [0.1, 0.3, 1, 3, 10, 30, 100]
    best = max(strengths, key=lambda one: fitted(one, kept).score(vectors[held], targets[held]))
    return fitted(best, order)
