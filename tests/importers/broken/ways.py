"""The ways in which a file is broken."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

MEGABYTE = "x" * 2**20
DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 10**400, 2**63, 1.5, float("nan"), float("-inf"), "", " ", "\0", "\ud800", "a", "1", "9" * 5000,
    [], {}, [[]], [None], [{}], {"": None}, ["a", "a"], [[0, 9999, "x"]], {"start": 5, "end": 1, "label": "x"}, DEEP,
)  # fmt: skip


def cuts(data: bytes, steps: int) -> Iterator[bytes]:
    """Cut short in so many places."""
    yield from (data[: len(data) * n // steps] for n in range(steps))


def flips(data: bytes, times: int, seed: int) -> Iterator[bytes]:
    """With a few bits turned over, anywhere."""
    rng = random.Random(seed)
    for _ in range(times):
        broken = bytearray(data)
        for _ in range(rng.choice((1, 1, 3, 20))):
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        yield bytes(broken)


def dressings(data: bytes) -> Iterator[bytes]:
    """In other encodings, with other line ends, marks, and things before and behind it."""
    yield from (
        b"",
        b"\n",
        b"\xef\xbb\xbf",
        b"\0" * 100,
        b"\xff" * 100,
        b"[" * 100_000,
        b"{}",
        b"[]",
        b"null",
        b"PK\x03\x04",
    )
    yield from (b"\xef\xbb\xbf" + data, data + data, data + b"\0", b"\n\n" + data, data[::-1])
    yield from (data.replace(b"\n", end) for end in (b"\r\n", b"\r", b"\n\n", b"\0"))
    text = data.decode("utf-8", "replace")
    for encoding in ("utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7"):
        yield text.encode(encoding, "replace")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a value."""
    if path:
        yield path
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in held:
        yield from places(one, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another in that place."""
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = put(value[path[0]], path[1:], new)
    return copied


def without(value: Any, path: tuple[Any, ...]) -> Any:
    """The value without what is in that place."""
    copied = value.copy()
    if len(path) > 1:
        copied[path[0]] = without(value[path[0]], path[1:])
    else:
        del copied[path[0]]
    return copied


def oddities(record: Any, things: Sequence[Any] = ODD) -> Iterator[Any]:
    """The record with each odd thing in each place, and without each."""
    for path in places(record):
        yield without(record, path)
        yield from (put(record, path, odd) for odd in things)


_HELD = re.compile(rb'(?<=")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)')
_PUT = (
    b"",
    b"-1",
    b"0",
    b"1e999",
    b"nan",
    b"9" * 5_000,
    b"ZZZ99999999",
    b"s",
    b"x y",
    b"&#0;",
    b"&#xD800;",
    b"_xD800_",
    b"..",
)


def markups(data: bytes) -> Iterator[bytes]:
    """XML with each odd thing in the place of each attribute's value and each text."""
    for found in _HELD.finditer(data):
        yield from (data[: found.start()] + odd + data[found.end() :] for odd in _PUT)


def written(value: Any) -> bytes:
    """As JSON, with numbers that JSON has not, and half characters."""
    return json.dumps(value).encode("utf-8", "surrogatepass")
