"""A DocBin as documents."""

import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.docbin.document import Document, Marked
from core.docbin.message_pack import unpacked
from core.docbin.strings import key_of, texts_of
from core.docbin.writing import BEGIN, INSIDE, MARK, OUTSIDE

_LARGEST = 2_000_000_000
_NEEDED = ("attrs", "tokens", "lengths", "strings")


class NotADocBin(ValueError):
    """Why the bytes are none, in a clause."""


def is_docbin(head: bytes) -> bool:
    """Whether a file that begins so may be one: compressed data that is an object of MessagePack."""
    try:
        first = zlib.decompressobj().decompress(head, 16)
    except zlib.error:
        return False
    return bool(first) and (first[0] in (0xDE, 0xDF) or 0x80 <= first[0] <= 0x8F)


def documents_in(held: bytes) -> Iterator[Document]:
    """The documents, in order. Raises NotADocBin before the first where it is none, or is cut off."""
    found = _unpacked(held)
    attributes, texts = found["attrs"], texts_of(found["strings"])
    tokens, spaces = _numbers("Q", found["tokens"]), found.get("spaces") or b""
    lengths = _numbers("i", found["lengths"])
    n_words = sum(lengths)
    if len(tokens) != n_words * len(attributes) or len(spaces) not in (0, n_words) or min(lengths, default=0) < 0:
        raise NotADocBin("its parts do not fit together")
    columns = {name: tokens[place :: len(attributes)] for place, name in enumerate(attributes)}
    beside = [_listed(found, name, len(lengths)) for name in ("flags", "cats", "span_groups", "user_data")]
    start = 0
    for length, flags, cats, groups, data in zip(lengths, *beside, strict=True):
        part = slice(start, start + length)
        start += length
        words = [texts.get(key, "") for key in columns[key_of("ORTH")][part]]
        is_open = bool(isinstance(flags, Mapping) and flags.get("has_unknown_spaces")) or not spaces
        yield Document(
            words,
            [True] * length if is_open else list(map(bool, spaces[part])),
            _entities(columns, part, texts),
            _groups(groups, texts, length),
            cats if isinstance(cats, Mapping) else {},
            not is_open,
            _data(data),
        )


def _data(held: Any) -> dict[str, Any]:
    """The user's data by key; what is of another shape is spaCy's own, and nothing here."""
    try:
        found = unpacked(held) if isinstance(held, bytes) else {}
    except ValueError:
        return {}
    return {key: one for key, one in found.items() if isinstance(key, str)} if isinstance(found, dict) else {}


def _unpacked(held: bytes) -> dict[str, Any]:
    try:
        reader = zlib.decompressobj()
        plain = reader.decompress(held, _LARGEST)
        if reader.unconsumed_tail:
            raise NotADocBin("it is too large to be read at once")
        found = unpacked(plain)
    except (zlib.error, ValueError) as error:
        raise error if isinstance(error, NotADocBin) else NotADocBin("it is cut off or broken") from error
    if not isinstance(found, dict) or not all(isinstance(found.get(name), bytes | list) for name in _NEEDED):
        raise NotADocBin("it holds something else")
    if not isinstance(found["attrs"], list) or key_of("ORTH") not in found["attrs"]:
        raise NotADocBin("it holds something else")
    return found


def _numbers(form: str, held: Any) -> "array[int]":
    found = array(form)
    if not isinstance(held, bytes) or len(held) % found.itemsize:
        raise NotADocBin("its parts do not fit together")
    found.frombytes(held)
    return found


def _listed(found: Mapping[str, Any], name: str, n: int) -> Sequence[Any]:
    """One entry a document; older files lack some."""
    held = found.get(name)
    return held if isinstance(held, list) and len(held) == n else [None] * n


def _entities(columns: "Mapping[int, array[int]]", part: slice, texts: Mapping[int, str]) -> list[Marked] | None:
    """The entities of the words; None where no word says whether it is in one."""
    parts, labels = columns.get(key_of("ENT_IOB")), columns.get(key_of("ENT_TYPE"))
    if parts is None or labels is None:
        return None
    marks: list[Marked] = []
    is_said = part.start == part.stop
    before = 0
    for place, (iob, key) in enumerate(zip(parts[part], labels[part], strict=True)):
        is_said |= iob in (INSIDE, OUTSIDE, BEGIN)
        if iob == INSIDE and before in (INSIDE, BEGIN) and marks:
            marks[-1] = marks[-1]._replace(behind=place + 1)
        elif iob in (INSIDE, BEGIN) and key:
            marks.append(Marked(place, place + 1, texts.get(key, "")))
        before = iob
    return marks if is_said else None


def _groups(held: Any, texts: Mapping[int, str], n_words: int) -> dict[str, list[Marked]]:
    """The span groups by name. Older files have a list of groups, each with its own name."""
    try:
        found = unpacked(held) if held else []
        listed = found.items() if isinstance(found, dict) else [(one, None) for one in found]
        read = [(unpacked(content), names) for content, names in listed]
        marks = [
            ([struct.unpack(MARK, one) for one in group["spans"]], names or [group["name"]]) for group, names in read
        ]
    except (ValueError, TypeError, KeyError, struct.error) as error:
        raise NotADocBin("its span groups are broken") from error
    return {
        name: [Marked(one[3], one[4], texts.get(one[2], "")) for one in spans if 0 <= one[3] < one[4] <= n_words]
        for spans, names in marks
        for name in names
    }
