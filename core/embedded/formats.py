"""`response_format`: which labels a JSON schema offers, and how an answer has to look."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.embedded.errors import bad_request
from core.embedded.labels import Choice

SCHEMA = "response_format.json_schema.schema"


@dataclass(frozen=True)
class Format:
    """`property` is None for plain text; `choices` is empty where no schema lists them; `values` are their JSON values.

    With `bare` the answer is a JSON value and not an object.
    """

    property: str | None = None
    choices: tuple[Choice, ...] = ()
    values: tuple[Any, ...] = ()
    bare: bool = False

    def render(self, label: str) -> tuple[str, str, str]:
        """What stands before, as, and after the label in the answer's text."""
        names = [choice.name for choice in self.choices]
        value = self.values[names.index(label)] if label in names else label
        if self.property is None and not self.bare:
            return "", label, ""
        written = json.dumps(value, ensure_ascii=False)
        quote = '"' if written.startswith('"') else ""
        inner = written[1:-1] if quote else written
        if self.bare:
            return quote, inner, quote
        return f"{{{json.dumps(self.property, ensure_ascii=False)}:{quote}", inner, f"{quote}}}"


def read_format(given: object) -> Format:
    """Reads `response_format`. Raises the 400 ApiError for what this host cannot answer, naming the parameter."""
    if given is None:
        return Format()
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "text":
        return Format()
    if kind == "json_object":
        return Format("label")
    if not isinstance(given, dict) or kind != "json_schema":
        raise bad_request("response_format.type must be text, json_object or json_schema.", "response_format")
    holder = given.get("json_schema")
    schema = holder.get("schema") if isinstance(holder, dict) else None
    if not isinstance(schema, dict):
        raise bad_request("response_format.json_schema.schema must be an object.", SCHEMA)
    return _from_schema(schema)


def _from_schema(schema: dict[str, Any]) -> Format:
    whole = resolve(schema, schema)
    options = options_of(whole, schema)
    if options:
        return Format(None, *split(options), bare=True)
    properties = whole.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise bad_request("The schema must have a property whose values are the labels.", SCHEMA)
    name, options = _label_property(properties, schema)
    others = [other for other in whole.get("required", []) if other != name]
    if others:
        named = ", ".join(map(repr, others))
        raise bad_request(f"This host answers one label and cannot fill the required properties {named}.", SCHEMA)
    return Format(name, *split(options))


def _label_property(properties: Mapping[str, Any], root: dict[str, Any]) -> tuple[str, list[tuple[Any, str]]]:
    """The property that lists the labels; else the only one that is text. 400 where that is not one property."""
    listing = {name: options for name, part in properties.items() if (options := options_of(part, root))}
    texts = [name for name, part in properties.items() if resolve(part, root).get("type") == "string"]
    if len(listing) == 1:
        return next(iter(listing.items()))
    if not listing and len(texts) == 1:
        return texts[0], []
    what = "several properties with an enum" if listing else "no property with an enum of labels"
    raise bad_request(f"The schema has {what}; this host answers exactly one.", SCHEMA)


def options_of(part: object, root: dict[str, Any]) -> list[tuple[Any, str]]:
    """(value, description) of each option: of an enum, a const, or anyOf/oneOf of either; [] for anything else."""
    schema = resolve(part, root)
    if isinstance(schema.get("enum"), list):
        return [(value, "") for value in schema["enum"]]
    if "const" in schema:
        return [(schema["const"], str(schema.get("description") or ""))]
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            options = [options_of(branch, root) for branch in schema[key]]
            return [option for branch in options for option in branch] if all(options) else []
    return []


def resolve(part: object, root: dict[str, Any]) -> dict[str, Any]:
    """The schema a local "$ref" points to; 400 for a reference that points to nothing."""
    for _ in range(16):
        if not isinstance(part, dict):
            return {}
        if "$ref" not in part:
            return part
        target: Any = root
        for step in str(part["$ref"]).removeprefix("#").strip("/").split("/"):
            target = target.get(step) if isinstance(target, dict) else None
        if target is None:
            raise bad_request(f"The schema's reference {part['$ref']!r} points to nothing.", SCHEMA)
        part = target
    raise bad_request("The schema's references form a circle.", SCHEMA)


def split(options: list[tuple[Any, str]]) -> tuple[tuple[Choice, ...], tuple[Any, ...]]:
    if any(isinstance(value, dict | list) for value, _ in options):
        raise bad_request("The labels of the schema must be text, numbers, booleans or null.", SCHEMA)
    names = [value if isinstance(value, str) else json.dumps(value) for value, _ in options]
    if len(set(names)) < len(names) or not all(name.strip() for name in names):
        raise bad_request("The labels of the schema must be distinct and not empty.", SCHEMA)
    choices = (
        Choice(name, " ".join(description.split())) for name, (_, description) in zip(names, options, strict=True)
    )
    return tuple(choices), tuple(value for value, _ in options)
