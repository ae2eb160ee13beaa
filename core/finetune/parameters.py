"""Hyperparameters that describe themselves, so that the form draws itself and the request is written by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import WorkbenchError

Value = int | float | bool | str
"""What a parameter is set to."""
_YES_OR_NO = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Parameter:
    """`low` and `high` are inclusive bounds of a number; an empty entry means the host's own choice ("auto").

    `default` is what the host chooses, where that is known; `choices` what a choice is among; `at` its place in the
    request, keys with dots between them, "" for its own key; `method` the one that it is of, "" for any.
    """

    key: str
    title: str
    kind: Literal["int", "float", "bool", "choice"]
    low: float = 0
    high: float = 0
    about: str = ""
    default: Value | None = None
    choices: tuple[str, ...] = ()
    at: str = ""
    method: str = ""

    @property
    def place(self) -> str:
        return self.at or self.key

    @property
    def bounds(self) -> str:
        """What can be entered, as a sentence."""
        if self.kind == "bool":
            return "Enter yes or no, or leave it empty."
        if self.kind == "choice":
            return f"Enter one of {', '.join(self.choices)}, or leave it empty."
        return f"Enter a number from {self.low:g} to {self.high:g}, or leave it empty."


def parse_parameters(entries: Mapping[str, str], known: Mapping[str, Parameter]) -> dict[str, Value]:
    """Typed values of the entries that are not empty or "auto"; `known` are those of the host and the method. Raises
    `WorkbenchError` naming the entry."""
    values: dict[str, Value] = {}
    for key, entry in entries.items():
        if key not in known:
            raise WorkbenchError(f"“{key}” is no parameter of this method.", f"Known: {', '.join(known)}.")
        if entry.strip().lower() not in ("", "auto"):
            values[key] = _parse(known[key], entry.strip())
    return values


def _parse(parameter: Parameter, entry: str) -> Value:
    if parameter.kind == "bool":
        if entry.lower() not in _YES_OR_NO:
            raise WorkbenchError(f"{parameter.title}: “{entry}” is neither yes nor no.", parameter.bounds)
        return _YES_OR_NO[entry.lower()]
    if parameter.kind == "choice":
        if entry not in parameter.choices:
            raise WorkbenchError(f"{parameter.title}: “{entry}” is not offered.", parameter.bounds)
        return entry
    try:
        value = int(entry) if parameter.kind == "int" else float(entry)
    except ValueError:
        raise WorkbenchError(f"{parameter.title}: “{entry}” is not a number.", parameter.bounds) from None
    if not parameter.low <= value <= parameter.high:
        raise WorkbenchError(f"{parameter.title}: {value:g} is out of range.", parameter.bounds)
    return value


def placed(values: Mapping[str, Value], known: Mapping[str, Parameter]) -> dict[str, Any]:
    """The values at their places in a request, within each other. One that nobody knows stands by its own key."""
    body: dict[str, Any] = {}
    for key, value in values.items():
        *within, last = (known[key].place if key in known else key).split(".")
        inner = body
        for name in within:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return body


def merged(body: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, objects within them joined; where they differ `more` holds."""
    found = dict(body)
    for key, value in more.items():
        before = found.get(key)
        is_within = isinstance(before, Mapping) and isinstance(value, Mapping)
        found[key] = merged(before, value) if is_within else value  # type: ignore[arg-type]
    return found
