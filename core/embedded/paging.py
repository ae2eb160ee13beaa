"""Lists as OpenAI pages them: `limit` objects behind the one named by `after`, and whether there are more."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.embedded.errors import bad_request, not_found


def page(objects: Sequence[dict[str, Any]], after: str | None, limit: int) -> dict[str, Any]:
    """404 with param "after" when no object has that id."""
    start = 0
    if after is not None:
        ids = [entry["id"] for entry in objects]
        if after not in ids:
            raise not_found(f"There is nothing with the id {after!r} in this list.", "after")
        start = ids.index(after) + 1
    data = list(objects[start : start + limit])
    return {"object": "list", "data": data, "has_more": start + limit < len(objects)}


def limit_of(query: Mapping[str, str], default: int, highest: int) -> int:
    """The `limit` of a query string, from 1 to `highest`; 400 for anything else."""
    given = query.get("limit")
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= highest:
        raise bad_request(f"limit must be a whole number from 1 to {highest}.", "limit")
    return int(given)
