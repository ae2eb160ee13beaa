import numpy as np
import pytest

from core.metrics import METRICS, Contingency, estimate_all, per_label
from core.metrics.bootstrap import FEWEST, RESAMPLES, label_sums, resample, resamples_for
from core.metrics.metric import estimated
from core.metrics.posterior import draw


def table_of(counts):
    return Contingency(tuple(str(k) for k in range(len(counts))), np.array(counts))


def test_the_same_table_always_gets_the_same_interval():
    counts = [[30, 5, 1], [4, 20, 6], [0, 3, 31]]
    assert estimate_all(table_of(counts)) == estimate_all(table_of(counts))


def test_draws_in_small_chunks_are_the_draws_in_one(monkeypatch):
    counts = np.array([5, 0, 9, 3])
    whole = resample(counts, lambda draws: draws)
    monkeypatch.setattr("core.metrics.bootstrap.CHUNK_BYTES", 8 * 4 * 7)
    assert np.array_equal(resample(counts, lambda draws: draws), whole)
    assert whole.shape == (2_000, 4)
    assert (whole.sum(axis=1) == 17).all()


def test_all_metrics_read_one_set_of_draws(monkeypatch):
    calls = []
    table = table_of([[30, 5], [4, 20]])

    def counted(*args):
        calls.append(args)
        return draw(*args)

    monkeypatch.setattr("core.metrics.contingency.draw", counted)
    estimate_all(table)
    per_label(table)
    assert len(calls) == 1


def test_an_interval_of_accuracy_from_the_posterior_meets_the_closed_form():
    table = table_of([[700, 150], [100, 250]])

    def share(margins):
        return margins.hits.sum(axis=-1) / margins.n

    drawn = estimated(table, share, "never")
    closed = METRICS["accuracy"].estimate(table)
    # 950 of 1,200: standard error 0.0117, and an end of the middle of 2,000 draws has a tenth of it as noise
    assert (drawn.low, drawn.high) == pytest.approx((closed.low, closed.high), abs=0.003)


def test_nothing_can_be_drawn_from_an_empty_table():
    with pytest.raises(ValueError, match="without items"):
        resample(np.array([0, 0]), lambda draws: draws)


def test_cells_add_up_to_their_label_and_cells_of_no_label_are_left_out():
    sums = label_sums(np.array([2, 0, -1, 2]), 4)
    assert sums(np.array([[1, 2, 4, 8], [10, 20, 40, 80]])).tolist() == [[2, 0, 9, 0], [20, 0, 90, 0]]
    assert label_sums(np.array([-1]), 2)(np.array([[5]])).tolist() == [[0, 0]]


def test_tables_with_very_many_cells_get_fewer_draws_and_the_interval_says_so():
    assert resamples_for(81) == resamples_for(3_000) == RESAMPLES
    assert resamples_for(250_000) == FEWEST
    k = 130
    table = table_of(np.ones((k, k), dtype=int) + np.diag([k] * k))
    # 16,900 cells and 260 of the prior: 6,000,000 / 17,160 = 349
    assert METRICS["kappa"].estimate(table).interval == "Dirichlet posterior, 300 draws, seed 0"
