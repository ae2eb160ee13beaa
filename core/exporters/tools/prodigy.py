"""Prodigy: a line an annotation, accepted."""

from collections.abc import Iterable, Iterator
from typing import Any

from core.exporters.tools.shape import (
    CHOSEN,
    LINES,
    NO_FILES,
    Files,
    Spoken,
    ToolExporter,
    as_lines,
    names_in,
    spans_in,
    text_key,
)
from core.model import QuestionKind, Task


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    options = [{"id": label.name, "text": label.name} for label in task.choices]
    for item, words in spoken:
        for one in words:
            line = {
                text_key(files): item.text,
                **{name: value for name, value in item.fields.items() if name in files.shows},
                "meta": {name: value for name, value in item.fields.items() if name not in files.shows},
                "_input_hash": item.id,
                "_annotator_id": one.annotator,
            }
            if task.type is QuestionKind.SPANS:
                spans = [{"start": mark.start, "end": mark.end, "label": mark.label} for mark in spans_in(one.said)]
                yield line | {"spans": spans, "answer": "accept"}
            else:
                several = task.type is QuestionKind.SEVERAL_LABELS
                style = {"choice_style": "multiple" if several else "single"}
                yield line | {"options": options, "accept": names_in(one.said), "config": style, "answer": "accept"}


EXPORTER = ToolExporter(
    "Prodigy",
    "One line per annotation, all accepted.",
    "Items that nobody labelled are not in it, nor are confidence, notes, flags and history.",
    ".jsonl",
    LINES,
    CHOSEN | {QuestionKind.SPANS},
    records,
    as_lines,
)
