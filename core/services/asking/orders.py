"""In which order a model is shown the two candidates of a preference, and what its answers in both orders come to.

What is stored is always in the item's own order; beside each answer stands in which it was shown.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from core.errors import WorkbenchError
from core.model import Item, QuestionKind, Said, Task
from core.services.common.orders import AS_GIVEN, TURNED


class Order(StrEnum):
    """GIVEN: as in the item. DRAWN: for each item one of the two, by a rule that depends on its candidates alone. BOTH:
    each item is asked about twice, in either order."""

    GIVEN = "given"
    DRAWN = "drawn"
    BOTH = "both"


def order_of(config: Mapping[str, Any]) -> Order:
    """As it was frozen into a run's configuration."""
    return Order(config.get("order") or Order.GIVEN)


def refuse_unless_turnable(task: Task) -> None:
    """Raises `WorkbenchError` where the question has no two candidates, or an outcome has no opposite."""
    if task.type is not QuestionKind.PREFERENCE or len(task.options.candidates) != 2:
        raise WorkbenchError(
            "The order of the candidates can be changed only where two of them are compared.",
            "Ask in the order given.",
        )
    alone = next((name for name, other in _opposites(task).items() if other is None), None)
    if alone is not None:
        raise WorkbenchError(
            f"The outcome “{alone}” has no opposite, so its answer means nothing once the candidates are swapped.",
            "Add the outcome with the opposite score on Task, or ask in the order given.",
        )


def _opposites(task: Task) -> dict[str, str | None]:
    """For each outcome the one that says the same with the candidates swapped; None where there is none."""
    by_score = {label.score: label.name for label in task.labels if label.score is not None}
    return {label.name: label.name if label.score is None else by_score.get(-label.score) for label in task.labels} | {
        task.fallback.name: task.fallback.name
    }


class Turning:
    """Shows items in the order asked for, and says answers in the item's own.

    `task` has the scores of its outcomes, unless all is shown as given.
    """

    def __init__(self, task: Task, order: Order) -> None:
        self.order = order
        if order is not Order.GIVEN:
            self._candidates = task.options.candidates
            self._opposites = _opposites(task)

    @property
    def reads_item(self) -> bool:
        """Whether it takes the item to know in which order it was shown."""
        return self.order is Order.DRAWN

    def is_turned(self, item: Item | None, ordinal: int) -> bool:
        """Whether the candidates are swapped in the `ordinal`-th question about an item."""
        if self.order is Order.DRAWN and item is not None:
            first, second = (item.fields.get(name, "") for name in self._candidates)
            return bool(blake2b(f"{first}\x1f{second}".encode("utf-8", "surrogatepass"), digest_size=1).digest()[0] & 1)
        return self.order is Order.BOTH and ordinal % 2 == 1

    def item(self, item: Item) -> Item:
        """The item with its candidates swapped."""
        first, second = self._candidates
        fields = {**item.fields, first: item.fields.get(second, ""), second: item.fields.get(first, "")}
        return replace(item, fields=fields)

    def said(self, said: Said) -> Said:
        """What was said of the swapped item, in the item's own order."""
        return self._opposites.get(str(said)) or said

    def shown(self, turned: bool) -> str:
        """What is stored beside an answer; "" where all is shown as given."""
        if self.order is Order.GIVEN:
            return ""
        return TURNED if turned else AS_GIVEN


@dataclass(frozen=True)
class Sides:
    """Which candidate each answer prefers, and by how much: `scores` by answer, `tie` where a task has one."""

    scores: Mapping[Hashable, float]
    tie: Hashable | None
    fallback: Hashable

    def joined(self, one: Hashable, other: Hashable) -> Hashable | None:
        """What answers in both orders come to, each in the item's own order: what both say; the weaker of two that
        prefer the same candidate; the fallback where one of them says nothing; None where they contradict."""
        if one == other:
            return one
        if self.fallback in (one, other):
            return self.fallback
        first, second = self.scores.get(one), self.scores.get(other)
        if first is None or second is None or first * second <= 0:
            return None
        return one if abs(first) <= abs(second) else other


def sides_of(task: Task, *, by_name: bool = False) -> Sides:
    """By name, or by the canonical form of values: the ids of labels."""

    def key(name: str, label_id: int | None) -> str:
        return name if by_name else str(label_id)

    scores: dict[Hashable, float] = {
        key(label.name, label.id): label.score for label in task.labels if label.score is not None
    }
    tie = next((one for one, score in scores.items() if score == 0), None)
    return Sides(scores, tie, key(task.fallback.name, task.fallback.id))
