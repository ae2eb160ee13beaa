"""In which order a model is shown the candidates of a preference or the levels of a rating, and what its answers in
both orders come to.

What is stored is always in the item's own order; beside each answer stands in which it was shown.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from core.errors import WorkbenchError
from core.model import Item, QuestionKind, Said, Task
from core.prompts import variables_in
from core.services.asking.frozen import with_scores
from core.services.common.orders import ORDERS, TURNED
from core.tasks import TASKS


class Order(StrEnum):
    """GIVEN: as in the item or the task. DRAWN: for each item one order, by a rule that depends on what it says alone.
    BOTH: each item is asked about twice, its candidates in either order."""

    GIVEN = "given"
    DRAWN = "drawn"
    BOTH = "both"


def order_of(config: Mapping[str, Any]) -> Order:
    """As it was frozen into a run's configuration."""
    return Order(config.get("order") or Order.GIVEN)


def offered(task: Task) -> tuple[Order, ...]:
    """The orders in which models can be asked what the task asks; the first is the usual one."""
    if task.type is QuestionKind.RATING:
        return Order.GIVEN, Order.DRAWN
    compares = task.type is QuestionKind.PREFERENCE and len(task.options.candidates) == 2
    return tuple(Order) if compares else (Order.GIVEN,)


def refuse_unless_offered(task: Task, order: Order) -> None:
    """Raises `WorkbenchError` where the question has no such order, or an outcome no opposite."""
    if order not in offered(task):
        raise WorkbenchError(
            "This order can be asked in only where two candidates are compared"
            + (" or levels are chosen between." if order is Order.DRAWN else "."),
            "Ask in the order given.",
        )
    if order is Order.GIVEN or task.type is not QuestionKind.PREFERENCE:
        return
    alone = next((name for name, other in _opposites(task).items() if other is None), None)
    if alone is not None:
        raise WorkbenchError(
            f"The outcome “{alone}” has no opposite, so its answer means nothing once the candidates are swapped.",
            "Add the outcome with the opposite score on Task, or ask in the order given.",
        )


def refuse_unless_named(task: Task, order: Order, system: str, user: str) -> None:
    """Raises `WorkbenchError` where levels are to be shown in a drawn order by a prompt that lists them by hand."""
    names = TASKS[task.type].variables(task)
    if order is Order.GIVEN or task.type is not QuestionKind.RATING or {*names} & {*variables_in(system, user)}:
        return
    raise WorkbenchError(
        "The prompt lists the levels itself, so their order cannot be drawn.",
        f"Write {' or '.join('{{' + name + '}}' for name in names)} in their place, or ask in the order given.",
    )


def in_order(asked: dict[str, Any], task: Task, order: Order) -> dict[str, Any]:
    """A frozen configuration that asks in this order. Raises `WorkbenchError` where it cannot be asked so."""
    refuse_unless_offered(task, order)
    if order is Order.GIVEN:
        return asked
    if "together" in asked:
        raise WorkbenchError(
            "A prompt that asks all questions at once shows candidates and levels in the order given.",
            "Choose a prompt of this question alone, or the order as given.",
        )
    refuse_unless_named(task, order, asked["system"], asked["user"])
    return {**asked, "order": str(order), "labels": with_scores(asked["labels"], task)}


def _opposites(task: Task) -> dict[str, str | None]:
    """For each outcome the one that says the same with the candidates swapped; None where there is none."""
    by_score = {label.score: label.name for label in task.labels if label.score is not None}
    return {label.name: label.name if label.score is None else by_score.get(-label.score) for label in task.labels} | {
        task.fallback.name: task.fallback.name
    }


class Showing:
    """Shows items as they are: what all that is shown in another order does, too.

    `reads_item`: whether it takes the item to know in which order it is shown.
    """

    reads_item = False

    def shown(self, item: Item | None, ordinal: int) -> str:
        """In which order it is shown in the `ordinal`-th question about an item, as it is stored; "" as given."""
        return ""

    def item(self, item: Item, shown: str) -> Item:
        """The item as it is shown in that order."""
        return item

    def said(self, said: Said, shown: str) -> Said:
        """What was said of an item shown in that order, in its own."""
        return said


class _Candidates(Showing):
    """Two candidates, in an order drawn by them alone, or by turns in both."""

    def __init__(self, task: Task, order: Order) -> None:
        self.reads_item = order is Order.DRAWN
        self._candidates = task.options.candidates
        self._opposites = _opposites(task)

    def shown(self, item: Item | None, ordinal: int) -> str:
        if self.reads_item and item is not None:
            first, second = (item.fields.get(name, "") for name in self._candidates)
            return ORDERS[_drawn(first, second)[0] & 1]
        return ORDERS[ordinal % 2]

    def item(self, item: Item, shown: str) -> Item:
        if shown != TURNED:
            return item
        first, second = self._candidates
        fields = {**item.fields, first: item.fields.get(second, ""), second: item.fields.get(first, "")}
        return replace(item, fields=fields)

    def said(self, said: Said, shown: str) -> Said:
        return (self._opposites.get(str(said)) or said) if shown == TURNED else said


class _Levels(Showing):
    """The levels of a scale, in an order drawn by the text of the item alone; each has its rubric beside it."""

    reads_item = True

    def __init__(self, task: Task) -> None:
        self._task = task

    def shown(self, item: Item | None, ordinal: int) -> str:
        return "" if item is None else ",".join(map(str, drawn_levels(self._task, item.text)))


def showing(task: Task, order: Order) -> Showing:
    """`task` has the scores of its outcomes, unless all is shown as given."""
    if order is Order.GIVEN:
        return Showing()
    return _Levels(task) if task.type is QuestionKind.RATING else _Candidates(task, order)


def drawn_levels(task: Task, text: str) -> tuple[int, ...]:
    """The places of a task's levels in the order in which they are shown with this text."""
    return tuple(sorted(range(len(task.labels)), key=lambda place: _drawn(text, task.labels[place].name)))


def _drawn(*texts: str) -> bytes:
    return blake2b("\x1f".join(texts).encode("utf-8", "surrogatepass"), digest_size=8).digest()


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
