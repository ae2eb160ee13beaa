"""A few calls that somebody waits for: one that the host refuses for now waits as it is told, up to a limit."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from math import ceil
from typing import TypeVar

from core.host_refusals import with_wait
from core.hosts.failures import Failure

LONGEST_SECONDS = 30.0
"""How long somebody who looks at the screen waits for a host that says not yet, in all."""
_FIRST, _MOST = 0.5, 8.0
_LOOK_SECONDS = 0.2
_Outcome = TypeVar("_Outcome")


class Patience:
    """The waits of one trial or test. Used by the event loop that asks; `said` is read by whoever waits for it."""

    def __init__(self, longest: float | None = None) -> None:
        self._until = time.monotonic() + (LONGEST_SECONDS if longest is None else longest)
        self._waits: dict[int, float] = {}

    async def ask(self, ask: Callable[[], Awaitable[_Outcome | Failure]]) -> _Outcome | Failure:
        """What `ask` brings; asked again after each refusal for now, as long as there is patience.

        The last refusal where there is not; it then says for how long the host asks to wait.
        """
        tries = 0
        while True:
            outcome = await ask()
            if not isinstance(outcome, Failure) or not outcome.is_refusal:
                return outcome
            tries += 1
            seconds = _seconds(outcome.retry_after, tries)
            if time.monotonic() + seconds > self._until:
                return replace(outcome, message=with_wait(outcome.message, outcome.retry_after))
            await self._wait(seconds)

    async def _wait(self, seconds: float) -> None:
        number = len(self._waits)
        self._waits[number] = time.monotonic() + seconds
        await asyncio.sleep(seconds)
        self._waits[number] = 0.0

    def said(self) -> str:
        """What is waited for just now; "" where nothing is but answers."""
        now = time.monotonic()
        left = [until - now for until in list(self._waits.values()) if until > now]
        if not left:
            return ""
        calls = "1 call is waiting" if len(left) == 1 else f"{len(left)} calls are waiting"
        return f"The host is getting too many requests right now: {calls}, {ceil(max(left))} s at most."


def _seconds(told: float | None, tries: int) -> float:
    if told is not None:
        return max(told, 0.05 * tries)
    return float(min(_MOST, _FIRST * 2.0 ** min(tries - 1, 10)) * random.uniform(0.5, 1.0))


def carried_out(work: Callable[[], _Outcome], patience: Patience, tell: Callable[[str], None]) -> _Outcome:
    """What `work` comes to, in a thread of its own; meanwhile `tell` hears, in this one, of every change in what is
    waited for."""
    with ThreadPoolExecutor(1) as thread:
        future: Future[_Outcome] = thread.submit(work)
        last = ""
        while not wait((future,), _LOOK_SECONDS).done:
            if (said := patience.said()) != last:
                tell(said)
                last = said
        if last:
            tell("")
        return future.result()
