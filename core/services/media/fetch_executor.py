"""Carrying out one fetch: what waits is downloaded a few at a time, looked at, stored, and told by item."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.fetching import PUBLIC, Downloads, Limits, NotFetched, Reach, host_of
from core.media import MediaStore, examine, parse_reference, refuse_too_large
from core.model import Fetch, FetchStatus, FieldShow
from core.plural import bytes_in_words
from core.services.common.heartbeat import KeptLease
from core.services.media import fetching
from core.storage import fetches
from core.storage.engine import Connection, Database, now

log = logging.getLogger(__name__)

MOST_BYTES = 8 * 2**30
"""Of one fetch."""
LIMITS = Limits()
_AT_ONCE = 8
_LOOK_SECONDS = 0.2
_MISTAKE = "An error in LabelLoop stopped this; the log has the details."
_PAGES = (b"<!doc", b"<html", b"<?xml", b"<head")


@dataclass(frozen=True)
class _Outcome:
    """What became of an address: the reference of its file, or a sentence."""

    address: str
    reference: str = ""
    n_bytes: int = 0
    message: str = ""
    leads_to: str = ""


class FetchExecutor:
    """One claimed fetch, to its end. What was stored stays, however it ends, and is not asked for again."""

    def __init__(
        self,
        db: Database,
        folder: Path,
        fetch: Fetch,
        owner: str,
        reach: Reach = PUBLIC,
    ) -> None:
        self._db, self._store, self._fetch, self._owner = db, MediaStore(folder), fetch, owner
        self._reach = reach
        self._lease = KeptLease(db, self._renewed, f"fetch-{fetch.id}")
        self._items: dict[str, list[int]] = {}
        self._shown: Counter[FieldShow] = Counter()
        self._bytes = fetch.n_bytes

    @property
    def fetch_id(self) -> int:
        return self._fetch.id

    async def execute(self) -> None:
        """Work until all is fetched, the lease is lost, or `interrupt`; the row then says where it stands."""
        await self._lease.keep_during(self._carry_out)

    def interrupt(self) -> None:
        """Let go soon because the program ends: whoever claims it next goes on with what is missing."""
        self._lease.let_go()

    def _renewed(self, conn: Connection) -> bool | None:
        return fetches.beat(conn, self._fetch.id, self._owner)

    def _carry_out(self) -> None:
        try:
            self._begin()
            asyncio.run(self._fetch_all())
            self._end()
        except WorkbenchError as error:
            self._record(status=FetchStatus.FAILED, message=str(error), owner=None, finished_at=now())
        except Exception:
            log.exception("fetch %s ended by a bug", self._fetch.id)
            self._record(status=FetchStatus.FAILED, message=_MISTAKE, owner=None, finished_at=now())
            raise

    def _begin(self) -> None:
        fetch = self._fetch
        with self._db.write() as conn:
            self._lease.renew(conn)
            agreed = {*fetch.hosts}
            for item_id, address in fetches.waiting(conn, fetch.project_id, fetch.source, fetch.field):
                if host_of(address) in agreed or not host_of(address):
                    self._items.setdefault(address, []).append(item_id)
            total = fetch.fetched + fetch.refused + len(self._items)
            begun = {} if fetch.started_at else {"started_at": now()}
            fetches.record(conn, fetch.id, self._owner, status=FetchStatus.RUNNING, total=total, **begun)

    async def _fetch_all(self) -> None:
        left = iter(list(self._items))
        async with Downloads(frozenset(self._fetch.hosts), self._reach, LIMITS, _AT_ONCE) as downloads:
            busy: set[asyncio.Task[_Outcome]] = set()
            try:
                while not self._leaves:
                    busy |= {asyncio.create_task(one) for one in self._next(left, downloads, _AT_ONCE - len(busy))}
                    if not busy:
                        return
                    done, busy = await asyncio.wait(busy, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                    if done:
                        self._note([task.result() for task in done])
            finally:
                for task in busy:
                    task.cancel()
                await asyncio.gather(*busy, return_exceptions=True)

    @property
    def _leaves(self) -> bool:
        return self._lease.is_leaving or self._lease.cancel_wanted

    def _next(self, left: Iterator[str], downloads: Downloads, n: int) -> Iterator[Coroutine[Any, Any, _Outcome]]:
        for _ in range(n):
            address = next(left, None)
            if address is None:
                return
            yield self._one(downloads, address)

    async def _one(self, downloads: Downloads, address: str) -> _Outcome:
        data = b""
        try:
            data = await downloads.load(address, refuse_too_large)
            await asyncio.to_thread(examine, data)
        except WorkbenchError as error:
            leads_to = error.leads_to if isinstance(error, NotFetched) else ""
            return _Outcome(address, message=_sentence(error, data), leads_to=leads_to)
        reference = await asyncio.to_thread(self._store.put, data)  # what hinders this hinders all that follow
        return _Outcome(address, str(reference), len(data))

    def _note(self, outcomes: list[_Outcome]) -> None:
        """In one transaction: a file that is stored and not told of is asked for again, and that is all."""
        fetch = self._fetch
        came = [(one.reference, item) for one in outcomes if one.reference for item in self._items[one.address]]
        gone = [
            (item, one.message, one.leads_to)
            for one in outcomes
            if not one.reference
            for item in self._items[one.address]
        ]
        n_bytes = sum(one.n_bytes for one in outcomes)
        with self._db.write() as conn:
            if self._lease.renew(conn) is None:
                return
            fetches.store(conn, fetch.field, came)
            fetches.refuse(conn, fetch.source, gone)
            fetched = sum(bool(one.reference) for one in outcomes)
            fetches.count_up(conn, fetch.id, fetched=fetched, refused=len(outcomes) - fetched, n_bytes=n_bytes)
            self._show(conn, outcomes)
        self._bytes += n_bytes
        if self._bytes > MOST_BYTES:
            text = f"More than {bytes_in_words(MOST_BYTES)} have been fetched."
            raise WorkbenchError(text, "What has come is kept. Press Fetch again to go on.")

    def _show(self, conn: Connection, outcomes: list[_Outcome]) -> None:
        before = self._shown.most_common(1)
        self._shown.update(found.format.show for one in outcomes if (found := parse_reference(one.reference)))
        now_ = self._shown.most_common(1)
        if now_ and (not before or before[0][0] is not now_[0][0]):
            fetching.show(conn, self._fetch, now_[0][0])

    def _end(self) -> None:
        if self._lease.is_leaving:
            self._record(owner=None)
        else:
            status = FetchStatus.CANCELLED if self._lease.cancel_wanted else FetchStatus.DONE
            self._record(status=status, owner=None, finished_at=now())

    def _record(self, **values: Any) -> None:
        with self._db.write() as conn:
            fetches.record(conn, self._fetch.id, self._owner, **values)


def _sentence(error: WorkbenchError, data: bytes) -> str:
    """A host often answers with a page where it has no file."""
    if data[:64].lstrip().lower().startswith(_PAGES):
        return "The address leads to a web page, not to a picture, sound or film."
    return error.message
