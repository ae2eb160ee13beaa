"""spaCy: its training data as JSON, and as the DocBin that `spacy train` takes.

Both hold what one annotator says, as spaCy does: the first of the chosen, which is the reference. Spans that may
overlap are the group "sc" of its span categoriser, others are entities.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from core.docbin import Document, Marked, Writer
from core.exporters.tools.shape import (
    CHOSEN,
    JSON,
    NO_FILES,
    Files,
    Spoken,
    ToolExporter,
    as_array,
    levels_note,
    names_in,
    spans_in,
)
from core.exporters.tools.words_of_text import apart, words_of
from core.model import QuestionKind, Span, Task

_GROUP = "sc"
_KINDS = CHOSEN | {QuestionKind.SPANS, QuestionKind.RATING}


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[list[Any]]:
    """`[text, annotations]` of every item of which something is said."""
    note = levels_note(task)
    for item, words in spoken:
        if not words:
            continue
        said = words[0].said
        marks = [list(one) for one in spans_in(said)]
        if task.type is not QuestionKind.SPANS:
            chosen = set(names_in(said))
            cats = {label.name: float(label.name in chosen) for label in task.choices}
            # A key with nothing in it is one that spaCy passes over.
            yield [item.text, {"cats": cats, **({note: None} if note else {})}]
        elif task.options.may_overlap:
            yield [item.text, {"spans": {_GROUP: marks}}]
        else:
            yield [item.text, {"entities": marks}]


def _pack(task: Task, made: Iterator[list[Any]], out: BinaryIO, files: Files = NO_FILES) -> int:
    writer = Writer()
    note = levels_note(task)
    for text, given in made:
        writer.add(_document(text, given), {note: None} if note else {})
    out.write(writer.to_bytes())
    return len(writer)


def _document(text: str, given: dict[str, Any]) -> Document:
    entities = apart([Span(*one) for one in given["entities"]]) if "entities" in given else None
    groups = {name: [Span(*one) for one in marks] for name, marks in given.get("spans", {}).items()}
    parts = _parted(text, [*(entities or ()), *(one for marks in groups.values() for one in marks)])
    begins = {start: place for place, (start, _, _) in enumerate(parts)}
    ends = {end: place for place, (_, end, _) in enumerate(parts, start=1)}

    def marked(spans: Sequence[Span]) -> list[Marked]:
        return [Marked(begins[one.start], ends[one.end], one.label) for one in spans]

    return Document(
        [text[start:end] for start, end, _ in parts],
        [space for _, _, space in parts],
        None if entities is None else marked(entities),
        {name: marked(marks) for name, marks in groups.items()},
        given.get("cats", {}),
    )


def _parted(text: str, spans: Sequence[Span]) -> list[tuple[int, int, bool]]:
    """The words as `(start, end, whether a blank follows)`: a blank is a word of its own only where a span begins or
    ends with it, or another one goes before it."""
    first, last = {one.start for one in spans}, {one.end for one in spans}
    parts: list[tuple[int, int, bool]] = []
    for start, end in words_of(text, spans):
        is_behind = bool(parts) and not parts[-1][2] and start not in first and start + 1 not in last
        if text[start] == " " and is_behind:
            parts[-1] = (*parts[-1][:2], True)
            start += 1
        if start < end:
            parts.append((start, end, False))
    return parts


_ABOUT = "Entities (spans that may overlap: the group “sc”) or categories, by the first of the chosen annotators."
_LEAVES_OUT = "Ids, other fields, other annotators, confidence, notes, flags and history are not in it"
EXPORTER = ToolExporter(
    "spaCy JSON",
    f"Pairs of a text and its annotations. {_ABOUT}",
    f"{_LEAVES_OUT}, and spaCy ignores spans that do not begin and end where its own words do.",
    ".json",
    JSON,
    _KINDS,
    records,
    as_array,
)
DOCBIN = ToolExporter(
    "spaCy DocBin",
    f"The file that `spacy train` takes. {_ABOUT} Every span begins and ends with a word.",
    f"{_LEAVES_OUT}.",
    ".spacy",
    "application/octet-stream",
    _KINDS,
    records,
    _pack,
)
