"""A fine-tune's events as they are stored: each once, in the host's order, also without ids and levels."""

import base64
import binascii
import csv
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from core.text import clean, read_json


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


def metrics_of(told: Mapping[str, Any], step_names: Sequence[str] = ("step",)) -> dict[str, Any]:
    """The numbers of one step as an event. What hosts call an evaluation is a validation in ours."""
    numbers = {name: number for name, value in told.items() if (number := _number(value)) is not None}
    step = next((numbers[name] for name in step_names if name in numbers), None)
    found = {_as_ours(name): number for name, number in numbers.items() if name not in step_names}
    sides = "-valid" if any("valid" in name for name in found) else ""
    return {
        "host_event_id": f"metrics-{step}{sides}",
        "level": "info",
        "type": "metrics",
        "message": f"Step {step:g}" if step is not None else "Metrics",
        "data": {"step": step, **found},
        "created_at": seconds_of(told.get("logged_at") or told.get("created_at")),
    }


def metrics_in(content: str) -> list[Mapping[str, Any]]:
    """What a file of results holds: CSV, or objects a line, as it is or in base64. Empty where it is neither."""
    rows = list(_rows(_plain(content)))
    found = [metrics_of(row, ("step", "global_step", "Step", "iteration")) for row in rows]
    return [one for one in found if one["data"]["step"] is not None]


def _plain(content: str) -> str:
    packed = "".join(content.split())
    try:
        return base64.b64decode(packed, validate=True).decode("utf-8") if packed else ""
    except (binascii.Error, ValueError):
        return content


def _rows(content: str) -> Iterable[Mapping[str, Any]]:
    content = content.lstrip("\ufeff").strip()
    if not content.startswith(("{", "[")):
        yield from csv.DictReader(StringIO(content))
        return
    for line in content.splitlines():
        try:
            told = read_json(line)
        except ValueError:
            continue
        yield from (one for one in (told if isinstance(told, list) else [told]) if isinstance(one, Mapping))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _as_ours(name: str) -> str:
    return name.lower().replace("/", "_").replace("evaluation", "valid").replace("eval", "valid")
