"""doccano: a record an item, its labels as names, as `[start, end, label]`, or as entities with relations; and, of
older versions, annotations each with its user."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.prose import is_written
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record, is_whole, objects, person, span
from core.importers.tools.shape import Tool

_LABEL = "label"
_HELD = ("label", "labels", "entities")
_IDLE = frozenset({"label", "labels", "entities", "relations", "cats", "Comments", "annotations"})


def is_doccano(record: Record) -> bool:
    return isinstance(record.get("text"), str) and (_has_users(record) or _has_spans(record))


def is_doccanos(record: Record) -> bool:
    """Beside such records, one whose list of labels is empty is the tool's, too."""
    return is_doccano(record) or (isinstance(record.get("text"), str) and any(record.get(name) == [] for name in _HELD))


def _has_users(record: Record) -> bool:
    held = record.get("annotations")
    return isinstance(held, list) and all(isinstance(one, Mapping) and "label" in one and "user" in one for one in held)


def _has_spans(record: Record) -> bool:
    entities = record.get("entities")
    if isinstance(entities, list) and entities and isinstance(entities[0], Mapping):
        return "start_offset" in entities[0]
    return "answer" not in record and any(_triples(record.get(name)) for name in ("label", "labels"))


def _triples(held: Any) -> bool:
    """`[[0, 5, "PER"]]`, one at least."""
    return isinstance(held, list) and bool(held) and all(map(_is_triple, held))


def _is_triple(one: Any) -> bool:
    return isinstance(one, list) and len(one) == 3 and is_whole(one[0]) and is_whole(one[1]) and isinstance(one[2], str)


def unfold(record: Record, gathered: Gathered) -> Iterator[Record]:
    if _has_users(record):
        yield from _by_user(record, gathered)
        return
    item = {name: value for name, value in record.items() if name not in _IDLE}
    gathered.leave("relations between spans", len(objects(record, "relations")))
    comments = record.get("Comments")
    gathered.leave("comments", len(comments) if isinstance(comments, list) else 0)
    spans = [
        span(one.get("start_offset"), one.get("end_offset"), one.get("label")) for one in objects(record, "entities")
    ]
    for name in ("label", "labels"):
        held = record.get(name)
        if isinstance(held, list) and all(map(_is_triple, held)):
            spans += [span(*one) for one in held]
        elif held is not None:
            item["category"] = gathered.choose("category", held if isinstance(held, list) else [held])
    if isinstance(record.get("cats"), list) and record["cats"]:
        item["category"] = gathered.choose("category", record["cats"])
    gathered.kinds.setdefault(_LABEL, Kind.SPANS)
    yield item | {_LABEL: spans}


def _by_user(record: Record, gathered: Gathered) -> Iterator[Record]:
    """One row for each annotator. Spans keep their places, so that they are not taken for labels of the whole."""
    item = {name: value for name, value in record.items() if name != "annotations"}
    by_user: dict[str, list[Mapping[str, Any]]] = {}
    for one in record["annotations"]:
        by_user.setdefault(person(one["user"]), []).append(one)
    for who, given in by_user.items():
        spans = [
            span(one["start_offset"], one.get("end_offset"), one["label"]) for one in given if "start_offset" in one
        ]
        if spans:
            gathered.kinds.setdefault(_LABEL, Kind.SPANS)
            yield item | {ANNOTATOR: who, _LABEL: spans}
        else:
            yield item | {ANNOTATOR: who, _LABEL: gathered.choose(_LABEL, [one["label"] for one in given])}
    if not by_user:
        yield item


def holds_texts(record: Record) -> bool:
    """Whether its label is a list of texts, as projects for sequences to sequences have it."""
    held = record.get(_LABEL)
    is_list = isinstance(held, list) and all(isinstance(one, str) for one in held)
    return is_list and isinstance(record.get("text"), str) and "answer" not in record


def _are_written(records: Sequence[Record]) -> bool:
    return is_written([one.strip() for record in records for one in record[_LABEL]])


def unfold_texts(record: Record, gathered: Gathered) -> Iterator[Record]:
    """The first text of each; an empty list says nothing."""
    held = record[_LABEL]
    gathered.kinds.setdefault(_LABEL, Kind.TEXT)
    gathered.leave("further texts in one answer", len(held[1:]))
    gathered.leave("comments", len(objects(record, "Comments")))
    yield {**{name: value for name, value in record.items() if name != "Comments"}, _LABEL: held[0] if held else None}


TOOL = Tool("a doccano export", is_doccano, is_doccanos, unfold)
TEXTS = Tool("a doccano export of texts", holds_texts, holds_texts, unfold_texts, among=_are_written)
