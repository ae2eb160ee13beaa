"""The ways in which hosts, gateways and loggers spell what they were sent, each a function of the text."""

import json
from base64 import b32encode, b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from urllib.parse import quote


def _each(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(byte) for byte in text.encode())


def _in_json(text: str, *, depth: int) -> str:
    spelled = "".join(f"\\u{ord(sign):04x}" for sign in text)
    for _ in range(depth):
        spelled = json.dumps(spelled)[1:-1]
    return spelled


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


WAYS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "small letters": str.lower,
    "backwards": lambda text: text[::-1],
    "spaced": " ".join,
    "broken by lines": lambda text: "\\n".join(text[i : i + 6] for i in range(0, len(text), 6)),
    "invisible signs between": "\u200b".join,
    "hex": lambda text: text.encode().hex(),
    "hex in capitals": lambda text: text.encode().hex().upper(),
    "hex with blanks": lambda text: text.encode().hex(" "),
    "hex with colons": lambda text: text.encode().hex(":").upper(),
    "hex with dashes": lambda text: text.encode().hex("-"),
    "hex, each marked": lambda text: ", ".join(map(hex, text.encode())),
    "hex of UTF-16": lambda text: text.encode("utf-16-le").hex(),
    "hex of UTF-16, big end first": lambda text: text.encode("utf-16-be").hex(" "),
    "zero bytes between": lambda text: "".join(f"{sign}\\u0000" for sign in text),
    "numbers": lambda text: str(list(text.encode())),
    "octal": _each("\\{:03o}"),
    "base32": lambda text: b32encode(text.encode()).decode(),
    "base32 in small letters": lambda text: b32encode(b"Bearer " + text.encode()).decode().lower(),
    "base64": _base64,
    "url-safe base64": lambda text: urlsafe_b64encode(text.encode()).decode(),
    "base64 twice": lambda text: _base64(_base64(text)),
    "base64 three times": lambda text: _base64(_base64(_base64(text))),
    "base64 of UTF-16": lambda text: b64encode(text.encode("utf-16-le")).decode(),
    "wrapped base64": lambda text: encodebytes(b"Authorization: Bearer " * 3 + text.encode()).decode().strip(),
    "base64 wrapped in JSON": lambda text: json.dumps(WAYS["wrapped base64"](text))[1:-1],
    "an address": lambda text: quote(text, safe=""),
    "an address twice": lambda text: quote(quote(text, safe=""), safe=""),
    "an address three times": lambda text: quote(quote(quote(text, safe=""), safe=""), safe=""),
    "an address, each sign": _each("%{:02x}"),
    "an address, each sign twice": _each("%25{:02X}"),
    "JSON": lambda text: _in_json(text, depth=0),
    "JSON in JSON": lambda text: _in_json(text, depth=1),
    "JSON in JSON in JSON": lambda text: _in_json(text, depth=2),
    "JSON with slashes": lambda text: json.dumps(text.replace("/", "\\/"))[1:-1],
    "JavaScript": _each("\\u{{{:x}}}"),
    "Python": _each("\\x{:02x}"),
    "Python, long": _each("\\U{:08x}"),
    "HTML": escape,
    "HTML twice": lambda text: escape(escape(text)),
    "HTML in numbers": _each("&#{};"),
    "HTML in numbers twice": _each("&amp;#{};"),
    "HTML in hex": _each("&#x{:X};"),
    "HTML in an address": lambda text: quote("".join(f"&#{ord(sign)};" for sign in text), safe=""),
}
