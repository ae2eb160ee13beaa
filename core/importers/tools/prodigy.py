"""Prodigy: a line an annotation, with what was asked and whether it was accepted, rejected or ignored; in JSON, or in
a table whose lists are written as text."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.label_cells import is_missing, parsed
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record, is_whole, objects, person, span
from core.importers.tools.shape import Tool

_ASKED = frozenset({"label", "cats", "accept", "options", "spans", "_task_hash", "_input_hash"})
"""What tells a record of Prodigy from one that merely has an answer."""
_ANSWERS = frozenset({"accept", "reject", "ignore"})
_IDLE = frozenset({"label", "accept", "options", "cats", "answer", "tokens"})
_LABEL = "label"


def is_prodigy(record: Record) -> bool:
    return _is_answered(record) and not _ASKED.isdisjoint(record)


def _is_answered(record: Record) -> bool:
    return _answer(record) != ""


def is_prodigys(record: Record) -> bool:
    return "answer" in record or not _ASKED.isdisjoint(record)


def unfold(record: Record, gathered: Gathered) -> Iterator[Record]:
    """Only what was accepted is a label. What a person rejected is kept beside it, as it says what the item is not, and
    so is what nobody has answered, for it is what they were to be asked."""
    item = {name: value for name, value in record.items() if name not in _IDLE and not name.startswith("_")}
    item[ANNOTATOR] = person(record.get("_annotator_id") or record.get("_session_id"))
    gathered.leave("relations between spans", len(objects(record, "relations")))
    item.pop("relations", None)
    said = _said(record, item, gathered)
    answer = _answer(record)
    item[_LABEL] = said if answer == "accept" else None
    if answer == "ignore":
        gathered.leave("ignored tasks")
        del item[ANNOTATOR]
    beside = {"reject": "rejected", "": "unanswered"}.get(answer)
    if beside and not is_missing(said) and said != "":
        item[beside] = said[0] if isinstance(said, list) and len(said) == 1 and isinstance(said[0], str) else said
    yield item


def _said(record: Record, item: Record, gathered: Gathered) -> Any:
    """Chosen options, the one label or the categories; spans where nothing else is asked."""
    if "accept" in record or "options" in record:
        config = record.get("config")
        if isinstance(config, Mapping) and config.get("choice_style") == "multiple":
            gathered.several.add(_LABEL)
        return gathered.choose(_LABEL, _chosen(record))
    if record.get("label") is None and "cats" not in record and isinstance(record.get("spans"), list):
        item.pop("spans")
        gathered.kinds.setdefault(_LABEL, Kind.SPANS)
        held = [one for one in objects(record, "spans") if is_whole(one.get("start")) and "label" in one]
        return [span(one["start"], one.get("end"), one["label"], one.get("text")) for one in held]
    said = record.get("label") or _marked(record.get("cats"))
    if is_missing(said) or said == "" or isinstance(said, Mapping):
        return said
    return gathered.choose(_LABEL, said if isinstance(said, list) else [said])


def answered(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Record]:
    """The rows of a table with Prodigy's answers in it, as the records that they were; none of any other table."""
    if "answer" not in columns or _ASKED.isdisjoint(columns):
        return []
    place = columns.index("answer")
    answers = [row[place].strip().lower() for row in rows if row[place].strip()]
    if not answers or not _ANSWERS.issuperset(answers):
        return []
    return [_record(columns, row) for row in rows]


def _record(columns: Sequence[str], row: Sequence[str]) -> Record:
    """The record of a row whose lists and objects were written as text."""
    record: Record = dict(zip(columns, row, strict=True))
    for name in ("accept", "options", "cats", "spans"):
        if name in record:
            with suppress(ValueError):
                record[name] = parsed(record[name])
    return record


def _answer(record: Record) -> str:
    answer = str(record.get("answer") or "").strip().lower()
    return answer if answer in _ANSWERS else ""


def _marked(cats: Any) -> Any:
    """The categories with 1; as they are where these are no marks."""
    if not isinstance(cats, Mapping) or any(one not in (0, 1) for one in cats.values()):
        return cats
    said = [name for name, one in cats.items() if one]
    return said or None


def _chosen(record: Record) -> list[Any]:
    """The chosen options by their id, or by their text where the id is but a number."""
    text_of = {one.get("id"): one.get("text") for one in objects(record, "options") if isinstance(one.get("id"), int)}
    held = record.get("accept")
    ids = held if isinstance(held, list) else [] if held in (None, "") else [held]
    return [text_of.get(one) or one if isinstance(one, int) else one for one in ids]


TOOL = Tool(
    "a Prodigy export",
    is_prodigy,
    is_prodigys,
    unfold,
    " Answers that were rejected, ignored or missing do not count as labels; the labels of such rows are in the columns"
    ' "rejected" and "unanswered".',
)
