"""Tasks of every kind with what annotators say of awkward texts; and what of it comes back from a file."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from core.exporters import NO_FILES, TOOL_EXPORTERS, Word
from core.importers import names_in, read_label, read_table, spans_in, unlisted
from core.model import Item, Label, Options, QuestionKind, Said, Span, Task

TEXTS = st.text(st.sampled_from("aAé\u0301 😀👩‍👩‍👧שלום\r\n\t\",;:=+-@'\\[{|#&<>"), min_size=1, max_size=25).filter(
    str.strip
)
LABELS = ("PER", 'a, "b"; c', "😀", "שלום", "e\u0301té", "NOUN", "R&D <x>", "it's|ok")
LEVELS = tuple(Label(str(n), score=float(n)) for n in range(1, 6))
OUTCOMES = tuple(
    Label(name, score=score)
    for name, score in (
        ("First is much better", 2.0),
        ("First is better", 1.0),
        ("Tie", 0.0),
        ("Second is better", -1.0),
    )
)
FALLBACK = Label("UNABLE", is_fallback=True)


def task_of(kind: QuestionKind, *, may_overlap: bool = False) -> Task:
    labels = {
        QuestionKind.RATING: LEVELS,
        QuestionKind.PREFERENCE: OUTCOMES,
        QuestionKind.RANKING: (Label("y"), Label("x")),
        QuestionKind.TEXT: (),
    }.get(kind, tuple(map(Label, LABELS)))
    candidates = ("y", "x") if kind in (QuestionKind.PREFERENCE, QuestionKind.RANKING) else ()
    return Task(labels, FALLBACK, type=kind, options=Options(may_overlap=may_overlap, candidates=candidates))


@st.composite
def spoken(draw: st.DrawFn, task: Task) -> list[tuple[Item, list[Word]]]:
    """Items of different texts, each labelled by two people and a model; the first says something in any case."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=4, unique_by=lambda text: " ".join(text.split())))
    fields = {name: f"{name} says, 'so'" for name in task.options.candidates}
    items = [Item(n, text, fields={**fields, "other": "=1"}) for n, text in enumerate(texts, start=1)]
    who = (("ana", False), ("ben, b.", False), ("model m7", True))
    return [
        (item, [Word(name, is_model, draw(said_to(task, item, item.id == 1))) for name, is_model in who])
        for item in items
    ]


def said_to(task: Task, item: Item, is_some: bool) -> st.SearchStrategy[Said]:
    """What somebody may say of an item; something in any case where `is_some`."""
    if task.type is QuestionKind.TEXT:
        return TEXTS
    if task.type is QuestionKind.RANKING:
        return st.sampled_from(((("y",), ("x",)), (("x",), ("y",)), (("x", "y"),)))
    names = st.sampled_from([label.name for label in task.labels if not is_some or label.score != 0])
    if task.type is QuestionKind.SEVERAL_LABELS:
        return st.sets(names, min_size=int(is_some), max_size=3).map(lambda found: tuple(sorted(found)))
    if task.type is QuestionKind.SPANS:
        return _spans(item.text, names, task.options.may_overlap, is_some)
    return names


@st.composite
def _spans(draw: st.DrawFn, text: str, names: st.SearchStrategy[str], may_overlap: bool, is_some: bool) -> Said:
    n = draw(st.integers(int(is_some), 3))
    if may_overlap:
        places = [sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2))) for _ in range(n)]
    else:
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=2 * n)))
        places = [cuts[at : at + 2] for at in range(0, len(cuts) - 1, 2)]
    found = {Span(start, end, draw(names)) for start, end in places if start < end}
    return tuple(sorted(found or ({Span(0, len(text), draw(names))} if is_some else set())))


def write(folder: Path, key: str, task: Task, said: Sequence[tuple[Item, Sequence[Word]]]) -> Path:
    """The file, with what the tool must be told of the task beside it."""
    tool, out = TOOL_EXPORTERS[key], io.BytesIO()
    tool.write(task, said, out)
    path = folder / f"data{tool.suffix}"
    path.write_bytes(out.getvalue())
    if tool.settings:
        (folder / tool.settings.file).write_text(tool.settings.text(task, NO_FILES), encoding="utf-8")
    return path


def read(path: Path, task: Task, column: str) -> dict[str, dict[str, Said]]:
    """By text and annotator, "" where the file names none."""
    table = read_table(path)
    assert not table.problems
    text, answer = (table.columns.index(name) for name in ("text", column))
    who = table.columns.index("annotator") if "annotator" in table.columns else None
    found: dict[str, dict[str, Said]] = {}
    cells = [row[answer] for row in table.rows]
    for row, cell in zip(table.rows, unlisted(cells) if task.type is QuestionKind.TEXT else cells, strict=True):
        said = said_in(task.type, cell)
        if said is not None:
            found.setdefault(row[text], {})["" if who is None else row[who]] = said
    return found


def said_in(kind: QuestionKind, cell: str) -> Said | None:
    if kind is QuestionKind.SPANS:
        found = spans_in(cell)
        return None if found is None else tuple(sorted({Span(one.start, one.end, one.label) for one in found}))
    if kind is QuestionKind.TEXT:
        return cell or None
    if kind is QuestionKind.RANKING:
        return tuple(tuple(sorted(group)) for group in json.loads(cell)) if cell else None
    if kind is QuestionKind.SEVERAL_LABELS:
        names = names_in(cell, "") if cell[:1] == "[" else [cell] if cell else None
        return None if names is None else tuple(sorted(names))
    return read_label(cell).label or None


def json_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
