"""Answers that take a scan, kept until there is news: every page asks for them with every click."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection

from core.storage.homes import HOME

Answer = TypeVar("Answer")

_MOST = 512
_MOST_NEWS = 20_000
"""New annotations beyond which it is not looked up whose they are."""
_answers: dict[tuple[Hashable, ...], tuple[object, Any]] = {}
_lock = Lock()


class _News:
    """Which projects were last annotated when, in one database: only what is new is looked at."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen, self._rounds = -1, 0
        self._projects: dict[int, int] = {}

    def stamp(self, newest: int, project_id: int, annotated: Callable[[int], Iterable[int]]) -> object:
        """Changes whenever the project is annotated. `annotated` gives the projects of what is newer than an id.

        After a jump, back (another's older view, a project removed) or far ahead, everything is news.
        """
        with self._lock:
            if not self._seen <= newest <= self._seen + _MOST_NEWS:
                self._rounds += 1
                self._projects.clear()
            elif newest > self._seen:
                self._projects |= dict.fromkeys(annotated(self._seen), newest)
            self._seen = newest
            return self._rounds, self._projects.get(project_id)


_news: defaultdict[Hashable, _News] = defaultdict(_News)


def until_news(
    conn: Connection,
    question: tuple[Hashable, ...],
    ask: Callable[[], Answer],
    *,
    within: int | None = None,
    dealt_in: int | None = None,
) -> Answer:
    """What `ask` says, or said when nobody had annotated anything since. Do not change what is returned.

    Annotations are never changed, and deleted only where an upload is undone, so the newest id says it all until then.
    Where the answer is about one project alone,
    `within` names it, and what happens in others is no news. Where it depends on splits besides, `dealt_in` does, and
    dealing its items anew is news too.
    """
    if is_writing(conn):
        return ask()  # what this transaction has written may be rolled back yet
    database = database_of(conn)
    project_id = within if within is not None else dealt_in
    newest: object = _newest(conn)
    if project_id is not None:
        newest = _news[database].stamp(_newest(conn), project_id, lambda after: _annotated(conn, after))
    stamp = (newest, None if dealt_in is None else _dealt(conn, dealt_in))
    place = (database, *question)
    known = _answers.get(place)
    if known is None or known[0] != stamp:
        known = (stamp, ask())
        _keep(place, known)
    answer: Answer = known[1]
    return answer


def for_good(conn: Connection, question: tuple[Hashable, ...], ask: Callable[[], Answer]) -> Answer:
    """What `ask` says, or said ever before: for a question that has all in it that its answer depends on."""
    if is_writing(conn):
        return ask()
    place = (database_of(conn), "for good", *question)
    known = _answers.get(place) or (None, ask())
    _keep(place, known)
    answer: Answer = known[1]
    return answer


def _keep(place: tuple[Hashable, ...], known: tuple[object, Any]) -> None:
    with _lock:
        _answers.pop(place, None)  # what was asked last stands last
        _answers[place] = known
        while len(_answers) > _MOST:
            del _answers[next(iter(_answers))]


def is_writing(conn: Connection) -> bool:
    """Whether it is within a writing transaction."""
    return bool(conn.get_execution_options().get("labelloop_write"))


def database_of(conn: Connection) -> tuple[Hashable, ...]:
    """Which database it is, and how many uploads were undone in it: with those, ids went that others may get.

    Not the path alone: another file may have been put in its place, with as many annotations.
    """
    undone = conn.exec_driver_sql("SELECT COUNT(*) FROM uploads WHERE undone_at IS NOT NULL").scalar_one()
    return conn.engine.url.database, conn.get_execution_options().get("labelloop_opening"), undone


def _newest(conn: Connection) -> int:
    return int(conn.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM annotations").scalar_one())


def _annotated(conn: Connection, after: int) -> list[int]:
    rows = conn.exec_driver_sql(
        "SELECT DISTINCT n.project_id FROM annotations a JOIN annotators n ON n.id = a.annotator_id WHERE a.id > ?",
        (after,),
    )
    return [row[0] for row in rows]


def _dealt(conn: Connection, project_id: int) -> object:
    row = conn.exec_driver_sql(
        f"SELECT split_seed, split_config FROM projects WHERE id = {HOME}", (project_id,)
    ).first()
    return None if row is None else tuple(row)
