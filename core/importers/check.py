"""Whether the chosen columns of a table can be imported as they are, and what to know before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import WorkbenchError
from core.importers.grouping import Conflict, Duplicate, cell_said, duplicates, group_rows, label_said
from core.importers.item_keys import ids_by_text, item_keys, joined_text, keys_told_apart
from core.importers.label_columns import Asked, check_label_columns, doubtful
from core.importers.problems import ProblemList, concerns
from core.importers.text_file import clean_cells
from core.model import Problem, Said, TableData
from core.spelling import tidy, variants
from core.text import is_storable

LONGEST_TEXT = 1_000_000


@dataclass(frozen=True)
class Check:
    """What was found. Import every row whose index (from 0) is not in `skipped`, or nothing while `problems` remain.

    `hints` and `duplicates` block nothing; the latter come most frequent first. `label_counts` has every spelling as
    written, most frequent first; `label_variants` proposes a spelling for those that are another way to write a label,
    `asked` has those of which it is not clear that they are one, most frequent first. `repeats` counts rows about an
    item that an earlier row is about; `conflicts` are the first of the `n_conflicts` places where somebody says several
    things of one item; `varying` names the columns of the item itself that differ between its rows. `annotators` counts
    rows by the annotator column.

    Where a cell holds more than one name, `said` has by label column what each row says, `label_counts` the labels in
    it; `empties` counts the cells that hold an empty list, `misfits` the spans that fit their text in no reading, and
    `may_overlap` says whether any two overlap. `meant` are words of the file for what the kind has its own words for.
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
    meant: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Sequence[Said | None]] = field(default_factory=dict)
    empties: int = 0
    misfits: int = 0
    may_overlap: bool = False

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
        return {**self.label_variants, **self.meant, **{cell: one.counts_as for cell, one in self.asked.items()}}


def check_rows(
    table: TableData,
    text_columns: Sequence[str],
    label_columns: str | Sequence[str] | None = None,
    id_column: str | None = None,
    annotator_column: str | None = None,
    *,
    skip_empty: bool = False,
    first_row: int = 2,
    told_by: Sequence[str] = (),
    has_names: bool = True,
) -> Check:
    """Checks the rows for import. Problems block: each says which row and column, and what to do.

    With an `annotator_column` each row is one annotation, by whom that column says. A row without text is a problem
    unless `skip_empty`; a row blank in every column is always skipped. A row of several text columns has text if any
    of them does. Rows without a label are fine, and so is whatever is wrong with columns that are not chosen.
    `first_row` is the number users see for the first row (see `Importer.first_row`). The problems found while reading
    come first. `told_by` are columns that tell items of one text apart; `has_names` says whether a label cell holds the
    name of one label: what else cells hold is for others to judge.
    """
    labels = [label_columns] if isinstance(label_columns, str) else list(label_columns or ())
    _check_choice(table, text_columns, labels, id_column, annotator_column)
    chosen = [name for name in (*text_columns, *told_by, *labels, id_column, annotator_column) if name is not None]
    problems, hints = ProblemList(), ProblemList()
    for problem in table.problems:
        if concerns(problem, chosen):
            problems.pass_on(problem)
    texts = joined_text(table, text_columns)
    skipped = _check_texts(table, texts, text_columns, skip_empty, first_row, problems)
    _check_characters(table, chosen, first_row, problems)
    is_long = annotator_column is not None
    same_texts = keys_told_apart(table, texts, told_by)
    if id_column is not None and is_long:
        _check_ids_of_items(table, id_column, same_texts, skipped, first_row, problems, hints)
    elif id_column is not None:
        _check_ids_of_rows(table, id_column, skipped, first_row, problems)
    named = labels if has_names else []
    counts, unclear = check_label_columns(table, named, is_long, skipped, first_row, problems, hints)
    merged = variants({spelling: number for spelling, number in counts.items() if spelling not in unclear})
    asked = unclear | doubtful(table, counts, unclear, merged)
    own = [name for name in table.columns if name not in (*labels, annotator_column, None if is_long else id_column)]
    keys = item_keys(table, same_texts, id_column, is_long)
    read = label_said if has_names else cell_said
    groups = group_rows(table, keys, texts, labels, annotator_column, own, skipped, first_row, read)
    return Check(
        problems.all(),
        duplicates(texts, same_texts, skipped, first_row),
        counts,
        {spelling: best for spelling, best in merged.items() if spelling not in asked},
        skipped,
        len(table.rows) - len(skipped),
        hints.all(),
        dict(sorted(asked.items(), key=lambda one: -counts[one[0]])),
        groups.repeats,
        groups.conflicts,
        groups.n_conflicts,
        groups.varying,
        _count_annotators(table, annotator_column, skipped),
    )


