"""Spans of OpenTelemetry: attributes as objects, as lists of keys and values, or one column each; GenAI's names and
those of OpenInference and OpenLLMetry."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_INDEXED = re.compile(r"(gen_ai\.(?:prompt|completion)|llm\.(?:input|output)_messages)\.(\d+)\.(?:message\.)?(\w+)")
_TYPED = ("stringValue", "intValue", "doubleValue", "boolValue")
INPUTS = ("gen_ai.input.messages", "llm.input_messages", "gen_ai.prompt", "input.value")
OUTPUTS = ("gen_ai.output.messages", "llm.output_messages", "gen_ai.completion", "output.value")
EXPORTED = (
    ("resourceSpans", "scopeSpans", "spans"),
    ("resourceSpans", "instrumentationLibrarySpans", "spans"),
    ("resourceLogs", "scopeLogs", "logRecords"),
)
SYSTEM = "gen_ai.system_instructions"
_LONGEST = 200


def spans_in(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The spans, or events that are logged by themselves, of an OTLP export, each its own; the record itself where it
    is one."""
    if not is_export(record):
        yield record
    for outer, within, each in EXPORTED:
        for resource in _objects(record.get(outer)):
            for scope in _objects(resource.get(within)):
                yield from _objects(scope.get(each))


def is_export(record: Mapping[str, Any]) -> bool:
    """Whether many spans or events stand within the record."""
    return any(isinstance(record.get(outer), list) for outer, _, _ in EXPORTED)


def attributes_of(span: Mapping[str, Any]) -> dict[str, Any]:
    """By their full names. Messages that are written one attribute a part are put together."""
    held = span.get("attributes")
    flat = _flat(held) if isinstance(held, Mapping) else _listed(held)
    flat |= {name.removeprefix("attributes."): value for name, value in span.items() if is_attribute(name)}
    return flat | _joined(flat)


def is_attribute(name: str) -> bool:
    """Whether a record's own key is an attribute of a call of a model."""
    return name.removeprefix("attributes.").startswith(("gen_ai.", "llm."))


def is_part(name: str) -> bool:
    """Whether the attribute is a part of a message."""
    return len(name) < _LONGEST and _INDEXED.fullmatch(name) is not None


def events_of(span: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and attributes of each."""
    for one in _objects(span.get("events")):
        yield str(one.get("name") or ""), attributes_of(one)


def is_generation(attributes: Mapping[str, Any]) -> bool:
    """Whether a model was called, and it says with what."""
    return any(name in attributes for name in (*INPUTS[:3], *OUTPUTS[:3]))


def _flat(held: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in held.items():
        whole = f"{before}{name}"
        if isinstance(value, Mapping) and whole.split(".")[0] in ("gen_ai", "llm", "input", "output"):
            found |= _flat(value, f"{whole}.")
        else:
            found[whole] = value
    return found


def _listed(held: Any) -> dict[str, Any]:
    return {str(one.get("key")): _value(one.get("value")) for one in _objects(held)}


def _value(held: Any) -> Any:
    if not isinstance(held, Mapping):
        return held
    if isinstance(listed := held.get("arrayValue"), Mapping):
        values = listed.get("values")
        return [_value(one) for one in values] if isinstance(values, list) else []
    if "kvlistValue" in held:
        inner = held["kvlistValue"]
        return _listed(inner.get("values") if isinstance(inner, Mapping) else None)
    return next((held[name] for name in _TYPED if name in held), None)


def _joined(flat: Mapping[str, Any]) -> dict[str, Any]:
    messages: dict[str, dict[int, dict[str, Any]]] = {}
    for name, value in flat.items():
        if is_part(name) and (found := _INDEXED.fullmatch(name)):
            messages.setdefault(found[1], {}).setdefault(int(found[2]), {})[found[3]] = value
    return {name: [by_place[at] for at in sorted(by_place)] for name, by_place in messages.items()}


def _objects(held: Any) -> list[Mapping[str, Any]]:
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []
