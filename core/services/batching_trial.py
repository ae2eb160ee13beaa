"""One question asked live before a batch is written, to find out how the model takes it.

A manner that is refused shows at once then, and not after a day with every line of every batch.
"""

import asyncio

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.answers import Failure
from core.hosts.batch_lines import Wanted
from core.hosts.chat import ChatClient
from core.hosts.manner import Manner
from core.model import ErrorKind, Item, Run
from core.services.asking import Answered, Asker
from core.services.batch_files import asker_for
from core.services.batch_results import Results
from core.storage import cache, runs
from core.storage.engine import Database

_HOPELESS = (ErrorKind.AUTHENTICATION, ErrorKind.QUOTA)


def try_one(db: Database, run: Run, connection: Connection, asker: Asker) -> Manner:
    """The manner in which the host took a run's first missing item, whose answer is kept.

    A host that answers no single calls (a deployment for batches alone) leaves the manner as it was, and so does a
    request whose answer is in the cache. Raises `WorkbenchError` where the host refuses the key or has no credit left.
    """
    with db.read() as conn:
        page = runs.missing(conn, run.id, 0, 1)
        if not page or cache.find(conn, [asker.key(asker.request(page[0]))]):
            return asker.manner
    outcome, manner = asyncio.run(_ask(db, run, connection, asker.manner, page[0]))
    if isinstance(outcome, Failure):
        if outcome.kind in _HOPELESS:
            raise WorkbenchError(f"The host said no: {outcome.message}", "Mend that, then resume.")
        return asker.manner
    Results(db, run, asker, manner).keep(Wanted(run.id, page[0].id, 0, outcome.key), outcome.reply)
    return manner


async def _ask(
    db: Database, run: Run, connection: Connection, manner: Manner, item: Item
) -> tuple[Answered | Failure, Manner]:
    timeout = float(run.config.get("timeout_seconds") or 60.0)
    async with ChatClient(connection, timeout_seconds=timeout) as client:
        asker = asker_for(db, run, manner, client)
        outcome = await asker.ask(asker.request(item))
        return outcome, asker.manner
