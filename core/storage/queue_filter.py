"""What narrows a review queue, and each part of it as SQL: a new one is a field and one entry of CONDITIONS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.model import Outcome, Split
from core.storage.conditions import Decides, asked_by
from core.storage.engine import to_json
from core.storage.marks import FLAGGED
from core.text import known

ErrorCell = tuple[str, int, int, int | None, int | None]
"""`(sort of error, reference, candidate, the reference's label, the candidate's)`; None for any label."""


@dataclass(frozen=True)
class Answering:
    """Who one person is as an annotator of a question, None where they have said nothing to it yet, and what has to
    hold for it to be asked of them."""

    annotator_id: int | None
    asked: tuple[Decides, ...] = ()


@dataclass(frozen=True)
class QueueFilter:
    """What a review queue is narrowed to. Annotators are ids; `shown` are those whose labels count for disagreement."""

    split: Split | None = None
    shown: tuple[int, ...] = ()
    only_disagreements: bool = False
    labelled_by: int | None = None
    label_id: int | None = None
    also_by: int | None = None
    also_label_id: int | None = None
    max_confidence: float | None = None
    confidence_of: int | None = None
    not_reviewed_by: int | None = None
    open_to: tuple[Answering, ...] | None = None
    """One person beside each of several questions: only items on which one of these is asked, and not answered."""
    asked: tuple[Decides, ...] | None = None
    """Only items of which a question is asked by this."""
    errors_of_run: int | None = None
    run_id: int | None = None
    flagged_by: tuple[int, ...] | None = None
    """Only items on which the newest mark of one of these is a flag."""
    item_ids: tuple[int, ...] | None = None
    outcome: tuple[str, int, int, int] | None = None
    """`(one of Outcome, reference, a, b)`: the lists of a comparison."""
    cell: ErrorCell | None = None
    """An error cell; which items that are depends on the kind of question, so services put them into `item_ids`."""
    without_test: bool | None = None
    upload_id: int | None = None
    """The upload its items came with."""
    but: frozenset[int] | None = None
    """Items that are left out, whatever else holds of them."""

    @property
    def in_doubt(self) -> bool:
        """Whether the items are picked because somebody may be wrong on them: disagreements, cells, outcomes."""
        is_of_figure = self.outcome is not None or self.cell is not None
        return self.only_disagreements or self.labelled_by is not None or is_of_figure

    @property
    def holds_test(self) -> bool:
        """Whether test items are among those it picks from."""
        return self.split is Split.TEST or (self.split is None and not self.without_test)

    @property
    def told_of(self) -> tuple[int, ...]:
        """Whose labels it picks the items by, whom they are told against first: of these its items tell something."""
        if self.outcome is not None:
            return self.outcome[1:]
        if self.cell is not None:
            return self.cell[1:3]
        if self.only_disagreements:
            return self.shown if len(self.shown) > 1 else ()
        said = ((self.labelled_by, self.label_id), (self.also_by, self.also_label_id))
        return tuple(who for who, label in said if who is not None and label is not None)


_WITH_LABEL_CALLED_SO = (
    "(SELECT m.value_id FROM labels l JOIN labels k ON k.project_id = l.project_id AND k.name = l.name"
    " JOIN value_labels m ON m.label_id = k.id WHERE l.id = ?)"
)


@dataclass
class Narrowing:
    """The SQL that grows as conditions are added: joins to `items i` and what they bind, conditions and theirs.

    `same` maps a value to the one it counts as, where labels of the project share their name.
    """

    same: Mapping[int, int]
    joins: list[str] = field(default_factory=list)
    joined: list[Any] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def join(self, alias: str, annotator_id: int) -> None:
        """Only items the annotator has labelled; what they said is at the alias."""
        self.joins.append(f"JOIN current {alias} ON {alias}.annotator_id = ? AND {alias}.item_id = i.id")
        self.joined.append(annotator_id)
        self.require(f"{alias}.value_id IS NOT NULL")

    def require(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    def value(self, alias: str) -> str:
        """The value at the alias; values that say the same are one."""
        if not self.same:
            return f"{alias}.value_id"
        cases = " ".join(f"WHEN {twin} THEN {value}" for twin, value in self.same.items())
        return f"CASE {alias}.value_id {cases} ELSE {alias}.value_id END"

    def require_label(self, alias: str, label_id: int | None) -> None:
        """Where a label is given: that it, or one of its name, is in the value at the alias."""
        if label_id is not None:
            self.require(f"{alias}.value_id IN {_WITH_LABEL_CALLED_SO}", label_id)


def narrow(where: QueueFilter, same: Mapping[int, int]) -> Narrowing:
    """The filter as SQL, but for disagreements, which are compared as arrays."""
    found = Narrowing(same)
    for name, condition in CONDITIONS.items():
        if getattr(where, name) is not None:
            condition(where, found)
    return found


def _split(where: QueueFilter, found: Narrowing) -> None:
    found.require("i.split = ?", str(where.split))


def _without_test(where: QueueFilter, found: Narrowing) -> None:
    if where.without_test:
        found.require("i.split IS NOT 'test'")


def _upload(where: QueueFilter, found: Narrowing) -> None:
    ends = (f"(SELECT {end} FROM uploads WHERE id = ?)" for end in ("first_item", "last_item"))
    found.require(f"i.id BETWEEN {' AND '.join(ends)}", where.upload_id, where.upload_id)


def _labelled_by(where: QueueFilter, found: Narrowing) -> None:
    assert where.labelled_by is not None
    found.join("l1", where.labelled_by)
    found.require_label("l1", where.label_id)


def _also_by(where: QueueFilter, found: Narrowing) -> None:
    assert where.also_by is not None
    found.join("l2", where.also_by)
    found.require_label("l2", where.also_label_id)


def _confidence(where: QueueFilter, found: Narrowing) -> None:
    assert where.confidence_of is not None
    found.join("cf", where.confidence_of)
    found.require("cf.confidence <= ?", 1.0 if where.max_confidence is None else where.max_confidence)


def _outcome(where: QueueFilter, found: Narrowing) -> None:
    assert where.outcome is not None
    kind, *three = where.outcome
    outcome = known(kind, {str(one): one for one in Outcome}, "outcome of a comparison")
    for alias, annotator_id in zip(("orf", "oa", "ob"), three, strict=True):
        found.join(alias, annotator_id)
    for alias, is_right in (("oa", outcome.a_right), ("ob", outcome.b_right)):
        found.require(f"{found.value(alias)} {'=' if is_right else '<>'} {found.value('orf')}")


def _not_reviewed(where: QueueFilter, found: Narrowing) -> None:
    found.require(
        "NOT EXISTS (SELECT 1 FROM current m WHERE m.annotator_id = ? AND m.item_id = i.id AND m.value_id IS NOT NULL)",
        where.not_reviewed_by,
    )


def _open(where: QueueFilter, found: Narrowing) -> None:
    """Nothing where one is asked of every item and has answered none: then all are open."""
    people = where.open_to or ()
    if not people or any(one.annotator_id is None and not one.asked for one in people):
        return
    parts, bound = list[str](), list[Any]()
    for one in people:
        asked, deciding = asked_by(one.asked, "i.id")
        answered = "SELECT 1 FROM current m WHERE m.annotator_id = ? AND m.item_id = i.id AND m.value_id IS NOT NULL"
        parts.append(f"({asked} AND NOT EXISTS ({answered}))" if one.asked else f"NOT EXISTS ({answered})")
        bound += [*deciding, -1 if one.annotator_id is None else one.annotator_id]
    found.require(f"({' OR '.join(parts)})", *bound)


def _asked(where: QueueFilter, found: Narrowing) -> None:
    condition, bound = asked_by(where.asked or (), "i.id")
    found.require(condition, *bound)


def _errors(where: QueueFilter, found: Narrowing) -> None:
    found.require(
        "i.id IN (SELECT item_id FROM run_errors WHERE run_id = ?"
        " UNION SELECT item_id FROM annotations WHERE run_id = ? AND kind <> 'label')",
        where.errors_of_run,
        where.errors_of_run,
    )


def _run(where: QueueFilter, found: Narrowing) -> None:
    found.require("i.id IN (SELECT item_id FROM run_items WHERE run_id = ?)", where.run_id)


def _flagged(where: QueueFilter, found: Narrowing) -> None:
    assert where.flagged_by is not None
    found.require(f"i.id IN ({FLAGGED})", to_json(where.flagged_by))


def _these(where: QueueFilter, found: Narrowing) -> None:
    assert where.item_ids is not None
    found.require("i.id IN (SELECT value FROM json_each(?))", to_json(where.item_ids))


def _but(where: QueueFilter, found: Narrowing) -> None:
    if where.but:
        found.require("i.id NOT IN (SELECT value FROM json_each(?))", to_json(sorted(where.but)))


CONDITIONS: Mapping[str, Callable[[QueueFilter, Narrowing], None]] = {
    "split": _split,
    "without_test": _without_test,
    "upload_id": _upload,
    "labelled_by": _labelled_by,
    "also_by": _also_by,
    "confidence_of": _confidence,
    "outcome": _outcome,
    "not_reviewed_by": _not_reviewed,
    "open_to": _open,
    "asked": _asked,
    "errors_of_run": _errors,
    "run_id": _run,
    "flagged_by": _flagged,
    "item_ids": _these,
    "but": _but,
}
"""By the field that asks for it: how an item is narrowed down."""
