"""A chat-completions server that costs next to nothing: one label after another, after a fixed time. Its own process.

Usage: python -m tests.benchmarks.cheap_server LATENCY_SECONDS [RULE]; prints its port. RULE is chance:0.1
where it refuses a tenth of all calls, the same ones whoever asks, bucket:50 where it grants fifty calls a second and
as many at once, long:8000 where each answer says so many characters besides its label, or sets or spans where answers
are of these kinds.

It finds the item a request is about by the number its text begins with, and so can say what was asked more than once:
`GET /stats` tells what it saw, `GET /answered/500` is answered as soon as that many requests have been.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

from tests.benchmarks.texts import LABELS, QUOTED

ITEM = re.compile(rb'"(\d+) word')


@dataclass
class Seen:
    """What the server has seen since it started; times are its own monotonic clock."""

    asked: Counter[bytes] = field(default_factory=Counter)
    answered: int = 0
    refused: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    waiting: list[tuple[int, asyncio.Transport]] = field(default_factory=list)

    def ask(self, body: bytes) -> tuple[bytes, int]:
        """Which item it is about, and the how many-th time."""
        found = ITEM.search(body)
        item = found[1] if found else b""
        self.asked[item] += 1
        self.first_at = self.first_at or time.monotonic()
        return item, self.asked[item]

    def answer(self) -> None:
        self.answered += 1
        self.last_at = time.monotonic()
        if self.waiting and self.answered >= self.waiting[0][0]:
            self.waiting.pop(0)[1].write(_response({}))

    def stats(self) -> dict[str, float]:
        return {
            "asked": self.asked.total(),
            "items": len(self.asked),
            "twice": self.asked.total() - len(self.asked),
            "refused": self.refused,
            "seconds": self.last_at - self.first_at,
        }


def _response(content: object) -> bytes:
    body = json.dumps(content).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _labelled(rule: str) -> Iterator[dict[str, object]]:
    """What is answered, one after another. A rule of long:8000 says so many characters besides the label."""
    length = int(rule.removeprefix("long:")) if rule.startswith("long:") else 0
    for place, label in enumerate(LABELS):
        if rule == "sets":
            yield {"labels": [label, LABELS[place - 1]]}
        elif rule == "spans":
            yield {"spans": [{"quote": quote, "label": label, "occurrence": 1} for quote in QUOTED]}
        else:
            yield {**({"reason": "because " * (length // 8)} if length else {}), "label": label}


def _completion(said: dict[str, object]) -> bytes:
    message = {"role": "assistant", "content": json.dumps(said)}
    return _response(
        {
            "id": "bench",
            "object": "chat.completion",
            "created": 0,
            "model": "bench",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 8, "total_tokens": 108},
        }
    )


_REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}"


def _nothing(item: bytes, attempt: int) -> bool:
    return False


def _rule(said: str) -> Callable[[bytes, int], bool]:
    """Whether a call is refused."""
    kind, _, number = said.partition(":")
    if kind in ("long", "sets", "spans"):
        return _nothing
    if kind == "chance":
        return lambda item, attempt: random.Random(f"{item!r}/{attempt}").random() < float(number)
    rate = level = float(number)
    at = time.monotonic()

    def is_empty(item: bytes, attempt: int) -> bool:
        nonlocal level, at
        now = time.monotonic()
        level, at = min(rate, level + (now - at) * rate), now
        if level < 1.0:
            return True
        level -= 1.0
        return False

    return is_empty


class _Handler(asyncio.Protocol):
    """One connection; requests on it come one after another."""

    def __init__(
        self, latency: float, responses: Iterator[bytes], seen: Seen, refuses: Callable[[bytes, int], bool]
    ) -> None:
        self._refuses = refuses
        self._latency, self._responses, self._seen = latency, responses, seen
        self._buffer = b""
        self._transport: asyncio.Transport
        self._later = asyncio.get_running_loop().call_later

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, start = self._buffer[:end].lower(), end + 4
            stated = head.find(b"content-length:")
            length = int(head[stated + 15 :].split(b"\r\n", 1)[0]) if stated >= 0 else 0
            if len(self._buffer) < start + length:
                return
            body, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            if head.startswith(b"get "):
                self._tell(head.split(b" ", 2)[1])
                continue
            refused = self._refuses(*self._seen.ask(body))
            self._later(self._latency, self._refuse if refused else self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(next(self._responses))
            self._seen.answer()

    def _refuse(self) -> None:
        self._seen.refused += 1
        if not self._transport.is_closing():
            self._transport.write(_REFUSAL)

    def _tell(self, path: bytes) -> None:
        if path == b"/stats":
            self._transport.write(_response(self._seen.stats()))
        else:
            self._seen.waiting.append((int(path.rsplit(b"/", 1)[1]), self._transport))


async def main() -> None:
    latency, rule, seen = float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "long:0", Seen()
    responses, refuses = cycle([_completion(said) for said in _labelled(rule)]), _rule(rule)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Handler(latency, responses, seen, refuses), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
