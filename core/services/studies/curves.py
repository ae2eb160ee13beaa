"""What a learning curve says: the points, the fitted law, and whether more labelling is worth it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite

from core.exporters.figures import number, rounded
from core.finetune.subset import subset_in
from core.metrics import METRICS
from core.metrics.power_law import FAR, MIN_DEALS, MIN_SIZES, PowerLaw, Size, fit, pooled_noise, sizes_of
from core.model import Study, Trial
from core.plural import count

WORTH = 0.01
"""What twice as many examples have to add to be worth the labelling: one point in a hundred."""
_TOO_FEW = f"it takes {MIN_SIZES} sizes, and {MIN_DEALS} deals of one of them"


@dataclass(frozen=True)
class LearningCurve:
    """A study of what more examples are worth; `trials` in the order they are begun."""

    study: Study
    trials: tuple[Trial, ...]

    @property
    def measure(self) -> str:
        """What the scores are."""
        return METRICS[self.study.config["metric"]].title

    @property
    def whole(self) -> int:
        """How many examples there were when it was started."""
        return int(self.study.config["whole"])

    @cached_property
    def sizes(self) -> list[Size]:
        """The scores by number of examples, smallest first."""
        found: dict[int, list[float]] = {}
        for n, _, score in self.points:
            found.setdefault(n, []).append(score)
        return sizes_of(found)

    @cached_property
    def points(self) -> list[tuple[int, Trial, float]]:
        """`(examples, trial, score)` of those that are measured."""
        told = [(subset_in(one.config), one) for one in self.trials]
        return [
            (subset.n, one, one.score.value)
            for subset, one in told
            if subset is not None and one.score is not None and one.score.value is not None
        ]

    def interval(self, size: Size) -> tuple[float, float] | None:
        """95 % of the mean over deals."""
        noise = pooled_noise(self.sizes, self.whole)
        found = size.interval(None if noise is None else noise[0])
        return None if found is None else (max(-1.0, found[0]), min(1.0, found[1]))

    @property
    def n_scored(self) -> int:
        """On how many validation items; the fewest, should that have changed meanwhile."""
        return min((one.score.n for one in self.trials if one.score is not None), default=0)

    @cached_property
    def law(self) -> PowerLaw | None:
        """The fitted curve; None where there are too few points."""
        widths = [
            (one.score.high - one.score.low) / (2 * 1.96)
            for one in self.trials
            if one.score is not None and one.score.low is not None and one.score.high is not None
        ]
        return fit(self.sizes, self.whole, measured=sum(widths) / len(widths) if widths else 0.0)

    def sentence(self, target: float | None = None) -> str:
        """Whether more labelling is worth it, and how many more examples reach the target; in one sentence, which says
        so where the points cannot tell."""
        law = self.law
        if law is None:
            return f"Whether more labelling is worth it cannot be told yet: {_TOO_FEW}."
        return f"{self._gain(law)}{'' if target is None else f'; {self._reach(law, target)}'}."

    def _gain(self, law: PowerLaw) -> str:
        now, twice = law.largest, 2 * law.largest
        gain = law.gain(now, twice)
        assert gain.value is not None and gain.low is not None and gain.high is not None
        added = f"{_points(gain.value)} points ({_points(gain.low)} to {_points(gain.high)})"
        if gain.low >= WORTH:
            return f"More labelling is worth it: {twice:,} examples instead of {now:,} would add about {added}"
        if gain.high < WORTH:
            return (
                f"More labelling of the same kind is hardly worth it: {twice:,} examples instead of {now:,} would "
                + (f"add about {added}")
            )
        return (
            f"Whether more labelling is worth it cannot be told: {twice:,} examples instead of {now:,} would add "
            f"anything from {_points(gain.low)} to {_points(gain.high)} points"
        )

    def _reach(self, law: PowerLaw, target: float) -> str:
        low, best, high = law.examples_for(target)
        ending, far = f"to reach {number(target)}", FAR * law.largest
        if best <= law.largest:
            reached = f"{number(target)} is reached with about {count(_rounded(best), 'example')}"
            return f"{reached} already" if high <= law.largest else f"{reached}, though chance may have helped"
        if low > far:
            end = law.levels_off()
            return (
                f"{number(target)} is out of reach with examples of this kind, since the curve levels off at about "
                + (f"{number(end[1])} ({number(end[0])} to {number(end[2])})")
            )
        least = max(1, _rounded(low) - law.largest)
        if best > far or not isfinite(best):
            return f"{ending} takes {least:,} more at the very least, and perhaps more than can ever be labelled"
        more = f"{ending} takes about {_rounded(best) - law.largest:,} more"
        most = f"to {_rounded(high) - law.largest:,}" if high <= far else "to more than can be told"
        return f"{more} ({least:,} {most})"

    def needed(self, target: float) -> float:
        """The best guess of how many examples reach the score; infinity where none do, or nothing can be told."""
        return inf if self.law is None else self.law.examples_for(target)[1]


def usual_sizes(whole: int) -> list[int]:
    """25, 50, 100, 200 ... and all there are; the last of the row is left out where it is nearly all."""
    sizes, n = [], 25
    while n * 1.25 <= whole:
        sizes.append(n)
        n *= 2
    return [*sizes, whole]


def by_size(trials: Sequence[Trial]) -> Mapping[int, list[Trial]]:
    """The trials by their number of examples."""
    found: dict[int, list[Trial]] = {}
    for one in trials:
        subset = subset_in(one.config)
        if subset is not None:
            found.setdefault(subset.n, []).append(one)
    return found


def _points(share: float) -> str:
    return str(rounded(100 * share, 1))


def _rounded(examples: float) -> int:
    """Two figures that count: no more is known."""
    n = round(examples)
    step = int(10 ** max(0, len(str(n)) - 2))
    return round(n / step) * step
