"""Projects: the list, the cards, removing and restoring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import WorkbenchError
from core.model import Annotator, AnnotatorKind, Condition, Estimate, Having, Holds, Project, QuestionKind, Split
from core.services.common import same_rows
from core.services.common.asked import where_in_words
from core.services.common.door import door
from core.services.common.lookup import annotator_of, project_of
from core.services.common.titles import titled, titles
from core.services.projects import conditions, questions
from core.services.projects.conditions import AskedAbout as AskedAbout
from core.storage import annotators, batches, fetches, fine_tunes, projects, runs, studies, tasks
from core.storage.engine import Connection, Database


@dataclass(frozen=True)
class ProjectCard:
    """What the list says of one project.

    `best` is on the validation split, so that it costs no look at test: of several models the best on the items that
    all have labelled, without the luck of having been chosen; a single one as it is. None where there is none, or too
    few items to say. `about` says in words on what that rests, or why there is none.
    """

    project: Project
    task_type: QuestionKind
    items: int
    people: int
    models: int
    last_activity: datetime
    best: tuple[Annotator, Estimate] | None
    about: str
    reference: Annotator | None


@door
class Projects:
    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> list[Project]:
        """Newest first."""
        with self._db.read() as conn:
            return projects.list_all(conn)

    def found(self, words: str = "") -> list[Project]:
        """Those whose name contains all of these words, in any case; the one last worked on first."""
        wanted = words.casefold().split()
        with self._db.read() as conn:
            named = [one for one in projects.list_all(conn) if all(word in one.name.casefold() for word in wanted)]
            return sorted(named, key=lambda one: projects.last_activity(conn, one.id), reverse=True)

    def questions(self, project_id: int) -> list[Project]:
        """What is asked about the items of a project, in the order in which it was added; itself where that is all."""
        return questions.of(self._db, project_id)

    def every_question(self) -> list[Project]:
        """Every project, newest first, each followed by the further questions about its items."""
        with self._db.read() as conn:
            return [one for home in projects.list_all(conn) for one in projects.questions(conn, home.id)]

    def ask_further(
        self,
        project_id: int,
        name: str,
        kind: QuestionKind,
        labels: Sequence[str] = (),
        *,
        candidates: Sequence[str] = (),
    ) -> int:
        """A further question about the same items and splits: a project beside it, with its own task (these labels, or
        those that the kind proposes), prompts, annotators and figures. `candidates` are the fields of the items that it
        compares. Returns its id. Raises `WorkbenchError` for a name that is empty or taken."""
        return questions.add(self._db, project_id, name, kind, labels, candidates)

    def name_question(self, project_id: int, name: str) -> None:
        """Call a question something else. Raises as `ask_further`."""
        questions.rename(self._db, project_id, name)

    def condition(self, project_id: int) -> Condition | None:
        """Where a further question is asked; None: of every item."""
        return conditions.of(self._db, project_id)

    def asked_where(self, project_id: int) -> str:
        """The same in words, such as `only where “Toxic?” is yes`; "" where it is asked of every item."""
        with self._db.read() as conn:
            return where_in_words(conn, project_id)

    def can_decide(self, project_id: int) -> list[Project]:
        """The questions that it can hang on: earlier ones about the same items that are answered with labels, levels,
        an outcome or marks. So no two ever hang on one another."""
        return conditions.can_decide(self._db, project_id)

    def proposed_condition(self, project_id: int) -> Condition | None:
        """What the data suggest: labels of an earlier question, such that its reference gave one of these wherever the
        question's own reference has answered, and no other on ten items at least; None where nothing is so clear, or
        a condition is set."""
        return conditions.proposed(self._db, project_id)

    def condition_holds(self, project_id: int) -> Holds | None:
        """The labels that an answer to the earlier question has to have, as they are by now; None without condition."""
        return conditions.holds(self._db, project_id)

    def ask_only_where(
        self, project_id: int, on: int, labels: Sequence[int] = (), having: Having = Having.ONE_OF
    ) -> None:
        """Ask the question only where the answer to the earlier one, that of project `on`, has one of these labels, by
        id, or what else `having` says. What was answered elsewhere is kept. Raises `WorkbenchError` for a question that
        cannot decide so, and for no label or one it does not have."""
        conditions.put(self._db, project_id, on, labels, having)

    def ask_always(self, project_id: int) -> None:
        """Ask the question of every item again."""
        conditions.drop(self._db, project_id)

    def asked_about(
        self, project_id: int, on: int, labels: Sequence[int] = (), having: Having = Having.ONE_OF
    ) -> AskedAbout:
        """Of how many items it would be asked so, by the reference of the earlier question. Raises as
        `ask_only_where`."""
        return conditions.about(self._db, project_id, on, labels, having)

    def removed(self) -> list[Project]:
        """Those taken off the list, the last one removed first; `restore` brings each back."""
        with self._db.read() as conn:
            return projects.list_archived(conn)

    def get(self, project_id: int) -> Project:
        with self._db.read() as conn:
            return project_of(conn, project_id)

    def card(self, project_id: int) -> ProjectCard:
        with self._db.read() as conn:
            project = project_of(conn, project_id)
            counts = projects.counts(conn, project_id)
            everyone = annotators.list_all(conn, project_id)
            reference = next((a for a in everyone if a.id == project.reference_id), None)
            trials = annotators.trials_among(conn, project_id)
            named = [one for one in titled(conn, project_id).values() if one.id not in trials]
            models = [one for one in named if one.kind is AnnotatorKind.MODEL]
            best, about = _best(conn, reference, models)
            return ProjectCard(
                project=project,
                task_type=tasks.task(conn, project_id).type,
                items=counts["items"],
                people=counts.get("person", 0) + counts.get("imported", 0),
                models=counts.get("model", 0) - len(trials),
                last_activity=projects.last_activity(conn, project_id),
                best=best,
                about=about,
                reference=reference,
            )

    def annotators(self, project_id: int) -> list[Annotator]:
        with self._db.read() as conn:
            return annotators.list_all(conn, project_id)

    def titles(self, project_id: int) -> dict[int, str]:
        """What to call each annotator, by id: no two the same."""
        with self._db.read() as conn:
            return titles(annotators.list_all(conn, project_id))

    def annotated_counts(self, project_id: int) -> dict[int, int]:
        """Items with a current label, by annotator id."""
        with self._db.read() as conn:
            return annotators.annotated_counts(conn, project_id)

    def set_reference(self, project_id: int, annotator_id: int) -> None:
        with self._db.write() as conn:
            annotator_of(conn, annotator_id)
            projects.set_reference(conn, project_id, annotator_id)

    def name_for(self, wanted: str) -> str:
        """A name that is free: the one wanted, numbered where another project has it."""
        with self._db.read() as conn:
            return first_free(conn, wanted, "{} {}")

    def rename(self, project_id: int, name: str) -> None:
        with self._db.write() as conn:
            projects.set_name(conn, project_id, free_name(conn, name, keep=project_id))

    def remove(self, project_id: int) -> int:
        """Take the project off the list; nothing is deleted, see `restore`.

        What would go on spending unseen is told to stop: returns how many runs and fine-tunes those are. Raises
        `WorkbenchError` for a further question where others are asked by what is answered to it.
        """
        with self._db.write() as conn:
            is_home = project_of(conn, project_id).home_id is None
            if not is_home:
                conditions.refuse_while_others_hang(conn, project_id)
            asked = [one.id for one in projects.questions(conn, project_id)] if is_home else [project_id]
            projects.set_archived(conn, project_id, True)
            return sum(_stop_all(conn, one) for one in asked)

    def restore(self, project_id: int) -> None:
        """Undo `remove`. Where another project took the name meanwhile, this one gets a number behind it. Raises
        `WorkbenchError` for a question that hangs on one, or on labels, removed meanwhile."""
        with self._db.write() as conn:
            project = project_of(conn, project_id)
            conditions.refuse_unless_decided(conn, project_id)
            if project.home_id is None:
                projects.set_name(conn, project_id, first_free(conn, project.name, "{} ({})", keep=project_id))
            projects.set_archived(conn, project_id, False)


def _stop_all(conn: Connection, project_id: int) -> int:
    """Tell whatever is under way to stop; gives how many runs and fine-tunes that are."""
    stopped = runs.request_cancel_of_all(conn, project_id)
    batches.cancel_at_host_all(conn, project_id)
    fetches.request_cancel_of_all(conn, project_id)
    studies.request_cancel_of_all(conn, project_id)
    return stopped + fine_tunes.request_cancel_of_all(conn, project_id)


def _best(
    conn: Connection, reference: Annotator | None, models: Sequence[Annotator]
) -> tuple[tuple[Annotator, Estimate] | None, str]:
    if reference is None:
        return None, ""
    rows = same_rows.of_annotators(conn, reference.project_id, reference.id, models, Split.VALIDATION)
    ranking = rows.ranking
    if not ranking.members:
        return None, ""
    items = f"{ranking.n:,} validation {'item' if ranking.n == 1 else 'items'}"
    many = len(ranking.members)
    if many == 1:
        only = rows.candidates[ranking.members[0]]
        return (only, ranking.scores[0]), f"accuracy against {reference.name} on {items}"
    if rows.best is None:
        return None, f"{many} models have labelled the same {items}: too few to call one best"
    told = "best" if not rows.unbeaten else "highest, though not distinguishable from all others,"
    return (
        rows.best,
        f"{told} of {many} models on the same {items} against {reference.name}, corrected for being chosen",
    )


def free_name(conn: Connection, name: str, keep: int | None = None) -> str:
    """The name trimmed. Raises `WorkbenchError` where it is empty or taken by another project."""
    name = " ".join(name.split())
    if not name:
        raise WorkbenchError("The project needs a name.", "Enter one.")
    if not _is_free(conn, name, keep):
        raise WorkbenchError(f"There is already a project “{name}”.", "Choose another name.")
    return name


def first_free(conn: Connection, name: str, numbered: str, keep: int | None = None) -> str:
    """The name trimmed, or the first of those with a number that no other project has."""
    name = " ".join(name.split())
    taken = {one.name.casefold() for one in projects.list_all(conn) if one.id != keep}
    names = (name, *(numbered.format(name, i) for i in range(2, len(taken) + 2)))
    return next(one for one in names if one.casefold() not in taken)


def _is_free(conn: Connection, name: str, keep: int | None) -> bool:
    taken = projects.by_name(conn, name)
    return taken is None or taken.id == keep
