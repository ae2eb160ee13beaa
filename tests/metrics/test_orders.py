"""Rankings: published values, SciPy's, and rankings worked by hand."""

import json
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from core.metrics.orders import alike, concordance, first_place, mean_tau, ranks


def ranking_of(scores):
    """Groups of candidates by score, lowest first."""
    return [[place for place, one in enumerate(scores) if one == score] for score in sorted(set(scores))]


def test_tau_b_of_a_published_example_with_ties_is_reproduced(published):
    entry = published["kendall_scipy_doc"]
    pair = alike(ranking_of(entry["inputs"]["x"]), ranking_of(entry["inputs"]["y"]))
    assert pair.tau == pytest.approx(entry["values"]["tau_b"][0])


@pytest.fixture
def anxiety(data_folder):
    entries = json.loads((data_folder / "agreement_reference_2.json").read_text())["entries"]
    return next(entry for entry in entries if entry["id"] == "irr_anxiety_kendall_w")


def test_kendalls_w_with_ties_of_a_published_example_is_reproduced(anxiety):
    assert concordance(np.array(anxiety["raters"])) == pytest.approx(anxiety["recomputed"]["W_tie_corrected"])


@given(st.integers(2, 9).flatmap(lambda m: st.tuples(*[st.lists(st.integers(0, 4), min_size=m, max_size=m)] * 2)))
def test_tau_b_is_scipys_and_the_pairs_add_up(scores):
    own, other = scores
    pair = alike(ranking_of(own), ranking_of(other))
    right = kendalltau(own, other).statistic
    assert (pair.tau is None) == bool(isnan(right))
    assert pair.tau is None or pair.tau == pytest.approx(right)
    assert pair.pairs == len(own) * (len(own) - 1) // 2 and pair.reversed_pairs + pair.half_tied <= pair.pairs
    assert pair.same_first == (ranking_of(own)[0] == ranking_of(other)[0])


def test_by_hand():
    # of three pairs (0,1) stands the other way round, (0,2) and (1,2) the same: (2 - 1) / 3
    one = alike([[0], [1], [2]], [[1], [0], [2]])
    assert (one.tau, one.reversed_pairs, one.half_tied, one.same_first) == (pytest.approx(1 / 3), 1, 0, False)
    # one of three pairs is tied here: 2 / sqrt(2 x 3)
    tied = alike([[0, 1], [2]], [[0], [1], [2]])
    assert (tied.tau, tied.half_tied, tied.same_first) == (pytest.approx(2 / 6**0.5), 1, False)
    assert list(ranks([[2], [0, 1]])) == [2.5, 2.5, 1.0]
    assert alike([[0, 1]], [[0], [1]]).tau is None


def test_means_over_items_leave_out_what_has_no_order():
    same, turned, level = (alike([[0], [1]], other) for other in ([[0], [1]], [[1], [0]], [[0, 1]]))
    estimate = mean_tau([same, turned, level], [60, 20, 7])
    assert (estimate.value, estimate.n, estimate.rough) == (pytest.approx(0.5), 80, "")
    assert 0.3 < estimate.low < 0.5 < estimate.high < 0.7
    assert first_place([same, turned, level], [60, 20, 20]).value == pytest.approx(0.6)
    assert mean_tau([level], [3]).undefined.startswith("on each item an annotator tied all")
    assert mean_tau([], []).undefined == first_place([], []).undefined == "no item was ranked by both"
    # Never without width, however perfect.
    assert mean_tau([same], [30]).low < 1 == mean_tau([same], [30]).high


def test_the_interval_of_mean_tau_holds_the_truth():
    generator, times, held = np.random.default_rng(0), 200, 0
    own = [alike([[0], [1], [2]], other) for other in ([[0], [1], [2]], [[1], [0], [2]], [[2], [1], [0]])]
    chances, taus = np.array([0.6, 0.3, 0.1]), np.array([one.tau for one in own])
    for counts in generator.multinomial(60, chances, size=times):
        estimate = mean_tau(own, counts.tolist())
        held += estimate.low <= float(chances @ taus) <= estimate.high
    # 200 worlds: a coverage of .95 has standard error .015
    assert held / times >= 0.95 - 3 * 0.0155


def test_w_is_1_of_one_order_and_none_where_nobody_disagrees_for_want_of_an_order():
    assert concordance(np.array([[1, 2, 3], [1, 2, 3], [10, 20, 30]])) == pytest.approx(1)
    assert concordance(np.array([[1, 2], [2, 1]])) == pytest.approx(0)
    assert concordance(np.array([[1, 2, 3]])) is None
    assert concordance(np.array([[1, 1, 1], [2, 2, 2]])) is None


@pytest.mark.parametrize("wrong", [[[0], [0]], [[0], [2]], [[0], []], [[1]]])
def test_a_ranking_that_names_a_candidate_twice_or_not_at_all_is_refused(wrong):
    with pytest.raises(ValueError, match="each candidate once"):
        ranks(wrong)


def test_rankings_of_different_candidates_are_not_compared():
    with pytest.raises(ValueError, match="One ranking has 2 candidates, the other 3"):
        alike([[0], [1]], [[0], [1], [2]])
