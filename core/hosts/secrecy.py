"""Hosts exist that repeat the key they were called with, in errors and even in answers. It must go no further."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cached_property

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


def _codings(secret: str) -> Iterator[str]:
    """The secret as it is and as simple means code it; of base64 what is the same wherever it stands in a text."""
    yield from (secret, secret.lower(), secret[::-1])
    data = secret.encode()
    yield from (data.hex(), data.hex().upper())
    for shift in range(3):
        coded = b64encode(b"\0" * shift + data).decode().rstrip("=")
        # The signs at both ends also hold bits of what stands beside the secret.
        inner = coded[(0, 2, 3)[shift] : len(coded) - ((shift + len(data)) % 3 > 0)]
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


def _numbered(text: str) -> str:
    """A pattern for the text in which any sign may be spelled as JSON, addresses, HTML or Python can spell it."""
    return "".join(_spelled(sign) for sign in text)


def _spelled(sign: str) -> str:
    number, named = ord(sign), _ENTITIES.get(sign)
    ways = [re.escape(sign), rf"\\u(?i:{number:04x})", rf"&\#0{{0,4}}{number};", rf"&\#[xX]0{{0,4}}(?i:{number:x});"]
    ways.append("".join(rf"%(?:25)?(?i:{byte:02x})" for byte in sign.encode()))
    if number < 256:
        ways.append(rf"\\x(?i:{number:02x})")
    if sign == "/":
        ways.append(r"\\/")
    return f"(?:{'|'.join([*ways, *([re.escape(named)] if named else [])])})"


_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
    "/": "&sol;",
    "+": "&plus;",
    "=": "&equals;",
}
_NAMED = {entity[1:-1].encode(): sign.encode() for sign, entity in _ENTITIES.items()}
_SPELLING = re.compile(
    rb"\\(?:u00([0-9A-Fa-f]{2})|x([0-9A-Fa-f]{2})|(/))|&(?:\#0{0,4}(\d{1,3})|\#[xX]0{0,4}([0-9A-Fa-f]{1,2})|([a-z]{2,6}));"
    rb"|%(?:25)?([0-9A-Fa-f]{2})"
)
_WIDEST = 14
"""What one sign of a spelling takes at most."""


def _plainly(spelled: re.Match[bytes]) -> bytes:
    coded, escaped, slash, decimal, number, name, percent = spelled.groups()
    if slash:
        return slash
    if name:
        return _NAMED.get(name, b"&")
    code = int(decimal) if decimal else int(coded or escaped or number or percent, 16)
    return bytes((code,)) if code < 256 else b"?"


class Hider:
    """Takes secrets out of whatever a host says: as they are, and in the spellings of JSON, addresses, HTML, hex and
    base64, also where they are part of what was coded. What is looked for is worked out once."""

    def __init__(self, *secrets: str) -> None:
        known = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True)
        self._texts = tuple(dict.fromkeys(coding for one in known for coding in _codings(one)))
        self._bytes = tuple(coding.encode() for coding in self._texts)
        self._longest = _WIDEST * max(map(len, self._texts), default=0)

    def text(self, text: str) -> str:
        for coding in self._texts:
            if coding in text:
                text = text.replace(coding, HIDDEN)
        if not self._may_spell(text.encode("utf-8", "replace")):
            return text
        return self._spelled.sub(HIDDEN, text)

    def data(self, data: bytes) -> bytes:
        """The same for bytes, also those that will be read as JSON."""
        for coding in self._bytes:
            if coding in data:
                data = data.replace(coding, HIDDEN.encode())
        if not self._may_spell(data):
            return data
        return self._spelled_bytes.sub(HIDDEN.encode(), data)

    # Made where a secret is met spelled: that is rare, and takes a quarter of a second.

    @cached_property
    def _spelled(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_numbered, self._texts)))

    @cached_property
    def _spelled_bytes(self) -> re.Pattern[bytes]:
        return re.compile("|".join(map(_numbered, self._texts)).encode())

    def _may_spell(self, data: bytes) -> bool:
        """Whether a secret is there once all that is spelled is written plainly. Most answers spell nothing."""
        is_marked = b"\\u00" in data or b"\\x" in data or b"\\/" in data or b"&" in data or b"%" in data
        if not self._bytes or not is_marked:
            return False
        plain = _SPELLING.sub(_plainly, data)
        return any(coding in plain for coding in self._bytes)

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
