"""What earlier runs tell: how an item was asked about, what calls took, how often a run agrees with somebody."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from core.model import Run, Split
from core.storage.counts import but_for
from core.storage.engine import to_json


class Call(NamedTuple):
    """What one answered call took; None where the host did not say. `length` is that of the item's text."""

    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    seconds: float | None
    length: int = 0


# The answer behind a current entry: its own, or the one that an edit of the labels carries on.
_ANSWER = "JOIN annotations e ON e.id = {}.annotation_id JOIN annotations a ON a.id = COALESCE(e.said_id, e.id)"


def answered_with(conn: Connection, annotator_id: int, ids: Sequence[int]) -> dict[int, tuple[int, bytes | None]]:
    """`(run, key of the request)` behind the annotator's current labels of these items; the key None where not kept.

    Where an item was asked about several times, all of its requests have the same key.
    """
    rows = conn.exec_driver_sql(
        "SELECT c.item_id, a.run_id, COALESCE(a.request_hash, (SELECT r.request_hash FROM repeats r"
        " WHERE r.run_id = a.run_id AND r.item_id = a.item_id ORDER BY r.ordinal LIMIT 1))"
        f" FROM current c {_ANSWER.format('c')}"
        " WHERE c.annotator_id = ? AND a.run_id IS NOT NULL AND c.value_id IS NOT NULL"
        " AND c.item_id IN (SELECT value FROM json_each(?))",
        (annotator_id, to_json(list(ids))),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def newest_calls(conn: Connection, project_id: int, host: str, model: str, version_id: int, limit: int) -> list[Call]:
    """What the newest calls with this prompt version and model took, those of batches too, which have no `seconds`;
    answers from the cache left out."""
    ours = "SELECT id FROM annotators WHERE project_id = ? AND host = ? AND model = ? AND prompt_version_id = ?"
    who = (project_id, host, model, version_id)
    newest = f"SELECT id FROM runs WHERE annotator_id IN ({ours}) ORDER BY id DESC LIMIT 10"
    took = "item_id, prompt_tokens, cached_tokens, completion_tokens, seconds, created_at"
    rows = conn.exec_driver_sql(
        "SELECT c.prompt_tokens, c.cached_tokens, c.completion_tokens, c.seconds, LENGTH(i.text) FROM ("
        f" SELECT {took} FROM annotations"
        f" WHERE run_id IN ({newest}) AND prompt_tokens > 0 AND source_id IS NULL AND votes IS NULL"
        f" UNION ALL SELECT {took} FROM repeats"
        f" WHERE run_id IN ({newest}) AND prompt_tokens > 0 AND source_run_id IS NULL"
        " ORDER BY created_at DESC LIMIT ?) c JOIN items i ON i.id = c.item_id",
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


def asked(conn: Connection, run: Run) -> float:
    """How many of a run's items were asked about and answered. Where each is asked about several times, single answers
    count as parts: they are paid for before an item has all of its own."""
    repeats = int(run.config.get("repeats") or 1)
    if repeats == 1:
        return max(0, run.done - run.from_cache)
    query = "SELECT COUNT(*) FROM repeats WHERE run_id = ? AND source_run_id IS NULL"
    return int(conn.exec_driver_sql(query, (run.id,)).scalar_one()) / repeats


def pairs(
    conn: Connection, run_ids: Sequence[int], reference_id: int, but: Collection[int] = ()
) -> list[tuple[int, int, int]]:
    """`(the reference's label, the one given by the runs, items)`, the test split and the items in `but` left out; of
    several labels the runs gave to one item the newest.

    What a test item's label is worth is not told in passing.
    """
    rows = _beside_reference(conn, "c.value_id, a.value_id, COUNT(*)", "", " GROUP BY 1, 2", run_ids, reference_id, but)
    return [(row[0], row[1], row[2]) for row in rows]


def each_said(
    conn: Connection, run_ids: Sequence[int], reference_id: int, but: Collection[int] = ()
) -> Iterator[tuple[str, str, str]]:
    """`(text of the item, the reference's value, the runs')`, in canonical form, of the same items, by their ids."""
    rows = _beside_reference(
        conn,
        "i.text, vr.canonical, vc.canonical",
        ' JOIN "values" vr ON vr.id = c.value_id JOIN "values" vc ON vc.id = a.value_id',
        " ORDER BY a.item_id",
        run_ids,
        reference_id,
        but,
    )
    return ((row[0], row[1], row[2]) for row in rows)


def _beside_reference(
    conn: Connection,
    what: str,
    joins: str,
    order: str,
    run_ids: Sequence[int],
    reference_id: int,
    but: Collection[int],
) -> Iterable[Any]:
    # A single run gives an item one value only.
    is_newest = (
        " AND NOT EXISTS (SELECT 1 FROM annotations b WHERE b.run_id IN (SELECT value FROM json_each(?))"
        " AND b.item_id = a.item_id AND b.id > a.id)"
    )
    kept, gone = but_for(but, "a")
    return conn.exec_driver_sql(
        f"SELECT {what} FROM annotations a"
        " JOIN current c ON c.annotator_id = ? AND c.item_id = a.item_id AND c.value_id IS NOT NULL"
        f" JOIN items i ON i.id = a.item_id AND (i.split IS NULL OR i.split <> ?){joins}"
        f" WHERE a.run_id IN (SELECT value FROM json_each(?)){is_newest if len(run_ids) > 1 else ''}{kept}{order}",
        (reference_id, str(Split.TEST), *[to_json(list(run_ids))] * (2 if len(run_ids) > 1 else 1), *gone),
    )


def labelled(conn: Connection, run_ids: Sequence[int]) -> tuple[int, int]:
    """`(items labelled, items chosen)` by runs, each item counted once."""
    row = conn.exec_driver_sql(
        "SELECT (SELECT COUNT(DISTINCT item_id) FROM annotations WHERE run_id IN (SELECT value FROM json_each(?))),"
        " (SELECT COUNT(DISTINCT item_id) FROM run_items WHERE run_id IN (SELECT value FROM json_each(?)))",
        (to_json(list(run_ids)),) * 2,
    ).one()
    return int(row[0]), int(row[1])


def behind(
    conn: Connection, annotator_id: int, others: tuple[int, int], split: Split | None, but: Collection[int] = ()
) -> dict[int, int]:
    """By which runs an annotator came to its present labels, and to how many by each, of the items that the two others
    have labelled too and that are not in `but`."""
    kept, gone = but_for(but, "x")
    join = " JOIN items i ON i.id = x.item_id AND i.split = ?" if split else ""
    rows = conn.exec_driver_sql(
        f"SELECT a.run_id, COUNT(*) FROM current x {_ANSWER.format('x')}"
        " JOIN current y ON y.annotator_id = ? AND y.item_id = x.item_id AND y.value_id IS NOT NULL"
        f" JOIN current z ON z.annotator_id = ? AND z.item_id = x.item_id AND z.value_id IS NOT NULL{join}"
        f" WHERE x.annotator_id = ? AND x.value_id IS NOT NULL AND a.run_id IS NOT NULL{kept} GROUP BY 1",
        (*others, *([str(split)] if split else []), annotator_id, *gone),
    )
    return {row[0]: row[1] for row in rows}


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
