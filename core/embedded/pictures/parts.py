"""The parts of a message's content: which are text, and which pictures; with what is wrong with the others."""

from collections.abc import Mapping, Sequence
from typing import Any

ONLY = "this host reads text and pictures, nothing else"
DEAF = "this host cannot hear: it reads text and pictures. Ask a model that takes sound"


def text_of(content: object) -> str:
    """The text of a message, its parts on lines of their own. Raises ValueError(".content: why") for what is neither
    text nor a list of parts of text and pictures."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise ValueError(f".content: must be text; {ONLY}")
    for place, part in enumerate(content):
        if part.get("type") == "input_audio":
            raise ValueError(f".content.[{place}]: {DEAF}")
        if part.get("type") == "image_url":
            url_of(part, place)
        elif part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise ValueError(f".content.[{place}]: must be a part of type text or image_url; {ONLY}")
    return "\n".join(text_parts(content))


def text_parts(content: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(part["text"]) for part in content if part["type"] == "text"]


def url_of(part: Mapping[str, Any], place: int) -> str:
    """Where an image_url part has its picture. Raises ValueError where it does not say."""
    holder = part.get("image_url")
    url = holder.get("url") if isinstance(holder, dict) else None
    if not isinstance(url, str) or not url:
        raise ValueError(f".content.[{place}].image_url.url: must be the picture as a data URI")
    return url


def pictures_asked_about(messages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The pictures of the last user message, in their order; `messages` were read before (`plain_messages`)."""
    last = next((m.get("content") for m in reversed(messages) if m.get("role") == "user"), None)
    parts = last if isinstance(last, list) else []
    return tuple(url_of(part, place) for place, part in enumerate(parts) if part.get("type") == "image_url")
