"""Files at addresses: which hosts would be asked, and asking them once somebody agrees to it.

Nothing here uses the network: what is agreed to is queued, and the worker carries it out (`fetch_executor`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.fetching import host_of
from core.model import TEXT_FIELD, Fetch, FieldLayout, FieldShow, TableData
from core.plural import count
from core.services.common.lookup import project_of
from core.services.media.proposing import shown_as
from core.storage import fetches, items, projects, uploads
from core.storage.engine import Connection, Database
from core.storage.fetches import Refused, Standing

MOST_ADDRESSES = 50_000
"""Of one fetch."""
SMALLER = "Choose fewer hosts, or import the items in parts."
MOST_REFUSED = 500
"""So many sentences are shown."""


@dataclass(frozen=True)
class AskedHosts:
    """Where the addresses of a field lead: how many different ones by host, the commonest first, and how many of them
    are none that can be asked."""

    addresses: dict[str, int]
    unusable: int = 0

    @property
    def total(self) -> int:
        return sum(self.addresses.values())

    def in_words(self, most: int = 4) -> str:
        """`1,204 addresses on 2 hosts: a.org (1,000), b.org (204)`."""
        named = [f"{host} ({number:,})" for host, number in list(self.addresses.items())[:most]]
        if len(self.addresses) > most:
            named.append(f"{len(self.addresses) - most:,} more")
        where = count(len(self.addresses), "host")
        return f"{count(self.total, 'address', 'addresses')} on {where}: {', '.join(named)}"

    def too_many(self, hosts: Sequence[str] | None = None) -> str:
        """That these hosts, or all of them, have more addresses than one fetch takes; "" where they have not."""
        n = self.total if hosts is None else sum(self.addresses.get(one, 0) for one in hosts)
        return f"There are {n:,} addresses; the limit is {MOST_ADDRESSES:,} at one time." if n > MOST_ADDRESSES else ""


@dataclass(frozen=True)
class FileSource:
    """A field with addresses, called `title` on screen: what there is of its files, and the last time they were asked
    for. `waiting` are the hosts of those that are neither there nor refused."""

    name: str
    title: str
    standing: Standing
    waiting: AskedHosts
    newest: Fetch | None


def hosts_of(addresses: Sequence[str]) -> AskedHosts:
    """Each address counts once."""
    found = Counter(host_of(one) for one in dict.fromkeys(addresses))
    unusable = found.pop("", 0)
    return AskedHosts(dict(sorted(found.items(), key=lambda one: (-one[1], one[0]))), unusable)


def hosts_in(table: TableData, column: str) -> AskedHosts:
    """Where the addresses of a table's column lead; no addresses where most cells are something else."""
    if column not in table.columns:
        return AskedHosts({})
    place = table.columns.index(column)
    cells = [row[place].strip() for row in table.rows if row[place].strip()]
    return hosts_of(cells) if shown_as(cells) is FieldShow.LINK else AskedHosts({})


def has_addresses(db: Database, project_id: int) -> bool:
    """Whether any field is shown as a link, or files were ever asked for."""
    with db.read() as conn:
        layout = project_of(conn, project_id).layout
        return any(one.show is FieldShow.LINK for one in layout) or bool(fetches.of_project(conn, project_id))


def sources(db: Database, project_id: int) -> list[FileSource]:
    """The fields of the items that are shown as links, or whose files were asked for before, in the layout's order."""
    with db.read() as conn:
        project = project_of(conn, project_id)
        done = {one.source: one for one in reversed(fetches.of_project(conn, project_id))}
        links = [one.name for one in project.layout if one.show is FieldShow.LINK]
        names = [TEXT_FIELD, *items.column_names(conn, project_id)]
        asked = [name for name in names if name in done or name in links]
        return [_source(conn, project.home, name, done.get(name)) for name in asked]


def _source(conn: Connection, home: int, name: str, newest: Fetch | None) -> FileSource:
    field = newest.field if newest else ""
    waits = [address for _, address in fetches.waiting(conn, home, name, field)]
    standing = fetches.standing(conn, home, name, field)
    return FileSource(name, _title(conn, home, name), standing, hosts_of(waits), newest)


