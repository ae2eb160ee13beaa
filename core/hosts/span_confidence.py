"""How sure a model was of the spans it marked, from the log-probabilities of the tokens it wrote. Pure; no I/O."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from core.hosts.confidence import alternatives
from core.hosts.written import Written, written

_LIST = re.compile(rb'"spans"\s{0,40}:\s{0,40}\[')
_OBJECT = re.compile(rb'\{(?:[^{}"]++|"(?:[^"\\]++|\\.)*+")*+\}', re.DOTALL)
_STRING = rb'\s{0,40}:\s{0,40}"((?:[^"\\]++|\\.)*+")'
_QUOTE, _LABEL = (re.compile(b'"%s"' % key + _STRING, re.DOTALL) for key in (b"quote", b"label"))
_NUMBER = re.compile(rb'"occurrence"\s{0,40}:\s{0,40}(-?\d{1,9})')
_NUMBERED = re.compile(rb"#\d{1,6}\Z")
_TAG = re.compile(rb"</?[^<>\n]{1,210}>")
_THOUGHT = b"</think>"


@dataclass(frozen=True)
class SpansConfidence:
    """`answer` is that of the whole answer: of the least certain of its marks, and of there being no others. `marks`
    are those of the single ones, in the order in which the answer begins them. All 0..1. `named` says of each mark
    which label it has and what it marks, both as they compare."""

    answer: float
    marks: tuple[float, ...]
    named: tuple[tuple[str, str], ...] = ()

    def of_marks(self, spans: Sequence[tuple[str, str]]) -> tuple[float | None, ...]:
        """That of each of these, `(label, marked text)` in the order of the text: of those that are alike the first
        mark is the first's. None where the answer has no such mark; () where it has none of them."""
        left: dict[tuple[str, str], list[float]] = {}
        for name, sure in zip(self.named, self.marks, strict=True):
            left.setdefault(name, []).append(sure)
        found = [left.get(_compared(*one)) for one in spans]
        sure_of = tuple(one.pop(0) if one else None for one in found)
        return sure_of if any(one is not None for one in sure_of) else ()


def span_confidence(logprobs: Any, labels: Sequence[str], *, by_tags: bool) -> SpansConfidence | None:
    """How sure the model was of the spans of its answer; `logprobs` as in a chat completion, `labels` as it writes
    them.

    A mark by tags is as certain as the least of: the tokens of its opening tag together (their product), each token
    between the tags, and the tokens of its closing tag together. A mark by a quote: each token of the quote, its end
    included, and the tokens of its label and of its occurrence, each together. There being no others is, by tags,
    1 - the largest probability with which a tag might have been opened where none is; by quotes, that the list ends
    where it ends. What differs by case or blanks alone is the same.

    Degenerate cases: no logprobs, unsound ones, quotes in another form, or tags none of which is written or listed:
    None. What a host does not list is cut off, so this is the most it can be.
    """
    answer = written(logprobs)
    if answer is None:
        return None
    return _by_tags(answer, labels) if by_tags else _by_quotes(answer)


def _by_tags(answer: Written, labels: Sequence[str]) -> SpansConfidence | None:
    whole = answer.whole
    begin = max(0, whole.rfind(_THOUGHT) + len(_THOUGHT)) if _THOUGHT in whole else 0
    tags = list(_tags(whole, begin, labels))
    marks = _marks(tags)
    if 2 * len(marks) != len(tags):
        return None
    sure, starts = [], [place[0] for *_, place in tags]
    for opens, closes in marks:
        within = [place for *_, place in tags[bisect_left(starts, opens[1]) : bisect_left(starts, closes[0])]]
        edges = zip([opens, *within], [*within, closes], strict=True)
        copied = [chance for one, other in edges for chance in answer.chances(one[1], other[0])]
        sure.append(min(1.0, prod(answer.chances(*opens)), *copied, prod(answer.chances(*closes))))
    listed, elsewhere = _elsewhere(answer, begin, tags)
    if not sure and not listed:
        return None
    named = [
        _compared(_NUMBERED.sub(b"", name), _TAG.sub(b"", whole[opens[1] : closes[0]]))
        for (opens, closes), name in zip(marks, _names_of(marks, tags), strict=True)
    ]
    return SpansConfidence(min([max(0.0, 1.0 - elsewhere), *sure]), tuple(sure), tuple(named))


