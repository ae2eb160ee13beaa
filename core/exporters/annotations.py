"""Annotations as rows: long, one row an annotation, or wide, one row an item."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from core.model import Annotation, Item, Mark

Annotated = tuple[Item, Annotation | Mark | None, str]
"""An item, one annotation or mark on it (None where it has none) and the annotator's name."""

_ITEM = ("item_id", "id", "text", "split")
_LONG = (
    "annotator",
    "label",
    "confidence",
    "confidence_source",
    "reason",
    "note",
    "flag",
    "raw",
    "run_id",
    "created_at",
    "entry",
    "blind",
)
_KINDS = ("label", "confidence", "note", "flag")
_TYPES: dict[str, type] = {
    "item_id": int,
    "run_id": int,
    "confidence": float,
    "flag": bool,
    "blind": bool,
    "created_at": datetime,
}


def field_column(name: str) -> str:
    """The column of one of the item's own fields: its name, or `field:NAME` where the export uses that name itself."""
    taken = name in _ITEM or name in _LONG or name.startswith(("field:", *(f"{kind}:" for kind in _KINDS)))
    return f"field:{name}" if taken else name


def column_type(column: str) -> type:
    """What a column of these exports holds besides nothing: int, float, bool, datetime, else str."""
    return _TYPES.get(column.partition(":")[0], str) if not column.startswith("field:") else str


def long_columns(fields: Sequence[str] = ()) -> tuple[str, ...]:
    """The columns of `long_rows`; `fields` are the items' own fields to include."""
    return (*_ITEM, *_LONG, *map(field_column, fields))


def long_rows(annotated: Iterable[Annotated], fields: Sequence[str] = ()) -> Iterator[dict[str, object]]:
    """One row per annotation, history included, in the order given. Items without any have one row without annotator.

    `id` is the item's id in the user's data, `item_id` ours; `label` is empty where an annotator took it back. `entry`
    says what the row is: said, an edit of the labels (merge, restore), or a mark alone, which is a flag or a note.
    """
    for item, one, annotator in annotated:
        row = _item_row(item, fields)
        if one is not None:
            row |= {"annotator": annotator, "created_at": one.created_at, **_marked(one)}
        if isinstance(one, Annotation):
            row |= {name: getattr(one, name) for name in ("confidence", "confidence_source", "reason")}
            row |= {"label": one.said}
            row |= {"raw": one.raw, "run_id": one.run_id, "entry": one.edit or "said", "blind": one.blind or None}
        elif one is not None:
            row |= {"entry": "mark"}
        yield row


def _marked(one: Annotation | Mark) -> dict[str, object]:
    return {"note": one.note, "flag": one.flagged or None}


def wide_columns(
    annotators: Sequence[str], fields: Sequence[str] = (), reviewers: Sequence[str] = ()
) -> tuple[str, ...]:
    """The columns of `wide_rows`: the item, `label:NAME` and `confidence:NAME` for each annotator, `note:NAME` and
    `flag:NAME` for those who may leave some, the fields."""
    scores = [f"{kind}:{name}" for name in annotators for kind in _KINDS if kind in _KINDS[:2] or name in reviewers]
    return (*_ITEM, *scores, *map(field_column, fields))


def wide_rows(annotated: Iterable[Annotated], fields: Sequence[str] = ()) -> Iterator[dict[str, object]]:
    """One row an item with the current label, confidence and mark of every annotator, whose names must differ.

    The annotations of an item must come together (order the query by item), which is what lets a million be written
    without holding them; otherwise ValueError. Of several by one annotator the newest counts.
    """
    seen: set[int] = set()
    for item_id, group in groupby(annotated, key=lambda one: one[0].id):
        if item_id in seen:
            raise ValueError(f"the annotations of item {item_id} do not come together")
        seen.add(item_id)
        row: dict[str, object] = {}
        newest: dict[str, tuple[datetime, int]] = {}
        for item, one, annotator in group:
            row = row or _item_row(item, fields)
            if one is not None and (one.note or one.flagged or isinstance(one, Mark)):
                row |= {f"{kind}:{annotator}": value or None for kind, value in _marked(one).items()}
            if not isinstance(one, Annotation):
                continue
            age = (one.created_at, one.id or 0)
            if annotator not in newest or age >= newest[annotator]:
                newest[annotator] = age
                row[f"label:{annotator}"] = one.said
                row[f"confidence:{annotator}"] = one.confidence
        yield row


def _item_row(item: Item, fields: Sequence[str]) -> dict[str, object]:
    split = item.split.value if item.split else None
    row: dict[str, object] = {"item_id": item.id, "id": item.external_id, "text": item.text, "split": split}
    return row | {field_column(name): item.fields.get(name) for name in fields}
