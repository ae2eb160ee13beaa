"""The routes: which function answers which path. `build` wires the host's parts together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from core.embedded import http
from core.embedded.batch_worker import BatchWorker
from core.embedded.batcher import Batcher
from core.embedded.batches import Batches
from core.embedded.cache import EmbeddingCache
from core.embedded.chat import Chat
from core.embedded.database import Database
from core.embedded.embeddings import embeddings
from core.embedded.encoder import Encoder
from core.embedded.errors import ApiError, bad_request
from core.embedded.files import PURPOSES, Files
from core.embedded.jobs import Jobs
from core.embedded.models import Models
from core.embedded.orders import read_order
from core.embedded.paging import limit_of
from core.embedded.senses import PatientSenses
from core.embedded.trainer import Trainer
from core.embedded.words import WordReader

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """Bytes of a request, bytes of an upload, and texts that may wait to be encoded."""

    body: int = 8 * MEGABYTE
    upload: int = 512 * MEGABYTE
    waiting: int = 4096


@dataclass
class Host:
    """The parts of one running host; `data_dir` is created where missing."""

    data_dir: Path
    encoder: Encoder
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(self.data_dir / "host.sqlite")
        self.files = Files(database, self.data_dir / "files")
        self.jobs = Jobs(database)
        self.cache = EmbeddingCache(self.data_dir / "embeddings.sqlite", self.encoder.encode)
        self.batcher = Batcher(self.cache, self.limits.waiting)
        self.models = Models(database)
        words = WordReader(self.encoder).read
        self.chat = Chat(self.batcher, words, self.encoder.count_tokens, self.models.find)
        self.batches = Batches(database, self.files)
        self.batch_worker = BatchWorker(self.batches, self.files, self.chat.complete)
        senses = PatientSenses(self.cache.embed, words)
        self.trainer = Trainer(self.jobs, self.files, self.models, senses, self.encoder.count_tokens)

    async def embed(self, body: dict[str, Any]) -> dict[str, Any]:
        return await embeddings(body, self.batcher, self.encoder.count_tokens)

    def create_job(self, body: dict[str, Any]) -> dict[str, Any]:
        job = self.jobs.create(read_order(body, self.files, self.models))
        self.trainer.wake()
        return job

    async def create_batch(self, body: dict[str, Any]) -> dict[str, Any]:
        batch = await run_in_threadpool(self.batches.create, body)
        self.batch_worker.wake()
        return batch

    @asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        """The trainer and the worker on batches work as long as requests are answered."""
        self.trainer.start()
        batches = asyncio.create_task(self.batch_worker.run())
        yield
        batches.cancel()
        await asyncio.gather(batches, return_exceptions=True)
        await run_in_threadpool(self.trainer.stop)


def build(host: Host, token: str = "") -> Starlette:
    """The ASGI application. With an empty token everybody who reaches the port may use it."""
    routes = [*_inference(host), *_files(host.files), *_batches(host), *_fine_tuning(host)]
    limits = {"": host.limits.body, "/v1/files": host.limits.upload + MEGABYTE}
    handlers: Mapping[Any, Any] = {
        ApiError: http.on_api_error,
        HTTPException: http.on_http_error,
        Exception: http.on_bug,
    }
    middleware = [Middleware(http.Guard, token, limits)]
    return Starlette(routes=routes, middleware=middleware, exception_handlers=handlers, lifespan=host.running)


def _inference(host: Host) -> list[Route]:
    return [
        Route("/health", _plain(lambda request: {"status": "ok"})),
        Route("/v1/chat/completions", http.asynchronous(host.chat.complete), methods=["POST"]),
        Route("/v1/embeddings", http.asynchronous(host.embed), methods=["POST"]),
        Route("/v1/models", _plain(lambda request: host.models.listing())),
        Route("/v1/models/{id}", _plain(lambda request: host.models.retrieve(request.path_params["id"]))),
        Route(
            "/v1/models/{id}", _plain(lambda request: host.models.delete(request.path_params["id"])), methods=["DELETE"]
        ),
    ]


def _files(files: Files) -> list[Route]:
    def listing(request: Request) -> dict[str, Any]:
        query = request.query_params
        return files.listing(query.get("purpose"), query.get("after"), limit_of(query, 10_000, 10_000))

    async def upload(request: Request) -> Response:
        async with request.form(max_files=1) as form:
            file, purpose = form.get("file"), form.get("purpose")
            if not isinstance(file, UploadFile):
                raise bad_request("file must be an uploaded file.", "file")
            if purpose not in PURPOSES:
                raise bad_request(f"purpose must be one of {', '.join(PURPOSES)}.", "purpose")
            return JSONResponse(await run_in_threadpool(files.create, file.file, file.filename or "", str(purpose)))

    async def content(request: Request) -> Response:
        path = await run_in_threadpool(files.path, request.path_params["id"])
        return FileResponse(path, media_type="application/octet-stream")

    return [
        Route("/v1/files", upload, methods=["POST"]),
        Route("/v1/files", _plain(listing)),
        Route("/v1/files/{id}", _plain(lambda request: files.retrieve(request.path_params["id"]))),
        Route("/v1/files/{id}", _plain(lambda request: files.delete(request.path_params["id"])), methods=["DELETE"]),
        Route("/v1/files/{id}/content", content),
    ]


def _batches(host: Host) -> list[Route]:
    def listing(request: Request) -> dict[str, Any]:
        query = request.query_params
        return host.batches.listing(query.get("after"), limit_of(query, 20, 100))

    return [
        Route("/v1/batches", http.asynchronous(host.create_batch), methods=["POST"]),
        Route("/v1/batches", _plain(listing)),
        Route("/v1/batches/{id}", _plain(lambda request: host.batches.retrieve(request.path_params["id"]))),
        Route(
            "/v1/batches/{id}/cancel",
            _plain(lambda request: host.batches.cancel(request.path_params["id"])),
            methods=["POST"],
        ),
    ]


def _fine_tuning(host: Host) -> list[Route]:
    async def create(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(host.create_job, await http.json_body(request)))

    def listing(request: Request) -> dict[str, Any]:
        query = request.query_params
        return host.jobs.listing(query.get("after"), limit_of(query, 20, 100))

    def listing_of(list_: Callable[[str, str | None, int], dict[str, Any]], default: int) -> Callable[[Request], Any]:
        def route(request: Request) -> dict[str, Any]:
            query = request.query_params
            return list_(request.path_params["id"], query.get("after"), limit_of(query, default, 1000))

        return _plain(route)

    return [
        Route("/v1/fine_tuning/jobs", create, methods=["POST"]),
        Route("/v1/fine_tuning/jobs", _plain(listing)),
        Route("/v1/fine_tuning/jobs/{id}", _plain(lambda request: host.jobs.retrieve(request.path_params["id"]))),
        Route(
            "/v1/fine_tuning/jobs/{id}/cancel",
            _plain(lambda request: host.jobs.cancel(request.path_params["id"])),
            methods=["POST"],
        ),
        Route("/v1/fine_tuning/jobs/{id}/events", listing_of(host.jobs.events, 20)),
        Route("/v1/fine_tuning/jobs/{id}/checkpoints", listing_of(host.jobs.checkpoints, 10)),
    ]


def _plain(function: Callable[[Request], dict[str, Any]]) -> Callable[[Request], Any]:
    """A route from a function that reads no body; it may block, so it runs on a thread."""

    async def route(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(function, request))

    return route
