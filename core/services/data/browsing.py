"""The items of a project, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.model import AnnotatorKind, Item, Split
from core.services.common.looking import beside, count_looks
from core.services.common.lookup import ensure_searchable, project_of
from core.storage import annotators, items
from core.storage.engine import Connection, Database
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


def page(
    db: Database,
    project_id: int,
    where: ItemFilter,
    *,
    after: int = 0,
    limit: int = 50,
    models_on_test: bool = False,
) -> list[Item]:
    """The next items of a filtered list; pass the last id seen as `after`. For `models_on_test` see `window`."""
    if where.search.strip():
        ensure_searchable(db, project_id)
    with db.read() as conn:
        where = _fair(conn, project_id, where, models_on_test)
        found = items.page(conn, project_id, where, after=after, limit=limit)
    _count(db, project_id, where, found)
    return found


def window(
    db: Database,
    project_id: int,
    where: ItemFilter,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int = 50,
    models_on_test: bool = False,
) -> ItemPage:
    """The items after id `after`, or those just before id `before`, and where they stand in the whole list.

    Where a model's label picks them, test items are left out, unless `models_on_test`: then it is a look, and counted.
    """
    if where.search.strip():
        ensure_searchable(db, project_id)
    with db.read() as conn:
        where = _fair(conn, project_id, where, models_on_test)
        found = items.page(conn, project_id, where, after=after, before=before, limit=limit)
        total = items.count(conn, project_id, where)
        earlier = items.count(conn, project_id, where, before=found[0].id) if found and (after or before) else 0
    _count(db, project_id, where, found)
    return ItemPage(tuple(found), total, earlier)


def _fair(conn: Connection, project_id: int, where: ItemFilter, models_on_test: bool) -> ItemFilter:
    """Which items a model gave a label tells what it said of each."""
    is_picked = where.label_id is not None and _is_model(conn, where.annotator_id)
    return replace(where, without_test=True) if is_picked and not models_on_test else where


def _count(db: Database, project_id: int, where: ItemFilter, found: Sequence[Item]) -> None:
    if where.label_id is None or where.annotator_id is None or not any(one.split is Split.TEST for one in found):
        return
    with db.read() as conn:
        reference = project_of(conn, project_id).reference_id
        shown = [one for one in (where.annotator_id, reference) if one is not None]
        seen = [pair for pair in beside(conn, project_id, shown) if where.annotator_id in pair]
    count_looks(db, project_id, seen)


def _is_model(conn: Connection, annotator_id: int | None) -> bool:
    found = None if annotator_id is None else annotators.get(conn, annotator_id)
    return found is not None and found.kind is AnnotatorKind.MODEL


def count(db: Database, project_id: int, where: ItemFilter = ItemFilter()) -> int:  # noqa: B008 - frozen
    """How many items match."""
    if where.search.strip():
        ensure_searchable(db, project_id)
    with db.read() as conn:
        return items.count(conn, project_id, where)
