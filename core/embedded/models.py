"""The models one can call: the base model, and tuned ones with their checkpoints."""

import functools
import io
import time
from typing import Any

from core.embedded.chat import BASE_MODEL
from core.embedded.database import Database
from core.embedded.errors import bad_request, unknown_model
from core.embedded.heads.saved import Head, read_head, write_head

BASE_CREATED = 1_630_281_600  # 30 August 2021, when the encoder was published
OWNER = "labelloop"


class Models:
    """Tuned models live in the host's database and survive a restart."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cached = functools.lru_cache(maxsize=64)(self._load)

    def listing(self) -> dict[str, Any]:
        """The base model and tuned ones, newest first; checkpoints can be called but are not listed."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT id, created_at FROM model WHERE NOT is_checkpoint ORDER BY created_at DESC, id")
            tuned = [_shown(row["id"], row["created_at"]) for row in rows]
        return {"object": "list", "data": [_shown(BASE_MODEL, BASE_CREATED), *tuned]}

    def retrieve(self, name: str) -> dict[str, Any]:
        if name == BASE_MODEL:
            return _shown(BASE_MODEL, BASE_CREATED)
        with self._database.transaction() as db:
            row = db.execute("SELECT id, created_at FROM model WHERE id = ?", (name,)).fetchone()
        if row is None:
            raise unknown_model(name)
        return _shown(row["id"], row["created_at"])

    def delete(self, name: str) -> dict[str, Any]:
        """Deletes a tuned model; its checkpoints stay. The base model cannot be deleted (400)."""
        if name == BASE_MODEL:
            raise bad_request("The base model cannot be deleted.", "model")
        with self._database.transaction() as db:
            if not db.execute("DELETE FROM model WHERE id = ?", (name,)).rowcount:
                raise unknown_model(name)
        return {"id": name, "object": "model", "deleted": True}

    def save(self, name: str, job_id: str, head: Head, is_checkpoint: bool = False) -> None:
        """Keeps a head under a name; saving the same name again (a job taken up again) replaces it."""
        buffer = io.BytesIO()
        write_head(head, buffer)
        row = (name, int(time.time()), job_id, buffer.getvalue(), is_checkpoint)
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO model VALUES (?, ?, ?, ?, ?)", row)

    def find(self, name: str) -> Head | None:
        """The head of a tuned model or checkpoint; None for an unknown name."""
        with self._database.transaction() as db:
            row = db.execute("SELECT created_at FROM model WHERE id = ?", (name,)).fetchone()
        return self._cached(name, row["created_at"]) if row else None

    def _load(self, name: str, _: int) -> Head | None:
        with self._database.transaction() as db:
            row = db.execute("SELECT head FROM model WHERE id = ?", (name,)).fetchone()
        return read_head(io.BytesIO(row["head"])) if row else None


def _shown(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": OWNER}
