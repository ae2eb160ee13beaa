"""Whether the chosen columns of a table can be imported as they are, and what to know before."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import WorkbenchError
from core.importers.problems import ProblemList
from core.importers.text_file import clean_cells
from core.model import Problem, TableData

LONGEST_TEXT = 1_000_000
MOST_LABELS = 500
LONGEST_LABEL = 200
_FIRST_ROWS = 5


@dataclass(frozen=True)
class Duplicate:
    """One text that occurs `count` times; `rows` are the numbers of the first few rows that hold it."""

    text: str
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Check:
    """What was found. Import every row whose index (from 0) is not in `skipped`, or nothing while `problems` remain.

    `duplicates` come most frequent first and block nothing. `label_counts` has every spelling as written, most
    frequent first; `label_variants` proposes a spelling for those that differ from it only in case or white space.
    """

    problems: tuple[Problem, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    label_counts: Mapping[str, int] = field(default_factory=dict)
    label_variants: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[int] = frozenset()
    n_rows: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def surplus(self) -> int:
        """How many rows repeat the text of an earlier one."""
        return sum(duplicate.count - 1 for duplicate in self.duplicates)


def joined_text(table: TableData, text_columns: Sequence[str]) -> list[str]:
    """The text of every row: the one column as it is, or several joined by line breaks without the blank ones."""
    places = [_place(table, name) for name in text_columns]
    if len(places) == 1:
        return [row[places[0]] for row in table.rows]
    return ["\n".join([row[place] for place in places if row[place].strip()]) for row in table.rows]


def check_rows(
    table: TableData,
    text_columns: Sequence[str],
    label_columns: str | Sequence[str] | None = None,
    id_column: str | None = None,
    *,
    skip_empty: bool = False,
    first_row: int = 2,
) -> Check:
    """Checks the rows for import. Problems block: each says which row and column, and what to do.

    A row without text is a problem unless `skip_empty`; a row blank in every column is always skipped. A row of
    several text columns has text if any of them does. Rows without a label are fine. `first_row` is the number users
    see for the first row (see `Importer.first_row`). The problems found while reading come first.
    """
    problems = ProblemList()
    for problem in table.problems:
        problems.add(problem.message, problem.row, problem.column, problem.hint)
    labels = [label_columns] if isinstance(label_columns, str) else list(label_columns or ())
    _check_choice(text_columns, labels, id_column)
    texts = joined_text(table, text_columns)
    skipped = _check_texts(table, texts, text_columns, skip_empty, first_row, problems)
    _check_characters(table, first_row, problems)
    if id_column is not None:
        _check_ids(table, id_column, skipped, first_row, problems)
    total: Counter[str] = Counter()
    for column in labels:
        counts = _count_labels(table, column, skipped)
        _check_labels(table, column, counts, first_row, problems)
        total.update(counts)
    counts = dict(total.most_common())
    duplicates = _duplicates(texts, skipped, first_row)
    return Check(problems.all(), duplicates, counts, label_variants(counts), skipped, len(table.rows) - len(skipped))


def label_variants(counts: Mapping[str, int]) -> dict[str, str]:
    """For every spelling that should be merged, the one to merge it into.

    Spellings are the same label when they differ only in case, white space or Unicode composition. Without outer and
    doubled spaces, `best_spelling` wins.
    """
    groups: dict[str, Counter[str]] = {}
    for spelling, count in counts.items():
        tidy = " ".join(spelling.split())
        groups.setdefault(_fold(spelling), Counter())[tidy] += count
    best = {key: best_spelling(spellings) for key, spellings in groups.items()}
    return {spelling: best[_fold(spelling)] for spelling in counts if spelling != best[_fold(spelling)]}


def best_spelling(counts: Mapping[str, int]) -> str:
    """The most frequent; of equals one that is not all upper case, and of those the first."""
    return max(counts, key=lambda one: (counts[one], not one.isupper()))


def _fold(spelling: str) -> str:
    return unicodedata.normalize("NFC", " ".join(spelling.split())).casefold()


def _place(table: TableData, name: str) -> int:
    if name not in table.columns:
        raise WorkbenchError(f'There is no column "{name}".', f"Choose among: {', '.join(table.columns[:10])}.")
    return table.columns.index(name)


def _check_choice(text_columns: Sequence[str], label_columns: Sequence[str], id_column: str | None) -> None:
    if not text_columns:
        raise WorkbenchError("No text column is chosen.", "Choose the column that holds the text to label.")
    for name in label_columns:
        if name in text_columns:
            text = f'The column "{name}" is chosen both as text and as label, which would give the answer away.'
            raise WorkbenchError(text, "Choose another column for one of them.")
    if id_column is not None and id_column in label_columns:
        raise WorkbenchError(f'The column "{id_column}" is chosen both as label and as id.', "Choose another for one.")


def _check_texts(
    table: TableData, texts: list[str], columns: Sequence[str], skip_empty: bool, first_row: int, problems: ProblemList
) -> frozenset[int]:
    empty = [index for index, text in enumerate(texts) if not text or text.isspace()]
    where = " and ".join(f'"{name}"' for name in columns)
    if len(empty) == len(texts):
        problems.add(f"No row has text in column {where}.", None, columns[0], "Choose another text column.")
        return frozenset(empty)
    for index in empty:
        if not skip_empty and any(cell.strip() for cell in table.rows[index]):
            row = first_row + index
            text = f"Row {row} has no text in column {where}."
            problems.add(text, row, columns[0], "Fill it in, or choose to skip rows without text.")
    if max(map(len, texts), default=0) > LONGEST_TEXT:
        for index, content in enumerate(texts):
            if len(content) > LONGEST_TEXT:
                row = first_row + index
                text = f"The text of row {row} has {len(content):,} characters; the most is {LONGEST_TEXT:,}."
                problems.add(text, row, columns[0], "Shorten it or leave the row out.")
    return frozenset(empty)


def _check_characters(table: TableData, first_row: int, problems: ProblemList) -> None:
    """Looks at whole columns first, so that clean tables cost next to nothing."""
    for place in range(len(table.columns)):
        if _is_clean("\n".join([row[place] for row in table.rows])):
            continue
        for index, row in enumerate(table.rows):
            if not _is_clean(row[place]):
                clean_cells([[row[place]]], (table.columns[place],), first_row + index, problems)


def _is_clean(text: str) -> bool:
    if "\x00" in text:
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_ids(table: TableData, column: str, skipped: frozenset[int], first_row: int, problems: ProblemList) -> None:
    place = _place(table, column)
    ids = [row[place].strip() for row in table.rows]
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for index, value in enumerate(ids):
        if not value or index in skipped:
            continue
        row = first_row + index
        if value in first:
            text = f'Row {row} has the same id "{value[:60]}" as row {first[value]} in column "{column}".'
            problems.add(text, row, column, "Give each row its own id, or import without an id column.")
        first.setdefault(value, row)


def _count_labels(table: TableData, column: str, skipped: frozenset[int]) -> dict[str, int]:
    place = _place(table, column)
    if skipped:
        values = Counter([row[place] for index, row in enumerate(table.rows) if index not in skipped])
    else:
        values = Counter([row[place] for row in table.rows])
    return {value: count for value, count in values.most_common() if value.strip()}


def _check_labels(
    table: TableData, column: str, counts: Mapping[str, int], first_row: int, problems: ProblemList
) -> None:
    hint = "Choose another label column, or import without one."
    distinct = len({_fold(spelling) for spelling in counts})
    if not counts:
        problems.add(f'The label column "{column}" is empty.', None, column, hint)
    elif distinct == 1:
        only = " ".join(next(iter(counts)).split())[:60]
        problems.add(f'The label column "{column}" holds one label only, "{only}".', None, column, hint)
    elif distinct > MOST_LABELS:
        text = f'The label column "{column}" holds {distinct:,} different labels; the most is {MOST_LABELS}.'
        problems.add(text, None, column, f"It looks like text or numbers. {hint}")
    bad = {label for label in counts if len(label.strip()) > LONGEST_LABEL or len(label.strip().splitlines()) > 1}
    if bad:
        place = _place(table, column)
        index = next(index for index, row in enumerate(table.rows) if row[place] in bad)
        why = f"is not one line of up to {LONGEST_LABEL} characters"
        text = f'The label in row {first_row + index}, column "{column}", {why}.'
        problems.add(text, first_row + index, column, hint)


def _duplicates(texts: list[str], skipped: frozenset[int], first_row: int) -> tuple[Duplicate, ...]:
    if len(set(texts)) == len(texts):
        return ()
    repeated = {text: count for text, count in Counter(texts).most_common() if count > 1 and text.strip()}
    rows: dict[str, list[int]] = {text: [] for text in repeated}
    for index, text in enumerate(texts):
        if text in rows and index not in skipped and len(rows[text]) < _FIRST_ROWS:
            rows[text].append(first_row + index)
    return tuple(Duplicate(text, count, tuple(rows[text])) for text, count in repeated.items())
