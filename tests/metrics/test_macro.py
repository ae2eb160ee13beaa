import numpy as np
import pytest

from core.metrics import METRICS, Contingency
from core.metrics.macro import f1_correlation, f1_kernel


def table_of(counts):
    return Contingency(tuple(str(k) for k in range(len(counts))), np.array(counts))


def macro_f1(counts):
    return METRICS["macro_f1"].estimate(table_of(counts))


def test_a_candidate_that_never_says_one_of_two_labels_cannot_exceed_a_half():
    # F1 of the first 2 * 59 / (60 + 59), of the second 0
    score = macro_f1([[59, 0], [1, 0]])
    assert score.value == pytest.approx(118 / 119 / 2)
    assert score.low <= score.value < score.high <= 0.5


@pytest.mark.parametrize("said", [1, 2, 3])
def test_nor_the_share_of_the_labels_it_says_where_there_are_more(said):
    counts = np.zeros((4, 4), dtype=int)
    for k in range(4):
        counts[k, min(k, said - 1)] = 12
    assert macro_f1(counts).high <= said / 4


def test_a_perfect_candidate_has_an_interval_that_narrows_with_the_items():
    few, many = macro_f1(np.diag([15, 15])), macro_f1(np.diag([1_500, 1_500]))
    assert (few.value, few.high) == (1, 1) and 0.8 < few.low < 0.95
    assert 0.99 < many.low < 1


def test_labels_of_fewer_than_ten_items_make_it_rough_and_are_counted():
    assert macro_f1(np.diag([10, 10, 10])).rough == ""
    assert macro_f1(np.diag([9, 10, 10])).rough == "1 of its 3 labels has fewer than 10 items"
    assert macro_f1(np.diag([9, 1, 10])).rough == "2 of its 3 labels have fewer than 10 items"
    assert macro_f1(np.diag([3])).rough == "its one label has fewer than 10 items"


def test_a_label_that_only_the_candidate_uses_is_no_term_of_it_and_makes_nothing_rough():
    used = macro_f1([[20, 2, 0], [0, 0, 0], [0, 0, 20]])
    assert (used.rough, used.value) == ("", pytest.approx((40 / 42 + 1) / 2))


def test_one_label_alone_is_no_mean_over_labels():
    assert macro_f1([[20, 2], [0, 0]]).rough == "the reference gave one label only"
    assert macro_f1([[20, 2], [0, 0]]).value == pytest.approx(40 / 42)


def test_labels_taken_for_each_other_rise_and_fall_together_and_others_do_not():
    together = f1_correlation(table_of([[30, 10, 0], [10, 30, 0], [0, 0, 40]]))
    assert together[0, 1] > 0.3
    assert together[0, 2] < 0.05
    assert np.diagonal(together).tolist() == [1, 1, 1]


def test_the_correlation_of_two_labels_is_that_of_simulated_tables():
    counts = np.array([[60, 20, 5], [10, 70, 5], [15, 5, 60]])
    draws = np.random.default_rng(4).multinomial(counts.sum(), counts.ravel() / counts.sum(), size=4_000)
    tables = draws.reshape(-1, 3, 3)
    f1 = 2 * np.diagonal(tables, axis1=1, axis2=2) / (tables.sum(axis=1) + tables.sum(axis=2))
    # the prior adds 1 item to 250; a correlation from 4,000 draws has a standard error of at most .016
    assert f1_correlation(table_of(counts)) == pytest.approx(np.corrcoef(f1.T), abs=0.06)


def test_the_interval_holds_the_value_and_stays_within_bounds_on_every_kind_of_table():
    generator = np.random.default_rng(2)
    for k in (1, 2, 3, 8):
        for n in (1, 3, 30, 300):
            counts = generator.multinomial(n, generator.dirichlet(np.full(k * k, 0.3))).reshape(k, k)
            score, used = macro_f1(counts), f1_kernel(table_of(counts).margins)
            assert 0 <= score.low <= score.value + 1e-12 and score.value <= score.high + 1e-12 <= 1 + 1e-11
            assert not np.isnan(used[counts.sum(axis=1) > 0]).any()
