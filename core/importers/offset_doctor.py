"""The doctor of offsets: in which unit a file counts, found by comparing each span with the text written beside it.

Tools count code points, UTF-16 units or UTF-8 bytes, name the first character behind a span or the last one in it, and
strip texts or change line ends before they count. A file does one of these throughout. So each reading is tried on all
spans: the one under which (nearly) all of them fit is the file's. What fits under none stays a problem, and is not
moved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, product

from core.importers.problems import ProblemList
from core.model import Problem
from core.plural import count
from core.spelling import same_text

ENOUGH = 0.95
"""The share of spans that must fit before a reading is believed."""
_TRIED = 5_000

_SIZES: dict[str, Callable[[str], int]] = {
    "characters": lambda sign: 1,
    "UTF-16 units": lambda sign: 1 + (ord(sign) > 0xFFFF),
    "UTF-8 bytes": lambda sign: 1 + (ord(sign) > 0x7F) + (ord(sign) > 0x7FF) + (ord(sign) > 0xFFFF),
}
_VIEWS: dict[str, Callable[[str], list[tuple[int, str]]]] = {
    "": lambda text: list(enumerate(text)),
    "of the text without its leading spaces": lambda text: list(enumerate(text))[len(text) - len(text.lstrip()) :],
    "with a line break of two characters counted as one": lambda text: [
        (at, sign) for at, sign in enumerate(text) if text[max(0, at - 1) : at + 1] != "\r\n"
    ],
    "with a line break of one character counted as two": lambda text: [
        pair for at, sign in enumerate(text) for pair in ([(at, "\r"), (at, sign)] if sign == "\n" else [(at, sign)])
    ],
}


@dataclass(frozen=True)
class Quoted:
    """A span as a file has it: where its row is, the whole text, the offsets as written, and the span's own text.

    `quote` is None where the file has none beside the offsets: such a span goes the way of the others.
    """

    row: int
    text: str
    start: int
    end: int
    quote: str | None


@dataclass(frozen=True)
class Reading:
    """One way to count. `unit` is of _SIZES, `view` of _VIEWS; `is_inclusive`: the end is the last character."""

    unit: str
    view: str = ""
    is_inclusive: bool = False

    def place(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The span in code points, half-open; None where the offsets are none of this text, or split a character."""
        begin, stop = start, end + self.is_inclusive
        if self.view or not (self.unit == "characters" or text.isascii()):
            code_point = _ruler(text, self.unit, self.view)
            begin, stop = code_point.get(begin, -1), code_point.get(stop, -1)
        return (begin, stop) if 0 <= begin < stop <= len(text) else None

    @property
    def words(self) -> str:
        ends = "with the last character as the end" if self.is_inclusive else ""
        return " ".join(filter(None, (self.unit, self.view, ends)))


@lru_cache(maxsize=4)
def _ruler(text: str, unit: str, view: str) -> dict[int, int]:
    """From each offset in the unit to the code point it stands before; offsets within one are missing."""
    signs = _VIEWS[view](text)
    offsets = accumulate((_SIZES[unit](sign) for _, sign in signs), initial=0)
    return dict(zip(offsets, (*(at for at, _ in signs), len(text)), strict=True))


AS_WRITTEN = Reading("characters")
READINGS = tuple(
    sorted(
        (Reading(unit, view, ends) for unit, view, ends in product(_SIZES, _VIEWS, (False, True))),
        key=lambda reading: (reading.unit != "characters") + bool(reading.view) + reading.is_inclusive,
    )
)
"""All of them, the least unusual first."""


@dataclass(frozen=True)
class Diagnosis:
    """How a file counts, and where each of its spans is: `places` has one entry a span, None for what fits nothing.

    `sentence` is "" where all is as it should be.
    """

    reading: Reading
    places: tuple[tuple[int, int] | None, ...]
    sentence: str = ""
    problems: tuple[Problem, ...] = ()


def diagnose(spans: Sequence[Quoted]) -> Diagnosis:
    """The reading under which the most spans fit, if that is nearly all with a quote; otherwise as they are written.

    A span fits where its slice is its quote, white space and what shows nothing aside; one without a quote where its
    offsets lie in the text. Of equally good readings the least unusual counts.
    """
    tried = [span for span in spans if span.quote is not None][:_TRIED]
    fitting = {AS_WRITTEN: _number(AS_WRITTEN, tried)}
    if fitting[AS_WRITTEN] < len(tried):
        fitting = {reading: _number(reading, tried) for reading in READINGS}
    best = max(fitting, key=lambda reading: fitting[reading])
    if fitting[best] < ENOUGH * len(tried) or fitting[best] == fitting[AS_WRITTEN]:
        best = AS_WRITTEN
    places = tuple(_place(best, span) for span in spans)
    fits = sum(place is not None for place in places)
    moved = best != AS_WRITTEN
    sentence = f"Offsets were {best.words}: {fits:,} of {count(len(spans), 'span')} now fit." if moved else ""
    return Diagnosis(best, places, sentence, _problems(spans, places))


def _number(reading: Reading, spans: Sequence[Quoted]) -> int:
    return sum(_place(reading, span) is not None for span in spans)


def _place(reading: Reading, span: Quoted) -> tuple[int, int] | None:
    place = reading.place(span.text, span.start, span.end)
    if place is None or span.quote is None:
        return place
    found = span.text[place[0] : place[1]]
    return place if found == span.quote or (found.strip() and same_text(found) == same_text(span.quote)) else None


def _problems(spans: Sequence[Quoted], places: Sequence[tuple[int, int] | None]) -> tuple[Problem, ...]:
    problems = ProblemList()
    for span, place in zip(spans, places, strict=True):
        if place is None:
            problems.add(_misfit(span), span.row, hint="Correct the offsets in the file, or leave this span out.")
    return problems.all()


def _misfit(span: Quoted) -> str:
    where = f"The span from {span.start:,} to {span.end:,}"
    if not 0 <= span.start < span.end <= len(span.text):
        return f"{where} does not lie in its text, which has {count(len(span.text), 'character')}."
    return f"{where} is {_shown(span.text[span.start : span.end])} in the text, not {_shown(span.quote or '')}."


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return f'"{line[:60]}…"' if len(line) > 60 else f'"{line}"'
