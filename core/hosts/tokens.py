"""What is taken out of JSON leaves JSON: of each string what is in it, and each number whole, all by themselves."""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

Span = tuple[int, int]
# A string without an end goes to the end: looked for again behind each quote, it would take long.
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)"?|[^\s\[\]{},:"]++', re.DOTALL)
_BACKSLASH = 0x5C
_SIGN = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|.)|[^\\]", re.DOTALL)


@dataclass(frozen=True)
class _Stretch:
    """The whole of the data or one of its lines; of JSON the ends of its tokens, and where a string's inside begins
    and ends."""

    end: int
    tokens: tuple[re.Match[bytes], ...] | None
    ends: tuple[int, ...] = ()


def without(data: bytes, spans: Sequence[Span], instead: bytes) -> bytes:
    """The data with `instead` for each of the spans, which are in order and do not overlap.

    What is JSON, as a whole, line by line or in a string of it, still is: a span that goes over several strings and
    numbers is taken out of each, and what is between them stays.
    """
    parts, at = [], 0
    for start, end, said in _pieces(data, spans, instead):
        if end <= at or (start < at and said != instead):  # of a number or an escape that is gone already
            continue
        # With backslashes before it, which would escape what takes its place.
        parts += [data[at:start].rstrip(b"\\"), said]
        at = end
    return b"".join([*parts, data[at:]])


def _pieces(data: bytes, spans: Sequence[Span], instead: bytes) -> Iterator[tuple[int, int, bytes]]:
    stretch = _stretch(data, 0, len(data))
    if stretch.tokens is None:
        stretch = _Stretch(0, None)
    for start, end in spans:
        at, plain = start, start
        while at < end:
            if at >= stretch.end:
                stretch = _stretch(data, data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1 or len(data))
            stop = min(end, stretch.end)
            if stretch.tokens is not None:
                if plain < at:
                    yield plain, at, instead
                yield from _of_tokens(data, stretch, (at, stop), spans, instead)
                plain = stop
            at = stop
        if plain < end:
            yield plain, end, instead


def _stretch(data: bytes, start: int, end: int) -> _Stretch:
    if not _is_json(data[start:end]):
        return _Stretch(end, None)
    tokens = tuple(_TOKEN.finditer(data, start, end))
    return _Stretch(end, tokens, tuple(token.end() for token in tokens))


def _is_json(data: bytes) -> bool:
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return False
    try:
        json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return False
    return True


def _of_tokens(
    data: bytes, stretch: _Stretch, span: Span, spans: Sequence[Span], instead: bytes
) -> Iterator[tuple[int, int, bytes]]:
    """What of the span is in each token: of strings in whole escapes, of numbers all, for which a string stands.

    A string that holds JSON is made anew as a whole, without any of the `spans`.
    """
    assert stretch.tokens is not None
    start, end = span
    for place in range(bisect_right(stretch.ends, start), len(stretch.tokens)):
        token = stretch.tokens[place]
        if token.start() >= end:
            return
        if token[1] is None:
            yield token.start(), token.end(), b'"' + instead + b'"'
        elif max(start, token.start(1)) >= min(end, token.end(1)):
            continue
        elif (within := _within(token, spans, instead)) is not None:
            yield token.start(1), token.end(1), within
        else:
            yield *_whole_escapes(data, max(start, token.start(1)), min(end, token.end(1))), instead


def _within(token: re.Match[bytes], spans: Sequence[Span], instead: bytes) -> bytes | None:
    """What is in a string that holds JSON, without the spans; None where it holds none."""
    if not token[1].lstrip().startswith((b"{", b"[", b"\\")):
        return None
    inner, places = _unescaped(token[1])
    if not _is_json(inner):
        return None
    first = token.start(1)
    its_own = [(start - first, end - first) for start, end in spans if start < token.end(1) and end > first]
    found = [(bisect_right(places, max(0, start)) - 1, bisect_left(places, end)) for start, end in its_own]
    left = without(inner, found, instead).decode("utf-8", "surrogatepass")
    return json.dumps(left, ensure_ascii=token[1].isascii())[1:-1].encode("utf-8", "surrogatepass")


def _unescaped(data: bytes) -> tuple[bytes, list[int]]:
    """What a string of JSON says; and for each of its bytes where the sign begins that says it."""
    parts, places = [], []
    for sign in _SIGN.finditer(data):
        said = sign[0]
        if len(said) > 1:
            with suppress(ValueError):  # it is no escape of JSON
                said = json.loads(b'"%b"' % said).encode("utf-8", "surrogatepass")
        parts.append(said)
        places += [sign.start()] * len(said)
    return b"".join(parts), places


def _whole_escapes(data: bytes, start: int, end: int) -> Span:
    """The part of a string made longer where it would begin or end in the middle of an escape."""
    before, after = _escape_around(data, start), _escape_around(data, end)
    return (before[0] if before else start), (after[1] if after else end)


def _escape_around(data: bytes, place: int) -> Span | None:
    """The escape in JSON that begins before the place and ends after it."""
    at = data.rfind(b"\\", max(0, place - 5), place)
    if at < 0:
        return None
    first = at
    while first and data[first - 1] == _BACKSLASH:
        first -= 1
    if (at - first) % 2:  # itself escaped by the one before it
        return None
    end = at + (6 if data[at + 1 : at + 2] == b"u" else 2)
    return (at, end) if end > place else None
