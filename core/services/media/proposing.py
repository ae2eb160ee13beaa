"""How the columns of a table are best shown, from what their cells are."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from core.conversation import turns
from core.media import parse_reference
from core.model import TEXT_FIELD, FieldLayout, FieldShow

_SAMPLE = 200
_LINK = re.compile(r"https?://[^\s/]+(?:/\S*)?")
_FIRST = (FieldShow.PICTURE, FieldShow.FILM, FieldShow.SOUND)


def proposed(text: Sequence[str], fields: Iterable[tuple[str, Sequence[str]]]) -> tuple[FieldLayout, ...]:
    """The layout of items with these texts and other fields, each by its name; () where all is text.

    Files stand first, then the text, then all else as it comes.
    """
    shown = [FieldLayout(TEXT_FIELD, shown_as(text)), *(FieldLayout(name, shown_as(cells)) for name, cells in fields)]
    if all(one.show is FieldShow.TEXT for one in shown):
        return ()
    files = [one for one in shown if one.show in _FIRST]
    return (*files, *(one for one in shown if one not in files))


def shown_as(cells: Sequence[str]) -> FieldShow:
    """What all of the first cells are that say anything: files of one kind (the commonest of several), conversations or
    addresses; else text."""
    filled = [cell for cell in cells if cell.strip()][:_SAMPLE]
    if not filled:
        return FieldShow.TEXT
    references = [parse_reference(cell) for cell in filled]
    if all(references):
        return Counter(one.format.show for one in references if one).most_common(1)[0][0]
    if all(_LINK.fullmatch(cell.strip()) for cell in filled):
        return FieldShow.LINK
    return FieldShow.CONVERSATION if all(turns(cell) for cell in filled) else FieldShow.TEXT
