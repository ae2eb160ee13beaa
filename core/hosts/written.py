"""The tokens a model wrote, each with its probability, by the bytes of the answer they make up. Pure; no I/O."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from core.hosts.confidence import alternatives, logprob_of, texts_of

Token = tuple[bytes, float, Any]
"""Its text in lower case, its probability, and the host's entry of it."""


class Written:
    """An answer in lower case, as `whole`, and the `tokens` that make it up."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.whole = b"".join(text for text, _, _ in tokens)
        self._ends = list(accumulate(len(text) for text, _, _ in tokens))

    def between(self, start: int, end: int) -> Iterator[tuple[bytes, float, Any, int]]:
        """The tokens of these bytes, each with how many of its own lie before them."""
        for at in range(bisect_right(self._ends, start), min(len(self.tokens), bisect_left(self._ends, end) + 1)):
            text, own, entry = self.tokens[at]
            begin = self._ends[at] - len(text)
            if text and begin < end:
                yield text, own, entry, max(0, start - begin)

    def chances(self, start: int, end: int) -> list[float]:
        """The probability of each token of these bytes, with that of whatever differs from it by case or blanks
        alone."""
        return [
            own + sum(chance for other, chance in _others(entry) if _bare(other) == _bare(text) != b"")
            for text, own, entry, _ in self.between(start, end)
        ]

    def share_of_end(self, start: int, end: int, *, is_empty: bool) -> float:
        """The share of what is written from byte `start` to the bracket at `end` of a list, against that it goes on."""
        chosen, others, written = 1.0, 0.0, b""
        for text, own, entry, lead in self.between(start, end + 1):
            for other, chance in alternatives(entry, text):
                if other.lower() != text and other.lower().startswith(text[:lead]):
                    others += chosen * chance * _goes_on(written + other[lead:], is_empty=is_empty)
            written += text[lead:]
            chosen *= own
        return chosen / (chosen + others) if chosen + others else 0.0


def written(logprobs: Any) -> Written | None:
    """`logprobs` as in a chat completion; None where there are none, or unsound ones."""
    entries = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    texts = texts_of(entries) if isinstance(entries, list) else None
    if entries is None or texts is None:
        return None
    chances = [logprob_of(entry) for entry in entries]
    if not all(map(math.isfinite, chances)):
        return None
    whole = zip(texts, chances, entries, strict=True)
    return Written([(text.lower(), math.exp(min(0.0, p)), one) for text, p, one in whole])


def _others(entry: Any) -> Iterator[tuple[bytes, float]]:
    [own] = texts_of([entry]) or [b""]
    return alternatives(entry, own)


def _bare(text: bytes) -> bytes:
    return b"".join(text.lower().split())


def _goes_on(written: bytes, *, is_empty: bool) -> bool:
    line = written.lstrip()
    if is_empty:
        return line[:1] not in (b"", b"]")
    return (line[1:] if line[:1] == b'"' else line).lstrip()[:1] == b","
