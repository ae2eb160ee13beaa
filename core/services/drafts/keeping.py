"""Drafts: what is typed on a page and not saved, kept in the database from one moment to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import WorkbenchError
from core.services.common.door import door
from core.storage import drafts
from core.storage.drafts import Kept, Place
from core.storage.engine import Database, moment

__all__ = ["Draft", "DraftElsewhere", "Drafts", "Place"]


@dataclass(frozen=True)
class Draft:
    """Unsaved work. `base` is the stamp of what it was begun from, `revision` tells one state of it from another."""

    content: Mapping[str, Any]
    base: str
    revision: int
    updated_at: datetime
    id: int


class DraftElsewhere(WorkbenchError):
    """The draft was changed in another tab since this one read it; nothing was written. `draft` is the other's."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            f"These changes are also being edited in another tab, last at {draft.updated_at.astimezone():%H:%M}.",
            "What you type here is not saved until you choose between them.",
        )
        self.draft = draft


@door
class Drafts:
    """One draft is open a `Place`. Those discarded or replaced can be opened again until the work is saved."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def open(self, place: Place) -> Draft | None:
        """The unsaved work there, whoever typed it."""
        with self._db.read() as conn:
            return _draft(drafts.open_one(conn, place))

    def keep(self, place: Place, content: Mapping[str, Any], *, base: str = "", held: int = 0) -> Draft:
        """Write down unsaved work; the same again changes nothing.

        `held` is the revision this tab has read or written last, 0 where it knows of none. Raises `DraftElsewhere`
        where another tab has written since: neither takes the other's work without being told to.
        """
        with self._db.read() as conn:
            present = drafts.open_one(conn, place)
        if present is not None and present.content == dict(content) and present.base == base:
            return _known(present)  # as with almost every click; a write would wait for others'
        with self._db.write() as conn:
            present = drafts.open_one(conn, place)
            if present is not None and present.revision != held:
                raise DraftElsewhere(_known(present))
            return _known(drafts.write(conn, place, dict(content), base))

    def replace(self, place: Place, content: Mapping[str, Any], *, base: str = "") -> Draft:
        """The same whatever another tab wrote: that is put away, as if it had been discarded."""
        with self._db.write() as conn:
            drafts.end(conn, place)
            return _known(drafts.write(conn, place, dict(content), base))

    def discard(self, place: Place) -> None:
        """Put the draft away; `discarded` finds it and `reopen` brings it back."""
        with self._db.write() as conn:
            drafts.end(conn, place)

    def discarded(self, place: Place) -> Draft | None:
        """The draft that was put away last."""
        with self._db.read() as conn:
            return _draft(drafts.put_away(conn, place))

    def reopen(self, place: Place, draft_id: int) -> None:
        """Open a draft that was put away; one that is open meanwhile is put away for it."""
        with self._db.write() as conn:
            drafts.reopen(conn, place, draft_id)

    def saved(self, place: Place) -> None:
        """The work is saved: no draft of it is left."""
        with self._db.write() as conn:
            drafts.forget(conn, place)

    def undone(self, place: Place, held: int) -> None:
        """What was typed was taken back by hand, so nothing differs any more; another tab's draft stays, and so does
        what was put away before."""
        with self._db.write() as conn:
            present = drafts.open_one(conn, place)
            if present is not None and present.revision == held:
                drafts.drop(conn, present)


def _known(kept: Kept) -> Draft:
    return Draft(kept.content, kept.base, kept.revision, moment(kept.updated_at), kept.id)


def _draft(kept: Kept | None) -> Draft | None:
    return None if kept is None else _known(kept)
