"""Lists as long as a project in one bound value: SQLite takes few variables in a statement, how few depends on its
build, and nests conditions only so deep."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from core.storage.engine import to_json

BLOBS = "(SELECT substr(?, json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]')) FROM json_each(?) j)"
"""What `blobs` binds, as the right side of IN."""


def listed(values: Iterable[int] | Iterable[str]) -> Select[Any]:
    """The values as the right side of IN."""
    these = func.json_each(to_json(list(values))).table_valued("value")
    return select(these.c.value)


def blobs(values: Sequence[bytes]) -> tuple[bytes, str]:
    """All of them behind each other, and where each begins and how long it is: JSON holds no blobs."""
    places, begin = [], 1
    for value in values:
        places.append((begin, len(value)))
        begin += len(value)
    return b"".join(values), to_json(places)
