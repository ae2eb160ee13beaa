"""spaCy's training data: `[text, {"entities": [[0, 5, "PER"]], "cats": {"A": 1.0}}]`, or the same as objects."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.tools.gathered import Gathered, Record, is_whole, span
from core.importers.tools.levels import is_note, note_levels
from core.importers.tools.shape import Tool

_SPANS, _CATS, _GROUPS = "entities", "cats", "spans"
_ENOUGH = 0.5
_LEFT = ("heads", "deps", "tags", "links", "words", "morphs", "lemmas", "sent_starts")


def record_of(pair: Any) -> Record | None:
    """The record of a text with what is annotated in it beside; None for anything else."""
    is_pair = isinstance(pair, Sequence) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], dict)
    return {"text": pair[0], **pair[1]} if is_pair else None


def is_spacy(record: Record) -> bool:
    held, cats = record.get(_SPANS), record.get(_CATS)
    has_spans = isinstance(held, list) and all(map(_is_triple, held))
    has_spans |= bool(_groups(record))
    has_cats = isinstance(cats, Mapping) and bool(cats) and all(isinstance(one, int | float) for one in cats.values())
    return isinstance(record.get("text"), str) and "answer" not in record and (has_spans or has_cats)


def _groups(record: Record) -> dict[str, list[Any]]:
    """Spans that may overlap, by the name of their group."""
    held = record.get(_GROUPS)
    groups = held.items() if isinstance(held, Mapping) else ()
    return {name: marks for name, marks in groups if isinstance(marks, list) and all(map(_is_triple, marks))}


def _is_triple(one: Any) -> bool:
    return isinstance(one, list) and len(one) >= 3 and is_whole(one[0]) and is_whole(one[1])


def unfold(record: Record, gathered: Gathered) -> Iterator[Record]:
    """Entities, the spans of each group, and the categories that are at least half certain."""
    groups = _groups(record)
    own = {_SPANS, _CATS, *_LEFT, *([_GROUPS] if groups else [])}
    notes = [name for name, value in record.items() if value is None and is_note(name)]
    item = {name: value for name, value in record.items() if name not in own and name not in notes}
    for name in _LEFT:
        gathered.leave(name, name in record)
    if _SPANS in record:
        gathered.kinds.setdefault(_SPANS, Kind.SPANS)
        held = record[_SPANS] if isinstance(record[_SPANS], list) else []
        item[_SPANS] = [span(*one[:3]) for one in held if _is_triple(one)]
        gathered.leave("ids of entities", sum(len(one) > 3 and bool(one[3]) for one in held if _is_triple(one)))
    for name, marks in groups.items():
        column = name if name not in item else f"{name} (spans)"
        gathered.kinds.setdefault(column, Kind.SPANS)
        item[column] = [span(*one[:3]) for one in marks]
    if isinstance(record.get(_CATS), Mapping):
        shares = record[_CATS].items()
        listed = gathered.labels.get(_CATS, ())
        gathered.labels[_CATS] = (*listed, *(name for name in record[_CATS] if name not in listed))
        given = [name for name, share in shares if isinstance(share, int | float) and share >= _ENOUGH]
        gathered.leave("shares of categories", sum(share not in (0, 1) for _, share in shares))
        if not given:
            gathered.several.add(_CATS)
        item[_CATS] = gathered.choose(_CATS, given)
        gathered.scales.add(_CATS)
        for note in notes:
            note_levels(gathered, _CATS, note, gathered.labels[_CATS])
    yield item


TOOL = Tool("training data of spaCy", is_spacy, is_spacy, unfold)
