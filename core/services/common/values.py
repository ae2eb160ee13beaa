"""What annotators say, between the numbers that are stored and the words that are shown; each kind knows how."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from core.model import Question, Said
from core.storage import annotations, repeats, tasks, values
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection
from core.storage.repeats import Repeat
from core.tasks import TASKS, TaskKind

_READ_ONE_BY_ONE = 200
"""Values looked up one at a time before all of the question are read at once: a page shows few of many."""


class Sayings(Mapping[int, Said]):
    """What each value that was ever said in a project says, by its id; read as they are asked for, while `conn` lives.

    With `becomes` as it says now that labels have become others.
    """

    def __init__(self, conn: Connection, project_id: int, becomes: Mapping[int, int] | None = None) -> None:
        self._conn, self._question = conn, values.question_of(conn, project_id)
        self._kind, self._names = TASKS[self._question.kind], tasks.label_names(conn, project_id)
        self._becomes = becomes or {}
        self._read: dict[int, Said] = {}
        self._has_all = False
        self._looked_up = 0

    def about(self, item_ids: Collection[int]) -> "Sayings":
        """Itself, with all that was ever said of these items read at once. Of spans and texts there are as many values
        as items, so that for a few items the others are not worth reading."""
        if not self._kind.is_closed and not self._has_all:
            found = values.of_items(self._conn, self._question, item_ids)
            self._read |= {i: self._said(canonical) for i, canonical in found.items() if i not in self._read}
        return self

    def __getitem__(self, value_id: int) -> Said:
        if value_id not in self._read and not self._has_all:
            self._look_up(value_id)
        return self._read[value_id]

    def __iter__(self) -> Iterator[int]:
        self._read_all()
        return iter(self._read)

    def __len__(self) -> int:
        self._read_all()
        return len(self._read)

    def _look_up(self, value_id: int) -> None:
        self._looked_up += 1
        if self._kind.is_closed or self._looked_up > _READ_ONE_BY_ONE:
            self._read_all()
        elif (canonical := values.canonical_of(self._conn, value_id)) is not None:
            self._read[value_id] = self._said(canonical)

    def _read_all(self) -> None:
        if not self._has_all:
            self._has_all = True
            every = values.every(self._conn, self._question)
            self._read = {i: self._said(canonical) for i, canonical in every.items()}

    def _said(self, canonical: str) -> Said:
        return self._kind.said(self._kind.relabelled(self._kind.from_canonical(canonical), self._becomes), self._names)


def kind_of(conn: Connection, project_id: int) -> TaskKind:
    """The kind of question that the project asks."""
    return TASKS[values.question_of(conn, project_id).kind]


def labels_in(conn: Connection, project_id: int) -> dict[int, tuple[int, ...]]:
    """The labels in each value that was ever said in the project, by its id."""
    question = values.question_of(conn, project_id)
    kind = TASKS[question.kind]
    return {i: kind.labels_in(kind.from_canonical(text)) for i, text in values.every(conn, question).items()}


def all_present(conn: Connection, project_id: int) -> Callable[[int], bool]:
    """Tells of a value whether all of its labels are in the task."""
    present, question = {label.id for label in tasks.all_labels(conn, project_id)}, values.question_of(conn, project_id)
    kind = TASKS[question.kind]

    def is_present(value_id: int) -> bool:
        canonical = values.canonical_of(conn, value_id)
        return canonical is not None and present.issuperset(kind.labels_in(kind.from_canonical(canonical)))

    return is_present


def counted_as(conn: Connection, project_id: int) -> Callable[[int], tuple[str, ...]]:
    """Under which names a value counts, where annotations are counted by label: each of its labels once, or what it
    says where it has none."""
    kind, names = kind_of(conn, project_id), tasks.label_names(conn, project_id)
    canonical = values.every(conn, values.question_of(conn, project_id))

    def of(value_id: int) -> tuple[str, ...]:
        value = kind.from_canonical(canonical[value_id])
        return tuple(dict.fromkeys(names[label] for label in kind.labels_in(value))) or (
            kind.without_labels(kind.said(value, names)),
        )

    return of


def strata(conn: Connection, project_id: int) -> dict[int, str]:
    """In which stratum a value is, by its id: that of its label, or of the labels in it, however often and wherever;
    of texts, whether anything was written. Strata of one item each would leave nothing to chance."""
    question = values.question_of(conn, project_id)
    kind, said = TASKS[question.kind], values.every(conn, question)
    if kind.is_closed:
        return said  # not by its number: that comes from the order in which values were first said
    held = {i: kind.from_canonical(text) for i, text in said.items()}
    if kind.writes:
        return {i: "written" if value else "" for i, value in held.items()}
    return {i: str(sorted(set(kind.labels_in(value)))) for i, value in held.items()}


def merged_labels(conn: Connection, project_id: int) -> dict[int, int]:
    """For each label that was merged away, the label of the task that took its place."""
    return {old: new for old, new in tasks.successors(conn, project_id).items() if new is not None}


def of_one_name(conn: Connection, project_id: int) -> dict[int, int]:
    """For each label that shares its name with an earlier one, that one."""
    names = tasks.label_names(conn, project_id)
    first = {name: label for label, name in sorted(names.items(), reverse=True)}
    return {label: first[name] for label, name in names.items() if first[name] != label}


def counting_as(conn: Connection, project_id: int, becomes: Mapping[int, int]) -> dict[int, int]:
    """Which values count as another one, where labels have become others."""
    if not becomes:
        return {}
    question = values.question_of(conn, project_id)
    kind, said = TASKS[question.kind], values.every(conn, question)
    now = {i: kind.canonical(kind.relabelled(kind.from_canonical(text), becomes)) for i, text in said.items()}
    # Where nobody ever said what they have become, the first of them stands for all.
    first = {text: i for i, text in sorted(now.items(), reverse=True)}
    stands = first | {text: i for i, text in said.items() if text in first}
    return {i: stands[text] for i, text in now.items() if stands[text] != i}


def becoming(conn: Connection, project_id: int, becomes: Mapping[int, int]) -> dict[int, int]:
    """For each value with a label that becomes another: the value it becomes, stored where nobody ever said it."""
    question = values.question_of(conn, project_id)
    kind = TASKS[question.kind]
    said = {i: kind.from_canonical(text) for i, text in values.every(conn, question).items()}
    changed = {i: value for i, value in said.items() if set(kind.labels_in(value)) & becomes.keys()}
    then = {i: kind.canonical(kind.relabelled(value, becomes)) for i, value in changed.items()}
    ids = interned(conn, question, dict.fromkeys(then.values()))
    return {i: ids[text] for i, text in then.items()}


def interned(conn: Connection, question: Question, canonical: Iterable[str]) -> dict[str, int]:
    """The ids of these values; those never said before are stored in their order, in the caller's transaction."""
    kind = TASKS[question.kind]
    return values.intern(
        conn, question, dict.fromkeys(canonical), lambda text: Counter(kind.labels_in(kind.from_canonical(text)))
    )


def append(conn: Connection, project_id: int, entries: Sequence[NewAnnotation]) -> None:
    """Append entries to the history, whatever they say."""
    if not entries:
        return
    question = values.question_of(conn, project_id)
    said = dict.fromkeys(entry.value for entry in entries if entry.value is not None)
    voted = dict.fromkeys(value for entry in entries if entry.votes for value in entry.votes)
    annotations.append(conn, question.id, entries, interned(conn, question, said | voted))


def append_repeats(conn: Connection, project_id: int, run_id: int, answers: Collection[Repeat]) -> None:
    """Store single answers of a run, whatever they say."""
    if not answers:
        return
    question = values.question_of(conn, project_id)
    repeats.append(
        conn, run_id, question.id, list(answers), interned(conn, question, dict.fromkeys(one.value for one in answers))
    )
