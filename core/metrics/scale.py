"""Agreement on a scale: levels with scores, where an error weighs more the farther it goes.

Computed from the same table as for labels, whose labels are the levels in their order. All but Spearman's correlation
and ordinal alpha take the levels' `scores`: K numbers, rising strictly. Ranks are of the levels that were used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, ratio
from core.metrics.bootstrap import label_sums
from core.metrics.chance import kappa
from core.metrics.contingency import NO_ITEMS, Contingency
from core.metrics.intervals import share
from core.metrics.metric import Metric, few_for_coefficient
from core.metrics.posterior import credible_estimate, draw, with_unseen
from core.model import Estimate

ONE_LEVEL = "both annotators used one level only, so chance agreement is 1"
NO_SPREAD = "an annotator used one level only, so nothing can rise with it"
NEVER_DECIDED = "there is no item that neither calls a tie"

FEW = 10

Kernel = Callable[["Tables"], FloatArray]


@dataclass(frozen=True, eq=False)
class Scale:
    """A table and what each of its labels stands for on the scale; None for what is no level, whose items are left out
    of every figure of the scale. Levels may stand in any order."""

    table: Contingency
    scores: tuple[float | None, ...]

    @property
    def n(self) -> int:
        """Items both annotated, with a level or not."""
        return self.table.n

    @property
    def labels(self) -> tuple[str, ...]:
        return self.table.labels

    @property
    def agreements(self) -> int:
        """Items on which both gave the same label."""
        return self.table.agreements

    @cached_property
    def decided(self) -> Contingency:
        """Which side of 0 each is on, over the items that both have on one: of a preference, which one is better,
        where neither calls a tie."""
        counts = np.zeros((2, 2), dtype=np.int64)
        sides = [(int(score < 0), k) for k, score in enumerate(self.scores) if score]
        for row, own in sides:
            for column, other in sides:
                counts[row, column] += self.table.counts[own, other]
        return Contingency(("above 0", "below 0"), counts)

    @cached_property
    def levels(self) -> tuple[Contingency, tuple[float, ...]]:
        """The table of the levels alone, in rising order; those of one score are one."""
        placed = [(score, k) for k, score in enumerate(self.scores) if score is not None]
        places = tuple(sorted({score for score, _ in placed}))
        counts = np.zeros((len(places), len(places)), dtype=np.int64)
        own = np.array([k for _, k in placed], dtype=np.int64)
        level = np.array([places.index(score) for score, _ in placed], dtype=np.int64)
        np.add.at(counts, np.ix_(level, level), self.table.counts[np.ix_(own, own)])
        return Contingency(tuple(f"{place:g}" for place in places), counts), places


class Tables:
    """A stack of tables by their cells: `items` (b, C) at `index` (2, C) of K levels; drawn ones are not whole."""

    def __init__(self, items: FloatArray, index: IntArray, k: int) -> None:
        self.items, self.rows, self.columns = items, index[0], index[1]
        self.reference = label_sums(index[0], k)(items)
        self.candidate = label_sums(index[1], k)(items)

    @property
    def n(self) -> FloatArray:
        return np.asarray(self.items.sum(axis=1))

    def apart(self, places: FloatArray) -> FloatArray:
        """Candidate less reference for each cell, where the levels stand at `places` (K,) or (b, K)."""
        return np.asarray(places[..., self.columns] - places[..., self.rows])

    def summed(self, of_cells: FloatArray) -> FloatArray:
        """The sum over items of a figure of their cell, shape (b,)."""
        return np.asarray((self.items * of_cells).sum(axis=1))


def weighted_kappa(table: Contingency, distances: FloatArray) -> Estimate:
    """Cohen 1968 (Psychological Bulletin 70:213): 1 - observed distance / the distance chance would give.

    `distances` is K x K, 0 where nothing is wrong: see `linear` and `quadratic`. Chance pairs the levels each annotator
    used, as often as they used them. Undefined where it would give no distance: one level throughout.
    `rough` below 50 items, and where a level hangs on so few that its distance, squared, can outweigh all else.
    """

    def kernel(tables: Tables) -> FloatArray:
        observed = tables.n * tables.summed(distances[tables.rows, tables.columns])
        chance = np.einsum("bi,ij,bj->b", tables.reference, distances, tables.candidate)
        return 1.0 - ratio(observed, chance, chance > 0)

    return _estimate(table, kernel, ONE_LEVEL, rough=_few(table))


def linear(scores: Sequence[float]) -> FloatArray:
    """How far apart two levels are, K x K."""
    places = _places(scores)
    return np.abs(places[:, np.newaxis] - places)


def quadratic(scores: Sequence[float]) -> FloatArray:
    """The square of that: with it, weighted kappa is about an intraclass correlation (Fleiss & Cohen 1973)."""
    return linear(scores) ** 2


def interval_alpha(table: Contingency, scores: Sequence[float]) -> Estimate:
    """Krippendorff 2011, interval metric: the squared difference of the scores. Undefined on one level throughout."""
    places = _places(scores)
    return _alpha(table, lambda pooled: np.broadcast_to(places, pooled.shape))


def ordinal_alpha(table: Contingency) -> Estimate:
    """Krippendorff 2011, ordinal metric: how many values lie between two levels, half of their own included, squared.

    That is the difference of the levels' mean ranks among all values of both. Undefined on one level throughout.
    """
    return _alpha(table, _mean_ranks)


def spearman(table: Contingency) -> Estimate:
    """Spearman 1904 (American Journal of Psychology 15:72), tied levels at their mean rank: Pearson's correlation of
    the two annotators' ranks. Undefined where one of them used one level only."""

    def kernel(tables: Tables) -> FloatArray:
        centre = (tables.n / 2)[:, np.newaxis]
        own, other = _mean_ranks(tables.reference) - centre, _mean_ranks(tables.candidate) - centre
        together = tables.summed(own[:, tables.rows] * other[:, tables.columns])
        spread = (tables.reference * own**2).sum(axis=1) * (tables.candidate * other**2).sum(axis=1)
        return ratio(together, np.sqrt(spread), spread > 1e-12 * tables.n**6)

    return _estimate(table, kernel, NO_SPREAD, rough=few_for_coefficient(table.n))


