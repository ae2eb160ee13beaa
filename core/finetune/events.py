"""A fine-tune's events as they are stored: each once, in the host's order, also without ids and levels."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.text import clean


def as_kept(listed: Sequence[Mapping[str, Any]], hide: Callable[[str], str]) -> list[Mapping[str, Any]]:
    """Oldest first. Hosts list the newest first, some the oldest; events of the same second keep their order."""
    times = [seconds_of(event.get("created_at")) for event in listed]
    oldest_first = bool(times) and times[0] < times[-1]
    kept = [_kept(event, hide) for event in (listed if oldest_first else reversed(listed))]
    # The same said twice is two events: those without ids are told apart by how often they came before.
    seen: Counter[str] = Counter()
    for event in kept:
        if not event["host_event_id"]:
            said = repr([event["created_at"], event["level"], event["type"], event["message"], event["data"]])
            seen[said] += 1
            event["host_event_id"] = hashlib.sha256(f"{said}{seen[said]}".encode()).hexdigest()[:32]
    return list(kept)


def _kept(event: Mapping[str, Any], hide: Callable[[str], str]) -> dict[str, Any]:
    def text(name: str, default: str) -> str:
        return hide(clean(str(event.get(name) or default)))

    return {
        "host_event_id": text("id", ""),
        "level": text("level", "info"),
        "type": text("type", "message"),
        "message": text("message", ""),
        "data": mapping_of(event.get("data")),
        "created_at": seconds_of(event.get("created_at")),
    }


def mapping_of(value: Any) -> dict[str, Any]:
    """Without what is null in it; empty where it is no object."""
    return {key: inner for key, inner in value.items() if inner is not None} if isinstance(value, Mapping) else {}


def seconds_of(value: Any) -> float:
    """Epoch seconds, whether the host writes them or an ISO time; 0 where it writes neither."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e11:
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
