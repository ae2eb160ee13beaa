"""Media, the front door: the files of items, and how the fields of items are shown."""

import base64
from collections.abc import Sequence
from pathlib import Path

from core.media import MediaStore, thumbnail
from core.model import Fetch, FieldLayout, FieldShow, TableData
from core.services.common.door import door
from core.services.media import fetching, layouts, orphans
from core.services.media.fetching import AskedHosts, FileSource
from core.storage.engine import Database
from core.storage.fetches import Refused


@door
class Media:
    """`store` is where the bytes lie; other services read them there."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self.store = MediaStore(folder)

    def put(self, data: bytes) -> str:
        """Store a file and give its reference; see `MediaStore.put`."""
        return str(self.store.put(data))

    def path(self, reference: str) -> Path:
        """Where a file lies; see `MediaStore.path`."""
        return self.store.path(reference)

    def read(self, reference: str) -> bytes:
        """The bytes of a file; see `MediaStore.read`."""
        return self.store.read(reference)

    def size(self, reference: str) -> int:
        """How many bytes a file has; 0 for one that is missing and for what is no reference."""
        return self.store.path(reference).stat().st_size if self.store.has(reference) else 0

    def thumbnail(self, reference: str) -> str:
        """A small copy of a picture as a data URI; "" for what is no picture or is not there."""
        small = thumbnail(self.store, reference)
        return f"data:image/webp;base64,{base64.b64encode(small).decode()}" if small else ""

    def ways_of(self, project_id: int) -> dict[str, tuple[FieldShow, ...]]:
        """The fields of a project's items, and as what each can be shown; see `layouts.ways_of`."""
        return layouts.ways_of(self._db, project_id)

    def clear_orphans(self) -> int:
        """Remove files that no item names; see `orphans.clear`."""
        return orphans.clear(self._db, self.store)

    def set_layout(self, project_id: int, layout: Sequence[FieldLayout]) -> None:
        """Show the items of a project so, whichever question is asked of them; see `layouts.set_layout`."""
        layouts.set_layout(self._db, project_id, layout)

    def hosts_in(self, table: TableData, column: str) -> AskedHosts:
        """Which hosts the addresses in a table's column lead to; see `fetching.hosts_in`."""
        return fetching.hosts_in(table, column)

    def has_addresses(self, project_id: int) -> bool:
        """Whether the items have a field of addresses, or had files fetched from one."""
        return fetching.has_addresses(self._db, project_id)

    def sources(self, project_id: int) -> list[FileSource]:
        """The fields with addresses of files, and what there is of these; see `fetching.sources`."""
        return fetching.sources(self._db, project_id)

    def fetch(self, project_id: int, source: str, hosts: Sequence[str]) -> Fetch:
        """Have the files of a field fetched from these hosts; see `fetching.begin`."""
        return fetching.begin(self._db, project_id, source, hosts)

    def fetches_under_way(self, project_id: int) -> list[Fetch]:
        """What is being fetched, or waits to be; see `fetching.under_way`."""
        return fetching.under_way(self._db, project_id)

    def cancel_fetch(self, project_id: int) -> int:
        """End what is being fetched; see `fetching.cancel`."""
        return fetching.cancel(self._db, project_id)

    def refused(self, project_id: int, source: str) -> list[Refused]:
        """Why files are not there, by item; see `fetching.refused`."""
        return fetching.refused(self._db, project_id, source)
