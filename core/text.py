"""The boundary for what comes from outside: text that can be stored, sent and shown, and numbers the database holds.

JSON can spell half a surrogate pair, a file or a form can hold a NUL, and a number can have any length. None of them
goes into a database, a request or a page; so each entry lets them through here, once, and nothing behind it need know.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import chain
from typing import Any, TypeVar, cast

from core.errors import WorkbenchError

T = TypeVar("T")
Value = TypeVar("Value")

_UNREADABLE = "\ufffd"
_LARGEST = 2**63 - 1
"""SQLite keeps whole numbers in eight bytes."""
_DEEPEST = 100
_COLLECTIONS = (list, tuple, set, frozenset)
_FEW = 1_000
"""Records that are looked at together."""


def clean(text: str) -> str:
    """The text with the halves of surrogate pairs joined; a half alone and a NUL become U+FFFD, so that they are seen.

    Everything else stays as it is: of a text without them this is the very text.
    """
    if not is_storable(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", _UNREADABLE)


def is_storable(text: str) -> bool:
    """Whether it can be written as UTF-8: half a surrogate pair cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def admit(value: T) -> T:
    """The value with every text in it clean: in lists, tuples, sets, dicts and dataclasses, however deep.

    What needs nothing is the very same object. Raises `WorkbenchError` for whole numbers beyond 64 bits and for what is
    nested more than 100 deep.
    """
    return cast(T, _admitted(value, 0))


def read_json(
    text: str | bytes,
    *,
    pairs: Callable[[list[tuple[str, Any]]], Any] | None = None,
    long: Callable[[str], Any] = float,
) -> Any:
    """JSON from outside, its texts clean, whole numbers beyond 64 bits as `long` makes them of their digits; `pairs`
    makes objects of their pairs.

    Raises `ValueError`, and nothing else, for what is no JSON, no UTF-8, or nested too deeply.
    """
    try:
        return admit(json.loads(text, parse_int=lambda digits: _number(digits, long), object_pairs_hook=pairs))
    except (RecursionError, WorkbenchError) as error:
        raise ValueError("it is nested too deeply") from error


def whole_in(text: str) -> int | None:
    """The whole number that a text of digits is; None for anything else, and for what is longer than numbers are."""
    return int(text) if len(text) < 19 and text.isdecimal() else None


def known(key: str, choices: Mapping[str, Value], what: str) -> Value:
    """The choice of this name. Raises `WorkbenchError` for one that is none of them."""
    if key in choices:
        return choices[key]
    raise WorkbenchError(
        f"There is no {what} {clean(str(key))[:60]}.", f"Choose one of {', '.join(filter(None, choices))}."
    )


def _number(digits: str, long: Callable[[str], Any]) -> Any:
    return int(digits) if len(digits) < 19 else long(digits)


def _admitted(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return clean(value)
    if kind is int:
        return _whole(value)
    if _is_record(kind):
        return _all(value, depth)
    if kind is dict:
        return _mapping(value, depth)
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value, depth)
    return value


def _whole(value: int) -> int:
    if -_LARGEST <= value <= _LARGEST:
        return value
    raise WorkbenchError("A number is too large to be stored.", "Give one of at most 18 digits.")


def _deeper(depth: int) -> int:
    if depth >= _DEEPEST:
        raise WorkbenchError("What was given is nested too deeply to be stored.", "Nest it less deeply.")
    return depth + 1


def _all(values: Any, depth: int) -> Any:
    deeper = _deeper(depth)
    if values and (_are_plain_texts(values) or _are_plain_numbers(values) or _are_plain_records(values, deeper)):
        return values
    admitted = [_admitted(one, deeper) for one in values]
    if all(new is old for new, old in zip(admitted, values, strict=True)):
        return values
    return getattr(type(values), "_make", type(values))(admitted)


def _are_plain_texts(values: Any) -> bool:
    """Whether these are texts alone and none needs cleaning: rows of a table are, and there may be a million."""
    try:
        line = "".join(values)
    except TypeError:
        return False
    return "\0" not in line and is_storable(line)


def _are_plain_numbers(values: Any) -> bool:
    """The same for whole numbers: a queue may have a hundred thousand ids."""
    return set(map(type, values)) == {int} and min(values) >= -_LARGEST and max(values) <= _LARGEST


def _are_plain_records(values: Any, depth: int) -> bool:
    """The same for few records of texts and whole numbers: the spans of an item are, and there may be a million
    items."""
    if len(values) > _FEW or depth >= _DEEPEST or not all(map(_is_record, set(map(type, values)))):
        return False
    parts = list(chain.from_iterable(values))
    numbers = [part for part in parts if type(part) is int]
    texts = [part for part in parts if type(part) is str]
    is_all = len(numbers) + len(texts) == len(parts)
    return is_all and (not texts or _are_plain_texts(texts)) and (not numbers or _are_plain_numbers(numbers))


def _is_record(kind: type) -> bool:
    return kind in _COLLECTIONS or hasattr(kind, "_make")


def _mapping(values: dict[Any, Any], depth: int) -> dict[Any, Any]:
    deeper = _deeper(depth)
    pairs = [(_admitted(key, deeper), _admitted(one, deeper)) for key, one in values.items()]
    same = all(a is key and b is one for (a, b), (key, one) in zip(pairs, values.items(), strict=True))
    return values if same else dict(pairs)


def _fields(value: Any, depth: int) -> Any:
    deeper = _deeper(depth)
    before = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    changed = {name: new for name, old in before.items() if (new := _admitted(old, deeper)) is not old}
    return replace(value, **changed) if changed else value
