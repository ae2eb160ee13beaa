"""/v1/batches as rows: what was asked for, who is working on it, how far. Leases as for fine-tuning jobs."""

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from core.embedded.database import Database
from core.embedded.errors import bad_request, not_found
from core.embedded.files import Files
from core.embedded.jobs import LEASE_SECONDS, Lost
from core.embedded.paging import page
from core.embedded.params import metadata, text

ENDPOINT = "/v1/chat/completions"
WINDOW = "24h"
_LIVE = "status IN ('validating', 'in_progress', 'finalizing', 'cancelling')"
_TIMES = ("in_progress_at", "finalizing_at", "completed_at", "failed_at", "cancelling_at", "cancelled_at")


class Batches:
    """`now` gives the seconds leases are measured in; tests turn the clock themselves."""

    def __init__(self, database: Database, files: Files, now: Callable[[], float] = time.time) -> None:
        self._database, self._files, self._now = database, files, now

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """400 or 404 with `param` for what this host cannot do; the file's lines are checked later."""
        file_id = text(body, "input_file_id", 1, 200)
        if file_id is None:
            raise bad_request("input_file_id must be the id of an uploaded file.", "input_file_id")
        if self._files.retrieve(file_id, "input_file_id")["purpose"] != "batch":
            raise bad_request("input_file_id must be a file uploaded with the purpose batch.", "input_file_id")
        if body.get("endpoint") != ENDPOINT:
            raise bad_request(f"endpoint must be {ENDPOINT}: this host supports no other batches.", "endpoint")
        if body.get("completion_window") != WINDOW:
            raise bad_request(f"completion_window must be {WINDOW}.", "completion_window")
        kept = metadata(body)
        identity = f"batch_{uuid.uuid4().hex[:24]}"
        row = (identity, int(time.time()), file_id, None if kept is None else json.dumps(kept))
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO batch (id, created_at, status, input_file, metadata) VALUES (?, ?, 'validating', ?, ?)",
                row,
            )
        return self.retrieve(identity)

    def row(self, identity: str) -> sqlite3.Row:
        with self._database.transaction() as db:
            row = db.execute("SELECT * FROM batch WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise not_found(f"There is no batch {identity!r} on this host.", "batch_id")
        return row  # type: ignore[no-any-return]

    def retrieve(self, identity: str) -> dict[str, Any]:
        return _shown(self.row(identity))

    def listing(self, after: str | None, limit: int) -> dict[str, Any]:
        """Newest first."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT * FROM batch ORDER BY rowid DESC").fetchall()
        listed = page([_shown(row) for row in rows], after, limit)
        ids = [entry["id"] for entry in listed["data"]]
        return {**listed, "first_id": ids[0], "last_id": ids[-1]} if ids else listed

    def cancel(self, identity: str) -> dict[str, Any]:
        """Asks whoever carries it out to stop; what is finished by then is kept. 400 once it has ended."""
        status = self.row(identity)["status"]
        with self._database.transaction() as db:
            done = db.execute(
                "UPDATE batch SET status = 'cancelling', cancelling_at = ? WHERE id = ?"
                " AND status IN ('validating', 'in_progress')",
                (int(time.time()), identity),
            ).rowcount
        if not done and status != "cancelling":
            raise bad_request(f"The batch can no longer be cancelled: it is {status}.", "batch_id", "batch_ended")
        return self.retrieve(identity)

    def claim(self, owner: str) -> sqlite3.Row | None:
        """The oldest batch that waits or whose owner fell silent, now ours; None when there is nothing to do."""
        now = self._now()
        with self._database.transaction() as db:
            row = db.execute(
                "UPDATE batch SET owner = ?, heartbeat = ? WHERE id ="
                f" (SELECT id FROM batch WHERE {_LIVE} AND"
                " (owner IS NULL OR heartbeat < ?) ORDER BY rowid LIMIT 1) RETURNING *",
                (owner, now, now - LEASE_SECONDS),
            ).fetchone()
        return row  # type: ignore[no-any-return]

    def update(self, identity: str, owner: str, /, **values: object) -> str:
        """Sets columns of a batch that is ours, and is a heartbeat; gives its status. Raises Lost when it is not ours.

        A wish to cancel that came meanwhile is not overwritten by `in_progress`.
        """
        values["heartbeat"] = self._now()
        columns = ", ".join(f"{column} = ?" for column in values)
        only = " AND status <> 'cancelling'" if values.get("status") == "in_progress" else ""
        with self._database.transaction() as db:
            db.execute(
                f"UPDATE batch SET {columns} WHERE id = ? AND owner = ?{only}", (*values.values(), identity, owner)
            )
            row = db.execute("SELECT status FROM batch WHERE id = ? AND owner = ?", (identity, owner)).fetchone()
        if row is None:
            raise Lost(identity)
        return str(row["status"])

    def end(self, identity: str, owner: str, status: str, **values: object) -> None:
        ended = {f"{status}_at": int(time.time())}
        self.update(identity, owner, status=status, **ended, **values)
        self.release(owner)

    def release(self, owner: str) -> None:
        """Gives back whatever `owner` holds, so that the next process need not wait for the lease to run out."""
        with self._database.transaction() as db:
            db.execute("UPDATE batch SET owner = NULL WHERE owner = ?", (owner,))


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    """The `batch` object. What is not there yet is left out, as the description wants it."""
    shown: dict[str, Any] = {
        "id": row["id"],
        "object": "batch",
        "endpoint": ENDPOINT,
        "completion_window": WINDOW,
        "input_file_id": row["input_file"],
        "created_at": row["created_at"],
        "status": row["status"],
        "request_counts": {"total": row["total"], "completed": row["completed"], "failed": row["failed"]},
        "metadata": json.loads(row["metadata"]) if row["metadata"] else None,
    }
    if row["errors"]:
        shown["errors"] = {"object": "list", "data": json.loads(row["errors"])}
    named = {"output_file_id": row["output_file"], "error_file_id": row["error_file"]}
    shown |= {name: value for name, value in named.items() if value}
    return shown | {name: row[name] for name in _TIMES if row[name]}
