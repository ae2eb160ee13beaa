"""All that is asked about the items of a project as one file, and projects and questions made from such a file."""

from collections.abc import Mapping, Sequence

from core.errors import WorkbenchError
from core.model import Condition, Project, QuestionKind, Task
from core.plural import count
from core.services.common.asked import having_in_words
from core.services.common.door import door
from core.services.common.lookup import project_of
from core.services.projects import conditions, questions
from core.services.projects.projects import first_free, free_name
from core.spelling import fold
from core.storage import conditions as stored_conditions
from core.storage import items, projects, tasks, values
from core.storage.engine import Connection, Database
from core.tasks import (
    TASKS,
    AskedQuestion,
    AskedWhere,
    TaskFile,
    check_task,
    task_file_from_json,
    task_file_to_json,
)


@door
class TaskFiles:
    def __init__(self, db: Database) -> None:
        self._db = db

    def written(self, project_id: int) -> str:
        """What is asked about the project's items: all questions in their order, each with its labels, options,
        guidelines and condition, and how the items are shown. `make` makes an equal project of it."""
        with self._db.read() as conn:
            home = project_of(conn, project_of(conn, project_id).home)
            asked = projects.questions(conn, home.id)
            told = tuple(_asked(conn, one, asked) for one in asked)
            return task_file_to_json(TaskFile(told, home.layout, home.name))

    def read(self, text: str) -> TaskFile:
        """What the file asks; nothing is stored. Raises `WorkbenchError` naming what is wrong with it."""
        return task_file_from_json(text)

    def name_for(self, text: str, otherwise: str) -> str:
        """A free name for the project that is made of it: the one in the file, or this."""
        with self._db.read() as conn:
            return first_free(conn, task_file_from_json(text).title or otherwise, "{} {}")

    def make(self, text: str, name: str) -> int:
        """A new project that asks what the file asks, without items yet: they come with the first file that is added.
        Returns its id. All or nothing: raises `WorkbenchError` for what no project can ask, and a name that is
        taken."""
        file = task_file_from_json(text)
        with self._db.write() as conn:
            first, *others = file.questions
            task = _settled(first)
            home_id = projects.create(conn, free_name(conn, name), task, source={})
            if first.name or others:
                projects.set_question(conn, home_id, questions.named(conn, home_id, first.name, keep=home_id))
            if file.layout:
                _refuse_odd_layout(file)
                projects.set_layout(conn, home_id, file.layout)
            _add(conn, project_of(conn, home_id), file, {0: home_id})
            return home_id

    def not_asked(self, project_id: int, text: str) -> list[str]:
        """The questions of a file, by name, that are not asked about the project's items: those that `ask_others`
        adds."""
        file = task_file_from_json(text)
        with self._db.read() as conn:
            here = _here(conn, project_id, file)
        return [one.name for place, one in enumerate(file.questions) if place not in here]

    def ask_others(self, project_id: int, text: str) -> list[int]:
        """Ask, of the same items, the questions of a file that are not asked yet, with their conditions; those that are
        asked stay as they are. Returns their ids. All or nothing: raises as `make`, and where a condition names a label
        that the question which is here has not."""
        file = task_file_from_json(text)
        with self._db.write() as conn:
            home = project_of(conn, project_of(conn, project_id).home)
            here = _here(conn, project_id, file)
            _name_home(conn, home, file, here)
            return _add(conn, project_of(conn, home.id), file, here)


def _asked(conn: Connection, one: Project, asked: Sequence[Project]) -> AskedQuestion:
    task, condition = tasks.task(conn, one.id), stored_conditions.of(conn, one.id)
    if condition is None:
        return AskedQuestion(one.question, task)
    place = next((place for place, other in enumerate(asked) if other.id == condition.on), None)
    names = {label.id: label.name for label in tasks.all_labels(conn, condition.on)}
    labels = tuple(name for label, name in names.items() if label in condition.labels)
    # With neither there would be nothing to hang on: a question is not removed while another hangs on it.
    hangs = place is not None and (labels or condition.having.labels == 0)
    return AskedQuestion(one.question, task, AskedWhere(place or 0, labels, condition.having) if hangs else None)


