"""Data: importing all or nothing, splitting, browsing, and what is in there."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import WorkbenchError
from core.importers import Check, best_spelling, check_rows, joined_text
from core.model import DEFAULT_FALLBACK, AnnotatorKind, Item, Label, Problem, TableData, Task
from core.services.common.door import door
from core.services.common.lookup import ensure_annotator, ensure_searchable, project_of
from core.services.projects.projects import free_name
from core.splits import Shares, assign_splits, group_near_duplicates
from core.storage import annotations, annotators, fine_tunes, items, projects
from core.storage.engine import Connection, Database, now
from core.storage.items import ItemFilter
from core.tasks import MAX_LABELS, complete_fallback, fold, is_fallback_name, propose_labels

Progress = Callable[[float], None]
_CHUNK = 20_000


@dataclass(frozen=True)
class ImportChoice:
    """How a table becomes a project. Each label column becomes one `imported` annotator, the first the reference.

    `merge_labels` maps a spelling in the file to the one it should count as. Rows with the text of an earlier row are
    left out unless `keep_duplicates`.
    """

    name: str
    text_columns: tuple[str, ...]
    label_columns: tuple[str, ...] = ()
    id_column: str | None = None
    merge_labels: Mapping[str, str] = field(default_factory=dict)
    keep_duplicates: bool = False
    skip_empty: bool = False
    first_row: int = 2


@dataclass(frozen=True)
class SplitFacts:
    """How the items are dealt. `locked` says why the shares cannot be changed any more; empty while they can."""

    counts: Mapping[str, int]
    seed: int
    shares: Shares
    near_duplicates: int
    stratified_by: str
    looks: int
    locked: str


@dataclass(frozen=True)
class ItemPage:
    """One screenful of a filtered list: its items, how many match in all, and how many of those come before."""

    items: tuple[Item, ...]
    total: int
    before: int

    @property
    def has_next(self) -> bool:
        return self.before + len(self.items) < self.total


@door
class Data:
    def __init__(self, db: Database) -> None:
        self._db = db

    def check(self, table: TableData, choice: ImportChoice) -> Check:
        """What stands in the way of importing this table so; see `core.importers.check_rows`."""
        first = choice.label_columns[0] if choice.label_columns else None
        options = {"skip_empty": choice.skip_empty, "first_row": choice.first_row}
        check = check_rows(table, choice.text_columns, first, choice.id_column, **options)  # type: ignore[arg-type]
        problems, counts = list(check.problems), Counter(check.label_counts)
        for column in choice.label_columns[1:]:
            other = check_rows(table, choice.text_columns, column, choice.id_column, **options)  # type: ignore[arg-type]
            problems += [problem for problem in other.problems if problem not in problems]
            counts += Counter(other.label_counts)
        if len(choice.label_columns) > 1:
            problems += _too_many_labels(counts)
        ordered = dict(counts.most_common())
        return Check(tuple(problems), check.duplicates, ordered, _spellings(ordered), check.skipped, check.n_rows)

    def import_table(
        self,
        table: TableData,
        choice: ImportChoice,
        *,
        task: Task | None = None,
        is_demo: bool = False,
        progress: Progress = lambda share: None,
    ) -> int:
        """A new project with these items and labels, all or nothing; returns its id.

        Labels are proposed from the label columns unless a `task` is given. Raises `WorkbenchError` with the first
        problem of `check` where there is any. Splits are dealt separately: see `split`.
        """
        check = self.check(table, choice)
        if not check.ok:
            raise WorkbenchError(check.problems[0].message, check.problems[0].hint)
        rows = _kept_rows(table, choice, check)
        columns = {name: _label_column(table, name, choice) for name in choice.label_columns}
        task = task or _proposed_task(columns, rows)
        with self._db.write() as conn:
            name = free_name(conn, choice.name)
            source = {"about": table.about, "text": choice.text_columns, "labels": choice.label_columns}
            project_id = projects.create(conn, name, task, is_demo=is_demo, source=source)
            ids = _insert_items(conn, project_id, table, choice, rows, progress)
            for column, values in columns.items():
                _insert_labels(conn, project_id, column, [values[row] for row in rows], ids)
                progress(1.0)
            return project_id

    def split(
        self, project_id: int, shares: Shares | None = None, seed: int = 0, progress: Progress = lambda share: None
    ) -> SplitFacts:
        """Deal all items anew. Raises `WorkbenchError` once a fine-tune has learned from the present splits.

        Worked examples of saved prompts stay in train with their near-duplicates: who has seen them cannot be measured
        on them.
        """
        shares = shares or Shares()
        with self._db.read() as conn:
            project = project_of(conn, project_id)
            _refuse_if_locked(conn, project_id)
            rows = list(items.texts(conn, project_id))
            labels = annotations.label_ids_of(conn, project.reference_id) if project.reference_id else {}
            shown = {one.item_id for version in annotators.versions(conn, project_id) for one in version.examples}
        ids = [item_id for item_id, _ in rows]
        groups = group_near_duplicates([text for _, text in rows], lambda share: progress(0.8 * share))
        kept = {place for place, item_id in enumerate(ids) if item_id in shown}
        splits = assign_splits([labels.get(item_id) for item_id in ids], groups, shares, seed, kept)
        progress(0.9)
        with self._db.write() as conn:
            _refuse_if_locked(conn, project_id)
            dealt = [
                (str(split), None if group is None else ids[group], item_id)
                for split, group, item_id in zip(splits, groups, ids, strict=True)
            ]
            items.set_splits(conn, dealt)
            projects.set_split(
                conn,
                project_id,
                seed,
                {
                    "shares": shares.as_tuple(),
                    "near_duplicates": sum(group is not None for group in groups),
                    "stratified_by": project.reference_id,
                    "dealt": now(),
                },
            )
        progress(1.0)
        return self.split_facts(project_id)

    def split_facts(self, project_id: int) -> SplitFacts:
        with self._db.read() as conn:
            project = project_of(conn, project_id)
            config = projects.split_config(conn, project_id) or {}
            by = annotators.get(conn, config["stratified_by"]) if config.get("stratified_by") else None
            return SplitFacts(
                counts=items.split_counts(conn, project_id),
                seed=project.split_seed,
                shares=Shares(*config["shares"]) if config else Shares(),
                near_duplicates=config.get("near_duplicates", 0),
                stratified_by=by.name if by else "",
                looks=fine_tunes.look_count(conn, project_id),
                locked=_lock_reason(conn, project_id),
            )

    # browsing

    def page(self, project_id: int, where: ItemFilter, *, after: int = 0, limit: int = 50) -> list[Item]:
        """The next items of a filtered list; pass the last id seen as `after`."""
        if where.search.strip():
            ensure_searchable(self._db, project_id)
        with self._db.read() as conn:
            return items.page(conn, project_id, where, after=after, limit=limit)

    def window(
        self, project_id: int, where: ItemFilter, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> ItemPage:
        """The items after id `after`, or those just before id `before`, and where they stand in the whole list."""
        if where.search.strip():
            ensure_searchable(self._db, project_id)
        with self._db.read() as conn:
            found = items.page(conn, project_id, where, after=after, before=before, limit=limit)
            total = items.count(conn, project_id, where)
            earlier = items.count(conn, project_id, where, before=found[0].id) if found and (after or before) else 0
            return ItemPage(tuple(found), total, earlier)

    def count(self, project_id: int, where: ItemFilter = ItemFilter()) -> int:  # noqa: B008 - frozen
        if where.search.strip():
            ensure_searchable(self._db, project_id)
        with self._db.read() as conn:
            return items.count(conn, project_id, where)

    def labels_of(self, project_id: int, item_ids: Sequence[int]) -> dict[int, dict[int, str]]:
        """Current label name by item id and annotator id."""
        with self._db.read() as conn:
            names = projects.label_names(conn, project_id)
            found = annotations.current_of(conn, item_ids, names)
            return {item: {a: x.label or "" for a, x in by.items()} for item, by in found.items()}

    def label_distribution(self, project_id: int, annotator_id: int) -> list[tuple[str, str, int]]:
        """`(split, label, items)` of one annotator's current labels."""
        with self._db.read() as conn:
            names = projects.label_names(conn, project_id)
            counts = items.label_counts_by_split(conn, project_id, annotator_id)
            return [(split, names[label_id], number) for split, label_id, number in counts]

    def text_lengths(self, project_id: int, width: int = 20) -> list[tuple[int, int]]:
        with self._db.read() as conn:
            return items.text_lengths(conn, project_id, width)

    def near_duplicates(self, project_id: int, limit: int = 20) -> list[list[Item]]:
        """Groups of near-identical items, largest first."""
        with self._db.read() as conn:
            groups = items.duplicate_groups(conn, project_id, limit)
            return [items.group_members(conn, project_id, group) for group, _ in groups]


