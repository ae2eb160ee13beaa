"""/v1/files: uploads and results, their bytes in a folder, what is known about them in the database."""

import time
import uuid
from pathlib import Path
from typing import IO, Any

from core.embedded.database import Database
from core.embedded.errors import bad_request, not_found
from core.embedded.paging import page

PURPOSES = ("fine-tune", "batch")
RESULTS = "fine-tune-results"
BATCH_RESULTS = "batch_output"
CHUNK = 2**20


class Files:
    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def create(self, source: IO[bytes], filename: str, purpose: str) -> dict[str, Any]:
        """Copies `source` to its end. The row appears only once all bytes are there. 400 for an unknown purpose."""
        if purpose not in (*PURPOSES, RESULTS, BATCH_RESULTS):
            raise bad_request(f"purpose must be one of {', '.join(PURPOSES)}.", "purpose")
        identity = f"file-{uuid.uuid4().hex[:24]}"
        size = 0
        with (self._folder / identity).open("wb") as target:
            while chunk := source.read(CHUNK):
                size += target.write(chunk)
        row = (identity, int(time.time()), filename[:255] or "upload", purpose, size)
        with self._database.transaction() as db:
            db.execute("INSERT INTO file VALUES (?, ?, ?, ?, ?)", row)
        return self.retrieve(identity)

    def retrieve(self, identity: str, param: str = "file_id") -> dict[str, Any]:
        """The file object. 404 for an unknown id, naming `param`."""
        with self._database.transaction() as db:
            row = db.execute("SELECT * FROM file WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise not_found(f"There is no file {identity!r} on this host.", param)
        return {**dict(row), "object": "file", "status": "processed"}

    def path(self, identity: str, param: str = "file_id") -> Path:
        return self._folder / str(self.retrieve(identity, param)["id"])

    def delete(self, identity: str) -> dict[str, Any]:
        self.path(identity).unlink(missing_ok=True)
        with self._database.transaction() as db:
            db.execute("DELETE FROM file WHERE id = ?", (identity,))
        return {"id": identity, "object": "file", "deleted": True}

    def listing(self, purpose: str | None, after: str | None, limit: int) -> dict[str, Any]:
        """Newest first, `limit` of those behind the file `after`."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT * FROM file WHERE ? IN ('', purpose) ORDER BY rowid DESC", (purpose or "",))
            files = [{**dict(row), "object": "file", "status": "processed"} for row in rows]
        listed = page(files, after, limit)
        ids = [file["id"] for file in listed["data"]] or [""]
        return {**listed, "first_id": ids[0], "last_id": ids[-1]}
