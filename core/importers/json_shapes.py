"""One JSON object that holds a whole table: a list of records inside, or the table by its columns."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from core.errors import WorkbenchError
from core.importers.json_decoder import Decoder, told
from core.importers.options import Limits
from core.importers.tools import is_tool_record

Record = dict[str, Any]
_LISTS = ("data", "rows", "records", "items", "examples", "instances", "results", "tasks", "documents")
_HINT = "Save the items in their own file: one array of objects, or one object per line."
_MOST_LINES_LONG = 10
_BLANK = re.compile(r"\s*")


def whole_object(file: TextIO, limits: Limits, name: str) -> tuple[list[Record] | None, str]:
    """The records of a file that begins with "{" and is not one object a line, and a sentence that says what was read:
    one object, or objects over several lines each. None where each line is an object; the file is at its beginning."""
    first = file.readline(limits.line + 2).lstrip("\ufeff")
    while first and not first.strip():
        first = file.readline(limits.line + 2)
    is_closed = first.rstrip().endswith("}")
    rest = (
        "" if len(first) > limits.line else file.read(_MOST_LINES_LONG * limits.line if not is_closed else limits.line)
    )
    file.seek(0)
    if len(first) > limits.line or is_closed == bool(rest.strip()):
        return None, ""
    if len(rest) >= _MOST_LINES_LONG * limits.line:
        raise WorkbenchError(f"{name} is one JSON object, too long to be read at once.", _HINT)
    try:
        values = _values(first + rest, name)
        return records_in(values[0], name) if len(values) == 1 else (values, "")
    except json.JSONDecodeError as error:
        if is_closed or rest.startswith("{"):
            return None, ""
        text = f"{name} is not complete JSON: {told(error)} at line {error.lineno}."
        raise WorkbenchError(text, "Check the end of the file, or save it again.") from error
    except (ValueError, RecursionError):
        return None, ""


def _values(text: str, name: str) -> list[Record]:
    """All objects of the text, one after another."""
    decoder = Decoder()
    values, place = [], 0
    while place < len(text):
        value, place = decoder.raw_decode(text, place)
        if not isinstance(value, dict):
            raise ValueError("not an object")
        if decoder.repeated is not None:
            said = f'{name} has "{decoder.repeated[:60]}" twice in one object, with different values.'
            raise WorkbenchError(said, "Keep the right one.")
        values.append(value)
        place = _BLANK.match(text, place).end()  # type: ignore[union-attr]  # it matches nothing, too
    return values


def records_in(whole: Record, name: str) -> tuple[list[Record], str]:
    """The records of a file that is one object, and a sentence on what was made of it; the object itself where it is
    one record. Raises WorkbenchError where it holds several things that may be the items, or none."""
    if is_tool_record(whole):
        return [whole], ""
    if _is_split(whole):
        rows = [dict(zip(map(str, whole["columns"]), row, strict=False)) for row in whole["data"]]
        return rows, "Read as a table whose columns and rows are stored separately."
    held = list(whole.values())
    if held and all(isinstance(one, list) and not _has_records(one) for one in held):
        return _by_columns(whole, name)
    if held and all(isinstance(one, Mapping) and one for one in held):
        return _of_objects(whole, name)
    return _list_inside(whole, name)


def _is_split(whole: Record) -> bool:
    columns, rows = whole.get("columns"), whole.get("data")
    is_table = isinstance(columns, list) and isinstance(rows, list)
    return is_table and all(isinstance(row, list) and len(row) == len(columns or ()) for row in rows or ())


def _has_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _by_columns(whole: Mapping[str, Sequence[Any]], name: str) -> tuple[list[Record], str]:
    lengths = {len(column) for column in whole.values()}
    if len(lengths) > 1:
        text = f"{name} is one JSON object with lists of different lengths, {min(lengths):,} to {max(lengths):,}."
        raise WorkbenchError(text, _HINT)
    return [dict(zip(whole, row, strict=True)) for row in zip(*whole.values(), strict=True)], "Read by columns."


def _of_objects(whole: Mapping[str, Record], name: str) -> tuple[list[Record], str]:
    """Columns of cells by row, or rows by their name: row names that are numbers tell which."""
    inner = dict.fromkeys(key for one in whole.values() for key in one)
    has_cells = not any(isinstance(cell, Mapping | list) for one in whole.values() for cell in one.values())
    if _are_numbers(inner) and not _are_numbers(whole) and has_cells:
        rows = [{column: cells.get(row) for column, cells in whole.items()} for row in inner]
        return rows, "Read by columns."
    if _are_numbers(whole) and not _are_numbers(inner):
        return [{"row": row, **cells} for row, cells in whole.items()], "Read as one object per row."
    if len(whole) == 1:
        return records_in(next(iter(whole.values())), name)
    raise _refused(name, "objects", whole)


def _are_numbers(names: Mapping[str, object]) -> bool:
    return all(name.isdecimal() for name in names)


def _list_inside(whole: Record, name: str) -> tuple[list[Record], str]:
    lists = [key for key, value in whole.items() if _has_records(value)]
    named = [key for key in lists if key in _LISTS]
    chosen = lists if len(lists) == 1 else named
    if isinstance(whole.get("text"), str) or not lists and any(not isinstance(one, Mapping) for one in whole.values()):
        return [whole], ""
    if len(chosen) != 1:
        raise _refused(name, "lists" if lists else "values", lists or whole)
    records = whole[chosen[0]]
    if all(isinstance(one.get("row"), dict) for one in records):
        records = _named([one["row"] for one in records], whole.get("features"))
    others = ", ".join(f'"{key}"' for key in list(whole)[:6] if key != chosen[0])
    return records, f'Read the list "{chosen[0]}"' + (f"; left out: {others}." if others else ".")


def _named(rows: list[Record], features: object) -> list[Record]:
    """Rows as the hub's viewer gives them, the numbers of classes with their names."""
    names = {}
    for one in features if isinstance(features, list) else ():
        kind = one.get("type") if isinstance(one, Mapping) else None
        if isinstance(kind, Mapping) and isinstance(kind.get("names"), list):
            names[str(one.get("name"))] = dict(enumerate(kind["names"]))
    return [
        {
            key: names[key].get(value, value) if key in names and type(value) is int else value
            for key, value in row.items()
        }
        for row in rows
    ]


def _refused(name: str, what: str, keys: Sequence[str] | Mapping[str, object]) -> WorkbenchError:
    shown = ", ".join(f'"{key[:40]}"' for key in list(keys)[:4])
    if not shown:
        return WorkbenchError(f"{name} is an empty JSON object.", _HINT)
    return WorkbenchError(
        f"{name} is one JSON object with several {what}: {shown}. It is not clear which of them are the items.", _HINT
    )