def _lock_reason(conn: Connection, project_id: int) -> str:
    if fine_tunes.any_started(conn, project_id):
        return "A fine-tune has learned from these splits; dealing anew would leak test items into training."
    return ""


def _refuse_if_locked(conn: Connection, project_id: int) -> None:
    reason = _lock_reason(conn, project_id)
    if reason:
        raise WorkbenchError(reason, "Import the data as a new project to split it otherwise.")


def _spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """For every spelling that no task could hold beside another, the one it should count as: the most frequent."""
    groups: dict[str, Counter[str]] = {}
    for spelling, number in counts.items():
        groups.setdefault(fold(spelling), Counter())[" ".join(spelling.split())] += number
    best = {key: best_spelling(found) for key, found in groups.items()}
    return {spelling: best[fold(spelling)] for spelling in counts if spelling != best[fold(spelling)]}


def _too_many_labels(counts: Mapping[str, int]) -> list[Problem]:
    distinct = len({fold(spelling) for spelling in counts})
    if distinct <= MAX_LABELS:
        return []
    text = f"The label columns hold {distinct:,} different labels together; the most is {MAX_LABELS}."
    return [Problem(text, hint="Choose fewer label columns.")]


def _kept_rows(table: TableData, choice: ImportChoice, check: Check) -> list[int]:
    """Indices of the rows to import."""
    if not check.skipped and (choice.keep_duplicates or not check.duplicates):
        return list(range(len(table.rows)))
    seen: set[str] = set()
    kept = []
    for index, text in enumerate(joined_text(table, choice.text_columns)):
        if index in check.skipped or (text in seen and not choice.keep_duplicates):
            continue
        seen.add(text)
        kept.append(index)
    return kept


