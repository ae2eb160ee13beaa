"""How a run stands to its cap before anybody takes it up again: by the same sums as while it goes."""

from enum import StrEnum

from core.model import Run
from core.services.asking.requests import Mode, budget_of
from core.services.batching.cap import why_not
from core.services.batching.files import folder_of
from core.services.labelling.purses import Purses
from core.storage import batches, runs
from core.storage.engine import Connection, Database


class CapState(StrEnum):
    """`OPEN`: there is none, or one more call fits. `REACHED`: none does. `BLIND`: the host counts no tokens, so that a
    cap in tokens or dollars cannot be kept, however high."""

    OPEN = "open"
    REACHED = "reached"
    BLIND = "blind"


def cap_state(db: Database, conn: Connection, run: Run) -> CapState:
    """Whether the run would ask anything if it went on now."""
    if not budget_of(run.config):
        return CapState.OPEN
    if run.config.get("mode") == Mode.BATCH:
        return CapState.REACHED if _next_batch_is_held(db, conn, run) else CapState.OPEN
    purse = Purses().opened(run)
    purse.others_have(runs.spent_together(conn, run))
    if purse.is_blind:
        return CapState.BLIND
    return CapState.OPEN if purse.allows_one_more() else CapState.REACHED


def _next_batch_is_held(db: Database, conn: Connection, run: Run) -> bool:
    """Of the batches written the first that is not at the host; before any is written, a batch of one."""
    for batch in batches.open_of(conn, run.id):
        if not batch.may_be_at_host:
            path = folder_of(db, run.id) / f"{batch.tag}.jsonl"
            return bool(why_not(db, conn, run.id, batch.lines, path.stat().st_size if path.exists() else 0))
    return bool(why_not(db, conn, run.id, 1, 0))
