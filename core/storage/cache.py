"""The cache of answers, which is the history itself: what the very same request was answered before.

Nothing is ever deleted. Clearing the cache draws a line: answers from before it no longer count.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from core.model import AnswerKind
from core.storage import facts
from core.storage.annotations import newest_of_all
from core.storage.engine import now
from core.storage.kept import until_news
from core.storage.listed import BLOBS, blobs

_LINE = "cache_cleared"
_USELESS = (AnswerKind.TRUNCATED, AnswerKind.EMPTY)
"""Another try may do better than an answer that was cut off or never began."""
_LONGEST = 20_000
"""Of longer answers the middle was not kept."""


class CachedAnswer(NamedTuple):
    """An answer as it was stored. `source_id` is its annotation, `source_run_id` its run."""

    raw: str
    kind: AnswerKind
    confidence: float | None
    confidence_source: str | None
    source_id: int | None
    source_run_id: int | None
    parts: str | None = None


class _Line(NamedTuple):
    """`annotation` is the newest annotation that no longer counts; single answers from before `moment` do not."""

    annotation: int = 0
    moment: float = 0.0


def find(conn: Connection, keys: Sequence[bytes]) -> dict[bytes, CachedAnswer]:
    """The newest answer to each of these requests that was one answer, not a majority; unknown ones are left out."""
    # Beside MAX(id) stands what its row holds; a million items of one text may have as many answers.
    rows = _answers(conn, "request_hash, raw, kind, confidence, confidence_source, run_id, MAX(id), parts", keys)
    return {row[0]: CachedAnswer(row[1], AnswerKind(row[2]), row[3], row[4], row[6], row[5], row[7]) for row in rows}


def known(conn: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these requests `find` has an answer to, without reading the answers."""
    return {row[0] for row in _answers(conn, "request_hash", keys)}


def _answers(conn: Connection, columns: str, keys: Sequence[bytes]) -> Iterable[Sequence[Any]]:
    return conn.exec_driver_sql(
        f"SELECT {columns} FROM annotations WHERE request_hash IN {BLOBS} AND id > ? AND source_id IS NULL"
        " AND votes IS NULL AND kind NOT IN (?, ?) AND length(raw) < ? GROUP BY request_hash",
        (*blobs(keys), _line(conn).annotation, *_USELESS, _LONGEST),
    )


def find_repeats(conn: Connection, keys: Sequence[bytes]) -> dict[tuple[bytes, int], CachedAnswer]:
    """The newest answer to each of these requests by `(key, ordinal)`, where it was asked several times."""
    rows = _repeats(conn, "request_hash, ordinal, raw, kind, confidence, run_id, MAX(created_at)", keys)
    return {(row[0], row[1]): CachedAnswer(row[2], AnswerKind(row[3]), row[4], None, None, row[5]) for row in rows}


def known_repeats(conn: Connection, keys: Sequence[bytes]) -> set[tuple[bytes, int]]:
    """Which of these requests, by `(key, ordinal)`, `find_repeats` has an answer to, without reading the answers."""
    return {(row[0], row[1]) for row in _repeats(conn, "request_hash, ordinal", keys)}


def _repeats(conn: Connection, columns: str, keys: Sequence[bytes]) -> Iterable[Sequence[Any]]:
    return conn.exec_driver_sql(
        f"SELECT {columns} FROM repeats WHERE request_hash IN {BLOBS} AND created_at > ? AND source_run_id IS NULL"
        " AND kind NOT IN (?, ?) AND length(raw) < ? GROUP BY request_hash, ordinal",
        (*blobs(keys), _line(conn).moment, *_USELESS, _LONGEST),
    )


def cleared(conn: Connection) -> str:
    """Changes whenever the cache is cleared or brought back."""
    return str(_line(conn))


def size(conn: Connection) -> int:
    """How many different requests were answered since the line; the few answers of no further use are among them."""
    line = _line(conn)
    return until_news(conn, ("cache", *line), lambda: _count(conn, line))


def _count(conn: Connection, line: _Line) -> int:
    """Off the index of requests alone, in its order: 0.3 s for a million, where the rows would take 5 s and more.

    The plus keeps SQLite from reading all rows of such ids instead. Only after a clearing do repeats need their rows.
    """
    since = " WHERE created_at > ?" if line.moment else ""
    return int(
        conn.exec_driver_sql(
            "SELECT (SELECT COUNT(DISTINCT request_hash) FROM annotations WHERE request_hash IS NOT NULL AND +id > ?)"
            f" + (SELECT COUNT(*) FROM (SELECT DISTINCT request_hash, ordinal FROM repeats{since}))",
            tuple(line) if since else (line.annotation,),
        ).scalar_one()
    )


def clear(conn: Connection) -> str:
    """Let nothing stored so far count any more. Returns what `restore` takes to undo it."""
    before = facts.get(conn, _LINE) or json.dumps(_Line())
    facts.put(conn, _LINE, json.dumps(_Line(newest_of_all(conn), now())))
    return before


def restore(conn: Connection, before: str) -> None:
    """Undo a clearing: `before` is what it returned."""
    facts.put(conn, _LINE, before)


def _line(conn: Connection) -> _Line:
    drawn = facts.get(conn, _LINE)
    return _Line(*json.loads(drawn)) if drawn else _Line()
