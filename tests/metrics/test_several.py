import warnings

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import fleiss_kappa as oracle

from core.metrics import against_rest, alpha_from_counts, fleiss_kappa, percent_pairwise_agreement, randolph_kappa

EVERY = (alpha_from_counts, fleiss_kappa, randolph_kappa, percent_pairwise_agreement)


def counts_of(columns, labels):
    """Counts per item from one list per annotator, None where there is no annotation."""
    return [[item.count(label) for label in labels] for item in zip(*columns, strict=True)]


def test_krippendorffs_own_example_is_reproduced(published):
    coders = published["krippendorff_4x12"]["inputs"]["reliability_data_coders_x_units"]
    estimate = alpha_from_counts(counts_of(coders, [1, 2, 3, 4, 5]))
    for expected in published["krippendorff_4x12"]["values"]["alpha_nominal"]:
        assert estimate.value == pytest.approx(expected, abs=1e-8)
    assert round(estimate.value, 3) == 0.743
    assert estimate.n == 11  # the twelfth unit has one value only
    # Gwet's linearised interval starts at 0.419; eleven units bootstrap to about there
    assert estimate.low == pytest.approx(published["krippendorff_4x12"]["values"]["alpha_nominal_ci_low"][0], abs=0.1)


@pytest.mark.parametrize(
    ("entry", "key", "fleiss", "randolph"),
    [
        ("fleiss_1971", "counts_subject_x_category", "kappa", None),
        ("fleiss_wikipedia", "counts_subject_x_category", "kappa", "randolph_free_marginal"),
        ("randolph_a", "counts", "fleiss", "free_marginal"),
        ("randolph_b", "counts", "fleiss", "free_marginal"),
    ],
)
def test_published_kappas_of_several_annotators_are_reproduced(published, entry, key, fleiss, randolph):
    counts = published[entry]["inputs"][key]
    for expected in published[entry]["values"][fleiss]:
        assert fleiss_kappa(counts).value == pytest.approx(expected, abs=1e-8)
    if randolph:
        assert randolph_kappa(counts).value == pytest.approx(published[entry]["values"][randolph][0], abs=1e-12)


def test_agreement_per_item_of_the_wikipedia_example_is_reproduced(published):
    example = published["fleiss_wikipedia"]
    for i, row in enumerate(example["inputs"]["counts_subject_x_category"], start=1):
        expected = example["values"][f"P_{i}"][0]
        assert percent_pairwise_agreement([row]).value == pytest.approx(expected, abs=1e-12)


def test_alpha_and_fleiss_of_the_three_people_of_pandalm_are_reproduced(published, pandalm):
    people = [pandalm["annotator1"], pandalm["annotator2"], pandalm["annotator3"]]
    counts = counts_of(people, ["0", "1", "2"])
    values = published["pandalm_real"]["values"]
    alpha, fleiss = alpha_from_counts(counts), fleiss_kappa(counts)
    assert alpha.value == pytest.approx(values["krippendorff alpha nominal"][0], abs=1e-12)
    assert fleiss.value == pytest.approx(values["fleiss kappa"][0], abs=1e-12)
    assert alpha.n == fleiss.n == 999
    assert alpha.low < alpha.value < alpha.high


def test_pairwise_agreement_by_hand():
    # three annotations 2 + 1: 1 of 3 pairs; two equal: 1 of 1; one alone has no pair; pooled (1 + 1) / (3 + 1)
    assert percent_pairwise_agreement([[2, 1], [0, 2], [1, 0]]).value == 2 / 4
    assert percent_pairwise_agreement([[2, 1], [0, 2], [1, 0]]).n == 2


def test_patterns_with_weights_are_the_same_as_items_written_out():
    patterns, weights = [[3, 0], [2, 1], [1, 2], [2, 1]], [5, 2, 1, 2]
    written_out = [row for row, times in zip(patterns, weights, strict=True) for _ in range(times)]
    for metric in EVERY:
        assert metric(patterns, weights) == metric(written_out)


def test_a_million_items_in_three_patterns_are_scored_with_a_narrow_interval():
    estimate = alpha_from_counts([[3, 0], [2, 1], [0, 3]], [600_000, 100_000, 300_000])
    # all but 100,000 agree: D_o = (100,000 * 2 * 2 / 2) / 3,000,000 = 1/15; shares 2/3, 1/3: D_e = 4/9
    assert estimate.value == pytest.approx(1 - (1 / 15) / (4 / 9), abs=1e-6)
    assert estimate.n == 1_000_000
    assert 0 < estimate.high - estimate.low < 0.005


