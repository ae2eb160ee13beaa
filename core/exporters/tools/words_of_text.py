"""A text in words, parted wherever a span begins or ends, so that every span is whole words."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.model import Span

_WORD = re.compile(r"\w+|[^\w\s]|\s+")


class TextWord(NamedTuple):
    start: int
    end: int


def words_of(text: str, spans: Sequence[Span]) -> Iterator[TextWord]:
    """All of the text in words, signs and white space, in order."""
    edges = sorted({0, len(text), *(place for one in spans for place in (one.start, one.end))})
    for start, end in zip(edges, edges[1:], strict=False):
        for found in _WORD.finditer(text, start, end):
            yield TextWord(found.start(), found.end())


def apart(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Of spans that overlap the first, which is the longest of those that begin together."""
    kept: list[Span] = []
    for one in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(kept)
