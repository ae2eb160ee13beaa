"""Opening the database: pragmas, explicit transactions, migrations, and refusing files that are not ours."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, cast

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from core.errors import Passing, WorkbenchError
from core.storage.errors import sentence_for, translated
from core.storage.migrate import APPLICATION_ID, migrate
from core.storage.write_probe import WriteProbe

__all__ = ["Connection", "Database", "moment", "moment_or_none", "now", "open_database", "to_json"]

BUSY_TIMEOUT_MS = 10_000
_KEPT, _MOST, _PASSING_CACHE_MB = 4, 40, 4
_openings = count()


class _Opening(NamedTuple):
    """Which file was opened. The number tells openings apart where a later file is given the place of a removed one."""

    number: int
    file: tuple[int, int] | None


class Database:
    """One SQLite file. `read` and `write` are the only ways in, and each is one transaction."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine
        self._opening = _Opening(next(_openings), _file_at(path))
        self._reopening = Lock()
        self._probe = WriteProbe(path)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot; never blocks or is blocked by a writer."""
        opening = self._ensure_present()
        with translated(self.path), self._engine.connect() as plain:
            connection = plain.execution_options(labelloop_opening=opening.number)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, patience: float | None = None) -> Iterator[Connection]:
        """Takes the write lock at once, so that a read-then-write cannot lose a race. Rolls back on any exception.

        Where another program holds the lock it is waited for: ten seconds, or `patience`.
        """
        opening = self._ensure_present()
        with translated(self.path), self._engine.connect() as plain, _waiting_for(plain, patience):
            connection = plain.execution_options(labelloop_write=True, labelloop_opening=opening.number)
            with connection.begin(), self._probe.writing():
                yield connection
                # Another thread may have opened another file meanwhile; this was written to the one before.
                if self._opening != opening or _file_at(self.path) != opening.file:
                    raise _gone(self.path)

    def trouble(self) -> WorkbenchError | None:
        """What stands in the way of storing just now, in a sentence; None where nothing does. Never waits."""
        try:
            self._ensure_present()
        except WorkbenchError as error:
            return error
        return self._probe.trouble(time.monotonic())

    def _ensure_present(self) -> _Opening:
        """What is open stays writable when its folder is taken away, and all that is written is lost: so refuse it.

        The very file put back goes on as it was; another one in its place is opened like any.
        """
        opening = self._opening
        if (found := _file_at(self.path)) == opening.file:
            return opening
        if found is None:
            raise _gone(self.path)
        with self._reopening:
            if found != self._opening.file:
                self._engine.dispose()
                _refuse_foreign(self.path)
                with translated(self.path):
                    migrate(self._engine, self.path)
                self._opening = _Opening(next(_openings), found)
            return self._opening

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def _waiting_for(connection: Connection, patience: float | None) -> Iterator[None]:
    """Past SQLAlchemy, which would begin a transaction for it."""
    if patience is None:
        yield
        return
    driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
    usual = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    driver.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual}")


def _file_at(path: Path) -> tuple[int, int] | None:
    """Which file is there, whatever it is called; None where none is."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _gone(path: Path) -> Passing:
    return Passing(
        f"The database {path} no longer exists, so nothing can be stored.",
        "Put its folder back where it was: pages then continue by themselves.",
    )


def open_database(path: Path, *, cache_mb: int = 56) -> Database:
    """Open, creating or migrating as needed; refuses foreign and newer files with a clear `WorkbenchError`.

    `cache_mb` bounds the memory for pages of the file, for each of the four connections that are held open; those that
    many readers at once need besides have little, so that all of them together stay under 400 MB.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbenchError(f"The data folder {path.parent} cannot be created.", "Set LABELLOOP_DATA.") from error
    try:
        _refuse_foreign(path)
    except OSError as error:
        raise WorkbenchError(f"The database {path} cannot be read.", "Make its folder readable.") from error
    engine = create_engine(URL.create("sqlite", database=str(path)), pool_size=_KEPT, max_overflow=_MOST - _KEPT)

    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        is_kept = cast(QueuePool, engine.pool).overflow() <= 0
        _on_connect(connection, cache_mb if is_kept else min(cache_mb, _PASSING_CACHE_MB))

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", _on_begin)
    with translated(path):
        migrate(engine, path)
    return Database(path, engine)


def _on_connect(connection: sqlite3.Connection, cache_mb: int) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver's guessing leaves DDL outside transactions
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"cache_size = -{cache_mb * 1024}",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("labelloop_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _refuse_foreign(path: Path) -> None:
    if path.is_dir():
        raise WorkbenchError(f"{path} is a folder, not a file.", "Choose a file with LABELLOOP_DATABASE.")
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10.0)) as probe:
            probe.execute("BEGIN")
            mark = probe.execute("PRAGMA application_id").fetchone()[0]
            # A file without tables is one that another of our processes is just making, or died making.
            ours = mark == APPLICATION_ID or not probe.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise sentence_for(error, path) or error from error
    if not ours:
        raise WorkbenchError(
            f"{path} is a database that belongs to another program.", "Choose another file with LABELLOOP_DATABASE."
        )


def now() -> float:
    return time.time()


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
