"""doccano: a line an annotation, with its annotator beside. Of free text it is what its projects for sequences to
sequences hold: the text in a list."""

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
    others,
    spans_in,
    text_key,
)
from core.model import QuestionKind, Task


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    """A record for each annotation; unlabelled items once. A text that somebody wrote is one label in its own words."""
    for item, words in spoken:
        called = text_key(files, "")
        own = {"id": item.id, **({"filename": item.text.rpartition("/")[2]} if called else {"text": item.text})}
        own |= others(item, (*own, "label", "annotator"))
        for one in words:
            marks = [list(span) for span in spans_in(one.said)] if task.type is QuestionKind.SPANS else None
            yield own | {"label": names_in(one.said) if marks is None else marks, "annotator": one.annotator}
        if not words:
            yield own | {"label": []}


EXPORTER = ToolExporter(
    "doccano",
    "One line per annotation, with the annotator in a field of its own.",
    "doccano gives all lines to whoever imports them; confidence, notes, flags and history are not in it.",
    ".jsonl",
    LINES,
    CHOSEN | {QuestionKind.SPANS, QuestionKind.TEXT},
    records,
    as_lines,
)
