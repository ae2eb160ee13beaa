"""Annotators, and how many items each has labelled."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from core.model import Annotator, AnnotatorKind
from core.storage.aligned import counts_of
from core.storage.engine import now
from core.storage.kept import until_news
from core.storage.kept_columns import said_by
from core.storage.tables import annotators

WORDING = "wording"
"""Begins what is added to the variant of an annotator who was asked in other words with the same prompt version."""


def _annotator(row: Row[Any]) -> Annotator:
    return Annotator(
        row.id,
        row.project_id,
        AnnotatorKind(row.kind),
        row.name,
        row.color,
        row.host or None,
        row.model or None,
        row.prompt_version_id or None,
        row.fine_tune_id,
        row.variant,
    )


def of_kind(conn: Connection, project_id: int, kind: AnnotatorKind) -> set[int]:
    """The ids of the project's annotators of this kind."""
    query = select(annotators.c.id).where(annotators.c.project_id == project_id, annotators.c.kind == kind)
    return set(conn.execute(query).scalars())


def ensure(conn: Connection, project_id: int, kind: AnnotatorKind, name: str, color: str, **facts: Any) -> int:
    """The id of the annotator of this kind and name, made where it is not there yet."""
    row = conn.execute(
        select(annotators.c.id).where(
            annotators.c.project_id == project_id, annotators.c.kind == kind, annotators.c.name == name
        )
    ).first()
    if row is not None:
        return int(row.id)
    result = conn.execute(
        insert(annotators).values(project_id=project_id, kind=kind, name=name, color=color, created_at=now(), **facts)
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def find_models(
    conn: Connection, project_id: int, host: str, model: str, prompt_version_id: int, variant: str
) -> list[Annotator]:
    """Those of this variant, and those that set another wording apart from it, in order of coming."""
    apart = f"{variant} {WORDING}".strip()
    rows = conn.execute(
        select(annotators)
        .where(
            annotators.c.project_id == project_id,
            annotators.c.kind == AnnotatorKind.MODEL,
            annotators.c.host == host,
            annotators.c.model == model,
            annotators.c.prompt_version_id == prompt_version_id,
            (annotators.c.variant == variant) | annotators.c.variant.startswith(f"{apart} ", autoescape=True),
        )
        .order_by(annotators.c.id)
    )
    return [_annotator(row) for row in rows]


def get(conn: Connection, annotator_id: int) -> Annotator | None:
    row = conn.execute(select(annotators).where(annotators.c.id == annotator_id)).first()
    return None if row is None else _annotator(row)


def list_all(conn: Connection, project_id: int) -> list[Annotator]:
    """In order of coming: imports and people first as a rule, since they come first."""
    query = select(annotators).where(annotators.c.project_id == project_id).order_by(annotators.c.id)
    return [_annotator(row) for row in conn.execute(query)]


def trials_among(conn: Connection, project_id: int) -> frozenset[int]:
    """Those whose model came out of a trial of a study, and was not found best: nobody's first choice."""
    query = (
        "SELECT n.id FROM annotators n JOIN fine_tunes f ON f.id = n.fine_tune_id WHERE n.project_id = ?"
        " AND json_extract(f.config, '$.trial.study') IS NOT NULL AND json_extract(f.config, '$.trial.best') IS NULL"
    )
    return frozenset(row[0] for row in conn.exec_driver_sql(query, (project_id,)))


def annotated_counts(conn: Connection, project_id: int) -> dict[int, int]:
    """Items with a current value, by annotator. Not to be changed: it is kept, since counting takes a scan."""
    return until_news(conn, ("annotated", project_id), lambda: _count_annotated(conn, project_id), within=project_id)


def _count_annotated(conn: Connection, project_id: int) -> dict[int, int]:
    # Not from the counts of values: of spans and texts there are nearly as many as items.
    query = (
        "SELECT c.annotator_id, COUNT(*) FROM annotators n JOIN current c ON c.annotator_id = n.id"
        " WHERE n.project_id = ? AND c.value_id IS NOT NULL GROUP BY c.annotator_id"
    )
    return {row[0]: row[1] for row in conn.exec_driver_sql(query, (project_id,))}


def value_counts(conn: Connection, project_id: int) -> dict[tuple[int, int], int]:
    """Items by `(annotator id, current value id)`. Not to be changed: it is kept, since counting takes a scan."""
    return until_news(conn, ("values", project_id), lambda: _count_values(conn, project_id), within=project_id)


def _count_values(conn: Connection, project_id: int) -> dict[tuple[int, int], int]:
    ids = conn.execute(select(annotators.c.id).where(annotators.c.project_id == project_id)).scalars().all()
    return {(one, value): number for one in ids for value, number in counts_of(said_by(conn, one)).items()}