def mean_error(table: Contingency, scores: Sequence[float]) -> Estimate:
    """The mean distance between the two scores of an item, in points of the scale; 0 is perfect."""
    places = _places(scores)
    return _mean(table, lambda tables: np.abs(tables.apart(places)))


def bias(table: Contingency, scores: Sequence[float]) -> Estimate:
    """How many points the candidate's score is above the reference's on average; below 0 it is stricter."""
    places = _places(scores)
    return _mean(table, lambda tables: tables.apart(places))


def _alpha(table: Contingency, places_of: Callable[[FloatArray], FloatArray]) -> Estimate:
    def kernel(tables: Tables, missing: float) -> FloatArray:
        pooled = tables.reference + tables.candidate
        places, values = places_of(pooled), 2.0 * tables.n
        observed = 2.0 * tables.summed(tables.apart(places) ** 2)
        expected = 2.0 * (values * (pooled * places**2).sum(axis=1) - (pooled * places).sum(axis=1) ** 2)
        several = (pooled > 0).sum(axis=1) > 1
        return 1.0 - ratio((values - missing) * observed, expected, several)

    # What corrects for how few values were counted has no part in what all of them would come to.
    return _estimate(
        table, lambda one: kernel(one, 1.0), ONE_LEVEL, of_all=lambda one: kernel(one, 0.0), rough=_few(table)
    )


def _mean_ranks(used: FloatArray) -> FloatArray:
    """Of each level the mean rank of its values, from how often each is used, shape (b, K), counted from 0."""
    return np.asarray(np.cumsum(used, axis=1) - used / 2)


def _mean(table: Contingency, of_cells: Callable[[Tables], FloatArray]) -> Estimate:
    return _estimate(
        table, lambda tables: tables.summed(of_cells(tables)) / tables.n, "", rough=few_for_coefficient(table.n)
    )


def _few(table: Contingency) -> str:
    """Why squared distances are a rough guide: the interval holds 88 to 92 % of the time where a level is rare."""
    support = table.margins.reference[table.margins.reference > 0]
    few, all_ = int((support < FEW).sum()), len(support)
    which = f"{few} of the {all_} levels {'has' if few == 1 else 'have'} fewer than {FEW} items" if few else ""
    return few_for_coefficient(table.n) or which


