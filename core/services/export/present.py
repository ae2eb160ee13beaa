"""Whether a file that was built still says what there is to say."""

from core.services.common.lookup import project_of
from core.services.common.titles import titles
from core.storage import annotations, annotators, conditions, fetches, marks, projects, tasks, uploads
from core.storage.engine import Connection, Database


def stamp(db: Database, project_id: int) -> str:
    """Changes whenever an export of the project, of whatever form, could: answers, notes, labels, items and their
    splits, files that came, whom it names. Of all questions about the items, since one may hang on another."""
    with db.read() as conn:
        layout = project_of(conn, project_id).layout
        came = [(one.id, one.status, one.fetched) for one in fetches.of_project(conn, project_id)[:1]]
        asked = [_of_question(conn, one.id, one.question) for one in projects.questions(conn, project_id)]
        return repr((uploads.state(conn, project_id), layout, came, asked))


def _of_question(conn: Connection, project_id: int, title: str) -> tuple[object, ...]:
    called = titles(annotators.list_all(conn, project_id))
    newest = (annotations.newest_id(conn, list(called)), marks.newest_id(conn, list(called)))
    names = (tasks.task(conn, project_id), sorted(tasks.label_names(conn, project_id).items()))
    return project_id, title, called, newest, names, conditions.of(conn, project_id)
