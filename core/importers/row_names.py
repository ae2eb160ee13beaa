"""Tables whose first row or column is not what it seems: row names without a heading, as R writes them; no header."""

import re
from collections.abc import Sequence

_WHOLE = re.compile(r"[1-9][0-9]{0,17}")
_FEW_WORDS = 3
_REST_OF_NUMBER = re.compile(r"[0-9]{3}(?![0-9])")


def has_row_names(rows: Sequence[Sequence[str]], width: int, head: str) -> bool:
    """Whether every row has one cell more than the `width` of the header and the first ones name the rows: they are
    numbered, or all lines begin with a quote as R writes words. One separator too many in each row looks the same but
    for that, and would move each cell into its neighbour's column. `head` is the file's beginning as written."""
    if {len(row) for row in rows if row} != {width + 1}:
        return False
    firsts = [row[0] for row in rows if row]
    if not len(set(firsts)) == len(rows) > 1 or not any(row[-1] for row in rows):
        return False
    return _are_numbered(firsts, [row[1] for row in rows if row]) or _are_all_quoted(head)


def _are_numbered(firsts: Sequence[str], seconds: Sequence[str]) -> bool:
    """1 to n in any order, or rising numbers where rows were left out. "3,000 people" without quotes is no such."""
    if not all(map(_WHOLE.fullmatch, firsts)) or all(map(_REST_OF_NUMBER.match, seconds)):
        return False
    numbers = list(map(int, firsts))
    return numbers == sorted(numbers) or sorted(numbers) == list(range(1, len(numbers) + 1))


def _are_all_quoted(head: str) -> bool:
    lines = [line for line in head.splitlines() if line.strip()]
    return len(lines) > 1 and all(line.startswith('"') for line in lines)


def looks_like_a_row(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether one name is among the repeated cells below it, and another is a whole sentence."""
    sentences = [place for place, name in enumerate(header) if len(name.split()) > _FEW_WORDS]
    return bool(sentences) and any(
        _is_one_of(name, [row[place] for row in rows if place < len(row)])
        for place, name in enumerate(header)
        if place not in sentences[:1]
    )


def _is_one_of(name: str, cells: Sequence[str]) -> bool:
    return bool(name.strip()) and name in cells and 2 * len(set(cells)) <= len(cells)
