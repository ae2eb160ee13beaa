"""An item as its layout has it: each field as text, conversation, picture, sound, film or link."""

from collections.abc import Callable
from typing import Any

from core.model import TEXT_FIELD, FieldLayout, FieldShow, Item, MediaPart
from core.services.media.vocabulary import Turn, as_text, parse_reference, turns_shown

Part = dict[str, Any]


def parts_of(item: Item, layout: tuple[FieldLayout, ...], url: Callable[[str], str] | None = None) -> list[Part]:
    """The fields that are shown, in order, for `parts.js`; `url` gives where the file of a reference is served. A
    file that the item has not is left out."""
    present = (one for one in layout if one.name in item.fields or one.name == TEXT_FIELD)
    return [_part(one, item, url) for one in present if not one.show.is_file or _value(one, item)]


def told(text: str) -> str:
    """A conversation as it reads; any other text as it is."""
    return (as_text(text) if text[:1] in ("[", "{") else None) or text


def in_a_line(item: Item) -> str:
    """What stands for an item in a list: its text, a conversation as it reads, and where that is a file, the name under
    which it came."""
    reference = parse_reference(item.text)
    if reference is None:
        return told(item.text)
    named = (value for name, value in item.fields.items() if name.endswith("file name") and value)
    return next(named, f"{reference.format.show} {reference.sha256[:8]}")


def _part(one: FieldLayout, item: Item, url: Callable[[str], str] | None) -> Part:
    value = _value(one, item)
    part: Part = {
        "name": one.name,
        "heading": one.heading or one.name,
        "show": str(one.show),
        "folded": one.folded,
        "value": value,
    }
    if one.show is FieldShow.CONVERSATION:
        part["turns"] = [[turn.role, turn.text, *_files(turn, url)] for turn in turns_shown(value) or ()]
    if one.show.is_file and url is not None:
        part["url"] = url(value)
    return part


def _files(turn: Turn, url: Callable[[str], str] | None) -> list[list[Part]]:
    """What a message says piece by piece, where pictures or sounds are among it; else nothing."""
    return [[_piece(one, url) for one in turn.parts]] if turn.parts else []


def _piece(said: str | MediaPart, url: Callable[[str], str] | None) -> Part:
    reference = None if isinstance(said, str) else parse_reference(said.reference)
    if reference is None:
        return {"show": "text", "value": str(said)}
    piece = {"show": str(reference.format.show), "value": str(reference)}
    return piece | ({"url": url(str(reference))} if url is not None else {})


def references_in(part: Part) -> list[str]:
    """The references of the files that a part shows, those in the messages of a conversation among them."""
    if FieldShow(part["show"]).is_file:
        return [part["value"]]
    pieces = (piece for _, _, *files in part.get("turns", ()) for piece in (files[0] if files else ()))
    return [piece["value"] for piece in pieces if piece["show"] != "text"]


def _value(one: FieldLayout, item: Item) -> str:
    return item.text if one.name == TEXT_FIELD else item.fields[one.name]
