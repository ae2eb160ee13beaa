"""Database trouble that is not a bug, in the user's words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.errors import Passing, WorkbenchError

_PASSING = frozenset({"disk is full", "locked"})
_SENTENCES = {
    "readonly": (
        "The database file {path} is read-only.",
        "Make it writable, or set LABELLOOP_DATA to another folder.",
    ),
    "disk is full": ("The disk is full, so {path} could not be written.", "Free some space, then try again."),
    "disk i/o error": ("The disk could not be read or written at {path}.", "Check the disk and its free space."),
    "locked": ("The database {path} is busy in another program.", "Close that program or try again in a moment."),
    "not a database": ("{path} is not a LabelLoop database.", "Choose another file with LABELLOOP_DATABASE."),
    "malformed": ("The database {path} is damaged.", "{restore}"),
    "no such table": ("The database {path} is damaged: a table is missing.", "{restore}"),
    "could not decode to utf-8": (
        "The database {path} contains text that is not UTF-8: another program wrote to it.",
        "{restore}",
    ),
    "unable to open": ("The database {path} cannot be opened.", "Check that its folder exists and is writable."),
}


def sentence_for(error: BaseException, path: Path) -> WorkbenchError | None:
    """The user's sentence for a database error, or None where it is a bug of ours."""
    words = str(getattr(error, "orig", None) or error).lower()
    for sign, (message, hint) in _SENTENCES.items():
        if sign in words:
            kind = Passing if sign in _PASSING else WorkbenchError
            return kind(message.format(path=path), hint.format(restore=how_to_restore(path)))
    return None


def how_to_restore(path: Path) -> str:
    """What to do about a damaged file; the copy made before an upgrade is named only where there is one."""
    copy = path.with_name(path.name + ".backup")
    if copy.exists():
        return f"Restore the copy {copy.name} beside it, or choose another file with LABELLOOP_DATABASE."
    return "Restore a copy of your own, or choose another file with LABELLOOP_DATABASE."


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn trouble with the file into a `WorkbenchError`; let bugs through as they are.

    Bulk statements go past SQLAlchemy, so the driver's own errors arrive here as well.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        sentence = sentence_for(error, path)
        if sentence is None:
            raise
        raise sentence from error
