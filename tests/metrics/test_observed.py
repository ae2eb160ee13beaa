import numpy as np
import pytest
from scipy.stats import binom, chi2
from statsmodels.stats.proportion import proportion_confint

from core.metrics import METRICS, Contingency
from core.metrics.intervals import wilson_interval


def table_of(counts):
    return Contingency(tuple("abcdefgh"[: len(counts)]), np.array(counts))


def test_accuracy_is_the_share_of_equal_labels_with_its_wilson_interval():
    estimate = METRICS["accuracy"].estimate(table_of([[20, 5], [10, 15]]))
    assert estimate.value == 35 / 50
    assert estimate.n == 50
    # Wilson by hand, z^2 = 3.8415: centre (.7 + .038415) / 1.07683 = .68573,
    # half 1.95996 sqrt(.21 / 50 + 3.8415 / 10000) / 1.07683 = .12323
    assert (estimate.low, estimate.high) == pytest.approx((0.5625, 0.8090), abs=1e-4)
    assert estimate.interval == "Wilson"


@pytest.mark.parametrize(("right", "n"), [(0, 7), (7, 7), (1, 3), (131, 800), (18, 100), (999_999, 1_000_000)])
def test_the_wilson_interval_is_that_of_statsmodels(right, n):
    assert wilson_interval(right, n) == pytest.approx(proportion_confint(right, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(("right", "n"), [(0, 30), (4, 30), (26, 30), (30, 30), (18, 100), (1, 1)])
def test_away_from_the_edges_and_on_them_accuracy_has_the_wilson_interval(right, n):
    estimate = METRICS["accuracy"].estimate(table_of([[right, n - right], [0, 0]]))
    assert (estimate.low, estimate.high) == wilson_interval(right, n)


@pytest.mark.parametrize("few", [1, 2, 3])
def test_next_to_the_edges_the_limit_that_lies_there_is_put_further_out(few):
    # Brown, Cai & DasGupta 2001: half the 5th percentile of chi-square with twice so many degrees, over n
    limit = chi2.ppf(0.05, 2 * few) / 2 / 30
    low, high = (METRICS["accuracy"].estimate(table_of([[right, 30 - right], [0, 0]])) for right in (few, 30 - few))
    assert low.low == pytest.approx(limit, abs=1e-5) and low.high == wilson_interval(few, 30)[1]
    assert high.high == pytest.approx(1 - limit, abs=1e-5) and high.low == wilson_interval(30 - few, 30)[0]
    assert low.interval == high.interval == "Wilson, modified near the edge"


@pytest.mark.parametrize("n", [10, 30, 100, 400])
def test_the_interval_of_a_share_holds_the_truth_wherever_it_lies(n):
    found = [METRICS["accuracy"].estimate(table_of([[right, n - right], [0, 0]])) for right in range(n + 1)]
    low, high = (np.array([getattr(one, end) for one in found]) for end in ("low", "high"))
    truths = np.r_[np.linspace(0.5, 0.9, 41), 1 - np.logspace(-1, -5, 200)]
    held = [binom.pmf(np.flatnonzero((low <= p) & (p <= high)), n, p).sum() for p in truths]
    # Computed, not simulated; 200 of 241 truths lie between .9 and 1, where Wilson's alone falls to .84.
    assert min(held) > 0.92 and np.mean(np.array(held) < 0.93) < 0.03


def test_jaccard_with_one_label_per_item_is_accuracy():
    table = table_of([[4, 1, 0], [2, 5, 3], [0, 0, 9]])
    items = [(r, c) for r in range(3) for c in range(3) for _ in range(table.counts[r, c])]
    by_item = np.mean([len({r} & {c}) / len({r, c}) for r, c in items])
    assert METRICS["jaccard"].estimate(table).value == pytest.approx(by_item)
    assert METRICS["jaccard"].estimate(table).value == METRICS["accuracy"].estimate(table).value


def test_the_tutorial_iou_of_sixteen_percent_accuracy_reads_fifty_eight():
    table = table_of([[16, 84], [0, 0]])
    estimate = METRICS["tutorial_iou"].estimate(table)
    accuracy = METRICS["accuracy"].estimate(table)
    assert estimate.value == pytest.approx(0.58)
    assert estimate.low == pytest.approx((1 + accuracy.low) / 2)
    assert estimate.high == pytest.approx((1 + accuracy.high) / 2)
    assert estimate.interval.startswith("Wilson")


def test_the_tutorial_iou_is_the_mean_share_of_annotators_per_chosen_label():
    answers = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "c")]
    by_item = [np.mean([pair.count(label) / 2 for label in set(pair)]) for pair in answers]
    table = Contingency.from_pairs([(*pair, 1) for pair in answers], ["a", "b", "c"])
    assert by_item == [1, 0.5, 1, 0.5]
    assert METRICS["tutorial_iou"].estimate(table).value == pytest.approx(np.mean(by_item))
