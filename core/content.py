"""What a message says: text, or parts of text, pictures and sound. How parts look in the OpenAI protocol.

A part names its file by its reference; the bytes take its place at the very last, right before something is sent or
written for a host. So keys, frozen configurations, logs and the database hold references alone.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.model import Content, MediaPart, Message, TextPart

PICTURES: Mapping[str, str] = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
"""The pictures that models take, by extension."""
SOUNDS = ("wav", "mp3")
PICTURE_TOKENS = (85, 500, 1500)
"""Tokens that a picture costs at the least, about, and at the most: hosts count by its size, each by rules of its
own."""
SOUND_TOKENS = (50, 500, 5000)
MEDIA = "media:"
"""How the reference of a stored file begins."""
_NAMED = rf"{MEDIA}[0-9a-f]{{64}}\.[0-9a-z]{{2,5}}"
_REFERENCE = re.compile(_NAMED)
_PLACED = re.compile(rf'"(url|data)":"({_NAMED})"'.encode())

Read = Callable[[str], bytes]
"""The bytes of the file with a reference."""


def is_reference(text: str) -> bool:
    """Whether the text names a stored file, and is nothing that anybody wrote."""
    return text.startswith(MEDIA) and _REFERENCE.fullmatch(text) is not None


def content_of(parts: Sequence[str | MediaPart]) -> Content:
    """Text where all of it is text; else its parts, text that stands beside another joined, blank text left out."""
    joined: list[str | MediaPart] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    if all(isinstance(part, str) for part in joined):
        return "".join(part for part in joined if isinstance(part, str))
    return tuple(part if isinstance(part, MediaPart) else TextPart(part) for part in joined if not _is_blank(part))


def _is_blank(part: str | MediaPart) -> bool:
    return isinstance(part, str) and not part.strip()


def text_of(content: Content) -> str:
    """The text of it alone."""
    if isinstance(content, str):
        return content
    return "\n".join(part.text for part in content if isinstance(part, TextPart))


def media_in(messages: Sequence[Message]) -> tuple[MediaPart, ...]:
    """The pictures and sounds, in their order."""
    return tuple(
        part
        for message in messages
        if not isinstance(message.content, str)
        for part in message.content
        if isinstance(part, MediaPart)
    )


def tokens_of_media(content: Content, rule: int = 1) -> int:
    """About how many tokens its pictures and sounds come to; `rule` 0 for the least, 2 for the most."""
    if isinstance(content, str):
        return 0
    media = [part for part in content if isinstance(part, MediaPart)]
    return sum((SOUND_TOKENS if part.extension in SOUNDS else PICTURE_TOKENS)[rule] for part in media)


def on_the_wire(content: Content) -> str | list[dict[str, Any]]:
    """As the protocol has it, with references in the place of bytes (see `with_bytes`)."""
    return content if isinstance(content, str) else [_part(part) for part in content]


def _part(part: TextPart | MediaPart) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    if part.extension in SOUNDS:
        return {"type": "input_audio", "input_audio": {"data": part.reference, "format": part.extension}}
    return {"type": "image_url", "image_url": {"url": part.reference}}


def has_media(body: bytes) -> bool:
    return b'":"media:' in body and _PLACED.search(body) is not None


def with_bytes(body: bytes, read: Read) -> bytes:
    """JSON with the files themselves where `on_the_wire` left references: as data URIs, or base64 for sound.

    Nothing else in JSON looks like this: within a text quotation marks are escaped.
    """

    def filled(found: re.Match[bytes]) -> bytes:
        key, reference = found[1], found[2].decode()
        extension = reference.rpartition(".")[2]
        data = base64.b64encode(read(reference))
        head = b"data:" + PICTURES[extension].encode() + b";base64," if extension in PICTURES else b""
        return b'"' + key + b'":"' + head + data + b'"'

    return _PLACED.sub(filled, body) if b'":"media:' in body else body
