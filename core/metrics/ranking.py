"""Several candidates on the same items: which is best, whom it can be told from, and what being chosen flatters it by.

The best of twelve equal candidates is above its own worth by luck alone, and beats some other of them by an ordinary
test more often than not. So only items that all have labelled count, every pair is tested under one level (Holm 1979,
Scandinavian Journal of Statistics 6:65, over McNemar's mid-p), and the best one's score is what the best of a part of
the items gets on the rest (bootstrap bias correction: Tsamardinos, Greasidou & Borboudakis 2018, Machine Learning
107:1895).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from core.metrics.arrays import BoolArray, IntArray
from core.metrics.bootstrap import SEED
from core.metrics.holm import adjusted
from core.metrics.intervals import share, wilson_interval
from core.metrics.mcnemar import mcnemar
from core.metrics.spending import level_at
from core.model import Estimate

ENOUGH = 30
"""With fewer items none is called best: 30 show a difference of 27 points where two differ on 3 items of 10."""
CHOICES = 500
CHOSEN_ON = 0.632
NO_COMMON = "no item was annotated by all of them"
HOW = f"chosen on 63 % of the items and scored on the rest, {CHOICES} times, seed {SEED} (Tsamardinos et al. 2018)"

Pattern = tuple[int, int, int]
"""`(who labelled, who was right, items)`: bit i of the first two stands for candidate i."""


@dataclass(frozen=True)
class Ranking:
    """Candidates by their place in what was given. `members` are compared on the same `n` items, `others` labelled too
    few of those, and stand apart.

    `scores` are the members' accuracies on these items (Wilson), in their order. Where `n` is enough and there are
    two, `best` is the place of the highest, `corrected` its score without the luck of having been chosen, and `beaten`
    the places of those it is told from at `level` for all pairs together. `left_out` counts items that a member
    labelled and another did not.
    """

    n: int
    left_out: int
    members: tuple[int, ...]
    others: tuple[int, ...]
    scores: tuple[Estimate, ...]
    best: int | None = None
    corrected: Estimate | None = None
    beaten: tuple[int, ...] = ()
    level: float = level_at(1)

    def score(self, place: int) -> Estimate | None:
        """Of one candidate on the same items; None where it is not among those compared."""
        return self.scores[self.members.index(place)] if place in self.members else None


def rank(patterns: Iterable[Pattern], candidates: int, look: int = 1) -> Ranking:
    """Rank `candidates` of them from how many items show each pattern. Never raises; without items nobody is compared.

    `look` counts how often they have been ranked so, this time included: each look is read more strictly.

    Whoever labelled most is compared first; each next one joins as long as at least half of its items stay common.
    """
    found = [pattern for pattern in patterns if pattern[2]]
    items = np.array([count for *_, count in found], dtype=np.int64)
    labelled, right = (_bits([pattern[which] for pattern in found], candidates) for which in (0, 1))
    members, common = _same_rows(labelled, items, candidates)
    weights, hits = items[common], right[common][:, members]
    n = int(weights.sum())
    left_out = int(items[labelled[:, members].any(axis=1)].sum()) - n
    others = tuple(place for place in range(candidates) if place not in members)
    scores = tuple(share(int(one), n, NO_COMMON) for one in weights @ hits)
    ranking = Ranking(n, left_out, tuple(members), others, scores, level=level_at(look))
    return ranking if n < ENOUGH or len(members) < 2 else _with_best(ranking, hits, weights)


def _bits(masks: Sequence[int], candidates: int) -> BoolArray:
    rows = [[mask >> place & 1 for place in range(candidates)] for mask in masks]
    return np.array(rows, dtype=np.bool_).reshape(len(masks), candidates)


def _same_rows(labelled: BoolArray, items: IntArray, candidates: int) -> tuple[list[int], BoolArray]:
    """`(members, which patterns all of them labelled)`, members in the order given."""
    totals = items @ labelled
    members: list[int] = []
    common = np.ones(len(items), dtype=np.bool_)
    for place in sorted(range(candidates), key=lambda one: -totals[one]):
        both = common & labelled[:, place]
        if totals[place] and 2 * int(items[both].sum()) >= totals.max():
            members, common = [*members, place], both
    return sorted(members), common if members else np.zeros(len(items), dtype=np.bool_)


def _with_best(ranking: Ranking, hits: BoolArray, weights: IntArray) -> Ranking:
    right = weights @ hits
    best = int(np.argmax(right))
    told = _told_apart(hits, weights, ranking.level)
    beaten = [one for one in told if best in one and right[one[0]] != right[one[1]]]
    losers = sorted(ranking.members[a if b == best else b] for a, b in beaten)
    chosen = ranking.members[best]
    return replace(ranking, best=chosen, corrected=_corrected(hits, weights, best), beaten=tuple(losers))


def _told_apart(hits: BoolArray, weights: IntArray, level: float) -> list[tuple[int, int]]:
    """The pairs that differ, at this level for all pairs together."""
    only = hits.T.astype(np.int64) @ (weights[:, np.newaxis] * ~hits)
    pairs = list(combinations(range(hits.shape[1]), 2))
    mid_p = {pair: mcnemar([[0, only[pair]], [only[pair[::-1]], 0]]).mid_p for pair in pairs}
    p_values = adjusted({pair: 1.0 if p is None else p for pair, p in mid_p.items()})
    return [pair for pair, p in p_values.items() if p < level]


def _corrected(hits: BoolArray, weights: IntArray, best: int) -> Estimate:
    """What the best one of a part of the items gets on the rest, with as wide an interval as any share of n has.

    The best one's own score on each rest, which is its score on all but for chance, takes that chance out.
    """
    n = int(weights.sum())
    generator = np.random.default_rng(SEED)
    part = round(CHOSEN_ON * n)
    drawn = generator.multivariate_hypergeometric(weights, part, size=CHOICES, method="marginals")
    chosen = np.argmax(drawn @ hits, axis=1)
    rest = (weights - drawn) @ hits / (n - part)
    lost = float(np.mean(rest[:, best] - rest[np.arange(CHOICES), chosen]))
    value = min(1.0, max(0.0, float(weights @ hits[:, best]) / n - max(0.0, lost)))
    return Estimate(value, n, *wilson_interval(value * n, n), interval=HOW)
