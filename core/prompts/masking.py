"""Masking: what is personal in data is replaced by a placeholder before it is sent.

The same value gets the same placeholder everywhere (`[EMAIL_3F2A90C7]`), so that a model can still tell people apart;
which value it stands for cannot be read off it. What the user wrote in the prompt, and labels, stay as they are.
"""

import hashlib
import hmac
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeGuard

from core.content import is_reference
from core.conversation import retold, texts_in, under
from core.model import Example, Item, Masking, Said, Span
from core.prompts.named import NameFinder
from core.prompts.personal import FINDERS
from core.text import known

KINDS = tuple(FINDERS)
"""What `Masking.kinds` may hold; names are masked by listing them."""

_NAME = "NAME"
_DIGEST_BYTES = 4
"""At 10,000 different values, one chance in 86 that any two of them share a placeholder."""
_PLACEHOLDER = re.compile(
    r"(\[(?:" + "|".join([*(f.word for f in FINDERS.values()), _NAME]) + rf")_[0-9A-F]{{{2 * _DIGEST_BYTES}}}\])"
)


Place = tuple[int, int]
"""Characters of a text, half-open."""
Edit = tuple[int, int, str]
"""From where to where a text is replaced, and by what."""


class Masker:
    """Replaces what `masking` asks for; changes nothing where it asks for nothing, and nothing in a masked text.

    Time grows with the length of the text alone. Raises KeyError for a kind that does not exist.
    """

    def __init__(self, masking: Masking, salt: bytes) -> None:
        self._salt = salt
        # The order decides whose placeholder it is where two finds overlap.
        for kind in masking.kinds:
            known(kind, FINDERS, "kind of masking")
        chosen = [finder for kind, finder in FINDERS.items() if kind in masking.kinds]
        self._finders = [(finder.word, finder.find) for finder in chosen]
        if names := [name for name in masking.names if name.strip()]:
            self._finders.append((_NAME, NameFinder(names)))

    def __bool__(self) -> bool:
        return bool(self._finders)

    def text(self, text: str) -> str:
        """The text with placeholders in place of what was found."""
        if is_reference(text):  # the name of a file, which nobody wrote
            return text
        # What stood beside a find may be one itself, now that it stands alone; until then it was not the same text.
        while edits := self._edits(text):
            text = _edited(text, edits)
        return text

    def placed(self, text: str) -> tuple[str, list[Place]]:
        """The text with placeholders, and for each of its characters which part of `text` it stands for."""
        places = [(at, at + 1) for at in range(len(text))]
        while edits := self._edits(text):
            moved: list[Place] = []
            at = 0
            for start, end, placeholder in edits:
                hidden = (places[start][0], places[end - 1][1])
                moved += [*places[at:start], *[hidden] * len(placeholder)]
                at = end
            text, places = _edited(text, edits), [*moved, *places[at:]]
        return text, places

    def cell(self, cell: str) -> str:
        """A field's text with placeholders; of a conversation what is said in it, so that it stays one."""
        if cell.lstrip()[:1] not in ("[", "{"):
            return self.text(cell)
        told = retold(cell, self._under)
        return self.text(cell) if told is None else told

    def _under(self, text: str, name: str) -> str:
        """A text of a conversation, read with the name of its field: only that tells a telephone number from others."""
        if not name or is_reference(text):
            return self.text(text)
        told, head = self.text(under(name, text)), under(self.text(name), "")
        return told.removeprefix(head)  # where a find joins the two, it takes the name with it

    def item(self, item: Item) -> Item:
        """The item with its text and its fields masked; the names of the fields stay."""
        if not self._finders:
            return item
        return replace(item, text=self.cell(item.text), fields={k: self.cell(v) for k, v in item.fields.items()})

    def example(self, example: Example, *, writes: bool = False) -> Example:
        """The worked example, masked as an item is; labels stay, and what is marked in its text stays marked. Where the
        answer `writes` a text, that is masked as well."""
        if not self._finders:
            return example
        fields = {name: self.cell(value) for name, value in example.fields.items()}
        said = self.said(example.said, example.text, writes=writes)
        return replace(example, text=self.cell(example.text), fields=fields, said=said)

    def said(self, said: Said, text: str, *, writes: bool) -> Said:
        """What is said of a text, as it is said of the masked one; where that `writes` a text, masked itself."""
        return self.text(str(said)) if writes else into_masked(said, self.placed(text)[1])

    def revealed(self, written: str, item: Item) -> str:
        """What was written about the masked item, with what its placeholders stand for."""
        if "[" not in written:
            return written
        hidden: dict[str, str] = {}
        for own in chain.from_iterable(map(texts_in, (item.text, *item.fields.values()))):
            text, places = self.placed(own)
            for found in _PLACEHOLDER.finditer(text):
                start, end = places[found.start()][0], places[found.end() - 1][1]
                hidden.setdefault(found.group(), own[start:end])
        return _PLACEHOLDER.sub(lambda found: hidden.get(found.group(), found.group()), written)

    def _edits(self, text: str) -> list[Edit]:
        if not self._finders:
            return []
        pieces = _PLACEHOLDER.split(text) if "[" in text else [text]
        edits: list[Edit] = []
        begin = 0
        for place, piece in enumerate(pieces):
            if not place % 2:  # odd ones are placeholders of an earlier pass
                edits += [(begin + start, begin + end, new) for start, end, new in self._in_piece(piece)]
            begin += len(piece)
        return edits

    def _in_piece(self, text: str) -> list[Edit]:
        found = [
            (start, end, rank, word, value)
            for rank, (word, find) in enumerate(self._finders)
            for start, end, value in find(text)
        ]
        return [(start, end, self._placeholder(word, value)) for start, end, word, value in _apart(text, found)]

    def _placeholder(self, word: str, value: str) -> str:
        digest = hmac.digest(self._salt, f"{word}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"[{word}_{digest[:_DIGEST_BYTES].hex().upper()}]"


def into_masked(said: Said, places: Sequence[Place]) -> Said:
    """What is said of a text, as it is said of the masked one; `places` as `Masker.placed` gives them. A mark that
    covers part of what was replaced covers all of the placeholder."""
    if not _is_spans(said):
        return said
    starts, ends = [start for start, _ in places], [end for _, end in places]
    moved = {Span(bisect_right(ends, one.start), bisect_left(starts, one.end), one.label) for one in said}
    return tuple(sorted(moved))


def out_of_masked(said: Said, places: Sequence[Place]) -> Said:
    """The way back: a mark that covers part of a placeholder covers all that it stands for."""
    if not _is_spans(said):
        return said
    return tuple(sorted({Span(places[one.start][0], places[one.end - 1][1], one.label) for one in said}))


def _is_spans(said: Said) -> TypeGuard[tuple[Span, ...]]:
    return isinstance(said, tuple) and any(isinstance(one, Span) for one in said)


def _edited(text: str, edits: Iterable[Edit]) -> str:
    parts, at = [], 0
    for start, end, new in edits:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _apart(text: str, found: Iterable[tuple[int, int, int, str, str]]) -> Iterable[tuple[int, int, str, str]]:
    """Finds that overlap become one, so that no end of either is left over; the first kind in order names it."""
    together: list[tuple[int, int, int, str, str]] = []
    for start, end, rank, word, value in sorted(found):
        if not together or start >= together[-1][1]:
            together.append((start, end, rank, word, value))
            continue
        before = together[-1]
        _, _, best, best_word, best_value = min(before, (start, end, rank, word, value), key=lambda one: one[2])
        whole = (before[0], max(end, before[1]))
        of_best = before if best == before[2] else (start, end)
        same = of_best[0] == whole[0] and of_best[1] == whole[1]
        together[-1] = (*whole, best, best_word, best_value if same else text[whole[0] : whole[1]].casefold())
    return [(start, end, word, value) for start, end, _, word, value in together]
