"""What label columns say: each spelling with its number of rows, and those of which it is not clear what they mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.importers.label_cells import (
    CellKind,
    is_printed_nothing,
    names_in,
    not_a_text,
    read_label,
    stands_for_nothing,
)
from core.importers.problems import ProblemList
from core.model import TableData
from core.spelling import fold, same_value, tidy

MOST_LABELS = 500
LONGEST_LABEL = 200
_WHY = {
    CellKind.SEVERAL: "several labels in one cell",
    CellKind.SPANS: "places in the text",
    CellKind.OBJECT: "not a text",
    CellKind.MARKED: "the one marked with 1 among others",
}
_BETWEEN_LABELS = "#;|,"
_CHOOSE = "Choose another label column, or import without one."
_CHOOSE_KIND = (
    "If somebody wrote these texts, choose Free text as the kind of answers; else choose another label column."
)


@dataclass(frozen=True)
class Asked:
    """A cell that may or may not be a label: why that is asked, and what it counts as unless the user says otherwise.

    Nothing is "no label".
    """

    why: str
    counts_as: str


def check_label_columns(
    table: TableData,
    columns: Sequence[str],
    is_long: bool,
    skipped: frozenset[int],
    first_row: int,
    problems: ProblemList,
    hints: ProblemList,
) -> tuple[dict[str, int], dict[str, Asked]]:
    """Every spelling of all columns with its number of rows, and those that are asked about."""
    total: Counter[str] = Counter()
    asked: dict[str, Asked] = {}
    for number, column in enumerate(columns):
        counts, kinds = _count_labels(table, column, skipped)
        unclear = {cell: Asked(_WHY[kind], "") for cell, kind in kinds.items()} | _marked(kinds)
        _check_says_any(column, counts, unclear, problems if number == 0 else hints)
        _check_sizes(table, column, counts, unclear, first_row, problems)
        if number == 0 or is_long:
            _hint_at_one(column, counts, unclear, hints)
        asked |= unclear
        total.update(counts)
    return dict(total.most_common()), asked


def doubtful(
    table: TableData, counts: Mapping[str, int], unclear: Mapping[str, Asked], merged: Mapping[str, str]
) -> dict[str, Asked]:
    """Spellings that count as labels, but may not be meant as such."""
    found = {}
    for spelling in counts:
        why = "often stands for no label" if stands_for_nothing(spelling) else ""
        why = why or (not_a_text(spelling) if table.has_types else "")
        if why and spelling not in unclear:
            meant = "" if is_printed_nothing(spelling) else merged.get(spelling, tidy(spelling))
            found[spelling] = Asked(why, meant)
    return found | _joined([spelling for spelling in counts if spelling not in unclear])


def _joined(spellings: Sequence[str]) -> dict[str, Asked]:
    """Spellings put together of others: "sports#politics" where both are labels."""
    known = set(map(same_value, spellings))
    found = {}
    for spelling in spellings:
        for sign in _BETWEEN_LABELS:
            parts = [part for part in map(same_value, spelling.split(sign)) if part]
            if len(parts) > 1 and known.issuperset(parts):
                found[spelling] = Asked(f"several labels with {sign} between them", "")
    return found


def _marked(kinds: Mapping[str, CellKind]) -> dict[str, Asked]:
    """Objects that mark one name with 1. Where all have the same names, these are the labels; else it is a guess that
    the user makes."""
    cells = [cell for cell, kind in kinds.items() if kind is CellKind.MARKED]
    are_alike = len(set(map(names_in, cells))) == 1
    return {cell: Asked(_WHY[CellKind.MARKED], tidy(read_label(cell).label) if are_alike else "") for cell in cells}


def _count_labels(table: TableData, column: str, skipped: frozenset[int]) -> tuple[dict[str, int], dict[str, CellKind]]:
    """What the cells say, most frequent first; and of those that say no one label why not."""
    place = table.columns.index(column)
    if skipped:
        values = Counter([row[place] for index, row in enumerate(table.rows) if index not in skipped])
    else:
        values = Counter([row[place] for row in table.rows])
    counts: Counter[str] = Counter()
    kinds: dict[str, CellKind] = {}
    for cell, count in values.items():
        said = read_label(cell)
        if said.kind is CellKind.LABEL:
            counts[said.label] += count
        elif said.kind is not CellKind.MISSING:
            counts[cell] += count
            kinds[cell] = said.kind
    return {label: count for label, count in counts.most_common() if tidy(label)}, kinds


def _check_says_any(
    column: str, counts: Mapping[str, int], unclear: Mapping[str, Asked], problems: ProblemList
) -> None:
    """Whether the column says anything: without the reference nothing can be imported as it was meant."""
    if len(counts) > len(unclear) or any(one.counts_as for one in unclear.values()):
        return
    if not counts:
        problems.add(f'The label column "{column}" is empty.', None, column, _CHOOSE)
        return
    cell, asked = next(iter(unclear.items()))
    what = "spans" if asked.why == _WHY[CellKind.SPANS] else asked.why
    shown = cell if len(cell) <= 60 else f"{cell[:60]}…"
    text = f'The label column "{column}" contains {what}, such as {shown}; only one label per row can be imported.'
    problems.add(text, None, column, _CHOOSE)


def _check_sizes(
    table: TableData,
    column: str,
    counts: Mapping[str, int],
    unclear: Mapping[str, Asked],
    first_row: int,
    problems: ProblemList,
) -> None:
    distinct = len({fold(spelling) for spelling in counts if spelling not in unclear})
    if distinct > MOST_LABELS:
        text = f'The label column "{column}" has {distinct:,} different labels; the limit is {MOST_LABELS}.'
        problems.add(text, None, column, f"It looks like text or numbers. {_CHOOSE_KIND}")
    plain = (label for label in counts if label not in unclear)
    bad = {label for label in plain if len(label.strip()) > LONGEST_LABEL or len(label.strip().splitlines()) > 1}
    if bad:
        place = table.columns.index(column)
        index = next(index for index, row in enumerate(table.rows) if read_label(row[place]).label in bad)
        why = f"is not one line of up to {LONGEST_LABEL} characters"
        text = f'The label in row {first_row + index}, column "{column}", {why}.'
        problems.add(text, first_row + index, column, _CHOOSE)


def _hint_at_one(column: str, counts: Mapping[str, int], unclear: Mapping[str, Asked], hints: ProblemList) -> None:
    """Fine for an annotator; of a reference it is as likely that another column was meant."""
    plain = [label for label in counts if label not in unclear]
    if len({same_value(label) for label in plain}) == 1:
        text = f'The label column "{column}" contains only one label, "{tidy(plain[0])[:60]}".'
        hints.add(text, None, column, "Choose another column, or add labels on Task after the import.")
