"""What a fine-tune would learn from where one answer holds several questions: each line answers all that are asked.

An item is a line if every question that is asked of it is answered, each by its teacher. Where a question hangs on
another, the very answers of the line decide whether it is asked: a question that is not asked has no property in the
line's answer, which is how the tuned model is then read. An item of which an answer is missing is no line, since that
line would teach to leave the question out; how many there are is said question by question.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from core.errors import WorkbenchError
from core.model import Annotator, AnnotatorKind, Said, Split
from core.said import labels_of
from core.services.asking.at_once import AtOnce
from core.services.common.asked import where_in_words
from core.services.common.lookup import annotator_of, project_of
from core.services.common.stamps import stamp
from core.services.common.values import Sayings
from core.services.learning.training_set import Row
from core.storage import annotators, conditions, items, tasks
from core.storage.engine import Connection
from core.tasks import TASKS, is_of
from core.tasks.together import Part

Answered = dict[int, dict[str, Said]]
"""By item what is said to each question that is asked of it, by the question's key."""


@dataclass(frozen=True)
class Asked:
    """One of the questions: who teaches it, and of which items it is asked, `where` in words. `only` is the key of the
    question it hangs on, with the names of the labels that count there."""

    project_id: int
    part: Part
    teacher: Annotator | None
    only: tuple[str, frozenset[str]] | None = None
    where: str = ""

    def labels(self, said: Said) -> tuple[str, ...]:
        """The labels that are in what is said to it; a text that somebody wrote has none."""
        return () if TASKS[self.part.task.type].writes else labels_of(said)

    def says_fallback(self, answered: Mapping[str, Said]) -> bool:
        """Whether it is answered with the fallback, by its label."""
        nothing = TASKS[self.part.task.type].fallback(self.part.task)
        return answered.get(self.part.key) == nothing and bool(self.labels(nothing))


@dataclass(frozen=True)
class JointSplit:
    """The lines of a split: their rows, and what each answers. `lacking` counts for each question the items that are
    left out since its answer is missing, `fallbacks` those that answer it with the fallback."""

    rows: list[Row]
    answered: Answered
    lacking: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)

    def where(self, is_kept: Callable[[dict[str, Said]], bool]) -> "JointSplit":
        """With the lines alone whose answers are kept."""
        rows = [row for row in self.rows if is_kept(self.answered[row[0]])]
        return replace(self, rows=rows)

    def said_to(self, key: str) -> Iterator[tuple[Row, Said]]:
        """The lines that answer a question, with what they say to it."""
        return ((row, answered[key]) for row in self.rows if key in (answered := self.answered[row[0]]))


def asked_at_once(conn: Connection, annotator_id: int, together: AtOnce) -> tuple[Asked, ...]:
    """The questions, each with its teacher: whoever is of the same kind and name as the annotator of the own question,
    or else the question's reference. Raises `WorkbenchError` where the own question hangs on another."""
    own = annotator_of(conn, annotator_id)
    if where := where_in_words(conn, own.project_id):
        raise WorkbenchError(
            f"This question is asked {where}, so all questions cannot be taught from here at once.",
            "Teach them at once from a question that is asked of every item.",
        )
    keys = dict(zip(together.project_ids, (part.key for part in together.parts), strict=True))
    found = []
    for project_id, part in zip(together.project_ids, together.parts, strict=True):
        condition = conditions.of(conn, project_id)
        only = None
        if condition is not None:
            names = tasks.label_names(conn, condition.on)
            only = keys[condition.on], frozenset(names[label] for label in condition.labels)
        where = where_in_words(conn, project_id)
        found.append(Asked(project_id, part, _teacher(conn, own, project_id), only, where))
    return tuple(found)


def stamp_of_all(conn: Connection, project_id: int, together: AtOnce) -> str:
    """Changes whenever anybody says something new, or any of the questions becomes another."""
    chosen = [(project_of(conn, one).reference_id, conditions.of(conn, one)) for one in together.project_ids]
    return f"{stamp(conn, project_id)} {together.parts} {chosen}"


def _teacher(conn: Connection, own: Annotator, project_id: int) -> Annotator | None:
    if own.project_id == project_id:
        return own
    everyone = annotators.list_all(conn, project_id)
    same = next((one for one in everyone if (one.kind, one.name) == (own.kind, own.name)), None)
    if own.kind is AnnotatorKind.MODEL:
        same = same or next((one for one in everyone if _is_same_model(one, own)), None)
    reference = project_of(conn, project_id).reference_id
    return same or next((one for one in everyone if one.id == reference), None)


def _is_same_model(one: Annotator, own: Annotator) -> bool:
    return (one.host, one.model, one.prompt_version_id) == (own.host, own.model, own.prompt_version_id)


def joint_split(conn: Connection, asked: tuple[Asked, ...], split: Split, but: Iterable[int]) -> JointSplit:
    """The lines of a split, without the items in `but`."""
    rows: dict[int, Row] = {}
    said: dict[str, dict[int, Said]] = {}
    for one in asked:
        answers = _answers(conn, one, split)
        rows |= {row[0]: row for row, _ in answers}
        said[one.part.key] = {row[0]: what for row, what in answers}
    made = JointSplit([], {})
    for item_id in sorted(rows.keys() - set(but)):
        answered, lacking = _of_item(asked, {key: held[item_id] for key, held in said.items() if item_id in held})
        made.lacking.update(lacking)
        if not lacking and answered:
            made.rows.append(rows[item_id])
            made.answered[item_id] = answered
            made.fallbacks.update(one.part.key for one in asked if one.says_fallback(answered))
    return made


def _answers(conn: Connection, one: Asked, split: Split) -> list[tuple[Row, Said]]:
    """What its teacher answers with the labels that the question has now."""
    if one.teacher is None:
        return []
    task, kind = one.part.task, TASKS[one.part.task.type]
    words, rows = Sayings(conn, one.project_id), items.labelled_in(conn, one.project_id, one.teacher.id, split)
    nothing = None if kind.says_fallback else kind.fallback(task)
    found = ((row, words[row[3]]) for row in rows)
    return [(row, what) for row, what in found if is_of(task, what) and what != nothing]


def _of_item(asked: tuple[Asked, ...], said: Mapping[str, Said]) -> tuple[dict[str, Said], list[str]]:
    """What is said to each question that is asked of an item, and to which of them nothing is."""
    answered: dict[str, Said] = {}
    lacking = []
    for one in asked:  # a question hangs on one before it
        if one.only is not None:
            on, names = one.only
            if on not in answered or names.isdisjoint(labels_of(answered[on])):
                continue
        if one.part.key in said:
            answered[one.part.key] = said[one.part.key]
        else:
            lacking.append(one.part.key)
    return answered, lacking