@pytest.mark.parametrize("metric", EVERY)
@pytest.mark.parametrize("counts", [[], np.zeros((0, 3)), [[0, 0]], [[1, 0], [0, 1]]])
def test_without_an_item_annotated_twice_it_is_undefined(metric, counts):
    estimate = metric(counts)
    assert (estimate.value, estimate.n, estimate.low) == (None, 0, None)
    assert estimate.undefined == "no item was annotated by two"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("metric", [alpha_from_counts, fleiss_kappa])
def test_one_label_throughout_is_undefined_and_says_so(metric):
    estimate = metric([[3, 0], [3, 0]])
    assert estimate.value is None
    assert "one label only" in estimate.undefined


@pytest.mark.parametrize("metric", [fleiss_kappa, randolph_kappa])
def test_kappas_need_the_same_number_of_annotations_on_every_item(metric):
    assert metric([[3, 0], [1, 1]]).undefined == "the items do not all have the same number of annotations"
    assert metric([[2, 0], [1, 1], [0, 0]]).value is not None  # an item nobody annotated does not count


@pytest.mark.parametrize(
    ("counts", "weights"), [([[-1, 2]], None), ([[0.5, 1]], None), ([[1, 1]], [-1]), ([[1, 1]], [1, 2]), ([1, 2], None)]
)
def test_counts_and_weights_that_make_no_sense_are_refused(counts, weights):
    for metric in EVERY:
        with pytest.raises(ValueError, match="whole|weights|row"):
            metric(counts, weights)


@settings(max_examples=80)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=15))
def test_alpha_agrees_with_the_krippendorff_library(counts):
    estimate = alpha_from_counts(counts)
    if estimate.value is None:
        return
    expected = krippendorff.alpha(value_counts=np.array(counts), level_of_measurement="nominal")
    assert estimate.value == pytest.approx(expected, abs=1e-9)


@settings(max_examples=80)
@given(st.integers(2, 5), st.data())
def test_fleiss_and_randolph_agree_with_statsmodels(raters, data):
    row = st.lists(st.integers(0, 2), min_size=raters, max_size=raters)
    counts = np.array([np.bincount(r, minlength=3) for r in data.draw(st.lists(row, min_size=1, max_size=12))])
    assert randolph_kappa(counts).value == pytest.approx(oracle(counts, "randolph"), abs=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = oracle(counts, "fleiss")
    if fleiss_kappa(counts).value is not None:
        assert fleiss_kappa(counts).value == pytest.approx(expected, abs=1e-9)
    else:
        assert (counts.sum(axis=0) > 0).sum() == 1


def test_one_against_the_rest_is_the_share_of_the_others_labels_that_are_the_same():
    # Two items alike in all three, one where two others differ from them, one where one of two others does
    found = against_rest([[3, 0], [1, 2], [2, 1], [1, 0]], [0, 0, 0, 0], [2, 1, 1, 9])
    assert (found.value, found.n) == (pytest.approx((2 * 2 + 0 + 1) / 8), 4)
    assert found.low < found.value < found.high


def test_one_against_nobody_is_undefined():
    assert against_rest([[1, 0]], [0]).undefined == "no item was annotated by two"
    assert against_rest([], []).value is None


@pytest.mark.parametrize("metric", [alpha_from_counts, fleiss_kappa, percent_pairwise_agreement])
def test_people_who_agree_on_everything_have_an_interval_all_the_same(metric):
    few, many = metric([[3, 0]] * 15 + [[0, 3]] * 15), metric([[3, 0], [0, 3]], [1_500, 1_500])
    assert (few.value, few.high) == (1, 1) and 0.7 < few.low < 0.97
    assert 0.99 < many.low < 1


def test_coefficients_of_several_people_are_rough_on_few_items_as_those_of_two_are():
    few, enough = [[3, 0], [1, 2]] * 12, [[3, 0], [1, 2]] * 25
    assert [one(few).rough for one in (alpha_from_counts, fleiss_kappa)] == ["fewer than 50 items"] * 2
    assert [one(enough).rough for one in (alpha_from_counts, fleiss_kappa)] == ["", ""]
    assert percent_pairwise_agreement(few).rough == ""
