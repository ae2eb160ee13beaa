"""Hosts exist that repeat the key they were called with, in errors and even in answers. It must go no further."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote

HIDDEN = "[key]"
_SHORTEST = 8
"""Anything shorter is no key, and taking it out would tear ordinary words apart."""


_KEY = re.compile(
    # As makers of keys mark them, and any long run of letters and digits that no name has.
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk|gsk|fw|fpk|hf|tgp|nvapi|xai|glpat)[-_.][A-Za-z0-9_\-.]{16,}"
    r"|AIza[A-Za-z0-9_\-]{20,}|eyJ[A-Za-z0-9_\-]{16,})"
)
_RUN = re.compile(r"[A-Za-z0-9]{20,}")


def looks_like_a_key(text: str, *, strictly: bool = False) -> bool:
    """Whether somebody may have put a key into a field that is stored or shown.

    By how the makers of keys mark them; `strictly` also any run of 20 letters and digits with digits among them, which
    no name of a variable has, but many an account's number in an address.
    """
    if any(any(sign.isdigit() for sign in found[0]) for found in _KEY.finditer(text)):
        return True
    return strictly and any(sum(sign.isdigit() for sign in run) >= 2 for run in _RUN.findall(text))


def _spellings(secret: str) -> tuple[str, ...]:
    return (
        secret,
        secret.replace("/", "\\/"),
        quote(secret, safe=""),
        b64encode(secret.encode()).decode().rstrip("="),
        urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    )


def _numbered(secret: str) -> str:
    """JSON can spell any letter by its number."""
    return "".join(rf"(?:{re.escape(sign)}|\\u00(?i:{ord(sign):02x}))" for sign in secret)


class Hider:
    """Takes secrets out of whatever a host says: as they are, and in the spellings of JSON, addresses and base64."""

    def __init__(self, *secrets: str) -> None:
        known = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True)
        self._texts = tuple(dict.fromkeys(spelling for one in known for spelling in _spellings(one)))
        self._bytes = tuple(spelling.encode() for spelling in self._texts)
        self._numbered = re.compile("|".join(map(_numbered, known)).encode())
        self._longest = 6 * max(map(len, known), default=0)

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
