"""What earlier runs tell: how an item was asked about, what calls took, how often a run agrees with somebody."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from core.model import Run, RunStatus, Split
from core.storage.engine import now
from core.storage.runs import get
from core.storage.tables import runs

_CHUNK = 5000


class Call(NamedTuple):
    """What one answered call took; None where the host did not say."""

    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    seconds: float | None


def answered_with(conn: Connection, annotator_id: int, ids: Sequence[int]) -> dict[int, tuple[int, bytes | None]]:
    """`(run, key of the request)` behind the annotator's current labels of these items; the key None where not kept.

    Where an item was asked about several times, all of its requests have the same key.
    """
    found: dict[int, tuple[int, bytes | None]] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = tuple(ids[start : start + _CHUNK])
        rows = conn.exec_driver_sql(
            "SELECT a.item_id, a.run_id, COALESCE(a.request_hash, (SELECT r.request_hash FROM repeats r"
            " WHERE r.run_id = a.run_id AND r.item_id = a.item_id ORDER BY r.ordinal LIMIT 1))"
            " FROM current c JOIN annotations a ON a.id = c.annotation_id"
            " WHERE c.annotator_id = ? AND a.run_id IS NOT NULL AND c.label_id IS NOT NULL"
            f" AND c.item_id IN ({','.join('?' * len(chunk))})",
            (annotator_id, *chunk),
        )
        found.update((row[0], (row[1], row[2])) for row in rows)
    return found


def newest_calls(conn: Connection, project_id: int, host: str, model: str, version_id: int, limit: int) -> list[Call]:
    """What the newest calls with this prompt version and model took, answers from the cache left out."""
    ours = "SELECT id FROM annotators WHERE project_id = ? AND host = ? AND model = ? AND prompt_version_id = ?"
    who = (project_id, host, model, version_id)
    newest = f"SELECT id FROM runs WHERE annotator_id IN ({ours}) ORDER BY id DESC LIMIT 10"
    rows = conn.exec_driver_sql(
        "SELECT prompt_tokens, cached_tokens, completion_tokens, seconds FROM ("
        " SELECT prompt_tokens, cached_tokens, completion_tokens, seconds, created_at FROM annotations"
        f" WHERE run_id IN ({newest}) AND seconds IS NOT NULL AND source_id IS NULL AND votes IS NULL"
        " UNION ALL"
        " SELECT prompt_tokens, cached_tokens, completion_tokens, seconds, created_at FROM repeats"
        f" WHERE run_id IN ({newest}) AND seconds IS NOT NULL AND source_run_id IS NULL"
        ") ORDER BY created_at DESC LIMIT ?",
        (*who, *who, limit),
    )
    return [Call(*row) for row in rows]


def newest_pace(conn: Connection, project_id: int, host: str, model: str) -> tuple[int, float] | None:
    """`(calls, seconds)` of the newest ended live run of the model with a handful of calls; None without one."""
    row = conn.exec_driver_sql(
        "SELECT r.calls, r.busy_seconds FROM runs r JOIN annotators n ON n.id = r.annotator_id"
        " WHERE n.project_id = ? AND n.host = ? AND n.model = ? AND r.calls >= 8 AND r.busy_seconds > 0"
        " AND r.status NOT IN ('queued', 'running') AND COALESCE(json_extract(r.config, '$.mode'), 'live') = 'live'"
        " ORDER BY r.id DESC LIMIT 1",
        (project_id, host, model),
    ).first()
    return None if row is None else (int(row[0]), float(row[1]))


def was_asked(conn: Connection, base_url: str, model: str) -> bool:
    """Whether the model was ever asked there, so that the cache can hold anything of it."""
    row = conn.exec_driver_sql(
        "SELECT 1 FROM runs WHERE calls > 0 AND json_extract(config, '$.model') = ?"
        " AND json_extract(config, '$.base_url') = ? LIMIT 1",
        (model, base_url),
    ).first()
    return row is not None


def agreed(conn: Connection, run_id: int, reference_id: int) -> tuple[int, int]:
    """`(items compared, items on which they agree)` of a run's own labels and the reference's, the test split left out.

    What a test item's label is worth is not told in passing.
    """
    row = conn.exec_driver_sql(
        "SELECT COUNT(*), COALESCE(SUM(a.label_id = c.label_id), 0) FROM annotations a"
        " JOIN current c ON c.annotator_id = ? AND c.item_id = a.item_id AND c.label_id IS NOT NULL"
        " JOIN items i ON i.id = a.item_id AND (i.split IS NULL OR i.split <> ?)"
        " WHERE a.run_id = ?",
        (reference_id, Split.TEST, run_id),
    ).one()
    return int(row[0]), int(row[1])


def confidences(conn: Connection, run_id: int) -> dict[str, list[float]]:
    """The confidences of a run by where they come from, at most 20,000 in all."""
    found: dict[str, list[float]] = {}
    rows = conn.exec_driver_sql(
        "SELECT COALESCE(confidence_source, ''), confidence FROM annotations"
        " WHERE run_id = ? AND confidence IS NOT NULL LIMIT 20000",
        (run_id,),
    )
    for source, value in rows:
        found.setdefault(source, []).append(value)
    return found


def latencies(conn: Connection, run_id: int) -> list[float]:
    """Seconds from asking to answer of a run's calls, at most 20,000; what came from the cache took none."""
    rows = conn.exec_driver_sql(
        "SELECT seconds FROM annotations WHERE run_id = ? AND seconds IS NOT NULL AND votes IS NULL UNION ALL"
        " SELECT seconds FROM repeats WHERE run_id = ? AND seconds IS NOT NULL AND source_run_id IS NULL LIMIT 20000",
        (run_id, run_id),
    )
    return [row[0] for row in rows]


# runs started together


def put_together(conn: Connection, run_ids: Sequence[int]) -> None:
    """Make the first of them the one they are all named after."""
    conn.execute(update(runs).where(runs.c.id.in_(run_ids)).values(grid_id=run_ids[0]))


def hold(conn: Connection, run_id: int, message: str) -> None:
    """Let a queued run wait for somebody, before any worker takes it."""
    conn.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.status == RunStatus.QUEUED)
        .values(status=RunStatus.PAUSED, message=message, resume_at=None, finished_at=now())
    )


def of_grid(conn: Connection, grid_id: int) -> list[int]:
    """Ids of the runs started together, in the order they were started."""
    return list(conn.execute(select(runs.c.id).where(runs.c.grid_id == grid_id).order_by(runs.c.id)).scalars())


def of_annotator(conn: Connection, annotator_id: int) -> list[Run]:
    """All of an annotator's runs, in the order they were started."""
    ids = conn.execute(select(runs.c.id).where(runs.c.annotator_id == annotator_id).order_by(runs.c.id)).scalars()
    return [run for run_id in ids.all() if (run := get(conn, run_id)) is not None]
