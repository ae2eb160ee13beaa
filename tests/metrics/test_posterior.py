import numpy as np
import pytest

from core.metrics import METRICS, Contingency
from core.metrics.posterior import credible_estimate, draw, with_unseen


def table_of(counts):
    return Contingency(tuple(str(k) for k in range(len(counts))), np.array(counts))


def kappa(counts):
    return METRICS["kappa"].estimate(table_of(counts))


def test_the_prior_of_two_labels_is_a_quarter_item_in_each_cell():
    cells = with_unseen(np.array([[0, 1], [0, 1]]), np.array([20, 10]))
    table = np.zeros((2, 2))
    np.add.at(table, tuple(cells.index), cells.weights)
    assert table.tolist() == [[20.25, 0.25], [0.25, 10.25]]


def test_the_prior_adds_one_item_in_all_half_of_it_agreement():
    index, counts = np.array([[0, 3, 3], [0, 3, 5]]), np.array([4, 2, 1])
    cells = with_unseen(index, counts)
    added = cells.weights[3:]
    assert cells.n == pytest.approx(8)
    assert added[cells.index[0, 3:] == cells.index[1, 3:]].sum() == pytest.approx(0.5)
    assert set(cells.index.ravel()) == {0, 3, 5}  # nothing for a label nobody used


def test_the_prior_of_two_candidates_lets_each_alone_and_both_differ_from_the_reference():
    cells = with_unseen(np.array([[0, 1], [0, 1], [0, 1]]), np.array([5, 5]))
    kinds = {(a == r, b == r): 0.0 for r, a, b in cells.index.T}
    for (r, a, b), weight in zip(cells.index.T[2:], cells.weights[2:], strict=True):
        kinds[(a == r, b == r)] += weight
    assert kinds[(True, True)] == pytest.approx(1 / 2)
    assert [kinds[k] for k in ((True, False), (False, True), (False, False))] == pytest.approx([1 / 6] * 3)


def test_drawn_tables_hold_as_many_items_and_their_mean_is_the_table_with_the_prior():
    cells = with_unseen(np.array([[0, 0, 1], [0, 1, 1]]), np.array([30, 5, 15]))
    draws = draw(cells, lambda tables: tables)
    assert draws.shape == (2_000, len(cells.weights))
    assert draws.sum(axis=1) == pytest.approx(np.full(2_000, 51))
    # a share of 30/51 has standard deviation sqrt(.588 * .412 / 52) = .068; the mean of 2,000 draws a 45th of it
    assert draws.mean(axis=0) == pytest.approx(cells.weights, abs=5 * 51 * 0.068 / 45)


def test_an_estimate_above_every_draw_still_lies_within_its_interval():
    estimate = credible_estimate(1.0, 30, np.linspace(0.5, 0.9, 101))
    assert (estimate.low, estimate.high) == (pytest.approx(0.51), 1.0)


def test_perfect_agreement_on_thirty_items_leaves_room_below_it_and_on_three_thousand_hardly_any():
    few, many = kappa([[20, 0], [0, 10]]), kappa([[2_000, 0], [0, 1_000]])
    assert (few.value, few.high) == (1, 1) and 0.7 < few.low < 0.95
    assert 0.99 < many.low < 1


def test_a_candidate_that_says_one_label_only_has_a_kappa_of_zero_with_an_interval():
    constant = kappa([[27, 0], [3, 0]])
    assert constant.value == 0
    assert constant.low < 0 < constant.high
    assert constant.interval == "Dirichlet posterior, 2,000 draws, seed 0"


def test_one_item_more_of_a_rare_label_moves_the_interval_and_loses_no_draw():
    one = kappa([[8, 1], [0, 1]])
    assert one.value == pytest.approx((0.9 - 0.74) / (1 - 0.74))  # p_e = .9 * .8 + .1 * .2 = .74
    assert -0.2 < one.low < 0.3 and 0.9 < one.high <= 1


@pytest.mark.parametrize("key", ["kappa", "alpha", "pi"])
def test_every_coefficient_of_chance_has_an_interval_that_holds_it(key):
    for counts in ([[1, 0], [0, 1]], [[1, 1], [0, 1]], [[0, 5], [5, 0]], [[59, 0], [1, 0]], np.diag([1, 1, 1, 50])):
        estimate = METRICS[key].estimate(table_of(counts))
        assert -1 - 1e-12 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert estimate.low < estimate.high


def test_a_coefficient_of_fewer_than_fifty_items_is_rough():
    assert kappa([[20, 5], [4, 20]]).rough == "fewer than 50 items"
    assert kappa([[20, 5], [5, 20]]).rough == ""


def test_a_table_without_items_draws_nothing():
    with pytest.raises(ValueError, match="without items"):
        _ = table_of([[0, 0], [0, 0]]).drawn
