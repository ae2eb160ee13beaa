"""Agreement on a scale: published values, independent libraries, hand-worked tables, and how often intervals hold."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from core.metrics import METRICS, Contingency
from core.metrics.scale import (
    bias,
    interval_alpha,
    linear,
    mean_error,
    ordinal_alpha,
    quadratic,
    spearman,
    weighted_kappa,
)


def table_of(own, other, k):
    counts = np.zeros((k, k), dtype=int)
    np.add.at(counts, (np.asarray(own), np.asarray(other)), 1)
    return Contingency(tuple(map(str, range(k))), counts)


def test_the_weighted_kappas_of_cohen_1968_are_reproduced(published):
    entry = published["cohen_1960_1968"]
    table = Contingency(("a", "b", "c"), np.array(entry["inputs"]["table_rows_A_cols_B"]))
    for name, distances in (("weighted_linear", linear), ("weighted_quadratic", quadratic)):
        for expected in entry["values"][name]:
            assert weighted_kappa(table, distances((0, 1, 2))).value == pytest.approx(expected, abs=1e-9)
    own = np.array(entry["inputs"]["disagreement_weights"], dtype=float)
    shares = table.counts / table.n
    chance = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    assert weighted_kappa(table, own).value == pytest.approx(1 - (own * shares).sum() / (own * chance).sum())


def test_spearman_of_a_published_example_is_reproduced(published):
    entry = published["spearman_wikipedia"]
    x, y = entry["inputs"]["x"], entry["inputs"]["y"]
    table = table_of(np.argsort(np.argsort(x)), np.argsort(np.argsort(y)), len(x))
    assert spearman(table).value == pytest.approx(entry["values"]["rho"][0])


LEVELS = st.integers(2, 7).flatmap(
    lambda k: st.tuples(
        st.just(k), st.lists(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), min_size=2, max_size=60)
    )
)


@given(LEVELS)
def test_each_figure_is_what_an_independent_library_says(world):
    k, pairs = world
    own, other = (np.array(side) for side in zip(*pairs, strict=True))
    table, scores, names = table_of(own, other, k), tuple(range(1, k + 1)), list(range(k))
    assert mean_error(table, scores).value == pytest.approx(np.abs(own - other).mean())
    assert bias(table, scores).value == pytest.approx((other - own).mean())
    is_one_level = len(set(own) | set(other)) == 1
    kappas = [weighted_kappa(table, weights(scores)) for weights in (linear, quadratic)]
    alphas = [interval_alpha(table, scores), ordinal_alpha(table)]
    assert [one.value is None for one in (*kappas, *alphas)] == [is_one_level] * 4
    assert (spearman(table).value is None) == (len(set(own)) == 1 or len(set(other)) == 1)
    if is_one_level:
        return
    for estimate, weights in zip(kappas, ("linear", "quadratic"), strict=True):
        assert estimate.value == pytest.approx(cohen_kappa_score(own, other, labels=names, weights=weights))
    for estimate, level in zip(alphas, ("interval", "ordinal"), strict=True):
        right = krippendorff.alpha([own + 1, other + 1], level_of_measurement=level, value_domain=scores)
        assert estimate.value == pytest.approx(right)
    if spearman(table).value is not None:
        assert spearman(table).value == pytest.approx(spearmanr(own, other).statistic)
    for estimate in (*kappas, *alphas):
        assert estimate.low <= estimate.value <= estimate.high


def test_with_two_levels_a_scale_is_no_more_than_two_labels():
    table = Contingency(("no", "yes"), np.array([[20, 5], [10, 15]]))
    kappa, alpha = METRICS["kappa"].estimate(table), METRICS["alpha"].estimate(table)
    for weights in (linear, quadratic):
        assert weighted_kappa(table, weights((0, 1))).value == pytest.approx(kappa.value)
    assert interval_alpha(table, (3, 10)).value == pytest.approx(alpha.value)
    assert ordinal_alpha(table).value == pytest.approx(alpha.value)
    # 10 of 50 a level too high, 5 too low, by seven points
    assert bias(table, (3, 10)).value == pytest.approx((5 - 10) * 7 / 50)
    assert mean_error(table, (3, 10)).value == pytest.approx(15 * 7 / 50)


def test_a_farther_error_costs_more_and_the_distance_between_scores_counts():
    near = Contingency(("1", "2", "3"), np.array([[10, 5, 0], [0, 10, 0], [0, 0, 10]]))
    far = Contingency(("1", "2", "3"), np.array([[10, 0, 5], [0, 10, 0], [0, 0, 10]]))
    for figure in (lambda t: weighted_kappa(t, linear((1, 2, 3))), ordinal_alpha, spearman):
        assert figure(near).value > figure(far).value
    assert interval_alpha(near, (1, 2, 9)).value > interval_alpha(near, (1, 8, 9)).value


def test_without_items_there_is_no_figure_and_with_few_it_is_rough():
    none = Contingency(("1", "2"), np.zeros((2, 2), dtype=int))
    assert spearman(none).undefined == mean_error(none, (1, 2)).undefined == "no item was annotated by both"
    few = Contingency(("1", "2"), np.array([[12, 3], [2, 12]]))
    assert weighted_kappa(few, linear((1, 2))).rough == bias(few, (1, 2)).rough == "fewer than 50 items"
    rare = Contingency(("1", "2", "3"), np.array([[80, 3, 0], [2, 40, 0], [0, 1, 3]]))
    assert interval_alpha(rare, (1, 2, 3)).rough == "1 of the 3 levels has fewer than 10 items"
    assert spearman(rare).rough == ""


@pytest.mark.parametrize("scores", [(1, 1, 2), (3, 2, 1), (1, float("nan"), 2), ((1, 2), (3, 4))])
def test_scores_that_do_not_rise_are_refused(scores):
    with pytest.raises(ValueError, match="rise from level to level"):
        linear(scores)


def joint(k: int, together: float, rare: float, above: float) -> np.ndarray:
    """Shares of all cells for two who see the same as closely as `together` says, the second higher by `above`."""
    generator = np.random.default_rng(0)
    seen = generator.standard_normal(400_000)
    other = together * seen + np.sqrt(1 - together**2) * generator.standard_normal(len(seen)) + above
    cuts = np.quantile(seen, np.linspace(0, 1, k + 1)[1:-1] ** rare)
    cells = np.zeros((k, k))
    np.add.at(cells, (np.digitize(seen, cuts), np.digitize(other, cuts)), 1)
    return cells / cells.sum()


FIGURES = {
    "linear kappa": lambda table, scores: weighted_kappa(table, linear(scores)),
    "quadratic kappa": lambda table, scores: weighted_kappa(table, quadratic(scores)),
    "interval alpha": interval_alpha,
    "ordinal alpha": lambda table, scores: ordinal_alpha(table),
    "spearman": lambda table, scores: spearman(table),
    "mean error": mean_error,
    "bias": bias,
}


@pytest.mark.slow
@pytest.mark.parametrize("world", [(5, 0.7, 1, 0), (5, 0.95, 1, 0.2), (5, 0.7, 0.2, 0), (3, 0.9, 0.15, 0.3)])
@pytest.mark.parametrize("n", [100, 400])
def test_the_intervals_hold_the_truth_where_they_are_not_called_rough(world, n):
    times, cells = 200, joint(*world)
    k, scores = len(cells), tuple(range(1, len(cells) + 1))
    names = tuple(map(str, scores))
    whole = Contingency(names, np.round(cells * 1e7).astype(int))
    drawn = np.random.default_rng(1).multinomial(n, cells.ravel(), size=times)
    for name, figure in FIGURES.items():
        right = figure(whole, scores).value
        estimates = [figure(Contingency(names, one.reshape(k, k)), scores) for one in drawn]
        held = [one.low <= right <= one.high for one in estimates if not one.rough]
        # 200 worlds: a coverage of .95 has standard error .015
        assert len(held) < times / 2 or np.mean(held) >= 0.95 - 3 * 0.0155, name
