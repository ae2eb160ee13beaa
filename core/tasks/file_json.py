"""A task file as JSON: read with a sentence for what is no JSON, and for what is not where it should be."""

import json
from collections.abc import Mapping
from typing import Any, cast

from core.errors import WorkbenchError
from core.text import read_json


def load(text: str, hint: str) -> Mapping[str, Any]:
    """The object with the jobs, and the `title` of the project it may be wrapped in. Raises `WorkbenchError` where it
    is no JSON."""
    try:
        data = read_json(text.lstrip("\ufeff"), pairs=_no_repeats)
    except json.JSONDecodeError as error:
        raise WorkbenchError(f"The task file is not JSON: line {error.lineno}, {error.msg}.", hint) from error
    except ValueError as error:
        raise WorkbenchError(f"The task file cannot be read: {error}.", hint) from error
    for wrapper in ("json_interface", "jsonInterface"):
        if isinstance(data, dict) and "jobs" not in data and wrapper in data:
            data = {"title": data.get("title"), **mapping_at(data[wrapper], wrapper, hint)}
    return mapping_at(data, "the file", hint)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'"{repeated}" occurs twice in one place')
    return found


def mapping_at(value: object, path: str, hint: str) -> Mapping[str, Any]:
    """The object at that path; raises `WorkbenchError` where there is none."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    what = "is missing" if value is None else "is not an object"
    raise WorkbenchError(f"The task file has no usable ontology: {path} {what}.", hint)


def text_at(holder: Mapping[str, Any], key: str, path: str) -> str:
    """The text under a key, "" where there is none; raises `WorkbenchError` for anything else."""
    value = holder.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WorkbenchError(f"The task file cannot be read: {path}.{key} is not text.", "Write it in quotes.")
    return value
