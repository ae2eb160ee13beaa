"""Several questions about the same items: each has its task, its prompts, its annotators and its figures."""

from collections.abc import Sequence
from dataclasses import replace

from core.conversation import turns
from core.errors import WorkbenchError
from core.model import DEFAULT_FALLBACK, Label, Options, Project, QuestionKind, Task
from core.services.common.lookup import project_of
from core.spelling import fold
from core.storage import items, projects, values
from core.storage.engine import Connection, Database
from core.tasks import TASKS, complete_fallback, complete_labels, propose_labels

_LONGEST = 60
COMPARED = {QuestionKind.PREFERENCE: (2, 2), QuestionKind.RANKING: (2, 9)}
"""How many fields of the items the kinds that compare take, at least and at most; the others take none."""


def of(db: Database, project_id: int) -> list[Project]:
    """What is asked about the items of a project, in the order in which it was added; itself where that is all."""
    with db.read() as conn:
        project_of(conn, project_id)
        return projects.questions(conn, project_id)


def add(
    db: Database, project_id: int, name: str, kind: QuestionKind, names: Sequence[str], candidates: Sequence[str]
) -> int:
    """See `Projects.ask_further`."""
    with db.write() as conn:
        home = project_of(conn, project_of(conn, project_id).home)
        refuse_unless_compared(kind, candidates)
        refuse_unless_text(conn, home, kind)
        task = new_task(kind, names, candidates)
        return beside(conn, home, name, task, source={})


def refuse_unless_compared(kind: QuestionKind, candidates: Sequence[str]) -> None:
    """Raises `WorkbenchError` where it compares more fields, or fewer, than the kind does."""
    fewest, most = COMPARED.get(kind, (0, 0))
    if not fewest <= len(candidates) <= most:
        wanted = f"{fewest}" if fewest == most else f"from {fewest} to {most}"
        raise WorkbenchError(
            f"{TASKS[kind].title}: it compares {wanted} fields of the items, not {len(candidates)}.",
            "Choose the fields that hold the candidates.",
        )


def refuse_unless_text(conn: Connection, home: Project, kind: QuestionKind) -> None:
    """Spans have places in a text, which a conversation stored as messages is not: raises `WorkbenchError` there."""
    first = items.page(conn, home.id, items.ItemFilter(), limit=1)
    if kind is QuestionKind.SPANS and first and turns(first[0].text):
        raise WorkbenchError(
            "Spans are marked in text, and these items are conversations stored as messages.",
            "Import the file again with spans as its question: the text is then the conversation as it reads.",
        )


def beside(conn: Connection, home: Project, name: str, task: Task, source: dict[str, object]) -> int:
    """A further question about the items of `home`, in the caller's transaction. Raises as `named`."""
    if not home.question:
        projects.set_question(conn, home.id, TASKS[values.question_of(conn, home.id).kind].title)
    name = named(conn, home.id, name)
    return projects.create(conn, name, task, source=source, home_id=home.id)


def rename(db: Database, project_id: int, name: str) -> None:
    """See `Projects.name_question`."""
    with db.write() as conn:
        projects.set_question(conn, project_id, named(conn, project_id, name, keep=project_id))


def named(conn: Connection, project_id: int, name: str, keep: int | None = None) -> str:
    """The name of a question, trimmed. Raises `WorkbenchError` where it is empty, too long or another question's."""
    name = " ".join(name.split())
    if not name:
        raise WorkbenchError("The question needs a name.", "Enter a short one, such as “Is it toxic?”.")
    if len(name) > _LONGEST:
        raise WorkbenchError(f"The name of a question has at most {_LONGEST} characters.", "Shorten it.")
    others = {fold(one.question) for one in projects.questions(conn, project_id) if one.id != keep}
    if fold(name) in others:
        raise WorkbenchError(f"There is already a question “{name}”.", "Choose another name.")
    return name


def new_task(kind: QuestionKind, names: Sequence[str] = (), candidates: Sequence[str] = ()) -> Task:
    """A task of the kind with these labels, or with those the kind proposes: levels of a rating from low to high, and
    of a ranking the candidates themselves."""
    names = candidates if kind is QuestionKind.RANKING else names
    proposed = [Label(name, score=score) for name, score in TASKS[kind].proposed]
    labels = propose_labels(names) if names else complete_labels(proposed)
    if names and kind is QuestionKind.RATING:
        labels = tuple(replace(label, score=float(place)) for place, label in enumerate(labels, start=1))
    fallback = complete_fallback(Label(DEFAULT_FALLBACK, is_fallback=True))
    return Task(labels, fallback, type=kind, options=Options(candidates=tuple(candidates)))
