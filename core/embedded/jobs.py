"""Fine-tuning jobs as rows: what was asked for, who is working on it, what happened.

A job has one owner at a time. An owner proves that it lives by a heartbeat; who has been silent for LEASE_SECONDS
loses the job to whoever claims it next, by one compare-and-set UPDATE. So processes that share the folder never train
the same job twice, and a job whose process was killed is taken up again.
"""

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.embedded.database import Database
from core.embedded.errors import bad_request, not_found
from core.embedded.paging import page

LEASE_SECONDS = 10.0
_LIVE = "status IN ('validating_files', 'queued', 'running')"


class Lost(Exception):
    """The job is no longer ours: it was cancelled, or another process took it over."""


@dataclass(frozen=True)
class Order:
    """What a client asked for. Hyperparameters are numbers or "auto"."""

    model: str
    training_file: str
    validation_file: str | None
    suffix: str
    seed: int
    hyperparameters: Mapping[str, Any]
    metadata: Mapping[str, str] | None = None


class Jobs:
    """`now` gives the seconds leases are measured in; tests turn the clock themselves."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def create(self, order: Order) -> dict[str, Any]:
        identity = f"ftjob-{uuid.uuid4().hex[:24]}"
        metadata = json.dumps(dict(order.metadata)) if order.metadata is not None else None
        asked = (order.model, order.training_file, order.validation_file, order.suffix, order.seed)
        row = (identity, int(time.time()), *asked, json.dumps(dict(order.hyperparameters)), metadata)
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO job (id, created_at, status, model, training_file, validation_file, suffix, seed,"
                " hyperparameters, metadata) VALUES (?, ?, 'validating_files', ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            _event(db, identity, f"Created fine-tuning job: {identity}")
            _event(db, identity, f"Validating training file: {order.training_file}")
        return self.retrieve(identity)

    def row(self, identity: str) -> sqlite3.Row:
        with self._database.transaction() as db:
            row = db.execute("SELECT * FROM job WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise not_found(f"There is no fine-tuning job {identity!r} on this host.", "fine_tuning_job_id")
        return row  # type: ignore[no-any-return]

    def retrieve(self, identity: str) -> dict[str, Any]:
        return _shown(self.row(identity))

    def listing(self, after: str | None, limit: int) -> dict[str, Any]:
        """Newest first."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT * FROM job ORDER BY rowid DESC").fetchall()
        return page([_shown(row) for row in rows], after, limit)

    def events(self, identity: str, after: str | None, limit: int) -> dict[str, Any]:
        """Newest first, as OpenAI lists them."""
        self.row(identity)
        with self._database.transaction() as db:
            rows = db.execute("SELECT * FROM event WHERE job_id = ? ORDER BY number DESC", (identity,)).fetchall()
        kept = ("id", "created_at", "level", "message", "type")
        events = [
            {"object": "fine_tuning.job.event", **{k: row[k] for k in kept}, "data": json.loads(row["data"])}
            for row in rows
        ]
        return page(events, after, limit)

    def checkpoints(self, identity: str, after: str | None, limit: int) -> dict[str, Any]:
        """Newest first."""
        self.row(identity)
        with self._database.transaction() as db:
            rows = db.execute("SELECT * FROM checkpoint WHERE job_id = ? ORDER BY number DESC", (identity,)).fetchall()
        listed = page([_checkpoint(row) for row in rows], after, limit)
        ids = [entry["id"] for entry in listed["data"]] or [None]
        return {**listed, "first_id": ids[0], "last_id": ids[-1]}

    def cancel(self, identity: str) -> dict[str, Any]:
        """Cancels a job that has not ended; whoever trains it notices at its next heartbeat. 400 once it has ended."""
        status = self.row(identity)["status"]
        with self._database.transaction() as db:
            done = db.execute(
                f"UPDATE job SET status = 'cancelled', finished_at = ?, owner = NULL WHERE id = ? AND {_LIVE}",
                (int(time.time()), identity),
            ).rowcount
            if not done:
                raise bad_request(f"The job has already ended: {status}.", "fine_tuning_job_id", "job_ended")
            _event(db, identity, "The job was cancelled.")
        return self.retrieve(identity)

    def claim(self, owner: str) -> str | None:
        """The oldest job that waits or whose owner fell silent, now ours; None when there is nothing to do."""
        now = self._now()
        with self._database.transaction() as db:
            row = db.execute(
                "UPDATE job SET owner = ?, heartbeat = ?, attempts = attempts + 1 WHERE id ="
                f" (SELECT id FROM job WHERE {_LIVE} AND"
                " (owner IS NULL OR heartbeat < ?) ORDER BY rowid LIMIT 1) RETURNING id",
                (owner, now, now - LEASE_SECONDS),
            ).fetchone()
        return row["id"] if row else None

    def update(self, identity: str, owner: str, /, **values: object) -> None:
        """Sets columns of a job that is ours, and is a heartbeat. Raises Lost when it is ours no longer."""
        values["heartbeat"] = self._now()
        columns = ", ".join(f"{column} = ?" for column in values)
        with self._database.transaction() as db:
            done = db.execute(
                f"UPDATE job SET {columns} WHERE id = ? AND owner = ? AND {_LIVE}", (*values.values(), identity, owner)
            ).rowcount
        if not done:
            raise Lost(identity)

    def release(self, owner: str) -> None:
        """Gives back whatever `owner` holds, so that the next process need not wait for the lease to run out."""
        with self._database.transaction() as db:
            db.execute(f"UPDATE job SET owner = NULL WHERE owner = ? AND {_LIVE}", (owner,))

    def event(self, identity: str, message: str, level: str = "info", data: Mapping[str, Any] | None = None) -> None:
        with self._database.transaction() as db:
            _event(db, identity, message, level, data)

    def start_over(self, identity: str) -> None:
        """Forgets the checkpoints of an interrupted training: it starts from its first step, and says so."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM checkpoint WHERE job_id = ?", (identity,))
            _event(db, identity, "The host was restarted; training starts over.", "warn")

    def add_checkpoint(self, identity: str, step: int, model: str, metrics: Mapping[str, float]) -> None:
        row = (f"ftckpt_{uuid.uuid4().hex[:24]}", identity, int(time.time()), step, model, json.dumps(metrics))
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO checkpoint (id, job_id, created_at, step, model, metrics) VALUES (?, ?, ?, ?, ?, ?)", row
            )


def _event(
    db: sqlite3.Connection, job: str, message: str, level: str = "info", data: Mapping[str, Any] | None = None
) -> None:
    kind = "message" if data is None else "metrics"
    row = (f"ftevent-{uuid.uuid4().hex[:24]}", job, int(time.time()), level, kind, message, json.dumps(data or {}))
    db.execute(
        "INSERT INTO event (id, job_id, created_at, level, type, message, data) VALUES (?, ?, ?, ?, ?, ?, ?)", row
    )


def _checkpoint(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": row["id"],
        "created_at": row["created_at"],
        "fine_tuned_model_checkpoint": row["model"],
        "fine_tuning_job_id": row["job_id"],
        "step_number": row["step"],
        "metrics": json.loads(row["metrics"]),
    }


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    """The `fine_tuning.job` object. `hyperparameters` show what is used, once the job has started."""
    copied = ("id", "created_at", "finished_at", "status", "model", "training_file", "validation_file", "seed")
    hyperparameters = json.loads(row["hyperparameters"])
    method = {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}}
    return {
        "object": "fine_tuning.job",
        **{name: row[name] for name in (*copied, "fine_tuned_model", "trained_tokens")},
        "organization_id": "org-embedded",
        "error": json.loads(row["error"]) if row["error"] else None,
        "hyperparameters": hyperparameters,
        "result_files": [row["result_file"]] if row["result_file"] else [],
        "integrations": [],
        "estimated_finish": None,
        "metadata": json.loads(row["metadata"]) if row["metadata"] else None,
        "method": method,
    }