def _estimate(
    table: Contingency, kernel: Kernel, undefined: str, of_all: Kernel | None = None, *, rough: str
) -> Estimate:
    if table.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    k, (index, counts) = len(table.labels), table.cells
    value = float(kernel(Tables(counts[np.newaxis].astype(np.float64), index, k))[0])
    if np.isnan(value):
        return Estimate(None, table.n, undefined=undefined)
    cells = with_unseen(index, counts, is_scale=True)
    draws = draw(cells, lambda items: (of_all or kernel)(Tables(items, cells.index, k)))
    return credible_estimate(value, table.n, draws, rough)


def _places(scores: Sequence[float]) -> FloatArray:
    places = np.asarray(scores, dtype=np.float64)
    if places.ndim != 1 or not np.isfinite(places).all() or (np.diff(places) <= 0).any():
        raise ValueError("The scores of a scale must be numbers that rise from level to level.")
    return places


def _because_of_ties(estimate: Estimate) -> Estimate:
    """Where there are no items, because of ties."""
    return replace(estimate, undefined=NEVER_DECIDED) if estimate.undefined == NO_ITEMS else estimate


def _of_levels(estimate: Callable[[Contingency, tuple[float, ...]], Estimate]) -> Callable[[Scale], Estimate]:
    return lambda scale: estimate(*scale.levels)


SCALE_METRICS: dict[str, Metric[Scale]] = {
    metric.key: metric
    for metric in (
        Metric(
            "quadratic_kappa",
            "Weighted kappa, quadratic",
            "coefficient",
            "Agreement beyond chance, where an error weighs as the square of how far apart the two levels are. "
            "It forgives neighbours most, and is about an intraclass correlation.",
            _of_levels(lambda table, places: weighted_kappa(table, quadratic(places))),
            "scale",
        ),
        Metric(
            "linear_kappa",
            "Weighted kappa, linear",
            "coefficient",
            "Agreement beyond chance, where an error weighs as how far apart the two levels are. "
            "Errors of one level weigh more in it than in the quadratic kappa, and rare large ones less.",
            _of_levels(lambda table, places: weighted_kappa(table, linear(places))),
            "scale",
        ),
        Metric(
            "ordinal_alpha",
            "Krippendorff's alpha, ordinal",
            "coefficient",
            "Agreement beyond chance from the order of the levels alone, by how many values lie between two of them. "
            "It does not ask for the scores, which interval alpha takes at their word.",
            _of_levels(lambda table, places: ordinal_alpha(table)),
            "scale",
        ),
        Metric(
            "interval_alpha",
            "Krippendorff's alpha, interval",
            "coefficient",
            "Agreement beyond chance from the squared differences of the scores, chance being one pool of both. "
            "It differs from quadratic kappa where one annotator is stricter than the other.",
            _of_levels(interval_alpha),
            "scale",
        ),
        Metric(
            "spearman",
            "Spearman's correlation",
            "coefficient",
            "Whether what one annotator puts higher the other puts higher too, whatever the levels. "
            "An annotator who is a level stricter throughout loses nothing here, but in kappa and alpha.",
            _of_levels(lambda table, places: spearman(table)),
            "scale",
        ),
        Metric(
            "mean_error",
            "Mean absolute error",
            "points",
            "How many points of the scale the two scores of an item are apart on average; 0 is perfect. "
            "It is in the units of the scale, and does not ask what chance would give.",
            _of_levels(mean_error),
            "scale",
        ),
        Metric(
            "bias",
            "Bias",
            "points",
            "How many points the candidate's score is above the reference's on average. "
            "Below 0 it is stricter, and errors that cancel out do not show.",
            _of_levels(bias),
            "scale",
        ),
        Metric(
            "agreement_without_ties",
            "Same one better",
            "share",
            "Of the items that neither calls a tie, the share on which both prefer the same one, by however much. "
            "It is above accuracy where the two differ in how often they call a tie, or in how much better one is.",
            lambda scale: share(scale.decided.agreements, scale.decided.n, NEVER_DECIDED),
            "scale",
        ),
        Metric(
            "kappa_without_ties",
            "Kappa without ties",
            "coefficient",
            "Agreement beyond chance on which of the two is better, over the items that neither calls a tie. "
            "Kappa over all outcomes counts a tie as one more of them.",
            lambda scale: _because_of_ties(kappa(scale.decided)),
            "scale",
        ),
    )
}
