"""Rankings: published values, SciPy's, and rankings worked by hand."""

import json
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, kendalltau

from core.metrics import compare_sums, estimate_all
from core.metrics.compare import Outcomes
from core.metrics.orders import OrderError, OrderTable
from core.metrics.orders.figures import ORDER_METRICS, OrderSums, mean_concordance
from core.metrics.orders.table import concordance, ranks

SCORES = st.integers(2, 9).flatmap(lambda m: st.tuples(*[st.lists(st.integers(0, 4), min_size=m, max_size=m)] * 2))


def ranking_of(scores):
    """Groups of candidates by score, lowest first."""
    return [[place for place, one in enumerate(scores) if one == score] for score in sorted(set(scores))]


def table(*pairs, labels=None):
    names = labels or "abcdefghi"[: max(place for own, *_ in pairs for group in own for place in group) + 1]
    return OrderTable.from_pairs([(*pair[:2], pair[2] if len(pair) > 2 else 1) for pair in pairs], names)


def test_tau_b_of_a_published_example_with_ties_is_reproduced(published):
    entry = published["kendall_scipy_doc"]
    own, other = (ranking_of(entry["inputs"][name]) for name in "xy")
    names = [str(place) for place in range(len(entry["inputs"]["x"]))]
    assert table((own, other), labels=names).tau[0] == pytest.approx(entry["values"]["tau_b"][0])


@pytest.fixture
def anxiety(data_folder):
    entries = json.loads((data_folder / "agreement_reference_2.json").read_text())["entries"]
    return next(entry for entry in entries if entry["id"] == "irr_anxiety_kendall_w")


def test_kendalls_w_with_ties_of_a_published_example_is_reproduced(anxiety):
    raters, w = np.array(anxiety["raters"]), anxiety["recomputed"]["W_tie_corrected"]
    assert concordance(raters) == pytest.approx(w)
    assert mean_concordance([raters], [40]).value == pytest.approx(w)


@given(SCORES)
def test_tau_b_is_scipys_and_the_pairs_add_up(scores):
    own, other = scores
    found = table((ranking_of(own), ranking_of(other)))
    right = kendalltau(own, other).statistic
    assert bool(isnan(found.tau[0])) == bool(isnan(right))
    assert isnan(right) or found.tau[0] == pytest.approx(right)
    assert found.same_first[0] == (ranking_of(own)[0] == ranking_of(other)[0])
    assert found.agreements == (ranking_of(own) == ranking_of(other))
    differ = sum(int(side.sum()) for error in OrderError for side in found.differing(error))
    twos = [(i, j) for i in range(len(own)) for j in range(i)]
    assert differ == sum(np.sign(own[i] - own[j]) != np.sign(other[i] - other[j]) for i, j in twos)


@given(SCORES)
def test_w_of_two_is_that_of_several_who_are_two(scores):
    [found] = table(tuple(map(ranking_of, scores))).concordance
    right = concordance(np.array(scores))
    assert isnan(found) if right is None else found == pytest.approx(right)


def test_by_hand():
    # of three pairs (0,1) stands the other way round, (0,2) and (1,2) the same: (2 - 1) / 3
    one = table(([[0], [1], [2]], [[1], [0], [2]]))
    assert (one.tau[0], one.same_first[0]) == (pytest.approx(1 / 3), False)
    first_higher, second_higher = one.differing(OrderError.REVERSED)
    assert first_higher.tolist() == [[True, False, False]] and not second_higher.any()
    # one of three pairs is tied here: 2 / sqrt(2 x 3)
    tied = table(([[0, 1], [2]], [[0], [1], [2]]))
    assert (tied.tau[0], tied.same_first[0]) == (pytest.approx(2 / 6**0.5), False)
    # the candidate unties (0, 1), and puts 1 lower: as if the reference had put it higher
    assert [side.tolist() for side in tied.differing(OrderError.UNTIED)] == [[[False] * 3], [[True, False, False]]]
    assert ranks([[2], [0, 1]], 3).tolist() == [2.5, 2.5, 1.0]
    assert isnan(table(([[0, 1]], [[0], [1]])).tau[0])


