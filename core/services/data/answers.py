"""What label columns say where a cell holds more than one name: sets of labels, spans, rankings, and whatever else a
kind reads.

The offset doctor looks at the spans of a column together: a file counts in one unit throughout.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeVar

from core.importers import Diagnosis, Quoted, diagnose, joined_text, names_in, separator_of, spans_in, unlisted
from core.model import Problem, QuestionKind, Said, Span, TableData
from core.plural import count
from core.services.data.choice import ImportChoice
from core.services.data.ranked import rankings
from core.spelling import tidy
from core.tasks import TASKS

Held = TypeVar("Held")
_MOST_PROBLEMS = 100
_HINT = "Correct the cell, or choose another column."


@dataclass
class Answers:
    """By column what each row says, None for nothing; the labels in it, as they are written, with how often; what is
    wrong, and what to know. `empties` are cells with an empty list, `misfits` spans that fit their text in no way."""

    said: dict[str, list[Said | None]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    hints: list[Problem] = field(default_factory=list)
    empties: int = 0
    misfits: int = 0
    may_overlap: bool = False


def read_answers(table: TableData, choice: ImportChoice, skipped: frozenset[int]) -> Answers:
    """What the chosen label columns say."""
    found = Answers()
    for column in choice.label_columns:
        place = table.columns.index(column)
        cells = ["" if index in skipped else row[place] for index, row in enumerate(table.rows)]
        if choice.kind is QuestionKind.SPANS:
            said = _spans(table, choice, column, cells, found)
        elif choice.kind is QuestionKind.SEVERAL_LABELS:
            said = _sets(choice, column, cells, found)
        elif choice.kind is QuestionKind.RANKING:
            said = _rankings(table, choice, column, cells, found)
        else:
            cells = unlisted(cells) if choice.kind is QuestionKind.TEXT else cells
            read: Callable[[str], Said | None] = TASKS[choice.kind].from_cell
            said = list(_each(choice, column, cells, read, found))
        found.said[column] = said
        if not any(one is not None for one in said) and not found.problems:
            text = f'The label column "{column}" is empty.'
            found.problems.append(Problem(text, None, column, "Choose another label column, or import without one."))
    return found


def _each(
    choice: ImportChoice, column: str, cells: Sequence[str], read: Callable[[str], Held | None], found: Answers
) -> list[Held | None]:
    """What every cell holds; one that cannot be read is a problem with its row. The same cells are read once."""
    known: dict[str, Held | None] = {}
    wrong: dict[str, str] = {}
    held: list[Held | None] = []
    n_wrong = 0
    for index, cell in enumerate(cells):
        if cell not in known:
            try:
                known[cell] = read(cell) if cell.strip() else None
            except ValueError as error:
                known[cell], wrong[cell] = None, str(error)
        if cell in wrong:
            n_wrong += 1
            if n_wrong <= _MOST_PROBLEMS:
                row = choice.first_row + index
                found.problems.append(Problem(f"Row {row}: {wrong[cell]}", row, column, _HINT))
        held.append(known[cell])
    if n_wrong > _MOST_PROBLEMS:
        found.problems.append(Problem(f"… and {n_wrong - _MOST_PROBLEMS:,} more.", None, column, _HINT))
    return held


def _sets(choice: ImportChoice, column: str, cells: Sequence[str], found: Answers) -> list[Said | None]:
    separator = separator_of(cells)

    def read(cell: str) -> tuple[str, ...] | None:
        names = names_in(cell, separator)
        return None if names is None else tuple(dict.fromkeys(filter(None, map(tidy, names))))

    said = _each(choice, column, cells, read, found)
    for one in said:
        found.counts.update(one or ())
    found.empties += sum(one == () for one in said)
    return _without_empty(said, choice)


def _rankings(
    table: TableData, choice: ImportChoice, column: str, cells: Sequence[str], found: Answers
) -> list[Said | None]:
    read: Callable[[str], Said | None] = TASKS[choice.kind].from_cell
    written: list[Said | None] = list(_each(choice, column, cells, read, found))
    said, problems, meant = rankings(table, choice, column, written)
    found.problems += problems
    if meant:
        told = ", ".join(f"“{word}” counts as “{name}”" for word, name in meant.items())
        found.hints.append(Problem(f"{told}.", None, column))
    return said


def _without_empty(said: Sequence[Said | None], choice: ImportChoice) -> list[Said | None]:
    return list(said) if choice.empty_says_none else [one or None for one in said]


def _spans(
    table: TableData, choice: ImportChoice, column: str, cells: Sequence[str], found: Answers
) -> list[Said | None]:
    """The spans where the texts have them, in code points."""
    texts = joined_text(table, choice.text_columns)
    written = _each(choice, column, cells, spans_in, found)
    diagnosis = diagnose(
        [
            Quoted(choice.first_row + index, texts[index], one.start, one.end, one.quote)
            for index, held in enumerate(written)
            for one in held or ()
        ]
    )
    _say(diagnosis, choice, column, found)
    places = iter(diagnosis.places)
    said: list[Said | None] = []
    labels: list[str] = []
    for held in written:
        placed = [(next(places), tidy(one.label)) for one in held or ()]
        spans = tuple(sorted({Span(*place, label) for place, label in placed if place is not None}))
        said.append(None if held is None else spans)
        labels += [one.label for one in spans]
        found.may_overlap |= any(one.end > other.start for one, other in pairwise(spans))
        found.empties += held == []
    found.counts.update(labels)
    return _without_empty(said, choice)


def _say(diagnosis: Diagnosis, choice: ImportChoice, column: str, found: Answers) -> None:
    """How the offsets were counted, and which spans fit in no way: in the way, unless they are to be left out."""
    misfits = sum(place is None for place in diagnosis.places)
    found.misfits += misfits
    if diagnosis.sentence:
        found.hints.append(Problem(diagnosis.sentence, None, column))
    if misfits and choice.skip_misfits:
        text = f"Left out of “{column}”, because it does not fit the text: {count(misfits, 'span')}."
        found.hints.append(Problem(text, None, column))
    elif misfits:
        found.problems += [replace(one, message=_placed(one), column=column) for one in diagnosis.problems]


def _placed(problem: Problem) -> str:
    return problem.message if problem.row is None else f"Row {problem.row}: {problem.message}"