def _label_column(table: TableData, name: str, choice: ImportChoice) -> list[str]:
    place = table.columns.index(name)
    merged = choice.merge_labels
    tidy: dict[str, str] = {}
    values = []
    for row in table.rows:
        cell = row[place]
        if cell not in tidy:
            tidy[cell] = " ".join(merged.get(cell, cell).split())
        values.append(tidy[cell])
    return values


def _proposed_task(columns: Mapping[str, Sequence[str]], rows: Sequence[int]) -> Task:
    names: dict[str, None] = {}
    for values in columns.values():
        names |= dict.fromkeys(values[row] for row in rows)
    found = [name for name in names if name]
    fallback = next((Label(name, is_fallback=True) for name in found if is_fallback_name(name)), None)
    fallback = fallback or Label(DEFAULT_FALLBACK, is_fallback=True)
    chosen = propose_labels([name for name in found if name != fallback.name], fallback)
    return Task(tuple(label for label in chosen if not label.is_fallback), complete_fallback(fallback))


def _insert_items(
    conn: Connection,
    project_id: int,
    table: TableData,
    choice: ImportChoice,
    rows: Sequence[int],
    progress: Progress,
) -> range:
    texts = joined_text(table, choice.text_columns)
    used = {*choice.text_columns, *choice.label_columns, choice.id_column}
    others = [(name, place) for place, name in enumerate(table.columns) if name not in used]
    id_place = table.columns.index(choice.id_column) if choice.id_column else None
    occurrences: Counter[str] = Counter()
    first: int | None = None
    for start in range(0, len(rows), _CHUNK):
        batch = []
        for index in rows[start : start + _CHUNK]:
            row, text = table.rows[index], texts[index]
            fields = json.dumps({name: row[place] for name, place in others}, ensure_ascii=False) if others else None
            key = hashlib.blake2b(f"{text}\x1f{fields or ''}".encode(), digest_size=16).hexdigest()
            if choice.keep_duplicates:
                occurrences[key] += 1
                key = key if occurrences[key] == 1 else f"{key}-{occurrences[key]}"
            batch.append((project_id, key, row[id_place] if id_place is not None else "", text, fields))
        ids = items.insert_many(conn, batch)
        first = ids.start if first is None else first
        progress(0.9 * min(1.0, (start + _CHUNK) / len(rows)))
    return range(first or 0, (first or 0) + len(rows))


def _insert_labels(conn: Connection, project_id: int, column: str, values: Sequence[str], ids: range) -> None:
    by_name = {fold(label.name): label.id for label in projects.all_labels(conn, project_id)}
    ids_of = {value: by_name.get(fold(value)) for value in set(values) if value}
    unknown = {value for value, label_id in ids_of.items() if label_id is None}
    if unknown:
        named = ", ".join(sorted(unknown)[:3])
        raise WorkbenchError(f"The column “{column}” holds labels the task does not have: {named}.", "Add them first.")
    annotator = ensure_annotator(conn, project_id, AnnotatorKind.IMPORTED, column)
    if project_of(conn, project_id).reference_id is None:
        projects.set_reference(conn, project_id, annotator)
    pairs = [(item, ids_of[value]) for item, value in zip(ids, values, strict=True) if value]
    annotations.append_labels(conn, annotator, pairs, reason=None)  # type: ignore[arg-type]
