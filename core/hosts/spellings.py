"""Every spelling of a secret is looked for in one plain form: escapes undone, only letters and digits, all small.

What separates or wraps the signs of a spelling (blanks, colons, line ends, backslashes of JSON within JSON, zero bytes
of UTF-16) falls away in that form, so that it needs no pattern of its own. Each step is one pass over the text.
"""

import re
from base64 import b32encode, b64encode
from binascii import a2b_base64, unhexlify
from collections.abc import Iterator

_ROUNDS = 4
"""Spellings within each other that are undone: JSON in JSON at any depth counts once, JSON in an address twice."""
_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SMALL = bytes(range(256)).lower()
_OTHER = bytes(set(range(256)) - set(_LETTERS))
_STANDARD = bytes.maketrans(b"-_", b"+/")
_BLANK = b" \t\r\n"
_BACKSLASH = 0x5C

_SPELLED = re.compile(
    rb"""(?: (?<!\\)\\+ | % ) u (?: ([0-9A-Fa-f]{4}) | \{([0-9A-Fa-f]{1,6})\} )
    | (?<!\\)\\+ (?: U00([0-9A-Fa-f]{6}) | x([0-9A-Fa-f]{2}) | ([nrt]) )
    | % (?:25)* ([0-9A-Fa-f]{2})
    | & (?:amp;)* (?: \# (?: 0*(\d{1,6}) | [xX]0*([0-9A-Fa-f]{1,6}) ) ;? | ([A-Za-z]{2,31}) ; )""",
    re.VERBOSE,
)
_MARKS = (b"\\u", b"%", b"&", b"\\x", b"\\U", b"\\n", b"\\r", b"\\t")
_PACKED = _LETTERS + b"+/_-"
_RUNS = bytes(ord("A") if sign in _PACKED else ord(" ") for sign in range(256))
_RUN = re.compile(
    rb"""(?<![A-Za-z0-9+/_-]) [A-Za-z0-9+/_-]{12,} (?: [\ \t\r\n]+ [A-Za-z0-9+/_-]{12,} )*
    (?: \r?\n [A-Za-z0-9+/_-]{1,11} (?![A-Za-z0-9+/_-]) )?""",
    re.VERBOSE,
)
_HEX = re.compile(rb"[0-9A-Fa-f]+")


def folded(data: bytes) -> bytes:
    """Its letters and digits alone, all small."""
    return data.translate(_SMALL, _OTHER)


def lowered(data: bytes) -> bytes:
    """All small, without the backslashes of JSON within JSON."""
    return data.translate(_SMALL, b"\\")


def places(data: bytes, *, letters: bool) -> list[int]:
    """For each byte of `folded(data)`, or else of `lowered(data)`, where in `data` it stands."""
    return [at for at, sign in enumerate(data) if (sign in _LETTERS if letters else sign != _BACKSLASH)]


def spells(data: bytes) -> bool:
    """Whether there may be anything to undo. Most answers have nothing."""
    return any(mark in data for mark in _MARKS)


def undone(data: bytes) -> bytes:
    """Its signs as they are meant, where JSON, Python, addresses or HTML spell them by number or name, also twice."""
    for _ in range(_ROUNDS):
        before, data = data, _SPELLED.sub(_plainly, data)
        if data == before:
            break
    return data


def places_undone(data: bytes) -> list[int]:
    """For each byte of `undone(data)`, and for its end, where in `data` it begins."""
    places = list(range(len(data) + 1))
    for _ in range(_ROUNDS):
        kept, parts, at = [], [], 0
        for found in _SPELLED.finditer(data):
            kept += [*places[at : found.start()], places[found.start()]]
            parts += [data[at : found.start()], _plainly(found)]
            at = found.end()
        if not parts:
            break
        places, data = kept + places[at:], b"".join(parts) + data[at:]
    return places


def _plainly(spelled: re.Match[bytes]) -> bytes:
    """One byte for each spelling, so that places can be counted."""
    by_u, braced, long, by_x, control, percent, decimal, hexadecimal, name = spelled.groups()
    if name:
        return b"&" if name.lower() == b"amp" else b" "
    if control:
        return b"\n"
    code = int(decimal) if decimal else int(by_u or braced or long or by_x or percent or hexadecimal, 16)
    return bytes((code,)) if code < 256 else b"?"


def unpacked(data: bytes, least: int) -> Iterator[tuple[int, int, bytes]]:
    """`(start, end, content)` of each run that may be base64 or hex, also wrapped, wherever it may begin in it.

    None where no run is `least` bytes long, which costs next to nothing to see.
    """
    if b"A" * least not in data.translate(_RUNS):
        return
    for found in _RUN.finditer(data):
        run = found[0].translate(_STANDARD, _BLANK)
        for shift in range(4):
            whole = b"A" * shift + run.rstrip(b"=")
            yield found.start(), found.end(), a2b_base64(whole + b"A" * (-len(whole) % 4))
        if _HEX.fullmatch(run):
            for shift in range(2):
                yield found.start(), found.end(), unhexlify(run[shift : len(run) - (len(run) - shift) % 2])


def codings(secret: bytes) -> Iterator[bytes]:
    """The secret in hex, numbers, base64 and base32; of the latter what is the same wherever it stands in a text."""
    yield secret.hex().encode()
    yield secret.hex("-").replace("-", "00").encode()  # UTF-16
    for each in ("0x{:02x}", "{:d}", "{:03o}"):
        yield "".join(each.format(byte) for byte in secret).encode()
    for encode, bits, period in ((b64encode, 6, 3), (b32encode, 5, 5)):
        for before in range(period):
            coded = encode(b"\0" * before + secret + b"\0" * 5)
            # The signs at both ends also hold bits of what stands beside the secret.
            yield coded[-(-8 * before // bits) : 8 * (before + len(secret)) // bits]
