"""What a search says: the best, how many were tried, and that being best of many flatters."""

from dataclasses import dataclass
from functools import cached_property

from core.exporters.figures import with_interval
from core.finetune.dialects import title_of
from core.finetune.search import Dimension, dimension
from core.metrics import METRICS
from core.model import Study, Trial
from core.plural import count
from core.services.studies.courses import best_of, tried_among


@dataclass(frozen=True)
class SearchView:
    """A search for parameters; `trials` in the order they are begun. `is_tested`: the best has answered test items.
    `dollars` is what it cost so far, None where that is not known."""

    study: Study
    trials: tuple[Trial, ...]
    is_tested: bool = False
    dollars: float | None = None

    @property
    def measure(self) -> str:
        """What the scores are."""
        return METRICS[self.study.config["metric"]].title

    @cached_property
    def space(self) -> list[Dimension]:
        return [dimension(one) for one in self.study.config["space"]]

    @cached_property
    def best(self) -> Trial | None:
        return best_of(self.trials)

    @property
    def own(self) -> Trial | None:
        """What the host chose by itself, where it is measured."""
        return next((one for one in self.trials if not one.config["parameters"] and one.score is not None), None)

    @property
    def tried(self) -> int:
        """How many the best was chosen among."""
        return tried_among(self.trials)

    def sentence(self) -> str:
        """The best, and beside it what the host chose by itself."""
        best, own = self.best, self.own
        if best is None or best.score is None:
            return "Nothing is measured yet."
        said = f"Best of {self.tried} tried: {self.measure} {with_interval(best.score)} on "
        said += f"{count(best.score.n, 'validation item')}, with {spoken(best)}"
        if own is None or own.score is None or own.score.value is None or own.id == best.id:
            return f"{said}."
        said += f"; with {spoken(own)} it is {with_interval(own.score)}"
        is_clear = best.score.low is not None and best.score.low > own.score.value
        return f"{said}." if is_clear else f"{said}, which is not clearly worse."

    def warning(self) -> str:
        """Why that score is not the one to tell others."""
        if self.best is None or self.tried < 2:
            return ""
        said = f"It was chosen as the best of {self.tried} on these very items, so its score there flatters it."
        return said if self.is_tested else f"{said} Measure it once on test."


def spoken(trial: Trial) -> str:
    """`epochs 8, learning rate × 1.2`; what the host chose by itself where nothing was set."""
    told = [f"{title_of(key).lower()} {_value(value)}" for key, value in trial.config["parameters"].items()]
    return ", ".join(told) or "the host’s own choice"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
