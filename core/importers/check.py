"""Whether the chosen columns of a table can be imported as they are, and what to know before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import WorkbenchError
from core.importers.grouping import Conflict, Duplicate, duplicates, group_rows, item_keys, joined_text
from core.importers.label_cells import CellKind, not_a_text, read_label, stands_for_nothing
from core.importers.problems import ProblemList, concerns
from core.importers.text_file import clean_cells
from core.model import Problem, TableData
from core.spelling import fold, same_value, tidy, variants

LONGEST_TEXT = 1_000_000
MOST_LABELS = 500
LONGEST_LABEL = 200
_WHY = {
    CellKind.SEVERAL: "several labels in one cell",
    CellKind.SPANS: "places in the text",
    CellKind.OBJECT: "not a text",
}


@dataclass(frozen=True)
class Asked:
    """A cell that may or may not be a label: why that is asked, and what it counts as unless the user says otherwise.

    Nothing is "no label".
    """

    why: str
    counts_as: str


@dataclass(frozen=True)
class Check:
    """What was found. Import every row whose index (from 0) is not in `skipped`, or nothing while `problems` remain.

    `hints` and `duplicates` block nothing; the latter come most frequent first. `label_counts` has every spelling as
    written, most frequent first; `label_variants` proposes a spelling for those that are another way to write a label,
    `asked` has those of which it is not clear that they are one. `repeats` counts rows about an item that an earlier
    row is about; `conflicts` are the first of the `n_conflicts` places where somebody says several things of one item;
    `varying` names the other columns that differ between rows of one item. `annotators` counts rows by the annotator
    column.
    """

    problems: tuple[Problem, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    label_counts: Mapping[str, int] = field(default_factory=dict)
    label_variants: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[int] = frozenset()
    n_rows: int = 0
    hints: tuple[Problem, ...] = ()
    asked: Mapping[str, Asked] = field(default_factory=dict)
    repeats: int = 0
    conflicts: tuple[Conflict, ...] = ()
    n_conflicts: int = 0
    varying: tuple[str, ...] = ()
    annotators: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def surplus(self) -> int:
        """How many rows repeat the text of an earlier one."""
        return sum(duplicate.count - 1 for duplicate in self.duplicates)

    @property
    def counts_as(self) -> dict[str, str]:
        """What each spelling counts as unless the user says otherwise; those that stay as written are left out."""
        return {**self.label_variants, **{cell: one.counts_as for cell, one in self.asked.items()}}


def check_rows(
    table: TableData,
    text_columns: Sequence[str],
    label_columns: str | Sequence[str] | None = None,
    id_column: str | None = None,
    annotator_column: str | None = None,
    *,
    skip_empty: bool = False,
    first_row: int = 2,
) -> Check:
    """Checks the rows for import. Problems block: each says which row and column, and what to do.

    With an `annotator_column` each row is one annotation, by whom that column says. A row without text is a problem
    unless `skip_empty`; a row blank in every column is always skipped. A row of several text columns has text if any
    of them does. Rows without a label are fine, and so is whatever is wrong with columns that are not chosen.
    `first_row` is the number users see for the first row (see `Importer.first_row`). The problems found while reading
    come first.
    """
    labels = [label_columns] if isinstance(label_columns, str) else list(label_columns or ())
    _check_choice(table, text_columns, labels, id_column, annotator_column)
    chosen = [name for name in (*text_columns, *labels, id_column, annotator_column) if name is not None]
    problems, hints = ProblemList(), ProblemList()
    for problem in table.problems:
        if concerns(problem, chosen):
            problems.pass_on(problem)
    texts = joined_text(table, text_columns)
    skipped = _check_texts(table, texts, text_columns, skip_empty, first_row, problems)
    _check_characters(table, chosen, first_row, problems)
    is_long = annotator_column is not None
    if id_column is not None:
        _check_ids(table, id_column, texts, is_long, skipped, first_row, problems)
    counts, unclear = _check_label_columns(table, labels, is_long, skipped, first_row, problems, hints)
    merged = variants({spelling: number for spelling, number in counts.items() if spelling not in unclear})
    asked = unclear | _doubtful(table, counts, unclear, merged)
    own = [name for name in table.columns if name not in chosen]
    keys = item_keys(table, texts, id_column, is_long)
    groups = group_rows(table, keys, texts, labels, annotator_column, own, skipped, first_row)
    return Check(
        problems.all(),
        duplicates(texts, skipped, first_row),
        counts,
        {spelling: best for spelling, best in merged.items() if spelling not in asked},
        skipped,
        len(table.rows) - len(skipped),
        hints.all(),
        asked,
        groups.repeats,
        groups.conflicts,
        groups.n_conflicts,
        groups.varying,
        _count_annotators(table, annotator_column, skipped),
    )


def _place(table: TableData, name: str) -> int:
    if name not in table.columns:
        raise WorkbenchError(f'There is no column "{name}".', f"Choose among: {', '.join(table.columns[:10])}.")
    return table.columns.index(name)


def _check_choice(
    table: TableData,
    text_columns: Sequence[str],
    label_columns: Sequence[str],
    id_column: str | None,
    annotator_column: str | None,
) -> None:
    if not text_columns:
        raise WorkbenchError("No text column is chosen.", "Choose the column that holds the text to label.")
    for name in (*text_columns, *label_columns, id_column, annotator_column):
        if name is not None:
            _place(table, name)
    for name in label_columns:
        if name in text_columns:
            text = f'The column "{name}" is chosen both as text and as label, which would give the answer away.'
            raise WorkbenchError(text, "Choose another column for one of them.")
    if id_column is not None and id_column in label_columns:
        raise WorkbenchError(f'The column "{id_column}" is chosen both as label and as id.', "Choose another for one.")
    if annotator_column is not None and annotator_column in (*text_columns, *label_columns, id_column):
        text = f'The column "{annotator_column}" is chosen as annotator and for something else.'
        raise WorkbenchError(text, "Choose another for one.")
    if annotator_column is not None and not label_columns:
        raise WorkbenchError("No label column is chosen.", "Choose the column that holds what the annotators said.")


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


def _check_characters(table: TableData, chosen: Sequence[str], first_row: int, problems: ProblemList) -> None:
    """Looks at whole columns first, so that clean tables cost next to nothing."""
    for place in {table.columns.index(name) for name in chosen}:
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


def _check_ids(
    table: TableData,
    column: str,
    texts: Sequence[str],
    is_long: bool,
    skipped: frozenset[int],
    first_row: int,
    problems: ProblemList,
) -> None:
    """An id is one item's; where each row is an annotation it may come again, with the same text."""
    place = _place(table, column)
    ids = [row[place].strip() for row in table.rows]
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for index, value in enumerate(ids):
        if not value or index in skipped:
            continue
        earlier = first.setdefault(value, index)
        if earlier == index or (is_long and texts[earlier] == texts[index]):
            continue
        row, other = first_row + index, first_row + earlier
        if is_long:
            text = f'Rows {other} and {row} have the id "{value[:60]}" in column "{column}" but different texts.'
            problems.add(text, row, column, "Choose the column that is the same in all rows of one item, or none.")
        else:
            text = f'Row {row} has the same id "{value[:60]}" as row {other} in column "{column}".'
            hint = "Give each row its own id, import without an id column, or choose the annotator column."
            problems.add(text, row, column, hint)


def _check_label_columns(
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
        unclear = {cell: Asked(_WHY[kind], "") for cell, kind in kinds.items()}
        _check_labels(table, column, counts, unclear, first_row, problems if number == 0 else hints)
        _check_sizes(table, column, counts, unclear, first_row, problems)
        if number == 0 or is_long:
            _hint_at_one(column, counts, unclear, hints)
        asked |= unclear
        total.update(counts)
    return dict(total.most_common()), asked


def _doubtful(
    table: TableData, counts: Mapping[str, int], unclear: Mapping[str, Asked], merged: Mapping[str, str]
) -> dict[str, Asked]:
    """Spellings that count as labels, but may not be meant as such."""
    found = {}
    for spelling in counts:
        why = "often stands for no label" if stands_for_nothing(spelling) else ""
        why = why or (not_a_text(spelling) if table.has_types else "")
        if why and spelling not in unclear:
            found[spelling] = Asked(why, merged.get(spelling, tidy(spelling)))
    return found


def _count_labels(table: TableData, column: str, skipped: frozenset[int]) -> tuple[dict[str, int], dict[str, CellKind]]:
    """What the cells say, most frequent first; and of those that say no one label why not."""
    place = _place(table, column)
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


def _check_labels(
    table: TableData,
    column: str,
    counts: Mapping[str, int],
    unclear: Mapping[str, Asked],
    first_row: int,
    problems: ProblemList,
) -> None:
    """Whether the column says anything: without the reference nothing can be imported as it was meant."""
    hint = "Choose another label column, or import without one."
    if len(counts) > len(unclear):
        return
    if not counts:
        problems.add(f'The label column "{column}" is empty.', None, column, hint)
        return
    cell, asked = next(iter(unclear.items()))
    what = "spans" if asked.why == _WHY[CellKind.SPANS] else asked.why
    shown = cell if len(cell) <= 60 else f"{cell[:60]}…"
    text = f'The label column "{column}" holds {what}, such as {shown}; only one label a row can be imported yet.'
    problems.add(text, None, column, hint)


def _check_sizes(
    table: TableData,
    column: str,
    counts: Mapping[str, int],
    unclear: Mapping[str, Asked],
    first_row: int,
    problems: ProblemList,
) -> None:
    hint = "Choose another label column, or import without one."
    distinct = len({fold(spelling) for spelling in counts if spelling not in unclear})
    if distinct > MOST_LABELS:
        text = f'The label column "{column}" holds {distinct:,} different labels; the most is {MOST_LABELS}.'
        problems.add(text, None, column, f"It looks like text or numbers. {hint}")
    plain = (label for label in counts if label not in unclear)
    bad = {label for label in plain if len(label.strip()) > LONGEST_LABEL or len(label.strip().splitlines()) > 1}
    if bad:
        place = _place(table, column)
        index = next(index for index, row in enumerate(table.rows) if read_label(row[place]).label in bad)
        why = f"is not one line of up to {LONGEST_LABEL} characters"
        text = f'The label in row {first_row + index}, column "{column}", {why}.'
        problems.add(text, first_row + index, column, hint)


def _hint_at_one(column: str, counts: Mapping[str, int], unclear: Mapping[str, Asked], hints: ProblemList) -> None:
    """Fine for an annotator; of a reference it is as likely that another column was meant."""
    plain = [label for label in counts if label not in unclear]
    if len({same_value(label) for label in plain}) == 1:
        text = f'The label column "{column}" holds one label only, "{tidy(plain[0])[:60]}".'
        hints.add(text, None, column, "Choose another column, or add labels on Task after the import.")


def _count_annotators(table: TableData, column: str | None, skipped: frozenset[int]) -> dict[str, int]:
    if column is None:
        return {}
    place = _place(table, column)
    values = Counter([tidy(row[place]) for index, row in enumerate(table.rows) if index not in skipped])
    return dict(values.most_common())
