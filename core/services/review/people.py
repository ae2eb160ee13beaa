"""The person who reviews."""

from core.errors import WorkbenchError
from core.model import Annotator, AnnotatorKind
from core.services.common.lookup import ensure_annotator, project_of
from core.storage import annotators
from core.storage.engine import Connection, Database

PATIENCE = 2.0
"""How long a reviewer's decisions wait for another program: they wait in the browser, too, and come again."""


def reviewer(db: Database, project_id: int, name: str) -> Annotator:
    """The person of this name, made where new."""
    name = " ".join(name.split())
    if not name:
        raise WorkbenchError("The reviewer needs a name.", "Enter yours, so that your labels can be told apart.")
    with db.read() as conn:
        known = person(conn, project_id, name)
    if known is not None:
        return known
    with db.write(PATIENCE) as conn:
        project_of(conn, project_id)
        ensure_annotator(conn, project_id, AnnotatorKind.PERSON, name)
        found = person(conn, project_id, name)
        assert found is not None
        return found


def person(conn: Connection, project_id: int, name: str) -> Annotator | None:
    """The person of this name, where there is one; makes none."""
    name = " ".join(name.split())
    return next(
        (a for a in annotators.list_all(conn, project_id) if a.kind is AnnotatorKind.PERSON and a.name == name), None
    )
