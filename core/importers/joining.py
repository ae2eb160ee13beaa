"""Several tables as one, one below the other."""

from collections.abc import Sequence
from dataclasses import replace

from core.importers.answer_kinds import Kind
from core.model import AnswerColumn, TableData

_SETS = {Kind.SINGLE_LABEL, Kind.SEVERAL_LABELS}


def joined(tables: Sequence[TableData]) -> TableData:
    """With the columns of all of them, in the order they come in, and with all that any of them tells of its answers. A
    column that two of them take for answers of different kinds is left to its cells."""
    columns = tuple(dict.fromkeys(name for table in tables for name in table.columns))
    rows: list[Sequence[str]] = []
    for table in tables:
        places = [table.columns.index(name) if name in table.columns else None for name in columns]
        is_same = table.columns == columns
        rows += table.rows if is_same else [["" if at is None else row[at] for at in places] for row in table.rows]
    return replace(
        tables[0],
        columns=columns,
        rows=rows,
        problems=tuple(problem for table in tables for problem in table.problems),
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
        has_types=any(table.has_types for table in tables),
        answers=_answers([one for table in tables for one in table.answers]),
        models=frozenset[str]().union(*(table.models for table in tables)),
    )


def _answers(told: Sequence[AnswerColumn]) -> tuple[AnswerColumn, ...]:
    """What is told of each column, the labels of all in the order they come in."""
    found: dict[str, AnswerColumn | None] = {}
    for one in told:
        before = found.setdefault(one.name, one)
        if before is not None and before is not one:
            found[one.name] = _both(before, one)
    return tuple(one for one in found.values() if one is not None)


def _both(one: AnswerColumn, other: AnswerColumn) -> AnswerColumn | None:
    kinds = {one.kind, other.kind}
    if len(kinds) > 1 and kinds != _SETS:
        return None
    longest = max(one.candidates, other.candidates, key=len)
    return replace(
        one,
        kind=one.kind if len(kinds) == 1 else Kind.SEVERAL_LABELS,
        labels=tuple(dict.fromkeys((*one.labels, *other.labels))),
        candidates=longest,
        scores=one.scores if one.labels == other.labels else (),
        text=one.text or other.text,
    )
