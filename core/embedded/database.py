"""The host's own SQLite file: models, files, batches, jobs with their events and checkpoints. Not the workbench's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import WorkbenchError

VERSION = 1  # raised with every change of the tables that are there; a new table disturbs nobody

TABLES = """
CREATE TABLE IF NOT EXISTS file (
    id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, filename TEXT NOT NULL,
    purpose TEXT NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS model (
    id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, job_id TEXT NOT NULL, head BLOB NOT NULL,
    is_checkpoint INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, finished_at INTEGER, status TEXT NOT NULL, model TEXT NOT NULL,
    training_file TEXT NOT NULL, validation_file TEXT, suffix TEXT NOT NULL, seed INTEGER NOT NULL,
    hyperparameters TEXT NOT NULL, metadata TEXT, error TEXT, fine_tuned_model TEXT, trained_tokens INTEGER,
    result_file TEXT, owner TEXT, heartbeat REAL NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, job_id TEXT NOT NULL,
    created_at INTEGER NOT NULL, level TEXT NOT NULL, type TEXT NOT NULL, message TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_of_job ON event (job_id, number);
CREATE TABLE IF NOT EXISTS checkpoint (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, job_id TEXT NOT NULL,
    created_at INTEGER NOT NULL, step INTEGER NOT NULL, model TEXT NOT NULL, metrics TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS checkpoint_of_job ON checkpoint (job_id, number);
CREATE TABLE IF NOT EXISTS batch (
    id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, status TEXT NOT NULL, input_file TEXT NOT NULL, metadata TEXT,
    output_file TEXT, error_file TEXT, errors TEXT, total INTEGER NOT NULL DEFAULT 0,
    completed INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, in_progress_at INTEGER,
    finalizing_at INTEGER, completed_at INTEGER, failed_at INTEGER, cancelling_at INTEGER, cancelled_at INTEGER,
    owner TEXT, heartbeat REAL NOT NULL DEFAULT 0
);
"""


class Database:
    """A connection for each transaction: cheap beside what happens in it, and safe from any thread or process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self.transaction() as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, VERSION):
                raise WorkbenchError(
                    f"{path} was written by another version of the embedded host.",
                    "Move it elsewhere to start with a new one.",
                )
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(f"{TABLES} PRAGMA user_version = {VERSION};")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commits at the end of the block, rolls back on an exception; rows can be read by column name."""
        db = sqlite3.connect(self._path, timeout=30)
        db.row_factory = sqlite3.Row
        try:
            with db:
                yield db
        finally:
            db.close()
