"""Sets of labels: published values, scikit-learn's, alpha by brute force, and how often intervals hold."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, jaccard_score

from core.metrics import METRICS, Contingency, estimate_all
from core.metrics.sets.distances import masi_distance
from core.metrics.sets.figures import SET_METRICS, SetSums
from core.metrics.sets.table import SetTable, jaccard

LABELS = ("A", "B", "C", "D")


def table_of(pairs, labels=LABELS):
    return SetTable.from_pairs(((sorted(own), sorted(other), 1) for own, other in pairs), labels)


def figures(table):
    return {key: estimate.value for key, estimate in estimate_all(SetSums(table)).items()}


@pytest.fixture
def published_sets(data_folder):
    entries = json.loads((data_folder / "agreement_reference_2.json").read_text())["entries"]
    return next(entry for entry in entries if entry["id"] == "set_annotations_alpha")


def test_alpha_of_a_published_example_is_that_of_passonneaus_masi_not_of_the_other(published_sets):
    pairs = [[[LABELS.index(label) for label in side] for side in item] for item in published_sets["items"]]
    found = figures(table_of(pairs))
    assert found["masi_alpha"] == pytest.approx(
        published_sets["recomputed"]["masi 1-J*M (Passonneau 2006, NLTK)"], abs=5e-5
    )
    assert found["exact_set"] == pytest.approx(published_sets["published"]["percent"], abs=5e-4)


@pytest.mark.parametrize("name", ["masi_subset", "masi_overlap", "masi_disjoint", "masi_equal"])
def test_distances_are_the_published_ones(published, name):
    own, other = (set(published[name]["inputs"][side]) for side in "ab")
    sizes = [np.array([size]) for size in (len(own & other), len(own), len(other))]
    for distance, found in (("masi_distance", masi_distance(*sizes)), ("jaccard_distance", 1 - jaccard(*sizes))):
        for expected in published[name]["values"][distance]:
            assert found[0] == pytest.approx(expected)


def test_an_empty_set_is_a_value_like_another():
    table = table_of([([], []), ([0], [])])
    assert figures(table)["mean_jaccard"] == figures(table)["exact_set"] == pytest.approx(0.5)
    sizes = (np.array([0, 0]), np.array([0, 0]), np.array([0, 2]))
    assert list(masi_distance(*sizes)) == [0.0, 1.0]


SETS = st.lists(st.tuples(*[st.frozensets(st.integers(0, 3), max_size=4)] * 2), min_size=1, max_size=30)


@given(SETS)
def test_each_figure_is_what_an_independent_computation_says(pairs):
    own, other = (np.array([[k in sets for k in range(4)] for sets in side]) for side in zip(*pairs, strict=True))
    found = figures(table_of(pairs))
    assert found["mean_jaccard"] == pytest.approx(jaccard_score(own, other, average="samples", zero_division=1))
    assert found["exact_set"] == pytest.approx((own == other).all(axis=1).mean())
    assert (found["micro_f1"] is None) == (not (own | other).any())
    if found["micro_f1"] is not None:
        assert found["micro_f1"] == pytest.approx(f1_score(own, other, average="micro"))
    occurs = np.flatnonzero(own.any(axis=0))
    assert (found["set_macro_f1"] is None) == (not len(occurs))
    if len(occurs):
        right = f1_score(own, other, average="macro", labels=occurs, zero_division=0)
        assert found["set_macro_f1"] == pytest.approx(right)
    assert found["masi_alpha"] == (None if (right := _alpha(pairs)) is None else pytest.approx(right))


def _alpha(pairs):
    """By the definition: all values, each paired with each other one."""

    def apart(own, other):
        either = own | other
        likeness = 1.0 if own == other else 2 / 3 if own <= other or other <= own else 1 / 3
        return 1.0 - (len(own & other) / len(either) if either else 1.0) * likeness

    values = [value for pair in pairs for value in pair]
    observed = sum(apart(*pair) for pair in pairs) / len(pairs)
    n = len(values)
    expected = sum(apart(a, b) for a in values for b in values) / (n * (n - 1))
    return None if expected == 0 else 1 - observed / expected


@given(SETS)
def test_pairs_counted_together_are_items_counted_alone(pairs):
    together = SetTable.from_pairs(((sorted(own), sorted(other), 3) for own, other in pairs), LABELS)
    alone = table_of([pair for pair in pairs for _ in range(3)])
    for key, estimate in estimate_all(SetSums(together)).items():
        other = SET_METRICS[key].estimate(SetSums(alone))
        assert estimate.n == other.n and (estimate.value is None) == (other.value is None)
        assert estimate.value is None or estimate.value == pytest.approx(other.value)


def test_one_label_an_item_gives_what_single_labels_give():
    counts = np.array([[20, 5, 0], [10, 15, 2], [0, 3, 30]])
    table = SetTable.from_pairs((([i], [j], int(counts[i, j])) for i in range(3) for j in range(3)), LABELS[:3])
    found = figures(table)
    accuracy = np.trace(counts) / counts.sum()
    assert found["mean_jaccard"] == found["exact_set"] == pytest.approx(accuracy)
    assert found["micro_f1"] == pytest.approx(accuracy)
    assert found["masi_alpha"] == pytest.approx(METRICS["alpha"].estimate(Contingency(LABELS[:3], counts)).value)


def test_label_by_label_and_what_is_taken_for_what():
    table = table_of([([0, 1], [0, 2]), ([0], [0]), ([1], [2]), ([], [3])])
    assert table.with_or_without(1).counts.tolist() == [[2, 0], [2, 0]]
    assert table.with_or_without(0).counts.tolist() == [[2, 0], [0, 2]]
    taken = np.zeros((4, 4), dtype=int)
    taken[1, 2] = 2
    assert table.taken_for().tolist() == taken.tolist()


def test_what_is_undefined_says_why():
    none = {key: estimate.undefined for key, estimate in estimate_all(SetSums(table_of([]))).items()}
    assert set(none.values()) == {"no item was annotated by both"}
    empty = estimate_all(SetSums(table_of([([], [])] * 3)))
    assert empty["micro_f1"].undefined == "neither annotator gave a label"
    assert empty["set_macro_f1"].undefined == "the reference gave no label"
    assert empty["masi_alpha"].undefined.startswith("both annotators gave one and the same set")
    assert empty["mean_jaccard"].value == 1 and empty["mean_jaccard"].low < 1


@pytest.mark.parametrize("wrong", [4, -1])
def test_a_label_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=f"label {wrong} of 4"):
        table_of([([wrong], [0])])


def test_real_comments_with_several_of_28_emotions_agree_with_scikit_learn(data_folder):
    with (data_folder / "goemotions_dev.csv").open(encoding="utf-8") as file:
        given = [row["labels"].split("|") for row in csv.DictReader(file)]
    names = sorted({name for labels in given for name in labels})
    generator = np.random.default_rng(0)
    own = [{names.index(name) for name in labels} for labels in given]
    other = [(one - {min(one)} if generator.random() < 0.2 else one) | {int(generator.integers(0, 28))} for one in own]
    table = table_of(zip(own, other, strict=True), names)
    matrices = [np.array([[k in sets for k in range(28)] for sets in side]) for side in (own, other)]
    found = figures(table)
    assert len(names) == 28 and table.n == 5426
    assert found["mean_jaccard"] == pytest.approx(jaccard_score(*matrices, average="samples"))
    assert found["set_macro_f1"] == pytest.approx(f1_score(*matrices, average="macro", zero_division=0))
    estimate = SET_METRICS["masi_alpha"].estimate(SetSums(table))
    assert estimate.low < estimate.value < estimate.high and not estimate.rough


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 400])
@pytest.mark.parametrize("noise", [0.05, 0.25])
def test_the_intervals_hold_the_truth_where_they_are_not_called_rough(n, noise):
    generator, times, k = np.random.default_rng(0), 200, 5
    shares = np.array([0.5, 0.3, 0.2, 0.1, 0.05])
    own = generator.random((100_000, k)) < shares
    other = own ^ (generator.random(own.shape) < noise * (own + 0.3))

    def sums_of(rows):
        # the same few sets again and again: counted, or each table would take seconds
        patterns, counts = np.unique(np.hstack([own[rows], other[rows]]), axis=0, return_counts=True)
        return SetSums(SetTable(tuple(LABELS) + ("E",), patterns[:, :k], patterns[:, k:], counts))

    truth = {key: estimate.value for key, estimate in estimate_all(sums_of(np.arange(len(own)))).items()}
    held: dict[str, list[bool]] = {key: [] for key in SET_METRICS}
    for _ in range(times):
        for key, estimate in estimate_all(sums_of(generator.integers(0, len(own), n))).items():
            if not estimate.rough:
                held[key].append(estimate.low <= truth[key] <= estimate.high)
    for key, which in held.items():
        # 200 worlds: a coverage of .95 has standard error .015
        assert len(which) < times / 2 or np.mean(which) >= 0.95 - 3 * 0.0155, key
