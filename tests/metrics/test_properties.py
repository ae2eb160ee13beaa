import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, jaccard_score, precision_recall_fscore_support

from core.metrics import METRICS, Contingency, Margins, alpha_from_counts, estimate_all, fleiss_kappa, per_label
from core.metrics.chance import alpha_kernel, kappa_kernel, pi_kernel
from core.metrics.macro import f1_kernel, macro_f1_kernel

pytestmark = pytest.mark.slow

KERNELS = (kappa_kernel, pi_kernel, alpha_kernel, macro_f1_kernel)

# Mostly small counts with zeros among them, so that empty labels and single-label tables come up often.
tables = st.integers(1, 5).flatmap(
    lambda k: arrays(np.int64, (k, k), elements=st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 40)))
)
some = settings(max_examples=120)

OF_TABLES = {key for key, metric in METRICS.items() if metric.needs == "table"}


def contingency(counts):
    return Contingency(tuple(f"label {k}" for k in range(len(counts))), counts)


def rows_of(counts):
    reference, candidate = np.nonzero(counts)
    times = counts[reference, candidate]
    return np.repeat(reference, times), np.repeat(candidate, times)


def values(counts):
    return {key: estimate.value for key, estimate in estimate_all(contingency(counts)).items()}


@some
@given(tables)
def test_scores_are_those_of_scikit_learn_on_the_items_written_out(counts):
    got = values(counts)
    reference, candidate = rows_of(counts)
    if len(reference) == 0:
        assert set(got.values()) == {None}
        return
    assert got["accuracy"] == pytest.approx(accuracy_score(reference, candidate))
    assert got["macro_f1"] == pytest.approx(
        f1_score(reference, candidate, labels=sorted(set(reference)), average="macro", zero_division=0)
    )
    if got["kappa"] is None:
        assert len(set(reference) | set(candidate)) == 1
    else:
        assert got["kappa"] == pytest.approx(cohen_kappa_score(reference, candidate), abs=1e-9)


@some
@given(tables)
def test_alpha_is_that_of_the_krippendorff_library(counts):
    got = values(counts)
    reference, candidate = rows_of(counts)
    if got["alpha"] is None:
        assert len(set(reference) | set(candidate)) <= 1
        return
    expected = krippendorff.alpha(np.array([reference, candidate]), level_of_measurement="nominal")
    assert got["alpha"] == pytest.approx(expected, abs=1e-9)


@some
@given(tables)
def test_two_annotators_are_a_special_case_of_several(counts):
    got = values(counts)
    reference, candidate = rows_of(counts)
    k = len(counts)
    per_item = (reference[:, None] == np.arange(k)).astype(int) + (candidate[:, None] == np.arange(k))
    assert alpha_from_counts(per_item).value == pytest.approx(got["alpha"], abs=1e-9)
    assert fleiss_kappa(per_item).value == pytest.approx(got["pi"], abs=1e-9)


@some
@given(tables)
def test_each_label_is_scored_as_scikit_learn_does(counts):
    if counts.sum() == 0:
        return
    reference, candidate = rows_of(counts)
    names = list(range(len(counts)))
    scored = precision_recall_fscore_support(reference, candidate, labels=names, zero_division=np.nan)
    iou = jaccard_score(reference, candidate, labels=names, average=None, zero_division=0)
    for score, precision, recall, f1, support, jaccard in zip(
        per_label(contingency(counts)), *scored, iou, strict=True
    ):
        assert score.support == support
        for estimate, expected in ((score.precision, precision), (score.recall, recall)):
            assert estimate.value == (None if np.isnan(expected) else pytest.approx(expected))
        if score.support + score.predicted:
            assert score.f1.value == pytest.approx(np.nan_to_num(f1))
            assert score.iou.value == pytest.approx(jaccard)
        else:
            assert score.f1.value is score.iou.value is None


@some
@given(tables)
def test_who_is_the_reference_does_not_matter_to_symmetric_metrics(counts):
    one, other = values(counts), values(counts.T)
    # Macro-F1 is not among them: it is taken over the labels of the reference.
    for key in OF_TABLES - {"macro_f1"}:
        assert one[key] == pytest.approx(other[key], abs=1e-12)


@some
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_the_labels_changes_nothing(counts, random):
    order = list(range(len(counts)))
    random.shuffle(order)
    one, other = values(counts), values(counts[np.ix_(order, order)])
    for key in OF_TABLES:
        assert one[key] == pytest.approx(other[key], abs=1e-12)


@some
@given(tables)
def test_a_label_of_the_task_that_nobody_used_changes_no_score_and_no_interval(counts):
    wider = np.pad(counts, (0, 1))
    one, other = estimate_all(contingency(counts)), estimate_all(contingency(wider))
    for key in OF_TABLES:
        for part in ("value", "low", "high"):
            assert getattr(one[key], part) == pytest.approx(getattr(other[key], part), abs=1e-12)


@pytest.mark.filterwarnings("error")
@some
@given(tables)
def test_every_score_keeps_its_bounds_and_says_why_when_it_has_none(counts):
    for key, estimate in estimate_all(contingency(counts)).items():
        assert estimate.n == counts.sum()
        if estimate.value is None:
            assert estimate.undefined
            assert estimate.low is estimate.high is None
            continue
        lowest = {"share": 0, "coefficient": -1}[METRICS[key].unit]
        assert lowest - 1e-12 <= estimate.value <= 1 + 1e-12
        assert estimate.interval
        if estimate.low is not None:
            assert lowest - 1e-12 <= estimate.low <= estimate.high <= 1 + 1e-12


@some
@given(tables)
def test_all_agreement_measures_are_one_together_or_not_at_all(counts):
    got = {key: value for key, value in values(counts).items() if value is not None}
    perfect = counts.sum() > 0 and np.trace(counts) == counts.sum()
    for value in got.values():
        assert (value == pytest.approx(1, abs=1e-12)) == perfect


@some
@given(st.lists(arrays(np.int64, (3, 3), elements=st.integers(0, 6)), min_size=1, max_size=4))
def test_a_stack_of_tables_gives_what_each_table_gives(stack):
    for kernel in (*KERNELS, f1_kernel):
        together = kernel(Margins.of(np.array(stack)))
        apart = np.array([kernel(Margins.of(table)) for table in stack])
        assert np.array_equal(together, apart, equal_nan=True)
