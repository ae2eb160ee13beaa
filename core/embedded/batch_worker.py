"""Carries out batches, one at a time, on the server's own event loop.

Only a few lines are under way at once, so that requests of people who wait come through between them. A batch that
was interrupted starts over: what was encoded before is remembered, so that costs little.
"""

import asyncio
import io
import json
import logging
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from core.embedded.batches import ENDPOINT, Batches
from core.embedded.errors import ApiError, bad_request
from core.embedded.files import BATCH_RESULTS, Files
from core.embedded.http import json_object
from core.embedded.jobs import Lost

log = logging.getLogger("labelloop.embedded")

POLL_SECONDS = 2.0
BUSY_SECONDS = 0.2
AT_ONCE = 8
NOTE_EVERY = 40
MAX_LINES = 50_000
MAX_COMPLAINTS = 20

Complete = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


class BatchWorker:
    """`complete` answers one chat request. `run` works until it is cancelled."""

    def __init__(self, batches: Batches, files: Files, complete: Complete) -> None:
        self._batches, self._files, self._complete = batches, files, complete
        self._owner = uuid.uuid4().hex
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Says that there may be a new batch; on the loop's own thread."""
        self._wake.set()

    async def run(self) -> None:
        try:
            while True:
                self._wake.clear()
                try:
                    while await self.work_once():
                        pass
                except Exception:
                    log.exception("looking for batches failed")
                try:
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue
        finally:
            self._batches.release(self._owner)

    async def work_once(self) -> bool:
        """Carries out one batch to its end, if there is one; whether there was."""
        row = await asyncio.to_thread(self._batches.claim, self._owner)
        if row is None:
            return False
        try:
            await self._carry_out(row)
        except Lost:
            log.info("batch %s was taken over", row["id"])
        except Exception as error:
            log.exception("batch %s failed", row["id"])
            said = [{"code": "server_error", "message": f"The embedded host failed: {error}"}]
            await asyncio.to_thread(self._batches.end, row["id"], self._owner, "failed", errors=json.dumps(said))
        return True

    async def _carry_out(self, row: sqlite3.Row) -> None:
        identity, path = row["id"], self._files.path(row["input_file"], "input_file_id")
        total, complaints = await asyncio.to_thread(check, path)
        if complaints:
            errors = json.dumps(complaints)
            await asyncio.to_thread(self._batches.end, identity, self._owner, "failed", errors=errors, total=total)
            return
        begun = {"total": total, "completed": 0, "failed": 0}
        await self._note(identity, status="in_progress", in_progress_at=int(time.time()), **begun)
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors_file:
            whole = await self._answer_all(identity, path, output, errors_file)
            await self._note(identity, **({"status": "finalizing"} if whole else {}))
            kept = await asyncio.to_thread(self._keep, identity, output, errors_file)
        await asyncio.to_thread(self._batches.end, identity, self._owner, "completed" if whole else "cancelled", **kept)

    async def _note(self, identity: str, **values: object) -> str:
        return await asyncio.to_thread(lambda: self._batches.update(identity, self._owner, **values))

    async def _answer_all(self, identity: str, path: Path, output: IO[bytes], errors: IO[bytes]) -> bool:
        """Writes a line for each request, `AT_ONCE` at a time in the file's order; False where it was cancelled."""
        done = {"completed": 0, "failed": 0}
        with path.open("rb") as source:
            while lines := [line for _, line in zip(range(AT_ONCE), source, strict=False)]:
                for answered in await asyncio.gather(*(self._answer(line) for line in lines if line.strip())):
                    is_good = answered["response"]["status_code"] == 200
                    (output if is_good else errors).write(json.dumps(answered).encode() + b"\n")
                    done["completed" if is_good else "failed"] += 1
                if sum(done.values()) % NOTE_EVERY < AT_ONCE and await self._note(identity, **done) == "cancelling":
                    return False
        return await self._note(identity, **done) != "cancelling"

    async def _answer(self, line: bytes) -> dict[str, Any]:
        request = json_object(line)
        while True:
            try:
                status, body = 200, await self._complete(request["body"])
            except ApiError as error:
                if error.status == 429:  # people who wait go first
                    await asyncio.sleep(BUSY_SECONDS)
                    continue
                status, body = error.status, error.body()
            response = {"status_code": status, "request_id": f"req_{uuid.uuid4().hex}", "body": body}
            named = {"id": f"batch_req_{uuid.uuid4().hex[:24]}", "custom_id": request["custom_id"]}
            return {**named, "response": response, "error": None}

    def _keep(self, identity: str, output: IO[bytes], errors: IO[bytes]) -> dict[str, str]:
        """The result files that are not empty, as columns of the batch."""
        kept = {}
        for column, content in (("output_file", output), ("error_file", errors)):
            if content.tell():
                content.seek(io.SEEK_SET)
                name = f"{identity}_{column.removesuffix('_file')}.jsonl"
                kept[column] = str(self._files.create(content, name, BATCH_RESULTS)["id"])
        return kept


def check(path: Path) -> tuple[int, list[dict[str, Any]]]:
    """`(requests, complaints)` of a batch's file; complaints are `{code, line, message, param}`, the first twenty."""
    seen: set[str] = set()
    complaints = []
    for number, message in _complaints(path, seen):
        complaints.append({"code": "invalid_request", "line": number, "message": message, "param": None})
        if len(complaints) == MAX_COMPLAINTS:
            break
    if not complaints and not seen:
        complaints = [{"code": "empty_file", "line": None, "message": "The file contains no requests.", "param": None}]
    return len(seen), [{k: v for k, v in complaint.items() if v is not None} for complaint in complaints]


def _complaints(path: Path, seen: set[str]) -> Iterator[tuple[int, str]]:
    with path.open("rb") as source:
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                _check_request(json_object(line), seen)
            except ApiError as error:
                yield number, error.message
            if len(seen) > MAX_LINES:
                yield number, f"A batch can contain at most {MAX_LINES:,} requests."
                return


def _check_request(request: Mapping[str, Any], seen: set[str]) -> None:
    identity = request.get("custom_id")
    if not isinstance(identity, str) or not identity:
        raise bad_request("custom_id must be a string.", "custom_id")
    if identity in seen:
        raise bad_request(f"custom_id {identity!r} appears in the file twice.", "custom_id")
    if request.get("method") != "POST" or request.get("url") != ENDPOINT:
        raise bad_request(f"method must be POST and url {ENDPOINT}.", "url")
    if not isinstance(request.get("body"), dict):
        raise bad_request("body must be a JSON object.", "body")
    seen.add(identity)
