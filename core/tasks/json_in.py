"""JSON as models write it: amid prose, in Python's spelling, with commas too many or too few, cut off.

One pass: where an object cannot be read on, reading resumes there and not at its beginning.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""(?:(?P<string>"(?:[^"\\]++|\\.)*+"|'(?:[^'\\]++|\\.)*+')|(?P<sign>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,"'][^{}\[\]:,"'\n]*+))""",
    re.DOTALL,
)
_OPENING = re.compile(r"\{(?=\s{0,200}[\"'\w}])|\[")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,10})?")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None, "nan": None}
_DEEPEST = 50
_MOST_OPENINGS = 1000

Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Piece:
    """One object (its pairs, so that no repeated key is lost) or list found in a text at `start` to `end`.

    `is_whole` False where it is cut off or cannot be read to its end: `value` then holds the pairs that came whole.
    """

    value: Any
    start: int
    end: int
    is_whole: bool


class Number(str):
    """A number as it was written: `1.50` is not `1.5` where it is a label."""


class _Unread:
    """Stands for a value that did not come whole."""


UNREAD = _Unread()


class _Broken(Exception):
    """The text cannot be read on as JSON."""


def json_in(text: str) -> list[Piece]:
    """Every outermost object and list of the text, in order."""
    whole = _plain(text)
    return [whole] if whole is not None else _pieces(text)


def _plain(text: str) -> Piece | None:
    """The one piece of a text that is JSON and nothing else, as most answers are: read by the library, in a tenth of
    the time. None of a text in which anything could be read in two ways."""
    opening, text = _OPENING.match(text), text.rstrip(" \t\r\n")
    if opening is None or "\\u" in text or text.count("{") + text.count("[") > _DEEPEST:
        return None
    try:
        value = _STRICT.decode(text)
    except ValueError:
        return None
    return Piece(value, 0, len(text), True)


def _number(written: str) -> Number:
    if _NUMBER.fullmatch(written) is None:
        raise ValueError
    return Number(written)


def _no_number(written: str) -> None:
    raise ValueError


_STRICT = json.JSONDecoder(object_pairs_hook=tuple, parse_int=_number, parse_float=_number, parse_constant=_no_number)


def _pieces(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    reader = _Reader(text)
    openings = 0
    while (opening := _OPENING.search(text, reader.position)) is not None:
        openings += 1
        if openings > _MOST_OPENINGS:  # no answer, and no end of it
            return [*pieces, Piece((), opening.start(), len(text), False)]
        reader.position = opening.start()
        piece = reader.piece()
        if piece is not None:
            pieces.append(piece)
        reader.position = max(reader.position, opening.start() + 1)
    return pieces


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._unclosed: set[str] = set()
        self.position = 0

    def piece(self) -> Piece | None:
        """What begins here; None where it is neither object nor list, but a bracket in running text."""
        start = self.position
        is_object = self._text[start] == "{"
        found: list[Any] = []
        try:
            self._fill(found, is_object, 0)
        except _Broken:
            # A brace in running text has no pairs; a broken object must not be read as running text.
            return Piece(tuple(found), start, self.position, False) if is_object and found else None
        return Piece(tuple(found) if is_object else found, start, self.position, True)

    def _fill(self, found: list[Any], is_object: bool, depth: int) -> None:
        """Read what stands between the brackets, up to the closing one, into `found`."""
        if depth > _DEEPEST:
            raise _Broken
        self.position += 1
        end = "}" if is_object else "]"
        while (token := self._peek()) is not None:
            if token["sign"] == ",":
                self.position = token.end()
            elif token["sign"] == end:
                self.position = token.end()
                return
            elif is_object:
                self._pair(found, token, depth)
            else:
                found.append(self._value(token, depth, bare=False))
        raise _Broken

    def _pair(self, found: list[Any], token: re.Match[str], depth: int) -> None:
        if token["sign"]:
            raise _Broken
        key = _unquoted(token["string"]) if token["string"] else token["word"].strip()
        self.position = token.end()
        colon = self._peek()
        if colon is None or colon["sign"] != ":":
            raise _Broken
        self.position = colon.end()
        # Noted before its value is read, so that an object cut off within it is known as one.
        found.append((key, UNREAD))
        value = self._peek()
        if value is None or value["sign"] in ("}", "]", ":", ","):
            raise _Broken
        found[-1] = (key, self._value(value, depth, bare=True))

    def _value(self, token: re.Match[str], depth: int, *, bare: bool) -> Any:
        if token["string"]:
            self.position = token.end()
            return _unquoted(token["string"])
        if token["word"]:
            return self._word(token, bare=bare)
        if token["sign"] not in ("{", "["):
            raise _Broken
        self.position = token.start("sign")
        inner: list[Any] = []
        self._fill(inner, token["sign"] == "{", depth + 1)
        return tuple(inner) if token["sign"] == "{" else inner

    def _word(self, token: re.Match[str], *, bare: bool) -> Any:
        """A number or one of JSON's words; other words without quotes are values of a key alone."""
        word = token["word"].strip()
        is_cut_off = token.end() == len(self._text)
        is_number = _NUMBER.fullmatch(word) is not None
        if is_cut_off or not (bare or is_number or word.lower() in _WORDS):
            raise _Broken
        self.position = token.end()
        return Number(word) if is_number else _WORDS.get(word.lower(), word)

    def _peek(self) -> re.Match[str] | None:
        """The next token; None at the end of the text."""
        start = self.position
        while start < len(self._text) and self._text[start].isspace():
            start += 1
        if start == len(self._text):
            return None
        found = None if self._text[start] in self._unclosed else _TOKEN.match(self._text, start)
        if found is None:
            # A quote that nothing closes: no later one of its kind is looked after, or it would be again and again.
            self._unclosed.add(self._text[start])
            raise _Broken
        return found


def _unquoted(string: str) -> str:
    inner = string[1:-1]
    if "\\" not in inner:
        return inner
    # JSON spells a sign beyond the first 65,536 as two halves.
    return _ESCAPE.sub(_letter, inner).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _letter(found: re.Match[str]) -> str:
    number, sign = found.groups()
    return chr(int(number, 16)) if number else _LETTERS.get(sign, sign)
