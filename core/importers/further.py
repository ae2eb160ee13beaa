"""Columns that answer further questions about the same rows, each with the kind of its answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from core.importers.prose import is_written
from core.importers.recognised import Recognised, can_be_asked, recognise
from core.model import QuestionKind, TableData

_SAMPLE = 4_000


@dataclass(frozen=True)
class FurtherQuestion:
    """`column` holds the answers to it; `is_told` where the source itself says that it is asked."""

    column: str
    kind: QuestionKind
    candidates: tuple[str, ...] = ()
    is_told: bool = False


def further_questions(table: TableData, found: Recognised, taken: Collection[str]) -> tuple[FurtherQuestion, ...]:
    """Each column that is not `taken` and looks like answers to a question of its own, in the table's order."""
    told = {one.name: can_be_asked(one, table) for one in table.answers}
    texts = [name for name in found.columns.text if name in table.columns]
    free = [name for name in table.columns if name not in taken and name not in texts]
    asked = (_asked(table, name, texts, is_told=name in told) for name in free if told.get(name, True))
    return tuple(one for one in asked if one is not None)


def kind_of_answers(table: TableData, texts: Collection[str], columns: Sequence[str]) -> QuestionKind:
    """What these columns look like answers of, beside the texts they are about: that of the first; free text where it
    holds what somebody wrote, however it is called."""
    known = [name for name in columns if name in table.columns]
    if not known:
        return QuestionKind.SINGLE_LABEL
    asked = _asked(table, known[0], [name for name in texts if name in table.columns], is_told=False)
    if asked is not None:
        return asked.kind
    place = table.columns.index(known[0])
    cells = [row[place].strip() for row in table.rows[:: len(table.rows) // _SAMPLE + 1]]
    return QuestionKind.TEXT if is_written(cells) else QuestionKind.SINGLE_LABEL


def _asked(table: TableData, name: str, texts: list[str], *, is_told: bool) -> FurtherQuestion | None:
    answers = tuple(one for one in table.answers if one.name == name)
    compared = tuple(field for one in answers for field in one.candidates if field in table.columns)
    alone = _narrowed(table, list(dict.fromkeys([*texts, *compared, name])))
    found = recognise(replace(alone, answers=answers))
    if found.columns.labels != (name,):
        return None
    return FurtherQuestion(name, found.kind, found.candidates, is_told)


def _narrowed(table: TableData, names: list[str]) -> TableData:
    """A sample of the table with these columns alone."""
    places = [table.columns.index(name) for name in names]
    rows = [[row[place] for place in places] for row in table.rows[:: len(table.rows) // _SAMPLE + 1]]
    return replace(table, columns=tuple(names), rows=rows, problems=(), notes=())
