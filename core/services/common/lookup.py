"""Finding what a page names by id, or saying clearly that it is not there."""

from core.errors import WorkbenchError
from core.model import Annotator, AnnotatorKind, FineTune, Project, PromptVersion, Run
from core.services.common.palette import annotator_color
from core.storage import annotators, fine_tunes, items, projects, prompt_versions, runs
from core.storage.engine import Connection, Database

_HINT = "It may have been removed: choose another."


def project_of(conn: Connection, project_id: int) -> Project:
    found = projects.get(conn, project_id)
    if found is None:
        raise WorkbenchError(f"There is no project {project_id}.", _HINT)
    return found


def annotator_of(conn: Connection, annotator_id: int) -> Annotator:
    found = annotators.get(conn, annotator_id)
    if found is None:
        raise WorkbenchError(f"There is no annotator {annotator_id}.", _HINT)
    return found


def version_of(conn: Connection, version_id: int) -> PromptVersion:
    found = prompt_versions.version(conn, version_id)
    if found is None:
        raise WorkbenchError(f"There is no prompt version {version_id}.", _HINT)
    return found


def run_of(conn: Connection, run_id: int) -> Run:
    found = runs.get(conn, run_id)
    if found is None:
        raise WorkbenchError(f"There is no run {run_id}.", _HINT)
    return found


def fine_tune_of(conn: Connection, fine_tune_id: int) -> FineTune:
    found = fine_tunes.get(conn, fine_tune_id)
    if found is None:
        raise WorkbenchError(f"There is no fine-tune {fine_tune_id}.", _HINT)
    return found


def ensure_searchable(db: Database, project_id: int) -> None:
    """Bring the full-text index up to date where imports have left it behind; call before searching."""
    with db.read() as conn:
        if not items.needs_index(conn):
            return
    with db.write() as conn:
        items.index_new(conn, project_id)


def ensure_annotator(conn: Connection, project_id: int, kind: AnnotatorKind, name: str, **facts: object) -> int:
    """The annotator of this kind and name, made with its colour where it is new."""
    same_colors = [a for a in annotators.list_all(conn, project_id) if _shares_colors(a.kind, kind)]
    return annotators.ensure(conn, project_id, kind, name, annotator_color(kind, len(same_colors)), **facts)


def _shares_colors(one: AnnotatorKind, other: AnnotatorKind) -> bool:
    return (one is AnnotatorKind.MODEL) == (other is AnnotatorKind.MODEL)
