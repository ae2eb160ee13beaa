import asyncio
import threading

import numpy as np
import pytest

from core.embedded.batcher import Batcher
from core.embedded.cache import EmbeddingCache
from core.embedded.errors import ApiError


class Gate:
    """An encoder that waits at a gate and remembers how texts came together."""

    def __init__(self):
        self.open = threading.Event()
        self.calls = []

    def __call__(self, texts):
        self.calls.append(sorted(texts))
        assert self.open.wait(30)
        return np.array([np.full(384, len(text), dtype=np.float32) for text in texts])


@pytest.fixture
def gate():
    return Gate()


async def started(batcher, *requests):
    tasks = [asyncio.ensure_future(batcher.embed(texts)) for texts in requests]
    await asyncio.sleep(0)
    return tasks


async def test_requests_that_wait_together_are_encoded_together(tmp_path, gate):
    batcher = Batcher(EmbeddingCache(tmp_path / "e.sqlite", gate))
    tasks = await started(batcher, ["a"], ["bb"], ["ccc", "bb"])
    gate.open.set()
    vectors = await asyncio.gather(*tasks)
    assert [v[:, 0].tolist() for v in vectors] == [[1], [2], [3, 2]]
    assert sum(len(call) for call in gate.calls) == 3


async def test_a_request_too_many_is_told_to_come_back(tmp_path, gate):
    batcher = Batcher(EmbeddingCache(tmp_path / "e.sqlite", gate), capacity=2)
    tasks = await started(batcher, ["a", "b"])
    with pytest.raises(ApiError) as caught:
        await batcher.embed(["c"])
    assert caught.value.status == 429 and caught.value.headers["Retry-After"] == "1"
    gate.open.set()
    await asyncio.gather(*tasks)
    assert (await batcher.embed(["c"]))[0, 0] == 1


async def test_one_long_request_may_exceed_the_capacity_when_nobody_waits(tmp_path, gate):
    gate.open.set()
    batcher = Batcher(EmbeddingCache(tmp_path / "e.sqlite", gate), capacity=2, at_once=3)
    assert (await batcher.embed([f"t{n}" for n in range(7)])).shape == (7, 384)
    assert max(len(call) for call in gate.calls) == 3


async def test_a_failing_encoder_fails_its_requests_and_not_the_next(tmp_path):
    outcomes = [RuntimeError("broken"), np.ones((1, 384), np.float32)]

    def encode(_):
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    batcher = Batcher(EmbeddingCache(tmp_path / "e.sqlite", encode))
    with pytest.raises(RuntimeError, match="broken"):
        await batcher.embed(["a"])
    assert (await batcher.embed(["a"])).shape == (1, 384)