SAME, TURNED, LEVEL = (([[0], [1]], other) for other in ([[0], [1]], [[1], [0]], [[0, 1]]))


def figures(*pairs, labels="ab"):
    return estimate_all(OrderSums(OrderTable.from_pairs(pairs, labels)))


def test_means_over_items_leave_out_what_has_no_order():
    found = figures((*SAME, 60), (*TURNED, 20), (*LEVEL, 20))
    tau, first, pairs, w = (found[key] for key in ("tau_b", "same_first", "pairs_in_order", "kendall_w"))
    assert (tau.value, tau.n, tau.rough) == (pytest.approx(0.5), 80, "")
    # of 80 items 60 agree, and half an unseen one: a beta posterior, from -1 to 1
    limits = 2 * beta(60.5, 20.5).ppf([0.025, 0.975]) - 1
    assert [tau.low, tau.high] == pytest.approx(list(limits), abs=0.02)
    assert (first.value, first.n, pairs.value, pairs.n) == (pytest.approx(0.6), 100, pytest.approx(0.75), 100)
    assert w.n == 100
    assert figures((*LEVEL, 3))["tau_b"].undefined.startswith("on no item did both put the same candidates in an order")
    assert {one.undefined for one in figures().values()} == {"no item was annotated by both"}
    # Never without width, however perfect.
    assert figures((*SAME, 30))["tau_b"].low < 1 == figures((*SAME, 30))["tau_b"].high


def test_rankings_of_different_candidates_have_no_order_in_common_and_are_no_agreement():
    one = OrderTable.from_pairs([([[0], [1]], [[2]], 4), ([[0], [1]], [[0], [2]], 1)], "abc")
    assert np.isnan(one.tau).all() and np.isnan(one.concordance).all()
    assert one.same_first.tolist() == [False, True] and one.agreements == 0
    assert not any(side.any() for error in OrderError for side in one.differing(error))


def test_the_interval_of_mean_tau_holds_the_truth():
    generator, times, held = np.random.default_rng(0), 200, 0
    others = ([[0], [1], [2]], [[1], [0], [2]], [[2], [1], [0]])
    chances, taus = np.array([0.6, 0.3, 0.1]), np.array([1, 1 / 3, -1])
    for counts in generator.multinomial(60, chances, size=times).tolist():
        pairs = [([[0], [1], [2]], other, n) for other, n in zip(others, counts, strict=True)]
        estimate = ORDER_METRICS["tau_b"].estimate(OrderSums(OrderTable.from_pairs(pairs, "abc")))
        held += estimate.low <= float(chances @ taus) <= estimate.high
    # 200 worlds: a coverage of .95 has standard error .015
    assert held / times >= 0.95 - 3 * 0.0155


def test_of_two_candidates_the_one_with_more_pairs_in_order_is_told_to_be_better():
    own = [[0], [1], [2]]
    a, b = (
        OrderSums(OrderTable.from_pairs([(own, own, right), (own, own[::-1], 100 - right)], "abc"))
        for right in (40, 90)
    )
    told = compare_sums(Outcomes(fixed=50, broken=0, still_wrong=10, both_right=40), a, b, ORDER_METRICS)
    assert told.differences["tau_b"].value == pytest.approx(1.0) and told.headline_p < 0.001
    assert [one.label for one in told.by_label] == list("abc") and told.by_label[0].told


def test_w_is_1_of_one_order_and_none_where_nobody_disagrees_for_want_of_an_order():
    assert concordance(np.array([[1, 2, 3], [1, 2, 3], [10, 20, 30]])) == pytest.approx(1)
    assert concordance(np.array([[1, 2], [2, 1]])) == pytest.approx(0)
    assert concordance(np.array([[1, 2, 3]])) is None
    assert concordance(np.array([[1, 1, 1], [2, 2, 2]])) is None


@pytest.mark.parametrize("wrong", [[[0], [0]], [], [[0], []], [[1, 1]]])
def test_a_ranking_that_names_a_candidate_twice_or_not_at_all_is_refused(wrong):
    with pytest.raises(ValueError, match="each candidate once"):
        ranks(wrong, 3)