def _settled(asked: AskedQuestion) -> Task:
    """Its task as it is stored. Raises `WorkbenchError` with the first thing wrong with it."""
    task, named = asked.task, f"Question “{asked.name}”: " if asked.name else ""
    questions.refuse_unless_compared(task.type, _compared(task))
    problem = next(iter(check_task(task)), None)
    if problem:
        raise WorkbenchError(f"{named}{problem.message}", problem.hint)
    return task


def _compared(task: Task) -> Sequence[str]:
    """The fields of the items that it compares, which the labels of a ranking are called after."""
    is_ranking = task.type is QuestionKind.RANKING
    return task.options.candidates or (tuple(one.name for one in task.labels) if is_ranking else ())


def _refuse_odd_layout(file: TaskFile) -> None:
    names = [one.name for one in file.layout]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise WorkbenchError(f"The layout of the file shows the field “{twice or 'text'}” twice.", "Show it once.")
    if all(one.folded for one in file.layout):
        raise WorkbenchError("The layout of the file folds every field.", "Leave at least one open.")


def _here(conn: Connection, project_id: int, file: TaskFile) -> dict[int, int]:
    """The questions of the file that are asked already, as projects by their places in it: those of the same name; or
    where only one is asked, which has no name, the first of its kind."""
    asked = projects.questions(conn, project_of(conn, project_id).home)
    by_name = {fold(one.question): one.id for one in asked if one.question}
    here = {place: by_name[fold(one.name)] for place, one in enumerate(file.questions) if fold(one.name) in by_name}
    if not here and len(asked) == 1:
        kind = values.question_of(conn, asked[0].id).kind
        first = next((place for place, one in enumerate(file.questions) if one.task.type is kind), None)
        return {} if first is None else {first: asked[0].id}
    return here


def _name_home(conn: Connection, home: Project, file: TaskFile, here: Mapping[int, int]) -> None:
    """The only question takes the name it has in the file."""
    place = next((place for place, one in here.items() if one == home.id), None)
    if not home.question and place is not None and file.questions[place].name:
        named = questions.named(conn, home.id, file.questions[place].name, keep=home.id)
        projects.set_question(conn, home.id, named)


def _add(conn: Connection, home: Project, file: TaskFile, here: Mapping[int, int]) -> list[int]:
    """The questions of the file that are not here, and their conditions."""
    ids, added = dict(here), list[int]()
    fields = set(items.field_names(conn, home.id))
    for place, asked in enumerate(file.questions):
        if place in here:
            continue
        task = _settled(asked)
        gone = next((name for name in _compared(task) if fields and name not in fields), None)
        if gone is not None:
            raise WorkbenchError(
                f"Question “{asked.name}” compares the field “{gone}”, which the items do not have.",
                f"They have {', '.join(sorted(fields))}.",
            )
        questions.refuse_unless_text(conn, home, task.type)
        ids[place] = questions.beside(conn, home, asked.name, task, source={})
        added.append(ids[place])
        if asked.where:
            stored_conditions.put(conn, ids[place], _condition(conn, ids, place, file))
    return added


def _condition(conn: Connection, ids: Mapping[int, int], place: int, file: TaskFile) -> Condition:
    asked = file.questions[place]
    where = asked.where
    assert where is not None
    on = ids[where.on]
    known = {fold(label.name): label.id for label in tasks.all_labels(conn, on)}
    missing = [name for name in where.labels if fold(name) not in known]
    if missing:
        raise WorkbenchError(
            f"“{asked.name}” is asked only where “{file.questions[where.on].name}” is {missing[0]}, which is no label "
            "of that question here.",
            "Save that question with this label first.",
        )
    return conditions.checked(conn, ids[place], on, [known[fold(name)] or 0 for name in where.labels], where.having)


def in_words(file: TaskFile) -> list[str]:
    """What it asks, a line a question."""
    return [(f"{one.name}: " if one.name else "") + ", ".join(_parts(one, file)) for one in file.questions]


def _parts(asked: AskedQuestion, file: TaskFile) -> list[str]:
    parts = [TASKS[asked.task.type].title, *([count(len(asked.task.labels), "label")] if asked.task.labels else [])]
    if asked.where:
        on = file.questions[asked.where.on]
        has = having_in_words(on.task.type, asked.where.having, asked.where.labels)
        parts.append(f"only where “{on.name}” {has}")
    return parts
