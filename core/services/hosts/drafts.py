"""What the user says about a host: as it is typed, checked, and stored."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import WorkbenchError
from core.hosts.manner import OURS
from core.hosts.profiles import HostProfile
from core.hosts.secrecy import looks_like_a_key
from core.model import Host, Masking
from core.storage.hosts import StoredHost
from core.text import read_json

_NAME_OF_A_VARIABLE = "A variable's name has only letters, digits and underscores, as in GROQ_API_KEY."
_KEY_PLACE = "Give the key by the name of its variable, or type it where it says Key."
_CALLED_A_KEY = re.compile(r'"(?:api[_-]?key|authorization|password|secret|access_token)"\s*:', re.IGNORECASE)
_ADDRESSES = frozenset({"api_base", "base_url", "api_url", "endpoint", "proxy", "extra_headers", "headers"})
_LIMITS = ("answer_tokens", "in_flight", "requests_per_minute", "tokens_per_minute")
EFFORTS = ("", "none", "minimal", "low", "medium", "high", "xhigh")


@dataclass(frozen=True)
class HostDraft:
    """What the user says about a host, as typed. `extra` is a JSON object as text; None where a limit is left open."""

    title: str
    base_url: str = ""
    key_variable: str = ""
    extra: str = ""
    reasoning_effort: str = ""
    answer_tokens: int | None = None
    in_flight: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    masking: Masking = field(default_factory=Masking)


def draft_of(host: Host) -> HostDraft:
    """A host as its form begins."""
    return HostDraft(
        title=host.title,
        base_url=host.base_url,
        key_variable=host.key_variable,
        extra=json.dumps(dict(host.extra), ensure_ascii=False, indent=2) if host.extra else "",
        reasoning_effort=host.reasoning_effort,
        answer_tokens=host.answer_tokens,
        in_flight=host.in_flight,
        requests_per_minute=host.requests_per_minute,
        tokens_per_minute=host.tokens_per_minute,
        masking=host.masking,
    )


def new_draft(profile: HostProfile) -> HostDraft:
    """What the form of a new host of this kind begins with."""
    extra = json.dumps(dict(profile.extra), ensure_ascii=False) if profile.extra else ""
    return HostDraft(profile.title, profile.base_url, profile.key_variable, extra)


def row_of(key: str, profile: str, draft: HostDraft, *, base_url: str) -> StoredHost:
    """What is stored of a draft. Raises `WorkbenchError` with the first thing wrong with it."""
    title, variable = " ".join(draft.title.split()), draft.key_variable.strip()
    if not title:
        raise WorkbenchError("The host has no name.", "Give it one: it is shown with every run.")
    if looks_like_a_key(title):
        raise WorkbenchError("The name of the host looks like a key, which would be stored and shown.", _KEY_PLACE)
    if variable and (not (variable.isascii() and variable.isidentifier()) or looks_like_a_key(variable, strictly=True)):
        raise WorkbenchError("This is not the name of a variable; a key itself is never stored.", _NAME_OF_A_VARIABLE)
    limits = {limit: getattr(draft, limit) for limit in _LIMITS}
    config: Mapping[str, Any] = {
        "extra": parsed_extra(draft.extra),
        "reasoning_effort": draft.reasoning_effort,
        "masking": asdict(draft.masking),
        **{limit: value for limit, value in limits.items() if value is not None},
    }
    return StoredHost(key, profile, title, base_url, variable, config)


def parsed_extra(text: str) -> dict[str, Any]:
    """Extra parameters as a JSON object; empty where nothing is typed. Raises `WorkbenchError` for anything else."""
    if not text.strip():
        return {}
    try:
        parsed = read_json(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise WorkbenchError(
            f"The extra parameters are not JSON ({where}).", 'Write an object, such as {"top_p": 0.9}.'
        ) from None
    except ValueError:
        raise WorkbenchError("The extra parameters are nested too deeply.", "Write a flat object.") from None
    if not isinstance(parsed, dict):
        raise WorkbenchError("The extra parameters are not a JSON object.", 'Write one, such as {"top_p": 0.9}.')
    if looks_like_a_key(text) or _CALLED_A_KEY.search(text):
        raise WorkbenchError("The extra parameters contain what looks like a key, which would be stored.", _KEY_PLACE)
    if taken := sorted(name for name in parsed if name.lower() in OURS):
        raise WorkbenchError(f"The extra parameters may not set {taken[0]}.", "LabelLoop sets it for each request.")
    if elsewhere := sorted(name for name in parsed if name.lower() in _ADDRESSES):
        said = f"The extra parameters may not set {elsewhere[0]}: a gateway would send data and keys elsewhere."
        raise WorkbenchError(said, "Add that address as a host of its own.")
    return parsed
