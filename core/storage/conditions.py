"""Conditions: where a further question is asked, and of which items that is by the answers to the earlier one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, update

from core.model import Condition, Having, Holds, Split
from core.storage.engine import to_json
from core.storage.homes import HOME
from core.storage.tables import projects
from core.storage.tasks import all_labels, label_names, successors


@dataclass(frozen=True)
class Decides:
    """Whose answers to an earlier question decide, and with which labels, or without; nobody's where `annotator_id` is
    None."""

    annotator_id: int | None
    labels: tuple[int, ...]
    lacks: bool = False


@dataclass(frozen=True)
class Side:
    """One of those who are compared, and what decides of which items they are asked. One that was asked `once` was
    asked whatever it has answered, whatever was said since."""

    annotator_id: int
    deciding: tuple[Decides, ...]
    once: bool = False


def of(conn: Connection, project_id: int) -> Condition | None:
    """Where the question is asked; None: of every item. A label that was merged away is the one that took its place,
    one that was removed is left out."""
    row = conn.exec_driver_sql("SELECT asked_where FROM projects WHERE id = ?", (project_id,)).first()
    if row is None or row[0] is None:
        return None
    held = json.loads(row[0])
    present = {label.id for label in all_labels(conn, held["on"])}
    after = successors(conn, held["on"]) if not present.issuperset(held["labels"]) else {}
    labels = (after.get(one, one) for one in held["labels"])
    kept = tuple(dict.fromkeys(one for one in labels if one is not None and one in present))
    return Condition(held["on"], kept, Having(held.get("having", Having.ONE_OF)))


def holds(conn: Connection, condition: Condition) -> Holds:
    """The condition as it stands with the labels and scores there are. The fallback says nothing: it is no answer that
    lacks a label, and no level."""
    every = all_labels(conn, condition.on)
    chosen = {one.id: one.score for one in every if one.id in condition.labels}
    if condition.having is Having.ONE_OF:
        return Holds(condition.labels)
    if condition.having in (Having.AT_LEAST, Having.AT_MOST):
        up = 1 if condition.having is Having.AT_LEAST else -1
        scored = [(one.id, one.score) for one in every if one.id is not None]
        level = next(iter(chosen.values()), None)
        within = (i for i, score in scored if None not in (score, level) and up * (score or 0) >= up * (level or 0))
        return Holds(tuple(dict.fromkeys([*condition.labels, *within])))
    fallback = tuple(one.id for one in every if one.is_fallback and one.id is not None)
    if condition.having is Having.NONE_OF:
        return Holds((*condition.labels, *fallback), lacks=True)
    known = tuple(sorted(label_names(conn, condition.on)))  # those that were removed still stand in answers
    if condition.having is Having.ANY:
        return Holds(tuple(one for one in known if one not in fallback))
    return Holds(known, lacks=True)


def chain(conn: Connection, project_id: int) -> list[Condition]:
    """All that has to hold for the question to be asked: its own condition, that of the question it hangs on, and so
    on. Ends, since each hangs on an earlier one."""
    found = list[Condition]()
    while (condition := of(conn, project_id)) is not None:
        found.append(condition)
        project_id = condition.on
    return found


def put(conn: Connection, project_id: int, condition: Condition | None) -> None:
    told = None if condition is None else to_json(_told(condition))
    conn.execute(update(projects).where(projects.c.id == project_id).values(asked_where=told))


def _told(condition: Condition) -> dict[str, object]:
    having = {} if condition.having is Having.ONE_OF else {"having": str(condition.having)}
    return {"on": condition.on, "labels": condition.labels, **having}


def hanging_on(conn: Connection, project_id: int) -> dict[int, Condition]:
    """The questions, by project, that are asked only where this one has certain answers, removed ones left out."""
    rows = conn.exec_driver_sql(
        f"SELECT id FROM projects WHERE home_id = {HOME} AND archived_at IS NULL AND asked_where IS NOT NULL"
        " ORDER BY id",
        (project_id,),
    )
    found = {row[0]: of(conn, row[0]) for row in rows.all()}
    return {one: condition for one, condition in found.items() if condition and condition.on == project_id}


def asked_by(deciding: Sequence[Decides], item: str) -> tuple[str, list[object]]:
    """A condition on the item whose id is the expression: that each of these has said one of the labels, or something
    without any of them; and what it binds."""
    labelled = (
        "SELECT 1 FROM value_labels v WHERE v.value_id = o.value_id AND v.label_id IN (SELECT value FROM json_each(?))"
    )
    parts, bound = list[str](), list[object]()
    for one in deciding:
        parts.append(
            f"EXISTS (SELECT 1 FROM current o WHERE o.annotator_id = ? AND o.item_id = {item}"
            f" AND o.value_id IS NOT NULL AND {'NOT ' if one.lacks else ''}EXISTS ({labelled}))"
        )
        bound += [-1 if one.annotator_id is None else one.annotator_id, to_json(one.labels)]
    return " AND ".join(parts) or "1", bound


def counts(conn: Connection, project_id: int, deciding: Sequence[Decides]) -> tuple[int, int, int]:
    """`(items, those it is asked of, those that lack an earlier answer)` by what these have said."""
    asked, bound = asked_by(deciding, "i.id")
    ruled_out, more = _ruled_out(deciding, "i.id")
    row = conn.exec_driver_sql(
        f"SELECT COUNT(*), SUM({asked}), SUM({ruled_out}) FROM items i WHERE i.project_id = {HOME}",
        (*bound, *more, project_id),
    ).one()
    items, is_asked, is_not = (int(one or 0) for one in row)
    return items, is_asked, items - is_asked - is_not


def answered_where(conn: Connection, earlier: int, later: int) -> dict[int, tuple[int, int]]:
    """By label that one annotator gave to an earlier question: on how many items, and how many of these another has
    answered."""
    rows = conn.exec_driver_sql(
        "SELECT v.label_id, COUNT(*), COUNT(l.value_id) FROM current e JOIN value_labels v ON v.value_id = e.value_id"
        " LEFT JOIN current l ON l.annotator_id = ? AND l.item_id = e.item_id WHERE e.annotator_id = ? GROUP BY 1",
        (later, earlier),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def asked_items(conn: Connection, project_id: int, deciding: Sequence[Decides]) -> tuple[set[int], set[int]]:
    """The items it is asked of by what these have said, and those it is not asked of."""
    found = []
    for condition, bound in (asked_by(deciding, "i.id"), _ruled_out(deciding, "i.id")):
        query = f"SELECT i.id FROM items i WHERE i.project_id = {HOME} AND ({condition})"
        found.append({row[0] for row in conn.exec_driver_sql(query, (project_id, *bound))})
    return found[0], found[1]


def asked_of_some(conn: Connection, sides: Sequence[Side], split: Split | None) -> frozenset[int]:
    """The items that one of these was asked and has answered, and another was not asked."""
    found = set[int]()
    join = " JOIN items i ON i.id = c.item_id AND i.split = ?" if split else ""
    for one in sides:
        own, bound = _ruled_out(() if one.once else one.deciding, "c.item_id")
        others, more = _any_not_asked([other for other in sides if other is not one])
        rows = conn.exec_driver_sql(
            f"SELECT c.item_id FROM current c{join} WHERE c.annotator_id = ? AND c.value_id IS NOT NULL"
            f" AND NOT ({own}) AND ({others})",
            (*([str(split)] if split else []), one.annotator_id, *bound, *more),
        )
        found.update(row[0] for row in rows)
    return frozenset(found)


def _any_not_asked(sides: Sequence[Side]) -> tuple[str, list[object]]:
    parts, bound = list[str](), list[object]()
    for one in sides:
        ruled_out, more = _ruled_out(one.deciding, "c.item_id")
        parts.append(f"({ruled_out})")
        bound += more
        if one.once:
            parts[-1] += (
                " AND NOT EXISTS (SELECT 1 FROM current k WHERE k.annotator_id = ? AND k.item_id = c.item_id"
                " AND k.value_id IS NOT NULL)"
            )
            bound.append(one.annotator_id)
    return " OR ".join(parts) or "0", bound


def not_asked(conn: Connection, annotator_id: int, deciding: Sequence[Decides]) -> frozenset[int]:
    """The items the annotator has answered although one of these has said something else to the question before: what
    was answered before that was said."""
    ruled_out, bound = _ruled_out(deciding, "c.item_id")
    rows = conn.exec_driver_sql(
        f"SELECT c.item_id FROM current c WHERE c.annotator_id = ? AND c.value_id IS NOT NULL AND ({ruled_out})",
        (annotator_id, *bound),
    )
    return frozenset(row[0] for row in rows)


def _ruled_out(deciding: Sequence[Decides], item: str) -> tuple[str, list[object]]:
    """The condition that one of these has said something, and not what would ask it."""
    parts, bound = list[str](), list[object]()
    for one in deciding:
        said, labels = asked_by([one], item)
        parts.append(
            f"(EXISTS (SELECT 1 FROM current s WHERE s.annotator_id = ? AND s.item_id = {item}"
            f" AND s.value_id IS NOT NULL) AND NOT {said})"
        )
        bound += [labels[0], *labels]
    return " OR ".join(parts) or "0", bound
