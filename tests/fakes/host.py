"""A small programmable server of the OpenAI protocol on loopback: a world at the wire, not a mock.

    with FakeHost(answer=lambda text: "SPORTS") as host:
        host.next(fails(429, headers={"retry-after-ms": "5"}))        # for whatever request comes next
        host.for_item("Final score", reset(), reset())                # for the next two requests about this item
        host.disturb(7, (fails(429), 0.02), (reset(), 0.01))          # a seeded share of all the others
        host.on("GET /models", fails(500))                            # for another route

What it was asked is in `asked` (bodies, headers), `counts` (requests by item text) and `in_flight_most`. `hold()` makes
chat requests wait until `release()`, so that a test can look at a run that is surely under way.
"""

import asyncio
import json
import math
import random
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.fakes.batches import BatchWorld
from tests.fakes.ports import number, own_port

CONFIDENCE = 0.8


@dataclass(frozen=True)
class Step:
    """What happens to one request. `kind`: answer, fail, reset, cut, garbage, hang."""

    kind: str
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content: str | None = None
    finish_reason: str = "stop"
    refusal: str | None = None
    delay: float = 0.0
    after_doing: bool = False
    message: Mapping[str, Any] = field(default_factory=dict)


def says(
    content: str,
    *,
    finish_reason: str = "stop",
    refusal: str | None = None,
    delay: float = 0.0,
    headers: Mapping[str, str] = {},
    **message: Any,
) -> Step:
    """An answer with exactly this content; `message` is what else its message holds (reasoning_content, tool_calls)."""
    return Step(
        "answer",
        content=content,
        finish_reason=finish_reason,
        refusal=refusal,
        delay=delay,
        headers=dict(headers),
        message=message,
    )


def fails(status: int, message: str = "", *, code: str = "", param: str = "", headers: Mapping[str, str] = {}) -> Step:
    """An error in OpenAI's shape."""
    error = {"message": message or f"trouble {status}", "type": "error", "param": param or None, "code": code or None}
    return Step("fail", status=status, body=json.dumps({"error": error}).encode(), headers=dict(headers))


def out_of_credit() -> Step:
    return fails(429, "You exceeded your current quota.", code="insufficient_quota")


def error_in_200(message: str = "upstream went away", *, code: int | None = None) -> Step:
    return Step("fail", status=200, body=json.dumps({"error": {"message": message, "code": code}}).encode())


def garbage(body: bytes = b"<html>502 Bad Gateway</html>") -> Step:
    """A 200 whose body is no chat completion."""
    return Step("garbage", body=body)


def reset(*, after_doing: bool = False) -> Step:
    """The connection is torn down without a word; with `after_doing` once the work itself was done."""
    return Step("reset", after_doing=after_doing)


def cut() -> Step:
    """Half the body, then the connection ends."""
    return Step("cut")


def hang() -> Step:
    """No answer at all until the client hangs up or the host is closed."""
    return Step("hang")


@dataclass(frozen=True)
class Asked:
    """One chat request as it arrived."""

    text: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    at: float


@dataclass
class Job:
    """One fine-tuning job; `course` are the statuses it goes through, one a look; the last one stays."""

    id: str
    request: Mapping[str, Any]
    course: deque[str]
    status: str = "queued"
    error: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)


