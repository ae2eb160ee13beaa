"""Rankings of a label column: by the names of the candidates, or by their place in the file's own way of counting."""

from collections.abc import Mapping, Sequence

from core.importers import MOST_CANDIDATES
from core.model import Problem, Said, TableData
from core.plural import count
from core.said import names_of
from core.services.data.choice import ImportChoice
from core.spelling import fold
from core.tasks import is_fallback_name

_MOST_PROBLEMS = 100
_LETTERS = "abcdefghi"
_HINT = "Correct the cell, or choose the columns that are ranked."


def problems_of_candidates(table: TableData, choice: ImportChoice, skipped: frozenset[int]) -> list[Problem]:
    """Why the chosen columns cannot be ranked, and the rows in which there is nothing to rank."""
    number, columns = len(choice.candidates), choice.candidates
    if not 2 <= number <= MOST_CANDIDATES:
        text = f"A ranking is of 2 to {MOST_CANDIDATES} candidates; {count(number, 'column')} "
        text += f"{'is' if number == 1 else 'are'} chosen."
        return [Problem(text, hint="Choose the columns that contain the candidates.")]
    if len({*map(fold, columns)}) < number:
        text = "Two candidates have the same name but for case, spaces and underscores."
        return [Problem(text, columns=columns, hint="Rename one of the columns.")]
    places = [table.columns.index(name) for name in columns]
    found = [
        Problem(
            f"Row {row} has fewer than two candidates.",
            row,
            columns[0],
            "Fill them in, or leave the row out of the file.",
        )
        for index, cells in enumerate(table.rows)
        if index not in skipped and sum(bool(cells[place].strip()) for place in places) < 2
        for row in (choice.first_row + index,)
    ]
    return _first(found, columns[0])


def rankings(
    table: TableData, choice: ImportChoice, column: str, written: Sequence[Said | None]
) -> tuple[list[Said | None], list[Problem], dict[str, str]]:
    """What every row says, by the names of the candidates; what is wrong, a sentence a row; and what words of the file
    count as. A ranking has each candidate of its row once; a column that is empty there is none."""
    words = dict.fromkeys(name for one in written if one for name in names_of(one))
    meant = _meant(list(words), choice.candidates)
    places = {name: table.columns.index(name) for name in choice.candidates}
    said: list[Said | None] = []
    problems = []
    for index, (one, cells) in enumerate(zip(written, table.rows, strict=True)):
        present = [name for name, place in places.items() if cells[place].strip()]
        ranked = None if not one else tuple(tuple(sorted(meant.get(name, name) for name in group)) for group in one)
        wrong = _wrong(ranked, present) if ranked else ""
        if wrong:
            row = choice.first_row + index
            problems.append(Problem(f"Row {row}: {wrong}", row, column, _HINT))
        said.append(None if wrong else ranked)
    other = {word: name for word, name in meant.items() if word != name}
    return said, _first(problems, column), other


def _wrong(ranked: tuple[tuple[str, ...], ...], present: Sequence[str]) -> str:
    names = [name for group in ranked for name in group]
    if len(names) == 1 and is_fallback_name(names[0]):
        return ""
    strange = next((name for name in names if name not in present), None)
    if strange is not None:
        return f"The ranking names “{strange[:60]}”, which is no candidate of this row."
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return f"The ranking names “{twice[:60]}” twice."
    left = [f"“{name}”" for name in present if name not in names]
    return f"The ranking leaves out {' and '.join(left)}." if left else ""


def _meant(words: Sequence[str], candidates: Sequence[str]) -> Mapping[str, str]:
    """Names as they are spelled; else all others as places, counted from 1 (or 0, where that occurs) or by letters."""
    by_name = {fold(name): name for name in candidates}
    meant = {word: by_name[fold(word)] for word in words if fold(word) in by_name}
    others = [word for word in words if word not in meant and not is_fallback_name(word)]
    numbers = [word for word in others if word.isdecimal() and len(word) < 3]
    first = 0 if "0" in numbers else 1
    at = {word: int(word) - first for word in numbers} or {
        word: _LETTERS.index(word.lower()) for word in others if len(word) == 1 and word.lower() in _LETTERS
    }
    return meant | {word: candidates[place] for word, place in at.items() if place < len(candidates)}


def _first(problems: list[Problem], column: str) -> list[Problem]:
    if len(problems) <= _MOST_PROBLEMS:
        return problems
    return [*problems[:_MOST_PROBLEMS], Problem(f"… and {len(problems) - _MOST_PROBLEMS:,} more.", None, column, _HINT)]
