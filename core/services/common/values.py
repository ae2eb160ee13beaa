"""What annotators say, between the numbers that are stored and the words that are shown; each kind knows how."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from core.model import Question
from core.storage import annotations, repeats, tasks, values
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection
from core.storage.repeats import Repeat
from core.tasks import TASKS


def words_of(conn: Connection, project_id: int, becomes: Mapping[int, int] | None = None) -> dict[int, str]:
    """What each value that was ever said in the project says in words, by its id; with `becomes` as it says now that
    labels have become others."""
    question = values.question_of(conn, project_id)
    kind, names, becomes = TASKS[question.kind], tasks.label_names(conn, project_id), becomes or {}
    said = {i: kind.from_canonical(text) for i, text in values.every(conn, question).items()}
    return {i: kind.words(kind.relabelled(value, becomes), names) for i, value in said.items()}


def labels_in(conn: Connection, project_id: int) -> dict[int, tuple[int, ...]]:
    """The labels in each value that was ever said in the project, by its id."""
    question = values.question_of(conn, project_id)
    kind = TASKS[question.kind]
    return {i: kind.labels_in(kind.from_canonical(text)) for i, text in values.every(conn, question).items()}


def present_words(conn: Connection, project_id: int) -> dict[int, str]:
    """As `words_of`, of the values alone all of whose labels are in the task."""
    present, labels = {label.id for label in tasks.all_labels(conn, project_id)}, labels_in(conn, project_id)
    return {i: said for i, said in words_of(conn, project_id).items() if present.issuperset(labels[i])}


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
        conn, question, {text: Counter(kind.labels_in(kind.from_canonical(text))) for text in canonical}
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
