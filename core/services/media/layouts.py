"""Which fields of the items are shown, in which order and how."""

from collections.abc import Sequence

from core.errors import WorkbenchError
from core.model import TEXT_FIELD, FieldLayout, FieldShow
from core.services.common.lookup import project_of
from core.services.media.proposing import shown_as
from core.storage import items, projects
from core.storage.engine import Database
from core.storage.items import ItemFilter

_SEEN = 50


def set_layout(db: Database, project_id: int, layout: Sequence[FieldLayout]) -> None:
    """Store it for the project that holds the items; () shows all fields as text again.

    Raises `WorkbenchError` for a field that the items do not have, one named twice, and where none is left to see.
    """
    with db.write() as conn:
        home = project_of(conn, project_id).home
        check(layout, items.field_names(conn, home))
        projects.set_layout(conn, home, layout)


def ways_of(db: Database, project_id: int) -> dict[str, tuple[FieldShow, ...]]:
    """Each field of a project's items, the text by `TEXT_FIELD`, with text and what its first items look like."""
    with db.read() as conn:
        home = project_of(conn, project_id).home
        names = items.field_names(conn, home)
        seen = items.page(conn, home, ItemFilter(), limit=_SEEN)
        layout = project_of(conn, project_id).layout
    cells = {TEXT_FIELD: [one.text for one in seen]}
    cells |= {name: [one.fields.get(name, "") for one in seen] for name in names}
    now = {one.name: one.show for one in layout}
    return {
        name: tuple(dict.fromkeys((FieldShow.TEXT, shown_as(said), now.get(name, FieldShow.TEXT))))
        for name, said in cells.items()
    }


def check(layout: Sequence[FieldLayout], fields: Sequence[str]) -> None:
    """Raises `WorkbenchError` as `set_layout` says."""
    known, seen = {TEXT_FIELD, *fields}, set[str]()
    for one in layout:
        if one.name not in known:
            raise WorkbenchError(f"The items have no field “{one.name}”.", "Choose one of their fields.")
        if one.name in seen:
            raise WorkbenchError(f"The field “{one.name or 'text'}” is named twice.", "Show it once.")
        seen.add(one.name)
    if layout and all(one.folded for one in layout):
        raise WorkbenchError("Every field is folded.", "Leave at least one open.")
