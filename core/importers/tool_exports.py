"""JSON as annotation tools export it: an item with its annotations inside becomes one record an annotation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.importers.label_cells import is_missing, parsed
from core.importers.record_shapes import argilla, chat, is_argilla, is_chat

Record = dict[str, Any]
_SAMPLE = 1_000
_ASKED = frozenset({"label", "cats", "accept", "options", "spans", "_task_hash", "_input_hash"})
"""What tells a record of Prodigy from one that merely has an answer."""
_ANSWERS = frozenset({"accept", "reject", "ignore"})
_VALUES = ("choices", "rating", "taxonomy", "selected", "number", "text")


@dataclass(frozen=True)
class ToolExport:
    """One tool's shape: its name, how a record of it is known, which records beside such ones are its too, what records
    they become, and what to know."""

    title: str
    fits: Callable[[Record], bool]
    takes: Callable[[Record], bool]
    unfold: Callable[[Record], Iterator[Record]]
    note: str = ""


def unfolded(records: Sequence[Record]) -> tuple[list[Record], str]:
    """The records with annotations unfolded, one each, and a sentence that says so; as they are where no tool is
    recognised in at least half of them. What is of another shape stays as it is and is counted."""
    held = [record for record in records if record]
    sample = held[:: len(held) // _SAMPLE + 1]
    for tool in TOOLS:
        if 2 * sum(map(tool.fits, sample)) >= len(sample) > 0:
            strays = sum(not tool.takes(record) for record in held)
            found = [new for record in held for new in (tool.unfold(record) if tool.takes(record) else (record,))]
            said = f"{_counted(len(held), 'item')}, {_counted(len(found), 'row')}"
            said += f"; {_counted(strays, 'record')} of another shape kept as written" if strays else ""
            return _without_idle_columns(found), f"Recognised as {tool.title}: {said}.{tool.note}"
    return list(records), ""


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def is_tool_record(record: Record) -> bool:
    """Whether the record alone is an item as one of the tools exports it."""
    return any(tool.fits(record) for tool in TOOLS)


def _is_label_studio(record: Record) -> bool:
    lists = [record.get(name) for name in ("annotations", "completions", "predictions")]
    return isinstance(record.get("data"), Mapping) and any(isinstance(one, list) for one in lists)


def _is_task(record: Record) -> bool:
    """Tasks nobody has seen yet may come without any list."""
    return isinstance(record.get("data"), Mapping)


def _label_studio(task: Record) -> Iterator[Record]:
    """Skipped tasks, drafts and answers without a choice say nothing. A prediction is the word of its model."""
    item = {"id": task.get("id"), **{name: value for name, value in task["data"].items() if name != "id"}}
    if "id" in task["data"]:
        item["data.id"] = task["data"]["id"]
    rows = []
    for annotation in _objects(task, "annotations") + _objects(task, "completions"):
        said = {} if annotation.get("was_cancelled") or annotation.get("skipped") else _said(annotation)
        rows.append(item | {"annotator": _person(annotation.get("completed_by"))} | said if said else item)
    for prediction in _objects(task, "predictions"):
        said = _said(prediction)
        if said:
            rows.append(item | {"annotator": f"model {prediction.get('model_version') or 'prediction'}"} | said)
    spoken = [row for row in rows if row is not item]
    yield from spoken or [item]


def _objects(record: Record, name: str) -> list[Mapping[str, Any]]:
    held = record.get(name)
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []


def _said(annotation: Mapping[str, Any]) -> Record:
    """What an annotation says, by the name of the control it was said with."""
    said: dict[str, list[Any]] = {}
    for result in annotation.get("result") or ():
        value = result.get("value") if isinstance(result, Mapping) else None
        if not isinstance(value, Mapping):
            continue
        name = str(result.get("from_name") or result.get("type") or "label")
        kind = next((kind for kind in _VALUES if kind in value and "start" not in value), None)
        found = value[kind] if kind else [dict(value)]
        if kind == "taxonomy":
            found = [" / ".join(map(str, path)) if isinstance(path, list) else path for path in found]
        said.setdefault(name, []).extend(found if isinstance(found, list) else [found])
    return {name: values[0] if len(values) == 1 else values for name, values in said.items() if not is_missing(values)}


def _person(who: object) -> str:
    """By name or address where there is one; a bare number is called annotator."""
    if isinstance(who, Mapping):
        names = " ".join(str(who[part]) for part in ("first_name", "last_name") if who.get(part))
        return str(who.get("email") or names or who.get("username") or _person(who.get("id")))
    return "" if is_missing(who) else f"annotator {who}" if isinstance(who, int) else str(who)


def _is_doccano(record: Record) -> bool:
    held = record.get("annotations")
    return (
        isinstance(record.get("text"), str)
        and isinstance(held, list)
        and all(isinstance(one, Mapping) and "label" in one and "user" in one for one in held)
    )


def _doccano(record: Record) -> Iterator[Record]:
    """Spans keep their places, so that they are not taken for labels of the whole."""
    item = {name: value for name, value in record.items() if name != "annotations"}
    if not record["annotations"]:
        yield item
    for one in record["annotations"]:
        is_span = "start_offset" in one
        yield item | {"annotator": _person(one["user"]), "label": [dict(one)] if is_span else one["label"]}


def _is_prodigy(record: Record) -> bool:
    return _is_answered(record) and not _ASKED.isdisjoint(record)


def _is_answered(record: Record) -> bool:
    return _answer(record) != ""


def _is_prodigys(record: Record) -> bool:
    return "answer" in record or not _ASKED.isdisjoint(record)


def _prodigy(record: Record) -> Iterator[Record]:
    """Only what was accepted is a label. What a person rejected is kept beside it, as it says what the item is not, and
    so is what nobody has answered, for it is what they were to be asked."""
    idle = {"label", "accept", "options", "cats", "answer"}
    item = {name: value for name, value in record.items() if name not in idle and not name.startswith("_")}
    item["annotator"] = _person(record.get("_annotator_id") or record.get("_session_id"))
    is_choice = "accept" in record or "options" in record
    said = _chosen(record) if is_choice else record.get("label") or _marked(record.get("cats"))
    answer = _answer(record)
    item["label"] = said if answer == "accept" else None
    beside = {"reject": "rejected", "": "unanswered"}.get(answer)
    if beside and not is_missing(said) and said != "":
        item[beside] = said
    yield item


def answered(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[Record], str]:
    """The rows of a table with Prodigy's answers in it, one record each, and a sentence that says so; none where it is
    no such table."""
    if "answer" not in columns or _ASKED.isdisjoint(columns):
        return [], ""
    place = columns.index("answer")
    answers = [row[place].strip().lower() for row in rows if row[place].strip()]
    if not answers or not _ANSWERS.issuperset(answers):
        return [], ""
    records = [next(_prodigy(_record(columns, row))) for row in rows]
    said = f"Recognised as {PRODIGY.title}: {_counted(len(rows), 'row')}.{PRODIGY.note}"
    return _without_idle_columns(records), said


def _record(columns: Sequence[str], row: Sequence[str]) -> Record:
    """The record of a row whose lists and objects were written as text."""
    record: Record = dict(zip(columns, row, strict=True))
    for name in ("accept", "options", "cats"):
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
    return said[0] if len(said) == 1 else said or None


def _chosen(record: Record) -> Any:
    """The chosen options by their id, or by their text where the id is but a number."""
    text_of = {one.get("id"): one.get("text") for one in _objects(record, "options") if isinstance(one.get("id"), int)}
    held = record.get("accept")
    ids = held if isinstance(held, list) else [] if held in (None, "") else [held]
    said = [text_of.get(one) or one if isinstance(one, int) else one for one in ids]
    return said[0] if len(said) == 1 else said or None


def _without_idle_columns(records: list[Record]) -> list[Record]:
    """Leaves the annotator out where nobody is named."""
    if any(record.get("annotator") for record in records):
        return records
    return [{name: value for name, value in record.items() if name != "annotator"} for record in records]


PRODIGY = ToolExport(
    "a Prodigy export",
    _is_prodigy,
    _is_prodigys,
    _prodigy,
    " Answers that were rejected, ignored or missing do not count as labels; the labels of such rows are in the columns"
    ' "rejected" and "unanswered".',
)
TOOLS: tuple[ToolExport, ...] = (
    ToolExport("a Label Studio export", _is_label_studio, _is_task, _label_studio),
    ToolExport("a doccano export", _is_doccano, _is_doccano, _doccano),
    PRODIGY,
    ToolExport("an Argilla export", is_argilla, is_argilla, argilla),
    ToolExport("conversations", is_chat, is_chat, chat, " The text is the user's message, the label the last answer."),
)
