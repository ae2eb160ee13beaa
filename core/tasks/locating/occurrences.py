"""All places at which a text has a quote, and how they are counted."""

from collections.abc import Iterator

from core.tasks.locating.found import Place

_WORK = 20_000_000
"""Characters compared for one quote: one that overlaps itself all through a large text is not counted to the end."""


def places_of(quote: str, text: str) -> Iterator[Place]:
    """Every place of a quote that is not empty, in order, also those that overlap."""
    at, work = text.find(quote), 0
    while at >= 0 and work < _WORK:
        yield at, at + len(quote)
        work += len(quote)
        at = text.find(quote, at + 1)


def counted(places: list[Place], text: str) -> tuple[list[Place], int]:
    """The places in the order in which occurrences are counted, and how many of them count as whole words.

    Those that begin and end as words do come first: "he" is first looked for as a word and then within "the".
    """
    whole = [place for place in places if _is_whole(place, text)]
    if not whole or len(whole) == len(places):
        return places, len(places)
    within = [place for place in places if not _is_whole(place, text)]
    return whole + within, len(whole)


def _is_whole(place: Place, text: str) -> bool:
    start, end = place
    before, behind = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (behind.isalnum() and text[end - 1].isalnum())
