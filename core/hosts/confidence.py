"""How sure a model was of its label, from the log-probabilities of the tokens it wrote. Pure; no I/O."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from core.hosts.wire_json import to_json

_WORD = re.compile(rb"[\w\x80-\xff]")
_AFTER_KEY = re.compile(rb'"label"\s{0,40}:\s{0,40}"\Z')
_BEFORE_LABEL = 100
_LONG_LIST = 5


def label_confidence(logprobs: Any, label: str, labels: Sequence[str]) -> float | None:
    """The probability of `label` among `labels` (itself one of them), 0..1; `logprobs` as in a chat completion.

    The answer's tokens t1 t2 ... spell the label at tokens i..j. With P(prefix k) = p(ti) ... p(tk-1):

        P(chosen) = p(ti) ... p(tj)
        P(others) = sum over k = i..j of P(prefix k) x p(a), for each listed alternative a at k with which the answer
                    would go on to spell another of the labels
        confidence = P(chosen) / (P(chosen) + P(others))

    A token may begin before the label (`"SP`) or run past it (`TS",`); an alternative counts where what it writes from
    the label's beginning on is the beginning of another label, or that label and its end. One that could only be the
    chosen label, cut into other tokens, adds to P(chosen). Of labels where one begins another ("A", "AB") the token
    after the label tells which it is, so it counts as if it were the label's last. An alternative that may become the
    chosen label or others ("SP") counts for the others, since the model begins the chosen one otherwise. Upper and
    lower case make no difference, nor a space before the label, as they make none where the answer is read.

    What a host does not list is cut off. Where it lists many and labels are not among them, each may be as probable as
    the least that is listed: so much counts against the chosen label, and the confidence is the least it can be.

    Degenerate cases: no logprobs, an unsound one, or tokens that do not spell the label: None. No alternatives listed:
    P(chosen) itself.
    """
    entries = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    texts = texts_of(entries) if isinstance(entries, list) else None
    place = _find(b"".join(texts), label) if texts else None
    if entries is None or texts is None or place is None:
        return None
    return _share(entries, texts, place.start, _spelling(label, tuple(labels), place.is_quoted))


@dataclass(frozen=True)
class _Place:
    start: int
    is_quoted: bool


@dataclass(frozen=True)
class _Spelling:
    """The chosen label and the others as the answer would spell them. `is_open`: another label begins with it."""

    chosen: bytes
    others: tuple[bytes, ...]
    is_quoted: bool
    is_open: bool

    @cached_property
    def _by_length(self) -> dict[int, set[bytes]]:
        return {n: {other for other in self.others if len(other) == n} for n in {len(other) for other in self.others}}

    def others_of(self, written: bytes) -> int:
        """How many other labels `written` is the beginning of, or all of it and its end. `others` are sorted."""
        first, last = bisect_left(self.others, written), bisect_left(self.others, written + b"\xff" * 8)
        if last > first:
            return last - first
        return sum(
            n < len(written) and written[:n] in same and self._ends(written, n) for n, same in self._by_length.items()
        )

    def is_chosen(self, written: bytes) -> bool:
        length = len(self.chosen)
        return self.chosen.startswith(written) or (written.startswith(self.chosen) and self._ends(written, length))

    def _ends(self, written: bytes, at: int) -> bool:
        return written[at : at + 1] == b'"' if self.is_quoted else _WORD.match(written, at) is None


def _share(entries: Sequence[Any], texts: Sequence[bytes], start: int, spelling: _Spelling) -> float | None:
    end = start + len(spelling.chosen) + spelling.is_open
    chosen, others, prefix, written = 0.0, 0.0, 1.0, b""
    position, lists_any = 0, False
    for entry, token in zip(entries, texts, strict=True):
        begin, position = position, position + len(token)
        if position <= start or begin == position:
            continue
        if begin >= end:
            break
        logprob = logprob_of(entry)
        if not math.isfinite(logprob):
            return None
        lead = max(0, start - begin)
        listed, token = list(alternatives(entry, token)), token.lower()
        lists_any = lists_any or bool(listed)
        found = 0
        for text, probability in listed:
            rest = _from_the_label(text.lower(), token[:lead], at_begin=not written and not spelling.is_quoted)
            if rest is None:
                continue
            n, own = spelling.others_of(written + rest), spelling.is_chosen(written + rest)
            found += n
            if n:
                others += prefix * probability
            elif own:
                chosen += prefix * probability
        unlisted = spelling.others_of(written) - spelling.others_of(written + token[lead:]) - found
        others += prefix * _at_most(unlisted, [math.exp(min(0.0, logprob)), *(p for _, p in listed)])
        written += token[lead:]
        prefix *= math.exp(min(0.0, logprob))
    if not lists_any:
        return prefix
    chosen += prefix
    return chosen / (chosen + others) if chosen + others > 0.0 else None


def _from_the_label(text: bytes, lead: bytes, *, at_begin: bool) -> bytes | None:
    """What an alternative writes from the label's beginning on; None where it begins with something else. `at_begin` of
    a label in plain text, spaces before it are no matter."""
    if at_begin and not lead.strip():
        return text.lstrip()
    return text[len(lead) :] if text.startswith(lead) else None


def _at_most(labels: int, listed: Sequence[float]) -> float:
    """How probable so many labels can be together that are not among what is listed: each no more than the least of it.

    Of a short list nothing is cut off: hosts are asked for more.
    """
    if labels <= 0 or len(listed) < _LONG_LIST:
        return 0.0
    return max(0.0, min(1.0 - sum(listed), labels * min(listed)))


@lru_cache(maxsize=4096)
def _spelling(label: str, labels: tuple[str, ...], is_quoted: bool) -> _Spelling:
    chosen = spelled(label, is_quoted).lower()
    others = tuple(sorted({spelled(other, is_quoted).lower() for other in labels if other != label} - {chosen}))
    return _Spelling(chosen, others, is_quoted, any(other.startswith(chosen) for other in others))


def spelled(label: str, is_quoted: bool) -> bytes:
    return to_json(label)[1:-1] if is_quoted else label.encode("utf-8", "replace")


def _find(text: bytes, label: str) -> _Place | None:
    """Where the answer states the label: as the value of "label", else in quotes, else as words of its own; of several
    places the last, since models may think aloud."""
    text = text.lower()
    quoted, plain = spelled(label, True).lower(), spelled(label, False).lower()
    if not plain:
        return None
    found: _Place | None = None
    found_value = False
    for match in re.finditer(b'(?<=")' + re.escape(quoted) + b'(?="|$)', text):
        is_value = _is_value(text, match.start())
        if found is None or is_value or not found_value:
            found, found_value = _Place(match.start(), True), is_value
    if found is not None:
        return found
    places = [m.start() for m in re.finditer(re.escape(plain), text) if _stands_alone(text, m.start(), m.end())]
    return _Place(places[-1], False) if places else None


def _is_value(text: bytes, start: int) -> bool:
    """Whether what stands there is what the key "label" says."""
    return _AFTER_KEY.search(text[max(0, start - _BEFORE_LABEL) : start]) is not None


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else b"", text[end : end + 1]
    return not (_WORD.match(before) and _WORD.match(text[start : start + 1])) and not (
        _WORD.match(after) and _WORD.match(text[end - 1 : end])
    )


def texts_of(entries: Sequence[Any]) -> list[bytes] | None:
    """The tokens' bytes. None in a shape nobody knows: logprobs are an extra, the answer is not."""
    texts = [_text(entry) for entry in entries]
    return None if None in texts else [text for text in texts if text is not None]


def alternatives(entry: Any, token: bytes) -> Iterator[tuple[bytes, float]]:
    """`(text, probability)` of what could have stood here instead of `token`."""
    listed = entry.get("top_logprobs")
    for other in listed if isinstance(listed, list) else ():
        text, logprob = _text(other), logprob_of(other)
        if text and text != token and logprob == logprob:
            yield text, math.exp(min(0.0, logprob))


def _text(entry: Any) -> bytes | None:
    """By its bytes where they are given, since a token may hold half a character."""
    if not isinstance(entry, dict):
        return None
    try:
        said = entry.get("bytes")
        return bytes(said) if isinstance(said, list) else str(entry["token"]).encode("utf-8", "replace")
    except (ValueError, KeyError, TypeError):
        return None


def logprob_of(entry: Any) -> float:
    try:
        return float(entry["logprob"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return math.nan
