"""Work of hours in a thread of its own, while its lease is renewed."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.errors import WorkbenchError
from core.storage.engine import Connection, Database

log = logging.getLogger(__name__)

_BEAT_SECONDS = 1.0
_TRIES_TO_CANCEL = 3


class KeptLease:
    """The lease on one piece of work, kept while that goes on. Hosts take up to a day, and an upload, or a host slow to
    answer, may take longer than a lease lasts.

    `beat` renews it in a transaction: True to go on, False where the user cancels, None where it is another's by now.
    The work looks at `is_leaving` and `cancel_wanted` between its steps, and rests by `wait`. `name` says what it is
    in threads and in the log.
    """

    def __init__(
        self, db: Database, beat: Callable[[Connection], bool | None], name: str, *, cancel_wanted: bool = False
    ) -> None:
        self._db, self._renewed, self._name = db, beat, name
        self.cancel_wanted = cancel_wanted
        self.is_leaving = False
        self._wake = threading.Event()

    async def keep_during(self, work: Callable[[], None]) -> None:
        """Until `work` has ended, with its error where it raises one. Cancelling this tells the work to let go."""
        try:
            await beside_a_heartbeat(work, self._beat, every=_BEAT_SECONDS, name=f"labelloop-{self._name}")
        finally:
            self.let_go()

    def let_go(self) -> None:
        """The work is to end soon: the program ends, or the lease is lost."""
        self.is_leaving = True
        self._wake.set()

    def renew(self, conn: Connection) -> bool | None:
        """Renew it in this transaction; False where the user cancels, None where it is lost."""
        go_on = self._renewed(conn)
        if go_on is None:
            self.let_go()
        elif not go_on and not self.cancel_wanted:
            self.cancel_wanted = True
            self._wake.set()
        return go_on

    def wait(self, seconds: float) -> None:
        """So long at most: a cancel, or the end of the program, is heard at once."""
        self._wake.wait(seconds)
        self._wake.clear()

    def gives_up_after(self, misses: int) -> bool:
        """Whether a host that did not answer so often is waited for no more: where the user cancels, only so long."""
        return self.cancel_wanted and misses >= _TRIES_TO_CANCEL

    def _beat(self) -> None:
        try:
            with self._db.write() as conn:
                self.renew(conn)
        except WorkbenchError as error:
            log.warning("the lease of %s could not be renewed: %s", self._name, error)


async def beside_a_heartbeat(work: Callable[[], None], beat: Callable[[], None], *, every: float, name: str) -> None:
    """Until `work` has ended, with its error where it raises one; `beat` is called every so many seconds meanwhile.

    The thread is called `name`, and is its own because the loop's shared ones are for what takes a moment. Cancelling
    this leaves it running: whoever waits has to tell the work to let go.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix=name)
    working = asyncio.get_running_loop().run_in_executor(pool, work)
    try:
        while not working.done():
            await asyncio.wait({working}, timeout=every)
            if not working.done():
                await asyncio.to_thread(beat)
        working.result()
    finally:
        pool.shutdown(wait=False)
