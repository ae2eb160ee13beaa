"""Texts of requests that wait at the same time are encoded together, and too many waiting texts are turned away."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.embedded.cache import EmbeddingCache
from core.embedded.encoder import DIMENSIONS, Array
from core.embedded.errors import overloaded

Piece = tuple[list[str], asyncio.Future[Array]]


class Batcher:
    """Lives on one event loop. What is in memory is answered at once; the rest queues for the one encoding thread."""

    def __init__(self, cache: EmbeddingCache, capacity: int = 4096, at_once: int = 128) -> None:
        self._cache = cache
        self._capacity = capacity
        self._at_once = at_once
        self._waiting: list[Piece] = []
        self._pending = 0
        self._busy = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batcher")

    async def embed(self, texts: list[str]) -> Array:
        """Unit vectors of shape (len(texts), 384). Raises the 429 ApiError when `capacity` texts already wait.

        One request alone may bring more than `capacity`: it could never succeed otherwise.
        """
        known = self._cache.remembered(set(texts))
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            if self._pending and self._pending + len(missing) > self._capacity:
                raise overloaded()
            known |= await self._queued(missing)
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, DIMENSIONS), np.float32)

    async def _queued(self, texts: list[str]) -> dict[str, Array]:
        loop = asyncio.get_running_loop()
        found: dict[str, Array] = {}
        for start in range(0, len(texts), self._at_once):
            # A long list queues piece by piece, so that a short request beside it does not wait for all of it.
            piece = texts[start : start + self._at_once]
            done: asyncio.Future[Array] = loop.create_future()
            self._waiting.append((piece, done))
            self._pending += len(piece)
            if not self._busy:
                self._busy = True
                self._task = asyncio.ensure_future(self._work())
            found |= dict(zip(piece, await done, strict=True))
        return found

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken = self._take()
            texts = [text for piece, _ in taken for text in piece]
            try:
                vectors = await loop.run_in_executor(self._thread, self._cache.embed, texts)
            except Exception as error:  # handed to every waiting request, which report it
                _settle(taken, error)
            else:
                _settle(taken, vectors)
            self._pending -= len(texts)
        self._busy = False

    def _take(self) -> list[Piece]:
        """The longest-waiting pieces, up to `at_once` texts together, at least one piece."""
        taken = [self._waiting.pop(0)]
        while self._waiting and sum(len(p) for p, _ in taken) + len(self._waiting[0][0]) <= self._at_once:
            taken.append(self._waiting.pop(0))
        return taken


def _settle(taken: list[Piece], outcome: Array | Exception) -> None:
    start = 0
    for piece, done in taken:
        if done.cancelled():
            pass
        elif isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome[start : start + len(piece)])
        start += len(piece)
