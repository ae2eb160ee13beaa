"""Spans as quotes with their occurrence: how they are written for a model, and where a text has what one quotes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.plural import count
from core.tasks.locating.folding import Folded, folded
from core.tasks.locating.found import Found, Located, Place
from core.tasks.locating.fuzzy import LONGEST, resembling
from core.tasks.locating.occurrences import counted, places_of
from core.tasks.locating.ordering import placed_by_order

_MOST_EACH, _MOST_ORDERED = 1_000, 200_000
"""Places of one quote, and of all, that are looked at for their order."""
_TOO_LONG = 4
"""A quote so many times as long as its text is not in it, whatever its white space."""
_MOST_CANDIDATES = 100
_LEAST_FUZZY = 100_000
"""What even a short text costs for each quote."""
_MOST_FUZZY = 50_000_000
"""Characters of text gone through by resemblance for one answer: no good answer has many quotes that are not there."""


@dataclass(frozen=True)
class Quote:
    """What an answer marks. `occurrence` counts from 1, whole words before parts of words; None or less: not said."""

    label: str
    text: str
    occurrence: int | None = None


@dataclass(frozen=True)
class _Places:
    """Where a text has a quote, in the order of counting; the first `whole` of them are the ones it means unless a
    number says otherwise."""

    found: Found
    places: list[Place]
    whole: int
    reason: str = ""


def quoted(text: str, spans: Iterable[tuple[int, int, str]]) -> list[Quote]:
    """Spans `(start, end, label)` as quotes that `locate_quotes` takes back to the same places.

    Holds for every span that is not empty, as long as its words do not repeat without end.
    """
    numbers: dict[str, dict[Place, int]] = {}
    quotes = []
    for start, end, label in spans:
        own = text[start:end]
        if own not in numbers:
            places, _ = counted(list(places_of(own, text)), text)
            numbers[own] = {place: number for number, place in enumerate(places, start=1)}
        quotes.append(Quote(label, own, numbers[own].get((start, end))))
    return quotes


def locate_quotes(text: str, quotes: Sequence[Quote]) -> list[Located]:
    """Each quote with what became of it, in the order given; never raises.

    One with an occurrence is at that place. One without is where the text has it, if that is one place, or one place is
    left by the order of all quotes (see `placed_by_order`); otherwise it is ambiguous.
    """
    searched = Searched(text)
    places = [searched.places(quote.text) for quote in quotes]
    ordered = placed_by_order(_to_be_ordered(quotes, places))
    located: list[Located] = []
    for quote, own, left in zip(quotes, places, ordered, strict=True):
        if not own.places:
            located.append(Located(quote.label, quote.text, Found.ABSENT, reason=own.reason))
        elif _is_numbered(quote) and (quote.occurrence or 0) > len(own.places):
            has = count(len(own.places), "time")
            reason = f"the text has it {has}, not {quote.occurrence}"
            located.append(_ambiguous(quote, sorted(own.places[:_MOST_CANDIDATES]), reason))
        elif _is_numbered(quote):
            located.append(_at(quote, own.found, own.places[(quote.occurrence or 1) - 1]))
        elif own.whole == 1 or len(left) == 1:
            located.append(_at(quote, own.found, left[0] if own.whole > 1 else own.places[0]))
        else:
            reason = f"the text has it {count(own.whole, 'time')}, and nothing says which is meant"
            located.append(_ambiguous(quote, left or own.places[: min(own.whole, _MOST_CANDIDATES)], reason))
    return located


def _is_numbered(quote: Quote) -> bool:
    return quote.occurrence is not None and quote.occurrence > 0


def _to_be_ordered(quotes: Sequence[Quote], found: Sequence[_Places]) -> list[tuple[tuple[str, str], list[Place]]]:
    """What each quote may mean before the order is looked at; nothing where that is too much to look at."""
    marks: list[tuple[tuple[str, str], list[Place]]] = []
    left = _MOST_ORDERED
    for quote, own in zip(quotes, found, strict=True):
        first, last = 0, own.whole
        if _is_numbered(quote):
            first, last = min(quote.occurrence or 1, len(own.places) + 1) - 1, quote.occurrence or 1
        number = min(last, len(own.places)) - first
        is_too_much = number > _MOST_EACH or number > left
        left -= 0 if is_too_much else number
        marks.append(((quote.label, quote.text), [] if is_too_much else own.places[first:last]))
    return marks


def _at(quote: Quote, found: Found, place: Place) -> Located:
    return Located(quote.label, quote.text, found, place)


def _ambiguous(quote: Quote, candidates: list[Place], reason: str) -> Located:
    return Located(quote.label, quote.text, Found.AMBIGUOUS, None, tuple(candidates[:_MOST_CANDIDATES]), reason)


class Searched:
    """A text that quotes are looked up in: what is needed more than once is made once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._known: dict[str, _Places] = {}
        self._fuzzy = 0

    @cached_property
    def folded(self) -> Folded:
        return folded(self.text)

    def places(self, quote: str) -> _Places:
        """Where the text has the quote: as it is, or else folded, or else nearly."""
        if quote not in self._known:
            self._known[quote] = self._search(quote)
        return self._known[quote]

    def _search(self, quote: str) -> _Places:
        if not quote:
            return _Places(Found.ABSENT, [], 0, "the quote is empty")
        if len(quote) > _TOO_LONG * (len(self.text) + 1):
            return _Places(Found.ABSENT, [], 0, "the quote is longer than the text")
        if places := list(places_of(quote, self.text)):
            return _Places(Found.EXACT, *counted(places, self.text))
        plain = folded(quote).text.strip()
        if not plain:
            return _Places(Found.ABSENT, [], 0, "the quote has nothing that shows")
        if places := self._back(places_of(plain, self.folded.text)):
            return _Places(Found.FOLDED, *counted(places, self.text))
        self._fuzzy += max(_LEAST_FUZZY, len(self.text))
        if len(plain) > LONGEST or self._fuzzy > _MOST_FUZZY:
            return _Places(Found.ABSENT, [], 0, "the text does not have it, and it was not looked for by resemblance")
        places = self._back(resembling(plain, self.folded.text))
        return _Places(Found.FUZZY if places else Found.ABSENT, places, len(places), "the text does not have it")

    def _back(self, places: Iterable[Place]) -> list[Place]:
        """Places in the folded text as places in the text, each once; blanks at their ends do not count."""
        found = []
        for start, end in places:
            own = self.folded.text[start:end]
            start, end = start + len(own) - len(own.lstrip()), end - len(own) + len(own.rstrip())
            if start < end:
                found.append(self.folded.place(start, end))
        return list(dict.fromkeys(found))
