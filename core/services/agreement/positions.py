"""Whether people and models prefer what they are shown first, of two candidates."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.metrics.position import BothShown, OnceShown
from core.model import Annotator, AnnotatorKind, Estimate, QuestionKind, Split
from core.services.common.orders import AS_GIVEN, ORDERS, TURNED
from core.services.common.values import merged_labels
from core.storage import shown, tasks
from core.storage.engine import Connection


@dataclass(frozen=True)
class Position:
    """Of one annotator: how often the candidate shown first is preferred; `flipped` how often the preference changes
    with the order, None where both orders were not asked. `ties` items were a tie in one order or in both.

    `is_given`: all were shown in the order of the data, so that the share also says which candidates are better.
    """

    annotator: Annotator
    preferred_first: Estimate
    flipped: Estimate | None = None
    ties: int = 0
    is_given: bool = False


def positions(
    conn: Connection, project_id: int, everyone: Sequence[Annotator], split: Split | None
) -> tuple[Position, ...]:
    """Of each of these, on all items of the split where the order is known; who has none is left out. Empty where the
    question compares no two candidates."""
    task = tasks.task(conn, project_id)
    if task.type is not QuestionKind.PREFERENCE or len(task.options.candidates) != 2:
        return ()
    sides = {label.id: label.score for label in task.labels if label.id is not None and label.score is not None}
    sides |= {old: sides[new] for old, new in merged_labels(conn, project_id).items() if new in sides}
    found = (_position(conn, one, split, sides) for one in everyone)
    return tuple(one for one in found if one is not None)


def _position(conn: Connection, who: Annotator, split: Split | None, sides: dict[int, float]) -> Position | None:
    pairs: Counter[tuple[int, int]] = Counter()
    for given, turned, n in shown.in_both(conn, who.id, split, AS_GIVEN, TURNED):
        if int(given) in sides and int(turned) in sides:
            pairs[_sign(sides[int(given)]), _sign(sides[int(turned)])] += n
    if pairs:
        both = BothShown(pairs[1, 1], pairs[-1, -1], pairs[1, -1], pairs[-1, 1], _ties(pairs))
        return Position(who, both.preferred_first, both.flipped, both.ties)
    counted: Counter[tuple[str, int]] = Counter()
    for value, order, is_asked, n in shown.once(conn, who.id, split):
        known = order or (AS_GIVEN if is_asked and who.kind is AnnotatorKind.MODEL else None)
        if known in ORDERS and sides.get(int(value)):
            counted[known, _sign(sides[int(value)])] += n
    if not counted:
        return None
    once = OnceShown(
        counted[AS_GIVEN, 1] + counted[TURNED, -1],
        counted[AS_GIVEN, -1] + counted[TURNED, 1],
    )
    return Position(who, once.preferred_first, is_given=all(order == AS_GIVEN for order, _ in counted))


def _ties(pairs: Counter[tuple[int, int]]) -> int:
    return sum(n for (one, other), n in pairs.items() if not one or not other)


def _sign(score: float) -> int:
    return (score > 0) - (score < 0)
