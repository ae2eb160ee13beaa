"""Stopping runs that go, and taking up those that ended early."""

from collections.abc import Sequence

from core.errors import NotAllowedYet, WorkbenchError
from core.model import Budget, Run, RunStatus
from core.services.asking.requests import Mode
from core.services.batching.files import drop_unsent
from core.services.hosts.connections import Hosts
from core.services.runs.caps import CapState
from core.storage import batches, beside, runs
from core.storage.engine import Database


def cancel(db: Database, run_ids: Sequence[int]) -> None:
    """All at once."""
    with db.write() as conn:
        for run_id in run_ids:
            runs.request_cancel(conn, run_id)
            batches.cancel_at_host(conn, run_id)
    for run_id in run_ids:
        drop_unsent(db, run_id)


def may_resume(run: Run, cap: CapState) -> bool:
    """Whether it ended early and would ask something if it went on: at its cap it would only pause again."""
    is_file = run.config.get("mode") == Mode.FILE
    return run.status.ended_early and bool(run.missing) and not is_file and cap is CapState.OPEN


def may_take_more(db: Database, run: Run) -> bool:
    """Of a run whose answers come with another question's: whether there are some that it has not taken over."""
    with db.read() as conn:
        return beside.has_more(conn, run.id, run.config["taken_from"]["annotator_id"])


def resume(db: Database, hosts: Hosts, wanted: Sequence[Run], *, retry_errors: bool = False) -> None:
    """All of them or none. Raises `WorkbenchError` where one cannot go on."""
    for run in wanted:
        host = hosts.get(run.config["host"])
        if run.config.get("mode") == Mode.FILE:
            raise WorkbenchError("This run is waiting for its answers in a file.", "Upload them to continue.")
        if run.config.get("mode") == Mode.BESIDE and not may_take_more(db, run):
            raise WorkbenchError("The answers of this run come with another question's.", "Resume that run.")
        if not hosts.is_allowed(host.key):
            raise NotAllowedYet(host.key, host.title)
    with db.write() as conn:
        for run in wanted:
            beside_it = beside.of_run(conn, run.id)
            is_read = any((one := runs.get(conn, other)) and one.status is RunStatus.RUNNING for other in beside_it)
            if is_read or not runs.requeue(conn, run.id, forget_errors=retry_errors):
                raise WorkbenchError("This run is still in progress.", "Cancel it first, or wait.")
            for follower in beside_it:
                runs.requeue(conn, follower, forget_errors=retry_errors)


def waits_for_cap(run: Run) -> bool:
    """Whether another cap lets it go on, and nothing else."""
    return run.status is RunStatus.PAUSED and run.resume_at is None and run.config.get("mode") != Mode.FILE


def set_cap(db: Database, together: Sequence[Run], budget: Budget) -> None:
    """For all of these, which share it. Raises `WorkbenchError` for one that cannot be kept."""
    if budget.dollars is not None and any(not one.config.get("price") for one in together):
        raise WorkbenchError(
            "The price of a model was unknown when this started, so a cap in dollars cannot be enforced.",
            "Cap tokens or calls.",
        )
    with db.write() as conn:
        runs.set_budget(conn, together[0].id, budget)


def calls_to_the_end(together: Sequence[Run]) -> int:
    """As many as they made, and as it takes to label what is missing where nothing is asked twice; 1 at least."""
    made = sum(one.calls for one in together)
    missing = sum(one.missing * int(one.config.get("repeats") or 1) for one in together if one.status.ended_early)
    return max(1, made + missing)