Place = tuple[int, int]


def _names_of(marks: Sequence[tuple[Place, Place]], tags: Sequence[tuple[bool, bytes, Place]]) -> list[bytes]:
    by_place = {place: name for _, name, place in tags}
    return [by_place[opens] for opens, _ in marks]


def _compared(label: str | bytes, text: str | bytes) -> tuple[str, str]:
    """Case and blanks aside."""
    one, other = (part.decode("utf-8", "replace") if isinstance(part, bytes) else part for part in (label, text))
    return " ".join(one.lower().split()), " ".join(other.lower().split())


def _tags(whole: bytes, begin: int, labels: Sequence[str]) -> Iterator[tuple[bool, bytes, Place]]:
    """`(whether it opens, its name, where it stands)` of each tag of a label, in order."""
    names = sorted((label.encode("utf-8", "replace").lower() for label in labels), key=len, reverse=True)
    any_name = b"|".join(map(re.escape, names))
    for found in re.finditer(rb"<(/?)((?:%s)(?:#\d{1,6})?)>" % any_name, whole[begin:]):
        yield not found[1], found[2], (begin + found.start(), begin + found.end())


def _marks(tags: Sequence[tuple[bool, bytes, Place]]) -> list[tuple[Place, Place]]:
    """Each opening tag with the closing one of its name, those within closed first."""
    still_open: dict[bytes, list[Place]] = {}
    marks = []
    for opens, name, place in tags:
        if opens:
            still_open.setdefault(name, []).append(place)
        elif still_open.get(name):
            marks.append((still_open[name].pop(), place))
    return sorted(marks)


def _elsewhere(answer: Written, begin: int, tags: Sequence[tuple[bool, bytes, Place]]) -> tuple[bool, float]:
    """Whether anything is listed that might have been written instead, and the largest probability of a tag where none
    is."""
    at, listed, most, position = 0, False, 0.0, 0
    for text, _, entry in answer.tokens:
        start, position = position, position + len(text)
        while at < len(tags) and tags[at][2][1] <= start:
            at += 1
        if position <= begin or (at < len(tags) and tags[at][2][0] < position):
            continue
        others = list(alternatives(entry, text))
        listed = listed or bool(others)
        most = max(most, sum(chance for other, chance in others if _opens(other) and not _opens(text)))
    return listed, most


def _opens(text: bytes) -> bool:
    line = text.lstrip()
    return line[:1] == b"<" and line[:2] != b"</"


def _by_quotes(answer: Written) -> SpansConfidence | None:
    whole = answer.whole
    begin = max((match.end() for match in _LIST.finditer(whole)), default=-1)
    if begin < 0:
        return None
    sure, named, end = [], [], begin
    for held in _OBJECT.finditer(whole, begin):
        if whole[end : held.start()].strip() not in (b"", b","):
            break  # the list has ended
        parts = [pattern.search(held[0]) for pattern in (_QUOTE, _LABEL, _NUMBER)]
        quote, label, number = (
            (held.start() + one.start(1), held.start() + one.end(1)) if one else None for one in parts
        )
        if quote is None or label is None:
            return None
        together = [prod(answer.chances(*one)) for one in (label, number) if one is not None]
        sure.append(min(1.0, *answer.chances(*quote), *together))
        named.append(_compared(_read(whole[slice(*label)]), _read(whole[slice(*quote)])))
        end = held.end()
    closing = whole.find(b"]", end)
    if closing < 0:
        return None
    least = min([answer.share_of_end(end, closing, is_empty=not sure), *sure])
    return SpansConfidence(least, tuple(sure), tuple(named))


def _read(string: bytes) -> str:
    """The inside of a JSON string, its closing quote included, in words; as it is where it is none."""
    try:
        return str(json.loads(b'"' + string))
    except ValueError:
        return string.decode("utf-8", "replace")
