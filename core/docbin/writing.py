"""Documents as a DocBin."""

import struct
import zlib
from array import array
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.docbin.document import Document, Marked
from core.docbin.message_pack import packed
from core.docbin.strings import key_of

MARK = ">QQQllll"
"""A span of a group: id, knowledge base, label; first word, word behind; first character, character behind."""
ATTRIBUTES = tuple(map(key_of, ("ORTH", "ENT_IOB", "ENT_TYPE")))
OPEN, INSIDE, OUTSIDE, BEGIN = range(4)
"""What a word says of entities."""


class Writer:
    """Puts documents together for one file. Entities must not overlap."""

    def __init__(self) -> None:
        self._tokens, self._spaces, self._lengths = array("Q"), bytearray(), array("i")
        self._strings: set[str] = {""}
        self._cats: list[dict[str, float]] = []
        self._groups: list[bytes] = []
        self._data: list[bytes] = []

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, document: Document, data: Mapping[str, Any] = MappingProxyType({})) -> None:
        """`data` is what spaCy calls the user's data, which it reads where it is asked to."""
        marks = [(OPEN if document.entities is None else OUTSIDE, 0)] * len(document.words)
        for first, behind, label in document.entities or ():
            key = self._key(label)
            marks[first:behind] = [(BEGIN, key), *[(INSIDE, key)] * (behind - first - 1)]
        for word, mark in zip(document.words, marks, strict=True):
            self._tokens.extend((self._key(word), *mark))
        self._spaces += bytes(document.spaces)
        self._lengths.append(len(document.words))
        self._cats.append(dict(document.cats))
        self._groups.append(self._grouped(document))
        self._data.append(packed(data))

    def to_bytes(self) -> bytes:
        held = {
            "version": "0.1",
            "attrs": ATTRIBUTES,
            "tokens": self._tokens.tobytes(),
            "spaces": bytes(self._spaces),
            "lengths": self._lengths.tobytes(),
            "strings": sorted(self._strings),
            "cats": self._cats,
            "flags": [{"has_unknown_spaces": False}] * len(self),
            "span_groups": self._groups,
            "user_data": self._data,
        }
        return zlib.compress(packed(held))

    def _key(self, text: str) -> int:
        self._strings.add(text)
        return key_of(text)

    def _grouped(self, document: Document) -> bytes:
        """The groups by their content, each with its names."""
        held: dict[bytes, list[str]] = {}
        for name, marks in document.groups.items():
            spans = [self._mark(one, place) for one, place in zip(marks, document.placed(marks), strict=True)]
            held.setdefault(packed({"name": name, "attrs": {}, "spans": spans}), []).append(name)
        return packed(held) if held else packed([])

    def _mark(self, one: Marked, place: tuple[int, int, str]) -> bytes:
        return struct.pack(MARK, 0, 0, self._key(one.label), one.first, one.behind, place[0], place[1])
