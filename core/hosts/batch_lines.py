"""Lines of batch files: what is asked, one request a line, and what comes back in any order. Pure; no I/O.

A line's `custom_id` says all that is needed to store its answer: run, item, ordinal and the hash of the request. So
what comes back is understood without rendering anything again, also in another program's hands and years later.
"""

from dataclasses import dataclass
from typing import Any

from core.hosts.answers import Reply, read_reply, reply_of
from core.hosts.failures import Failure, failure_of
from core.hosts.wire_json import read_json, to_json
from core.model import ErrorKind

URL = "/v1/chat/completions"
LONGEST_ID = 64
_NOT_CARRIED_OUT = {"batch_expired", "batch_cancelled", "batch_canceled"}


@dataclass(frozen=True)
class Wanted:
    """Which answer a line asks for: the `ordinal`-th of a run to an item, by the request with this 16-byte hash."""

    run_id: int
    item_id: int
    ordinal: int
    request_hash: bytes


@dataclass(frozen=True)
class Returned:
    """One line that came back. `outcome` None: the host did not get to it, and bills nothing."""

    wanted: Wanted
    outcome: Reply | Failure | None


def custom_id(wanted: Wanted) -> str:
    """At most 64 characters, letters, digits and dashes only: what every host takes."""
    return f"{wanted.run_id}-{wanted.item_id}-{wanted.ordinal}-{wanted.request_hash.hex()}"


def read_custom_id(text: object) -> Wanted | None:
    """None for an id that is not ours."""
    parts = text.split("-") if isinstance(text, str) and len(text) <= LONGEST_ID else []
    try:
        run_id, item_id, ordinal = (int(part) for part in parts[:3])
        request_hash = bytes.fromhex(parts[3])
    except (ValueError, IndexError):
        return None
    wanted = Wanted(run_id, item_id, ordinal, request_hash)
    return wanted if custom_id(wanted) == text else None


def request_line(wanted: Wanted, body: bytes) -> bytes:
    """One line of an input file, newline included; `body` is the request's JSON object on one line."""
    return b'{"custom_id":"%s","method":"POST","url":"%s","body":%s}\n' % (
        custom_id(wanted).encode(),
        URL.encode(),
        body,
    )


def read_line(line: bytes) -> Returned | None:
    """What a line of an output or error file says; None where its `custom_id` is not ours.

    Reads OpenAI's shape, vLLM's (an error beside a response without a body) and an answer without an envelope.
    Raises `ValueError` for a line that is no JSON object with a `custom_id`.
    """
    try:
        entry = read_json(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(entry, dict) or "custom_id" not in entry:
        raise ValueError("no custom_id")
    wanted = read_custom_id(entry["custom_id"])
    return None if wanted is None else Returned(wanted, _outcome(entry.get("response"), entry.get("error")))


def _outcome(response: Any, error: Any) -> Reply | Failure | None:
    if not isinstance(response, dict) or not response:
        if isinstance(error, dict) and error.get("code") in _NOT_CARRIED_OUT:
            return None
        return _failure(500, error)
    body = response.get("body", response if "choices" in response or "output" in response else None)
    status = response.get("status_code", 200)
    status = status if isinstance(status, int) else 200
    if status >= 400 or not body:
        return _failure(status if status >= 400 else 500, body or error)
    return read_reply(body.encode()) if isinstance(body, str) else reply_of(body)


def _failure(status: int, said: Any) -> Failure:
    if not said:
        return Failure(ErrorKind.MALFORMED, "The host gave neither an answer nor a reason.")
    return failure_of(status, to_json(said))