class FakeHost:
    """Runs in a thread of its own from `start()` to `close()`, or as a context manager."""

    def __init__(self, answer: Callable[[str], str] = lambda text: "SPORTS", port: int = 0) -> None:
        """`answer` gives the label for an item's text (the last message); `port` 0 takes a free one."""
        self.answer = answer
        self.gives_logprobs = True
        self.tokens: Callable[[str], tuple[int, int]] = lambda text: (10, 3)
        self.models = ["fake-large", "fake-small"]
        self.asked: list[Asked] = []
        self.embedded: list[str] = []
        self.counts: Counter[str] = Counter()
        self.served: Counter[str] = Counter()
        self.files: dict[str, str] = {}
        self.jobs: dict[str, Job] = {}
        self.course: list[str] = ["validating_files", "running", "succeeded"]
        self.events: list[dict[str, Any]] = []
        self.tuned_name = ""
        self.ends: Mapping[str, Any] = {}
        """What a job says besides once it has come to the end of its course."""
        self.batches = BatchWorld(self)
        self.in_flight = self.in_flight_most = 0
        self._lock = threading.Lock()
        self._next: deque[Step] = deque()
        self._by_item: dict[str, deque[Step]] = defaultdict(deque)
        self._by_route: dict[str, deque[Step]] = defaultdict(deque)
        self._always: Step | None = None
        self._refuses: list[tuple[Callable[[Mapping[str, Any]], bool], Step]] = []
        self._chance: random.Random | None = None
        self._shares: tuple[tuple[Step, float], ...] = ()
        self._free = 0
        self._open = threading.Event()
        self._open.set()
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread | None = None
        self._place = own_port(port)

    # programming it

    def next(self, *steps: Step) -> None:
        """Steps for the next chat requests, whatever they are about."""
        self._next.extend(steps)

    def for_item(self, text: str, *steps: Step) -> None:
        """Steps for the next chat requests about the item with exactly this text."""
        self._by_item[text].extend(steps)

    def always(self, step: Step | None) -> None:
        """What happens to every chat request nothing else is said about; None answers again."""
        self._always = step

    def refuse(self, where: Callable[[Mapping[str, Any]], bool], step: Step) -> None:
        """Treat every chat request whose body satisfies `where` so."""
        self._refuses.append((where, step))

    def disturb(self, seed: int, *shares: tuple[Step, float]) -> None:
        """Give a random but seeded share of all chat requests each of these steps."""
        self._chance, self._shares = random.Random(seed), shares

    def on(self, route: str, *steps: Step) -> None:
        """Steps for the next requests to another route, named as "POST /fine_tuning/jobs"."""
        self._by_route[route].extend(steps)

    def recover(self, route: str) -> None:
        """What `on` said about a route happens no more."""
        self._by_route[route] = deque()

    def hold(self, after: int = 0) -> None:
        """Let chat requests wait from the one after number `after` on."""
        self._free = after
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def wait_for_requests(self, n: int, timeout: float = 20.0) -> None:
        """Until `n` chat requests have arrived in all; fails loudly when they do not."""
        self._wait(lambda: len(self.asked) >= n, f"{n} requests", timeout)

    def wait_until_idle(self, timeout: float = 20.0) -> None:
        """Until nothing is in flight."""
        self._wait(lambda: self.in_flight == 0, "nothing in flight", timeout)

    def _wait(self, condition: Callable[[], bool], what: str, timeout: float) -> None:
        until = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > until:
                raise AssertionError(f"waited {timeout} s for {what}; saw {len(self.asked)} requests")
            time.sleep(0.002)

    # being it

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def port(self) -> int:
        return number(self._place)

    def start(self) -> Self:
        """Also again after `close()`: then at the same port, remembering everything."""
        started: threading.Event = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(started,), name="fake-host", daemon=True)
        self._thread.start()
        assert started.wait(10), "the fake host did not start"
        return self

    def close(self) -> None:
        self._open.set()
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True)
        self._loop.run_until_complete(site.start())
        started.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024**2)
        app.add_routes(self.routes())
        return app

    def routes(self) -> list[web.RouteDef]:
        """What it answers to; other hosts answer to more, or to something else."""
        return [
            web.post("/v1/chat/completions", self._chat),
            web.post("/v1/decisions", self._decide),
            web.post("/v1/embeddings", self._other(self._embed)),
            web.get("/v1/models", self._other(self._list_models)),
            web.post("/v1/files", self._other(self._upload)),
            web.post("/v1/fine_tuning/jobs", self._other(self._create)),
            web.get("/v1/fine_tuning/jobs", self._other(self._list_jobs)),
            web.get("/v1/fine_tuning/jobs/{id}", self._other(self._look)),
            web.get("/v1/fine_tuning/jobs/{id}/events", self._other(self._list_events)),
            web.get("/v1/fine_tuning/jobs/{id}/checkpoints", self._other(self._list_checkpoints)),
            web.post("/v1/fine_tuning/jobs/{id}/cancel", self._other(self._cancel)),
            *self.batches.routes(),
        ]

    # chat

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._asked_about(request, body, body["messages"][-1]["content"], self._completion)

    async def _embed(self, request: web.Request) -> dict[str, Any]:
        """A vector of how often each letter occurs: near for texts of the same letters."""
        texts = (await request.json())["input"]
        self.embedded += texts
        vectors = [[float(text.casefold().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        data = [{"object": "embedding", "index": at, "embedding": one} for at, one in enumerate(vectors)]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return {"object": "list", "model": "fake", "data": data, "usage": usage}

    async def _decide(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._asked_about(request, body, body["input"][-1]["content"], self._decision)

    async def _asked_about(
        self,
        request: web.Request,
        body: Mapping[str, Any],
        text: str,
        answered: Callable[[Step, str, Mapping[str, Any]], Mapping[str, Any]],
    ) -> web.StreamResponse:
        with self._lock:
            self.asked.append(Asked(text, body, dict(request.headers), time.monotonic()))
            is_held = len(self.asked) > self._free
            self.counts[text] += 1
            self.in_flight += 1
            self.in_flight_most = max(self.in_flight_most, self.in_flight)
            step = self._step_for(text, body)
        try:
            while is_held and not self._open.is_set():
                await asyncio.sleep(0.002)
            return await self._perform(request, step, lambda: answered(step, text, body))
        finally:
            with self._lock:
                self.in_flight -= 1

    def _step_for(self, text: str, body: Mapping[str, Any]) -> Step:
        for where, step in self._refuses:
            if where(body):
                return step
        if self._by_item[text]:
            return self._by_item[text].popleft()
        if self._next:
            return self._next.popleft()
        if self._chance is not None:
            drawn = self._chance.random()
            for step, share in self._shares:
                if drawn < share:
                    return step
                drawn -= share
        return self._always or Step("answer")

    def _completion(self, step: Step, text: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.served[text] += 1
        label = self.answer(text)
        content = json.dumps({"label": label}, ensure_ascii=False) if step.content is None else step.content
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": content, "refusal": step.refusal, **step.message},
            "finish_reason": step.finish_reason,
            "logprobs": None,
        }
        if body.get("logprobs") and self.gives_logprobs and step.content is None:
            pieces = [('{"label": "', 0.0), (label, math.log(CONFIDENCE)), ('"}', 0.0)]
            choice["logprobs"] = {"content": [{"token": t, "logprob": p, "top_logprobs": []} for t, p in pieces]}
        asked, answered = self.tokens(text)
        return {
            "id": f"chatcmpl-{len(self.asked)}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": body["model"],
            "choices": [choice],
            "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
        }

    def completion_of(self, text: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a chat request about this item is answered."""
        return self._completion(Step("answer"), text, body)

    def _decision(self, _: Step, text: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The chosen label has probability CONFIDENCE, the others share the rest; an answer not offered is refused."""
        self.served[text] += 1
        asked, label = body["questions"][0], self.answer(text)
        values = [choice["value"] for choice in asked["choices"]]
        rest = (1.0 - CONFIDENCE) / (len(values) - 1)
        answer: dict[str, Any] = {"type": "refusal", "name": asked.get("name")}
        if label in values:
            shares = [{"value": v, "probability": CONFIDENCE if v == label else rest} for v in values]
            answer |= {"type": "choice", "choice": label, "confidence": 0.5, "probabilities": shares}
        usage = {
            "input_tokens": 12,
            "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 12,
        }
        return {"answers": [answer], "model": body["model"], "usage": usage}

    # models, files, jobs

    def route(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        """A route that can be disturbed with `on`; `handler` gives its JSON."""
        return self._other(handler)

    async def perform(self, request: web.Request, step: Step) -> web.StreamResponse:
        """Let a step happen to a request that is answered with an empty object otherwise."""
        return await self._perform(request, step, dict)

    def steps_of(self, route: str) -> deque[Step]:
        """What `on` said about a route, and has not happened yet."""
        return self._by_route[route]

    def _other(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            pattern = request.match_info.route.resource.canonical.removeprefix("/v1")  # type: ignore[union-attr]
            route = f"{request.method} {pattern}"
            self.served[route] += 1
            steps = self._by_route[route]
            step = steps.popleft() if steps else Step("answer")
            if step.kind == "answer" or step.after_doing:
                done = await handler(request)
            return await self._perform(request, step, lambda: done)

        return handle

    async def _list_models(self, _: web.Request) -> dict[str, Any]:
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "fake"} for name in self.models]
        return {"object": "list", "data": data}

    async def _upload(self, request: web.Request) -> dict[str, Any]:
        return self.keep_file(await request.post())

    def keep_file(self, form: Any) -> dict[str, Any]:
        """Keep an upload and say what a host says of it."""
        content = form["file"].file.read().decode("utf-8")
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        self.batches.purposes.append(form["purpose"])
        facts = {"bytes": len(content), "created_at": 0, "filename": "f.jsonl", "purpose": form["purpose"]}
        return {"id": name, "object": "file", "status": "processed", **facts}

    async def _create(self, request: web.Request) -> dict[str, Any]:
        asked = await request.json()
        job = Job(f"ftjob-{len(self.jobs) + 1}", asked, deque(self.course), events=list(self.events))
        self.jobs[job.id] = job
        return self._told(job)

    def _told(self, job: Job) -> dict[str, Any]:
        succeeded = job.status == "succeeded"
        return {
            "id": job.id,
            "object": "fine_tuning.job",
            "created_at": 1_700_000_000,
            "model": job.request["model"],
            "status": job.status,
            "fine_tuned_model": (self.tuned_name or f"ft:{job.request['model']}:{job.id}") if succeeded else None,
            "training_file": job.request["training_file"],
            "metadata": job.request.get("metadata"),
            "error": {"code": "failed", "message": job.error, "param": None} if job.error else None,
            "hyperparameters": {},
            "result_files": [],
            "organization_id": "org",
            "seed": job.request.get("seed"),
            **({} if job.course else self.ends),
        }

    async def _list_jobs(self, _: web.Request) -> dict[str, Any]:
        data = [self._told(job) for job in reversed(list(self.jobs.values()))]
        return {"object": "list", "data": data, "has_more": False}

    async def _look(self, request: web.Request) -> dict[str, Any]:
        job = self.jobs[request.match_info["id"]]
        if job.course and job.status != "cancelled":
            job.status = job.course.popleft()
        return self._told(job)

    async def _list_events(self, request: web.Request) -> dict[str, Any]:
        return {"object": "list", "data": self.jobs[request.match_info["id"]].events, "has_more": False}

    async def _list_checkpoints(self, _: web.Request) -> dict[str, Any]:
        return {"object": "list", "data": [], "has_more": False}

    async def _cancel(self, request: web.Request) -> dict[str, Any]:
        job = self.jobs[request.match_info["id"]]
        job.status, job.course = "cancelled", deque()
        return self._told(job)

    # misbehaving

    async def _perform(self, request: web.Request, step: Step, content: Callable[[], Any]) -> web.StreamResponse:
        if step.delay:
            await asyncio.sleep(step.delay)
        if step.kind == "answer":
            told = content()
            return told if isinstance(told, web.Response) else web.json_response(told, headers=step.headers)
        if step.kind in ("fail", "garbage"):
            return web.Response(status=step.status, body=step.body, headers=step.headers)
        if step.kind == "hang":
            await asyncio.sleep(3600)
        if step.kind == "cut":
            response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
            await response.prepare(request)
            await response.write(b'{"id": "chatcmpl-1", "choices": [')
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=500)
