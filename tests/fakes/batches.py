"""The batch half of `FakeHost`: files in, batches that go through a course of statuses, result files out.

    host.batches.course = ["validating", "in_progress", "completed"]     # one a look; the last one stays
    host.batches.carries_out = 10                                        # the rest is told as expired
    host.batches.refuse(lambda body: "response_format" in body, 400, "response_format is not supported")
    host.batches.hold()                                                  # nothing ends until `release()`

`carried_out` counts what was paid for, by item text; `overlaps` the items handed in while another batch that was not
over held them already.
"""

import json
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from tests.fakes.host import FakeHost

ENDED = ("completed", "expired", "cancelled", "failed")
COMPLETED = ("completed", "COMPLETED", "Succeeded", "SUCCESS", "finished")
"""As different hosts say it."""
_CARRIED_OUT = (*COMPLETED, "expired", "cancelled")


@dataclass
class FakeBatch:
    """`lines` are the requests as they came in."""

    id: str
    request: Mapping[str, Any]
    lines: list[dict[str, Any]]
    course: deque[str]
    status: str = "validating"
    files: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [line["body"]["messages"][-1]["content"] for line in self.lines]

    @property
    def is_over(self) -> bool:
        return self.status in ENDED


class BatchWorld:
    """Everything a test says about batches; `dialect` is "openai" or "together"."""

    def __init__(self, host: "FakeHost") -> None:
        self._host = host
        self.dialect = "openai"
        self.course = ["validating", "in_progress", "finalizing", "completed"]
        self.carries_out: int | None = None
        self.keeps_metadata = True
        self.extra_output: list[str] = []
        self.says_twice = False
        self.refuses_file: dict[str, Any] | None = None
        self.all: dict[str, FakeBatch] = {}
        self.purposes: list[str] = []
        self.carried_out: Counter[str] = Counter()
        self.overlaps: Counter[str] = Counter()
        self._refused: list[tuple[Callable[[Mapping[str, Any]], bool], int, str]] = []
        self._held = False

    def refuse(self, where: Callable[[Mapping[str, Any]], bool], status: int, message: str) -> None:
        """Answer every line whose body satisfies `where` with this error."""
        self._refused.append((where, status, message))

    def hold(self) -> None:
        self._held = True

    def release(self) -> None:
        self._held = False

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [line["body"] for batch in self.all.values() for line in batch.lines]

    def routes(self) -> list[web.RouteDef]:
        other = self._host.route
        return [
            web.post("/v1/files/upload", other(self._upload)),
            web.get("/v1/files/{id}/content", self._content),
            web.post("/v1/batches", other(self._create)),
            web.get("/v1/batches", other(self._list)),
            web.get("/v1/batches/{id}", other(self._look)),
            web.post("/v1/batches/{id}/cancel", other(self._cancel)),
        ]

    async def _upload(self, request: web.Request) -> Any:
        """Together's way in."""
        form = await request.post()
        assert form["file_name"] and self.dialect == "together"
        return self._host.keep_file(form)

    async def _content(self, request: web.Request) -> web.StreamResponse:
        steps = self._host.steps_of("GET /files/{id}/content")
        if steps:
            return await self._host.perform(request, steps.popleft())
        return web.Response(text=self._host.files[request.match_info["id"]], content_type="application/octet-stream")

    async def _create(self, request: web.Request) -> Any:
        asked = await request.json()
        lines = [json.loads(line) for line in self._host.files[asked["input_file_id"]].splitlines()]
        assert asked["endpoint"] == "/v1/chat/completions" and asked["completion_window"] == "24h"
        assert len({line["custom_id"] for line in lines}) == len(lines)
        batch = FakeBatch(f"batch_{len(self.all) + 1}", asked, lines, deque(self.course))
        under_way = {text for other in self.all.values() if not other.is_over for text in other.texts}
        self.overlaps.update(text for text in set(batch.texts) if text in under_way)
        self.all[batch.id] = batch
        if self.refuses_file is not None:
            batch.errors, batch.course = [self.refuses_file], deque(["failed"])
            self.refuses_file = None
        told = self._told(batch)
        return {"job": told, "warning": ""} if self.dialect == "together" else told

    async def _list(self, request: web.Request) -> Any:
        newest = [self._told(batch) for batch in reversed(list(self.all.values()))]
        if self.dialect == "together":
            return newest
        ids = [batch["id"] for batch in newest]
        after = request.query.get("after")
        start = ids.index(after) + 1 if after else 0
        limit = int(request.query.get("limit", 20))
        return {"object": "list", "data": newest[start : start + limit], "has_more": start + limit < len(newest)}

    async def _look(self, request: web.Request) -> Any:
        batch = self.all[request.match_info["id"]]
        if batch.course and not (self._held and batch.course[0] in ENDED):
            batch.status = batch.course.popleft()
            if batch.status in _CARRIED_OUT and not batch.files:
                self._carry_out(batch)
        return self._told(batch)

    async def _cancel(self, request: web.Request) -> Any:
        batch = self.all[request.match_info["id"]]
        if not batch.is_over:
            batch.status, batch.course = "cancelling", deque(["cancelling", "cancelled"])
        return self._told(batch)

    def _told(self, batch: FakeBatch) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": batch.id,
            "input_file_id": batch.request["input_file_id"],
            "endpoint": batch.request["endpoint"],
            "output_file_id": batch.files.get("output"),
            "error_file_id": batch.files.get("error"),
        }
        if self.dialect == "together":
            status = "IN_PROGRESS" if batch.status == "cancelling" else batch.status.upper()
            return {**told, "status": status, "created_at": "2026-11-21T14:30:00Z", "progress": 50.0}
        counts = {"total": len(batch.lines), "completed": 0, "failed": 0}
        return {
            **told,
            "object": "batch",
            "status": batch.status,
            "completion_window": "24h",
            "created_at": 1_700_000_000,
            "errors": {"object": "list", "data": batch.errors} if batch.errors else None,
            "request_counts": counts,
            "metadata": batch.request.get("metadata") if self.keeps_metadata else None,
        }

    # carrying out

    def _carry_out(self, batch: FakeBatch) -> None:
        output, error = list(self.extra_output), []
        done = len(batch.lines) if batch.status in COMPLETED and self.carries_out is None else self.carries_out or 0
        for number, line in enumerate(batch.lines):
            if number >= done:
                code = "batch_cancelled" if batch.status == "cancelled" else "batch_expired"
                said = {"code": code, "message": "This request could not be executed in time."}
                error.append(self._line(line, None, said))
            elif refusal := self._refusal(line["body"]):
                error.append(self._line(line, refusal, None))
            else:
                output += [self._line(line, self._answer(line["body"]), None)] * (2 if self.says_twice else 1)
        random.Random(batch.id).shuffle(output)
        for kind, lines in (("output", output), ("error", error)):
            if lines:
                batch.files[kind] = f"file-{kind}-{batch.id}"
                self._host.files[batch.files[kind]] = "".join(f"{line}\n" for line in lines)

    def _refusal(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        for where, status, message in self._refused:
            if where(body):
                return {"status_code": status, "request_id": "r", "body": {"error": {"message": message}}}
        return None

    def _answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        text = body["messages"][-1]["content"]
        self.carried_out[text] += 1
        return {"status_code": 200, "request_id": "r", "body": self._host.completion_of(text, body)}

    @staticmethod
    def _line(line: Mapping[str, Any], response: Any, error: Any) -> str:
        told = {"id": "batch_req", "custom_id": line["custom_id"], "response": response, "error": error}
        return json.dumps(told, ensure_ascii=False)
