"""The items of a project, page by page."""

from dataclasses import dataclass

from core.model import Item
from core.services.common.lookup import ensure_searchable
from core.storage import items
from core.storage.engine import Database
from core.storage.items import ItemFilter


@dataclass(frozen=True)
class ItemPage:
    """One screenful of a filtered list: its items, how many match in all, and how many of those come before."""

    items: tuple[Item, ...]
    total: int
    before: int

    @property
    def has_next(self) -> bool:
        return self.before + len(self.items) < self.total


def page(db: Database, project_id: int, where: ItemFilter, *, after: int = 0, limit: int = 50) -> list[Item]:
    """The next items of a filtered list; pass the last id seen as `after`."""
    if where.search.strip():
        ensure_searchable(db, project_id)
    with db.read() as conn:
        return items.page(conn, project_id, where, after=after, limit=limit)


def window(
    db: Database, project_id: int, where: ItemFilter, *, after: int = 0, before: int | None = None, limit: int = 50
) -> ItemPage:
    """The items after id `after`, or those just before id `before`, and where they stand in the whole list."""
    if where.search.strip():
        ensure_searchable(db, project_id)
    with db.read() as conn:
        found = items.page(conn, project_id, where, after=after, before=before, limit=limit)
        total = items.count(conn, project_id, where)
        earlier = items.count(conn, project_id, where, before=found[0].id) if found and (after or before) else 0
        return ItemPage(tuple(found), total, earlier)


def count(db: Database, project_id: int, where: ItemFilter = ItemFilter()) -> int:  # noqa: B008 - frozen
    """How many items match."""
    if where.search.strip():
        ensure_searchable(db, project_id)
    with db.read() as conn:
        return items.count(conn, project_id, where)
