"""What annotators say as other tools' files: one function a format, which makes one record an item or an annotation.

Offsets are code points, half-open, as these tools count. What a format cannot hold is said in its `about`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from core.model import Item, QuestionKind, Said, Span, Task
from core.text import is_storable

_WORD = re.compile(r"\w+|[^\w\s]")
_SETS = frozenset({QuestionKind.SINGLE_LABEL, QuestionKind.SEVERAL_LABELS})
_SIDES = {True: "left", False: "right"}


class Word(NamedTuple):
    """What one annotator says of an item."""

    annotator: str
    is_model: bool
    said: Said


Spoken = tuple[Item, Sequence[Word]]


@dataclass(frozen=True)
class ToolExporter:
    """One tool's format. `kinds` are those it can hold; `records` makes them. They are one JSON array where `is_array`,
    else one a line; those that are texts are written as they are."""

    title: str
    about: str
    suffix: str
    mime: str
    kinds: frozenset[QuestionKind]
    records: Callable[[Task, Iterable[Spoken]], Iterator[Any]]
    is_array: bool = False

    def write(self, task: Task, spoken: Iterable[Spoken], out: BinaryIO) -> int:
        """Writes the file as it comes; gives the number of records."""
        n = 0
        for n, record in enumerate(self.records(task, spoken), start=1):
            before = ("[\n" if n == 1 else ",\n") if self.is_array else ""
            out.write(f"{before}{record if isinstance(record, str) else _json(record)}".encode())
            out.write(b"" if self.is_array else b"\n")
        out.write((b"\n]\n" if n else b"[]\n") if self.is_array else b"")
        return n


def _json(record: Any) -> str:
    line = json.dumps(record, ensure_ascii=False)
    # Half a character cannot be written as UTF-8; as an escape it can, and is read back as it was.
    return line if is_storable(line) else json.dumps(record)


def label_studio(task: Task, spoken: Iterable[Spoken]) -> Iterator[dict[str, Any]]:
    """Tasks with annotations, and models' words as predictions."""
    for item, words in spoken:
        people = [
            {"completed_by": {"email": one.annotator}, "was_cancelled": False, "result": _results(task, item, one.said)}
            for one in words
            if not one.is_model
        ]
        models = [
            {"model_version": one.annotator.removeprefix("model "), "result": _results(task, item, one.said)}
            for one in words
            if one.is_model
        ]
        data = {"text": item.text, **{name: value for name, value in item.fields.items() if name != "text"}}
        data |= {"id": item.external_id} if item.external_id else {}
        yield {"id": item.id, "data": data, "annotations": people, "predictions": models}


def _results(task: Task, item: Item, said: Said) -> list[dict[str, Any]]:
    if task.type is QuestionKind.SPANS:
        marks = [
            {"start": one.start, "end": one.end, "text": item.text[one.start : one.end], "labels": [one.label]}
            for one in _spans(said)
        ]
        return [_result("labels", mark, id=f"{item.id}-{place}") for place, mark in enumerate(marks)]
    if task.type is QuestionKind.RATING:
        level = str(said)
        return [_result("rating", {"rating": int(level) if level.isdecimal() else level})]
    if task.type is QuestionKind.PREFERENCE:
        score = next((one.score for one in task.labels if one.name == said), None)
        both = ",".join(task.options.candidates)
        side = {"value": {"selected": _SIDES[(score or 0) > 0]}, "type": "pairwise", "from_name": both, "to_name": both}
        return [side] if score else []
    names = [said] if isinstance(said, str) else list(said)
    return [_result("choices", {"choices": names})] if names else []


def _result(kind: str, value: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"from_name": "label", "to_name": "text", "type": kind, "value": value, **more}


def doccano(task: Task, spoken: Iterable[Spoken]) -> Iterator[dict[str, Any]]:
    """A record for each annotation, with its annotator in a field of its own; unlabelled items once."""
    for item, words in spoken:
        own = {"id": item.id, "text": item.text, **_others(item, ("id", "text", "label", "annotator"))}
        for one in words:
            yield own | {"label": _listed(one.said), "annotator": one.annotator}
        if not words:
            yield own | {"label": []}


def _listed(said: Said) -> list[Any]:
    return [said] if isinstance(said, str) else [list(one) if isinstance(one, Span) else one for one in said]


def prodigy(task: Task, spoken: Iterable[Spoken]) -> Iterator[dict[str, Any]]:
    """A line for each annotation, accepted; items that nobody labelled have none."""
    options = [{"id": label.name, "text": label.name} for label in task.labels]
    for item, words in spoken:
        for one in words:
            line = {
                "text": item.text,
                "meta": dict(item.fields),
                "_input_hash": item.id,
                "_annotator_id": one.annotator,
            }
            if task.type is QuestionKind.SPANS:
                spans = [{"start": mark.start, "end": mark.end, "label": mark.label} for mark in _spans(one.said)]
                yield line | {"spans": spans, "answer": "accept"}
            else:
                several = task.type is QuestionKind.SEVERAL_LABELS
                style = {"choice_style": "multiple" if several else "single"}
                yield line | {"options": options, "accept": _listed(one.said), "config": style, "answer": "accept"}


def conll(task: Task, spoken: Iterable[Spoken]) -> Iterator[str]:
    """A word a line with its tag by the first annotator of each item, in IOB2, a blank line behind each item."""
    for item, words in spoken:
        spans = _spans(words[0].said) if words else ()
        yield "".join(f"{word}\t{tag}\n" for word, tag in _tagged(item.text, spans))


def _tagged(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """Words and signs, parted where a span begins or ends, too; of spans that overlap the first counts."""
    edges = sorted({0, len(text), *(place for one in spans for place in (one.start, one.end))})
    before: Span | None = None
    for start, end in zip(edges, edges[1:], strict=False):
        inside = next((one for one in spans if one.start <= start and end <= one.end), None)
        for word in _WORD.findall(text[start:end]):
            yield word, "O" if inside is None else f"{'I' if inside is before else 'B'}-{inside.label}"
            before = inside


def _spans(said: Said) -> tuple[Span, ...]:
    return tuple(one for one in said if isinstance(one, Span))


def _others(item: Item, taken: Sequence[str]) -> dict[str, str]:
    return {name: value for name, value in item.fields.items() if name not in taken}


_ALL = frozenset({*_SETS, QuestionKind.SPANS, QuestionKind.RATING, QuestionKind.PREFERENCE})
_LINES = "application/x-ndjson"
TOOL_EXPORTERS: dict[str, ToolExporter] = {
    "label_studio": ToolExporter(
        "Label Studio",
        "Tasks with annotations; what models say becomes predictions. Its pairwise control knows no tie and no degree: "
        "ties are left out.",
        ".json",
        "application/json",
        _ALL,
        label_studio,
        is_array=True,
    ),
    "doccano": ToolExporter(
        "doccano",
        "One line per annotation, with the annotator in a field of its own.",
        ".jsonl",
        _LINES,
        _SETS | {QuestionKind.SPANS},
        doccano,
    ),
    "prodigy": ToolExporter(
        "Prodigy",
        "One line per annotation, all accepted. Items that nobody labelled are not in it.",
        ".jsonl",
        _LINES,
        _SETS | {QuestionKind.SPANS},
        prodigy,
    ),
    "conll": ToolExporter(
        "CoNLL",
        "One word per line with its tag (IOB2), by the first of the chosen annotators. Spacing is not kept, and of "
        "spans that overlap only the first.",
        ".conll",
        "text/plain",
        frozenset({QuestionKind.SPANS}),
        conll,
    ),
}