def _title(conn: Connection, home: int, source: str) -> str:
    """The column that the field came from: the text has no name of its own."""
    if source != TEXT_FIELD:
        return source
    columns: list[str] = next((list(one.choice.get("text") or ()) for one in uploads.of_project(conn, home)), [])
    return columns[0] if len(columns) == 1 else "Text"


def begin(db: Database, project_id: int, source: str, hosts: Sequence[str]) -> Fetch:
    """Have the files fetched whose addresses are in that field, from these hosts and no other. Files that are there
    stay, and those that were refused are tried again.

    Raises `WorkbenchError` for a field that the items do not have, no host, and while the same files are being fetched.
    """
    if not hosts:
        raise WorkbenchError("No host is chosen.", "Choose at least one.")
    with db.write() as conn:
        project = project_of(conn, project_id)
        names = items.column_names(conn, project_id)
        if source not in (TEXT_FIELD, *names):
            raise WorkbenchError(f"The items have no field “{source}”.", "Choose one of their fields.")
        before = [one for one in fetches.of_project(conn, project_id) if one.source == source]
        if any(one.status.is_live for one in before):
            raise WorkbenchError("These files are being fetched.", "Wait until that is done, or cancel it.")
        field = before[0].field if before else _free(f"{_title(conn, project.home, source)} file", names)
        agreed = {host for one in before for host in one.hosts} | {*hosts}
        fetches.forget_refused(conn, project_id, source)
        waits = hosts_of([address.strip() for _, address in fetches.waiting(conn, project_id, source, field)])
        if too_many := waits.too_many(sorted(agreed)):
            raise WorkbenchError(too_many, SMALLER)
        if not waits.addresses and not waits.unusable:
            raise WorkbenchError("There is no address whose file is missing.", "Choose a field with addresses.")
        fetches.make_room(conn, project_id, field)
        made = fetches.create(conn, project.home, source, field, sorted(agreed))
        found = fetches.get(conn, made)
    assert found is not None
    return found


def _free(name: str, taken: Sequence[str]) -> str:
    return name if name not in taken else _free(f"{name} 2", taken)


def under_way(db: Database, project_id: int) -> list[Fetch]:
    """What is being fetched for a project, or waits to be; asked every second, so nothing is counted."""
    with db.read() as conn:
        return [one for one in fetches.of_project(conn, project_of(conn, project_id).id) if one.status.is_live]


def cancel(db: Database, project_id: int) -> int:
    """End what is being fetched for a project; what has come stays. Returns how many were under way."""
    with db.write() as conn:
        return fetches.request_cancel_of_all(conn, project_of(conn, project_id).home)


def refused(db: Database, project_id: int, source: str) -> list[Refused]:
    """Why files are not there, by item; the first `MOST_REFUSED`."""
    with db.read() as conn:
        project_of(conn, project_id)
        return fetches.refused(conn, project_id, source, MOST_REFUSED)


def show(conn: Connection, fetch: Fetch, as_what: FieldShow) -> None:
    """Put the files into the layout: first, unless they are in it, with the address folded; and as what they are."""
    project = project_of(conn, fetch.project_id)
    held = project.layout or tuple(FieldLayout(name) for name in ("", *items.column_names(conn, fetch.project_id)))
    if not any(one.name == fetch.field for one in held):
        held = (FieldLayout(fetch.field, as_what), *(_folded(one, fetch.source) for one in held))
        if all(one.folded for one in held[1:]):
            held = (held[0], *held[1:])
    laid = tuple(
        FieldLayout(one.name, as_what, one.heading, one.folded) if one.name == fetch.field and one.show.is_file else one
        for one in held
    )
    projects.set_layout(conn, fetch.project_id, laid)


def _folded(one: FieldLayout, source: str) -> FieldLayout:
    return FieldLayout(one.name, one.show, one.heading, True) if one.name == source else one
