"""`response_format`: what kind of answer a JSON schema asks for. The form of one label is `core.embedded.formats`.

    a set of labels   {"labels": {"type": "array", "items": {"enum": [...]}}}
    a ranking         {"order": {"type": "array", "items": {"type": "array", "items": {"enum": [...]}}}}
    marked spans      {"spans": {"type": "array", "items": {"properties": {"quote", "label": {"enum": [...]}, ...}}}}

    several of these  {"<name>": {"properties": <one of the above>}, ...}

The property's own name is the client's choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.embedded.errors import bad_request
from core.embedded.formats import SCHEMA, Format, options_of, read_format, resolve, split
from core.embedded.labels import Choice

MAX_RANKED = 9
"""So many candidates of one ranking."""


@dataclass(frozen=True)
class SetShape:
    """`choices` may be none: then the instructions list them, or the tuned model knows them."""

    property: str
    choices: tuple[Choice, ...]
    may_be_empty: bool = True


@dataclass(frozen=True)
class OrderShape:
    property: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class SpanShape:
    """Quotes of the text, each with its label and the number of its occurrence where the schema has room for it."""

    property: str
    choices: tuple[Choice, ...]
    quote: str = "quote"
    label: str = "label"
    occurrence: str | None = "occurrence"


@dataclass(frozen=True)
class SeveralShape:
    """Several questions, each answered under a property of its own, by its name and as it would be asked alone."""

    parts: tuple[tuple[str, "Single"], ...]


Single = Format | SetShape | OrderShape | SpanShape
Shape = Single | SeveralShape


def read_shape(given: object) -> Shape:
    """Raises the 400 ApiError for what this host cannot answer, naming the parameter."""
    schema = _schema(given)
    whole = resolve(schema, schema) if schema else {}
    properties = whole.get("properties")
    lists = _lists(properties, schema) if isinstance(properties, dict) else {}
    if isinstance(properties, dict) and properties and all(_is_question(part, schema) for part in properties.values()):
        return SeveralShape(tuple((name, _alone(resolve(part, schema), schema)) for name, part in properties.items()))
    if not lists:
        return read_format(given)
    if len(lists) > 1 or any(name not in lists for name in whole.get("required", [])):
        raise bad_request("The schema asks for several things; this host answers one list alone.", SCHEMA)
    [(name, part)] = lists.items()
    items = resolve(part.get("items"), schema)
    if items.get("type") == "array" or "items" in items:
        return _order(name, resolve(items.get("items"), schema), schema)
    if isinstance(items.get("properties"), dict):
        return _spans(name, items["properties"], schema)
    return SetShape(name, split(options_of(items, schema))[0], not part.get("minItems"))


def _is_question(part: object, root: dict[str, Any]) -> bool:
    return isinstance(resolve(part, root).get("properties"), dict)


def _alone(part: dict[str, Any], root: dict[str, Any]) -> Single:
    """The form of one of several questions. References within it are those of the whole schema."""
    shape = read_shape({"type": "json_schema", "json_schema": {"schema": {**root, **part}}})
    if isinstance(shape, SeveralShape):
        raise bad_request("The schema asks for questions within questions; this host answers them one by one.", SCHEMA)
    return shape


def _schema(given: object) -> dict[str, Any]:
    holder = given.get("json_schema") if isinstance(given, dict) and given.get("type") == "json_schema" else None
    schema = holder.get("schema") if isinstance(holder, dict) else None
    return schema if isinstance(schema, dict) else {}


def _lists(properties: Mapping[str, Any], schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    parts = {name: resolve(part, schema) for name, part in properties.items()}
    return {name: part for name, part in parts.items() if part.get("type") == "array"}


def _order(name: str, items: dict[str, Any], schema: dict[str, Any]) -> OrderShape:
    names = tuple(choice.name for choice in split(options_of(items, schema))[0])
    if len(names) == 1 or len(names) > MAX_RANKED:
        raise bad_request(f"From 2 to {MAX_RANKED} candidates can be ranked; the schema has {len(names)}.", SCHEMA)
    return OrderShape(name, names)


def _spans(name: str, properties: Mapping[str, Any], schema: dict[str, Any]) -> SpanShape:
    parts = {key: resolve(part, schema) for key, part in properties.items()}
    labels = [key for key, part in parts.items() if options_of(part, schema)]
    if not labels and "label" in parts:
        labels = ["label"]
    quotes = [key for key, part in parts.items() if part.get("type") == "string" and key not in labels]
    numbers = [key for key, part in parts.items() if part.get("type") == "integer"]
    if len(labels) != 1 or len(quotes) != 1 or len(numbers) > 1 or len(parts) != 2 + len(numbers):
        raise bad_request(
            "Each entry of the schema's list must have a quote of the text, a label out of an enum, and may have the "
            "number of the occurrence; this host fills in nothing else.",
            SCHEMA,
        )
    choices = split(options_of(parts[labels[0]], schema))[0]
    return SpanShape(name, choices, quotes[0], labels[0], numbers[0] if numbers else None)