def _place(table: TableData, name: str) -> int:
    if name not in table.columns:
        raise WorkbenchError(f'There is no column "{name}".', f"Choose one of: {', '.join(table.columns[:10])}.")
    return table.columns.index(name)


def _check_choice(
    table: TableData,
    text_columns: Sequence[str],
    label_columns: Sequence[str],
    id_column: str | None,
    annotator_column: str | None,
) -> None:
    if not text_columns:
        raise WorkbenchError("No text column is chosen.", "Choose the column that contains the text to label.")
    for name in (*text_columns, *label_columns, id_column, annotator_column):
        if name is not None:
            _place(table, name)
    for name in label_columns:
        if name in text_columns:
            text = f'The column "{name}" is chosen both as text and as label, which would give the answer away.'
            raise WorkbenchError(text, "Choose another column for one of them.")
    if id_column is not None and id_column in label_columns:
        raise WorkbenchError(
            f'The column "{id_column}" is chosen both as label and as id.', "Choose another column for one of them."
        )
    if annotator_column is not None and annotator_column in (*text_columns, *label_columns, id_column):
        text = f'The column "{annotator_column}" is chosen as annotator and for something else.'
        raise WorkbenchError(text, "Choose another column for one of them.")
    if annotator_column is not None and not label_columns:
        raise WorkbenchError("No label column is chosen.", "Choose the column that contains the annotators' labels.")


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
            problems.add(text, row, columns[0], "Fill it in, or choose to leave out rows without text.")
    if max(map(len, texts), default=0) > LONGEST_TEXT:
        for index, content in enumerate(texts):
            if len(content) > LONGEST_TEXT:
                row = first_row + index
                text = f"The text of row {row} has {len(content):,} characters; the limit is {LONGEST_TEXT:,}."
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
    return "\x00" not in text and is_storable(text)


def _check_ids_of_rows(
    table: TableData, column: str, skipped: frozenset[int], first_row: int, problems: ProblemList
) -> None:
    """An id is one row's."""
    place = _place(table, column)
    ids = [row[place].strip() for row in table.rows]
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for index, value in enumerate(ids):
        if not value or index in skipped:
            continue
        earlier = first.setdefault(value, index)
        if earlier != index:
            row, other = first_row + index, first_row + earlier
            text = f'Row {row} has the same id "{value[:60]}" as row {other} in column "{column}".'
            hint = "Give each row its own id, import without an id column, or choose the annotator column."
            problems.add(text, row, column, hint)


def _check_ids_of_items(
    table: TableData,
    column: str,
    same_texts: Sequence[str],
    skipped: frozenset[int],
    first_row: int,
    problems: ProblemList,
    hints: ProblemList,
) -> None:
    """Where each row is an annotation, an id may come again with the same text. Of a row without an id it is said where
    its text is that of several items, for it is then one of its own."""
    place = _place(table, column)
    ids = [row[place].strip() for row in table.rows]
    ids_of = ids_by_text(ids, same_texts)
    first: dict[str, int] = {}
    for index, (value, text) in enumerate(zip(ids, same_texts, strict=True)):
        if index in skipped:
            continue
        row = first_row + index
        if not value and len(ids_of.get(text, ())) > 1:
            said = f'Row {row} has no id in column "{column}", and its text belongs to several ids.'
            hints.add(said, row, column, "It becomes a separate item, unless you give it the id of one of them.")
        earlier = first.setdefault(value, index)
        if value and same_texts[earlier] != text:
            said = f'Rows {first_row + earlier} and {row} have the id "{value[:60]}" in column "{column}" but different'
            hint = "Choose the column that is the same in all rows of one item, or none."
            problems.add(f"{said} texts.", row, column, hint)


def _count_annotators(table: TableData, column: str | None, skipped: frozenset[int]) -> dict[str, int]:
    if column is None:
        return {}
    place = _place(table, column)
    values = Counter([tidy(row[place]) for index, row in enumerate(table.rows) if index not in skipped])
    return dict(values.most_common())
