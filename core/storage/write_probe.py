"""Whether the database can be written just now, looked at from time to time while pages are open."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from core.errors import WorkbenchError
from core.storage.errors import sentence_for

LOOK_SECONDS = 1.0
BUSY_SECONDS = 2.0
"""A lock of another program that is held for less is nothing but a wait."""
_LEAST_BYTES = 1_000_000
"""With less room than this on its disk, SQLite soon finds none."""


class WriteProbe:
    """Tries the write lock without waiting, at most once a second however many pages ask."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._writers = 0
        self._looked: float | None = None
        self._busy_since: float | None = None
        self._found: WorkbenchError | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around each of our own transactions: a lock that we hold is no other program's."""
        with self._lock:
            self._writers += 1
        try:
            yield
        finally:
            with self._lock:
                self._writers -= 1

    def trouble(self, moment: float) -> WorkbenchError | None:
        """What is in the way at this `moment` of a clock that only goes forward; None where nothing is."""
        with self._lock:
            if self._looked is None or moment - self._looked >= LOOK_SECONDS:
                self._looked = moment
                self._found = self._look(moment)
            return self._found

    def _look(self, moment: float) -> WorkbenchError | None:
        refusal = None if self._writers else self._refusal()
        if refusal is None or "locked" not in str(refusal):
            self._busy_since = None
            return sentence_for(refusal, self._path) if refusal is not None else self._no_room()
        self._busy_since = moment if self._busy_since is None else self._busy_since
        return sentence_for(refusal, self._path) if moment - self._busy_since >= BUSY_SECONDS else None

    def _refusal(self) -> sqlite3.Error | None:
        """What SQLite says to somebody who begins to write; nothing is written."""
        try:
            address = f"{self._path.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(address, uri=True, timeout=0.0, isolation_level=None)) as probe:
                probe.execute("BEGIN IMMEDIATE")
                probe.execute("ROLLBACK")
        except sqlite3.Error as error:
            return error
        return None

    def _no_room(self) -> WorkbenchError | None:
        try:
            free = shutil.disk_usage(self._path.parent).free
        except OSError:
            return None
        return sentence_for(sqlite3.OperationalError("disk is full"), self._path) if free < _LEAST_BYTES else None
