"""What every entry of METRICS keeps, so that a new metric is tested before its author writes a test."""

import subprocess
import sys

import numpy as np
import pytest

from core.metrics import METRICS, NEEDS, Contingency, estimate_all

OF_TABLES = [key for key, metric in METRICS.items() if metric.needs == "table"]


@pytest.fixture(params=OF_TABLES)
def metric(request):
    return METRICS[request.param]


def test_the_order_on_screen_is_accuracy_first_and_chance_corrected_after():
    assert OF_TABLES == ["accuracy", "jaccard", "tutorial_iou", "kappa", "alpha", "macro_f1", "pi"]


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_a_metric_introduces_itself(metric):
    assert METRICS[metric.key] is metric
    assert metric.title
    assert metric.unit in ("share", "coefficient", "points")
    assert metric.needs in NEEDS.values()
    assert metric.about.count(". ") == 1
    assert metric.about.endswith(".")


@pytest.mark.parametrize("labels", [(), ("a",), ("a", "b", "c")])
def test_a_metric_without_items_is_undefined_with_a_reason(metric, labels):
    estimate = metric.estimate(Contingency(labels, np.zeros((len(labels), len(labels)))))
    assert estimate.value is None
    assert (estimate.low, estimate.high, estimate.n) == (None, None, 0)
    assert estimate.undefined == "no item was annotated by both"


def test_a_metric_is_one_on_perfect_agreement(metric):
    estimate = metric.estimate(Contingency(("a", "b", "c"), np.diag([5, 3, 2])))
    assert estimate.value == pytest.approx(1)
    assert estimate.n == 10


def test_a_metric_on_total_disagreement_is_at_its_lowest(metric):
    counts = np.array([[0, 10], [10, 0]])
    # p_e = .5 and p_o = 0: kappa and pi -1; alpha 1 - 39 * 40 / (1600 - 800) = -.95
    lowest = {"accuracy": 0, "jaccard": 0, "tutorial_iou": 0.5, "kappa": -1, "alpha": -0.95, "macro_f1": 0, "pi": -1}
    assert metric.estimate(Contingency(("a", "b"), counts)).value == pytest.approx(lowest[metric.key])


def test_a_metric_says_on_how_many_items_and_within_which_interval(metric):
    estimate = metric.estimate(Contingency(("a", "b", "c"), np.array([[30, 5, 1], [4, 20, 6], [0, 3, 31]])))
    assert estimate.n == 100
    assert estimate.low < estimate.value < estimate.high
    assert estimate.interval
    assert estimate.undefined == ""


def test_a_single_item_never_breaks_a_metric(metric):
    agreed = metric.estimate(Contingency(("a", "b"), np.array([[1, 0], [0, 0]])))
    apart = metric.estimate(Contingency(("a", "b"), np.array([[0, 1], [0, 0]])))
    assert agreed.n == apart.n == 1
    assert (agreed.value is None) == bool(agreed.undefined)
    assert apart.value is not None


def test_chosen_metrics_come_in_the_order_asked_and_equal_the_single_ones():
    table = Contingency(("a", "b"), np.array([[20, 5], [10, 15]]))
    chosen = estimate_all(table, ["kappa", "accuracy"])
    assert list(chosen) == ["kappa", "accuracy"]
    fresh = Contingency(("a", "b"), np.array([[20, 5], [10, 15]]))
    assert all(METRICS[key].estimate(fresh) == estimate for key, estimate in estimate_all(table).items())
    with pytest.raises(KeyError):
        estimate_all(table, ["unheard_of"])


def test_importing_the_metrics_brings_in_no_heavy_library():
    code = "import sys, core.metrics; print(sorted({'scipy', 'sklearn', 'pandas', 'streamlit'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_within_a_sentence_titles_are_words_of_it_and_names_stay_names() -> None:
    within = {metric.title: metric.within for metric in METRICS.values()}
    assert within["Weighted kappa, quadratic"] == "quadratic weighted kappa"
    assert within["Krippendorff's alpha, ordinal"] == "ordinal Krippendorff's alpha"
    assert (within["Strict F1"], within["Jaccard (IoU)"], within["chrF"]) == ("strict F1", "Jaccard (IoU)", "chrF")
    assert not [one for one in within.values() if ", " in one]
