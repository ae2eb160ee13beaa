"""Pictures and sounds within the messages of a conversation: where a message's parts name them, in the spellings that
are about."""

import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from core.content import is_reference
from core.text import read_json

_TYPES = frozenset({"image_url", "input_image", "image", "input_audio", "audio_url", "audio"})
_PLACES = ("image_url", "input_audio", "audio_url", "audio", "image", "source", "url", "path")
"""Under which name a part has its file: in OpenAI's two APIs, Anthropic's, and the templates of Hugging Face."""

Take = Callable[[str], str]
"""What a file's name, address, data or reference becomes."""


def reference_in(part: Mapping[str, Any]) -> str:
    """The reference of the stored file that a part is; "" for a part of text, and for a file that lies elsewhere."""
    found = _place(part)
    said = found[0][found[1]] if found else ""
    return said if is_reference(said) else ""


def with_files(text: str, take: Take) -> str:
    """The conversation with what each of its parts names as its file as `take` gives it; data that is written into a
    message is handed on as a data URI. The very same where nothing changes, and for what is no JSON."""
    if not any(f'"{one}"' in text for one in _TYPES):
        return text
    try:
        held = read_json(text)
    except ValueError:
        return text
    try:
        return json.dumps(held, ensure_ascii=False) if _replaced(held, take) else text
    except RecursionError:
        return text  # nobody's conversation: its parts lie deeper than anything is read


def _replaced(held: Any, take: Take) -> bool:
    if isinstance(held, list):
        return any([_replaced(one, take) for one in held])
    if not isinstance(held, MutableMapping):
        return False
    found = _place(held)
    if found is None:
        return any([_replaced(one, take) for one in list(held.values())])
    within, name = found
    before = within[name]
    now = take(_as_uri(within, name))
    if now in (before, _as_uri(within, name)):
        return False
    if name == "data" and within is held.get("source"):
        held["source"] = {"type": "url", "url": now}
    else:
        within[name] = now
    return True


def _place(part: Mapping[str, Any]) -> tuple[MutableMapping[str, Any], str] | None:
    """The mapping in which the part's file stands, and under which name."""
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in _TYPES or not isinstance(part, MutableMapping):
        return None
    for name in _PLACES:
        held = part.get(name)
        if isinstance(held, str):
            return part, name
        if isinstance(held, MutableMapping):
            for inner in ("url", "data", "path"):
                if isinstance(held.get(inner), str):
                    return held, inner
    return None


def _as_uri(within: Mapping[str, Any], name: str) -> str:
    said = str(within[name])
    if name != "data" or said.startswith("data:") or is_reference(said):
        return said
    kind = within.get("media_type") or f"audio/{within.get('format') or 'wav'}"
    return f"data:{kind};base64,{said}"
