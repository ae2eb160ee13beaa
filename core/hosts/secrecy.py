"""Hosts exist that repeat the key they were called with, in errors and even in answers. It must go no further."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote

HIDDEN = "[key]"
_SHORTEST = 8
"""Anything shorter is no key, and taking it out would tear ordinary words apart."""


class Hider:
    """Takes one key out of whatever a host says: as it is, and in the spellings of JSON, addresses and base64."""

    def __init__(self, key: str) -> None:
        spelled = {
            key: None,
            key.replace("/", "\\/"): None,
            quote(key, safe=""): None,
            b64encode(key.encode()).decode().rstrip("="): None,
            urlsafe_b64encode(key.encode()).decode().rstrip("="): None,
        }
        self._texts = tuple(spelled) if len(key) >= _SHORTEST else ()
        self._bytes = tuple(spelling.encode() for spelling in self._texts)
        # JSON can spell any letter by its number.
        signs = (rf"(?:{re.escape(sign)}|\\u00(?i:{ord(sign):02x}))" for sign in key)
        self._numbered = re.compile("".join(signs).encode())
        self._longest = 6 * len(key)

    def text(self, text: str) -> str:
        for spelling in self._texts:
            if spelling in text:
                text = text.replace(spelling, HIDDEN)
        return text

    def data(self, data: bytes) -> bytes:
        """For bytes that will be read as JSON."""
        for spelling in self._bytes:
            if spelling in data:
                data = data.replace(spelling, HIDDEN.encode())
        return self._numbered.sub(HIDDEN.encode(), data) if self._bytes and b"\\u00" in data else data

    def stream(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """`data` for what comes in pieces, wherever it is cut."""
        kept = b""
        for chunk in chunks:
            hidden = self.data(kept + chunk)
            kept = hidden[-self._longest :] if self._bytes else b""
            yield hidden[: len(hidden) - len(kept)]
        yield kept

    def __repr__(self) -> str:
        return "Hider()"
