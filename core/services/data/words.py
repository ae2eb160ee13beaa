"""Who says what of which item, read off the label columns of a table."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from core.errors import WorkbenchError
from core.importers import CellKind, Check, read_label
from core.model import Said, TableData
from core.services.data.choice import Conflicts, ImportChoice
from core.services.data.naming import alike, renamed
from core.spelling import fold, tidy, variants

_OWN = ("item_id", "id", "text", "split")
_MARK = "mark"
_PEOPLE = "people"
_SAYS_NOT_WHO = frozenset(
    f"{first}{second}"
    for first in ("", "true ", "correct ", "final ", "human ", "gold ", "my ")
    for second in ("label", "labels", "category", "categories", "class", "target", "tag", "topic", "intent", "y")
) | {"annotation", "answer", "ground truth", "label text", "label name", "class name", "sentiment", "emotion", "genre"}
Words = dict[str, list[tuple[int, Said | None]]]
"""By annotator: `(place of the item, what is said)`, oldest first; None takes back what was said before."""


def words(
    table: TableData, choice: ImportChoice, check: Check, rows: Sequence[int], item_of: Sequence[int | None] | None
) -> Words:
    """What each annotator says; `rows` are the first rows of the items, `item_of` gives each row's item where several
    rows are one. The reference comes first."""
    wanted = set(choice.merge_labels.values())
    proposed = {spelling: label for spelling, label in check.counts_as.items() if spelling not in wanted}
    counts_as = {**proposed, **choice.merge_labels}
    called = annotators_of(table, choice)
    columns: dict[str, Sequence[Said | None]] = {
        called[name]: _said(check.said[name], counts_as) if name in check.said else _labels(table, name, counts_as)
        for name in choice.label_columns
    }
    if choice.annotator_column is not None:
        return _long(table, choice, check, columns, item_of or _places(rows, len(table.rows)))
    if item_of is None:
        return {
            name: [(item, label) for item, row in enumerate(rows) if (label := labels[row]) is not None]
            for name, labels in columns.items()
        }
    if choice.conflicts is Conflicts.KEPT:
        return _joined(columns, item_of)
    heard = [
        (name, item, label)
        for name, all_of in columns.items()
        for item, label in zip(item_of, all_of, strict=True)
        if item is not None and label is not None
    ]
    found = _settled(heard, choice.conflicts)
    return {name: found.get(name, []) for name in columns}


def annotators_of(table: TableData, choice: ImportChoice) -> dict[str, str]:
    """The annotator of each label column, by its name; in a wide export of ours "label:ana" is ana's.

    Raises `WorkbenchError` where two columns are given one annotator.
    """
    columns = choice.label_columns
    if choice.is_long:
        return dict(zip(columns, columns, strict=True))
    given = {name: " ".join(choice.annotator_names.get(name, "").split()) for name in columns}
    called = {name: given[name] or own for name, own in _own_names(table, columns).items()}
    for name, times in Counter(map(fold, called.values())).items():
        if times > 1:
            both = ", ".join(f"“{column}”" for column, who in called.items() if fold(who) == name)
            raise WorkbenchError(f"The columns {both} have the same annotator name.", "Give each its own name.")
    return called


def _own_names(table: TableData, columns: Sequence[str]) -> dict[str, str]:
    if table.columns[: len(_OWN)] != _OWN and not all(name.startswith("label:") for name in columns):
        return dict(zip(columns, columns, strict=True))
    names = [name.removeprefix("label:").strip() or name for name in columns]
    return dict(zip(columns, names if len(set(map(fold, names))) == len(names) else columns, strict=True))


def usual_names(table: TableData, columns: Sequence[str]) -> dict[str, str]:
    """What to call the annotators of these columns: as the columns, but that a column called for what it holds says
    nothing of who gave it."""
    names = _own_names(table, columns)
    nobody = [
        column for column, name in names.items() if column == name and fold(name).replace("_", " ") in _SAYS_NOT_WHO
    ]
    return names if len(nobody) != 1 or _PEOPLE in names.values() else names | {nobody[0]: _PEOPLE}


def _said(said: Sequence[Said | None], counts_as: Mapping[str, str]) -> list[Said | None]:
    """What every row says, with its labels as they are to count."""
    if not counts_as:
        return list(said)

    def counted(one: Said) -> Said | None:
        """Where none of its labels counts, nothing is said: that is not the same as that none applies."""
        return (renamed(one, lambda name: tidy(counts_as.get(name, name))) or None) if one else one

    return [None if one is None else counted(one) for one in said]


def _labels(table: TableData, column: str, counts_as: Mapping[str, str]) -> list[Said | None]:
    """The label of every row, None where there is none."""
    place = table.columns.index(column)
    known: dict[str, Said | None] = {}
    labels = []
    for row in table.rows:
        cell = row[place]
        if cell not in known:
            said = read_label(cell)
            label = said.label if said.kind is CellKind.LABEL else ""
            known[cell] = tidy(counts_as.get(label or cell, label)) or None
        labels.append(known[cell])
    return labels


def _joined(columns: Mapping[str, Sequence[Said | None]], item_of: Sequence[int | None]) -> Words:
    """Rows of one text are one item. What a later row says otherwise is a further annotator's word: "label (2)"."""
    said: Words = {name: [] for name in columns}
    for name, labels in columns.items():
        heard: dict[int, list[Said]] = {}
        for item, label in zip(item_of, labels, strict=True):
            if item is None or label is None or label in heard.setdefault(item, []):
                continue
            heard[item].append(label)
            number = len(heard[item])
            who = name if number == 1 else _free(f"{name} ({number})", columns)
            said.setdefault(who, []).append((item, label))
    return said


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or one that none of the taken ones reads like."""
    used = set(map(fold, taken))
    while fold(name) in used:
        name = f"{name}, once more"
    return name


def _long(
    table: TableData,
    choice: ImportChoice,
    check: Check,
    columns: Mapping[str, Sequence[Said | None]],
    item_of: Sequence[int | None],
) -> Words:
    """One annotator for each name. Of an annotator who changes their mind every word is kept and the last one counts;
    the same word again is no news. In an export of ours with its history an entry without a label takes it back."""
    place = table.columns.index(choice.annotator_column or "")
    same = variants(check.annotators)
    said: Words = {}
    heard: list[tuple[str, int, Said]] = []
    last: dict[tuple[str, int], Said | None] = {}
    for column, labels in columns.items():
        nobody = _free(column, {same.get(who, who) for who in check.annotators if who})
        called = {who: _called(same.get(who, who), column, nobody, len(columns) > 1) for who in check.annotators}
        may_take_back = _taking_back(table, column)
        for number, (row, item, label) in enumerate(zip(table.rows, item_of, labels, strict=True)):
            if item is None or label is None and number not in may_take_back:
                continue
            who = called[tidy(row[place])]
            if label is not None:
                heard.append((who, item, label))
            if last.get((who, item)) != label:
                last[who, item] = label
                said.setdefault(who, []).append((item, label))
    if choice.conflicts is not Conflicts.KEPT:
        said = _settled(heard, choice.conflicts)
    return dict(sorted(said.items(), key=lambda one: -len(one[1])))


def _settled(heard: Sequence[tuple[str, int, Said]], how: Conflicts) -> Words:
    """One word of each annotator on each item, of all that were heard in the order of the rows."""
    by: dict[tuple[str, int], list[Said]] = {}
    for who, item, label in heard:
        by.setdefault((who, item), []).append(label)
    said: Words = {}
    for (who, item), labels in by.items():
        counting = _counting(labels, how)
        if counting is not None:
            said.setdefault(who, []).append((item, counting))
    return said


def _counting(labels: Sequence[Said], how: Conflicts) -> Said | None:
    """The label that counts of these; None where none does."""
    counts = Counter(map(alike, labels)).most_common(2)
    if len(counts) == 1 or how is Conflicts.FIRST:
        return labels[0]
    if how is Conflicts.LAST:
        return labels[-1]
    if how is Conflicts.LEAVE_OUT or counts[0][1] == counts[1][1]:
        return None
    return next(label for label in labels if alike(label) == counts[0][0])


def _taking_back(table: TableData, column: str) -> frozenset[int]:
    """The rows that are an annotator's entry without a label, in a long export of ours."""
    if table.columns[: len(_OWN)] != _OWN or column != "label" or "entry" not in table.columns:
        return frozenset()
    label, entry = table.columns.index(column), table.columns.index("entry")
    entries = ((number, row[entry], row[label]) for number, row in enumerate(table.rows))
    return frozenset(number for number, kind, said in entries if kind not in ("", _MARK) and not said.strip())


def _called(who: str, column: str, nobody: str, is_one_of_several: bool) -> str:
    """The annotator's name; rows that name nobody are the column's own, or what it is called beside a person of that
    very name."""
    if not who:
        return nobody
    return f"{who} · {column}" if is_one_of_several else who


def _places(rows: Sequence[int], n: int) -> list[int | None]:
    places: list[int | None] = [None] * n
    for item, row in enumerate(rows):
        places[row] = item
    return places
