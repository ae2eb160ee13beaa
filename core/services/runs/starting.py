"""Queueing what was planned, or saying why it cannot be started."""

from collections.abc import Sequence

from core.errors import NotAllowedYet, WorkbenchError
from core.hosts.decisions import can_decide
from core.hosts.profiles import Route, profile_of
from core.model import Host, Run
from core.services.asking.at_once import taking_from
from core.services.asking.requests import GridCell, Mode, ModelRef, RunRequest
from core.services.common.asked import ASKED_BY, where_in_words
from core.services.common.lookup import run_of
from core.services.hosts.connections import Hosts
from core.services.runs.planning import PlannedRun, ensure_model_annotator, still_wanted
from core.storage import conditions, runs
from core.storage.engine import Connection, Database

_WAITS_FOR_FILE = "Waiting for its answers: download the file, have it answered, upload the answers."


def takes_batches(host: Host) -> bool:
    """Whether hosts of its kind do."""
    return Route.BATCH in profile_of(host).routes


def takes_decisions(hosts: Hosts, ref: ModelRef) -> bool:
    """Whether the model can be asked by the Decisions API."""
    return can_decide(profile_of(hosts.get(ref.host)).routes, ref.model)


def start(db: Database, hosts: Hosts, request: RunRequest, planned: Sequence[PlannedRun]) -> list[Run]:
    """One run per cell; see `Running.start`."""
    for one in planned:
        _refuse(hosts, request, one.cell)
    with db.write() as conn:
        # What was planned before the lock was taken may be on its way by now, by a double click.
        wanted = [still_wanted(conn, request, one) for one in planned]
        if not any(one.item_ids or any(other.item_ids for other in one.beside) for one in wanted):
            raise _nothing_to_label(wanted)
        ids = [run_id for one in wanted if (run_id := _queue(conn, request, one)) is not None]
        if ids:
            _put_together(conn, request, ids)
        if request.mode is Mode.FILE:
            for run_id in ids:
                runs.hold(conn, run_id, _WAITS_FOR_FILE)
        return [run_of(conn, run_id) for run_id in ids]


def _refuse(hosts: Hosts, request: RunRequest, cell: GridCell) -> None:
    host = hosts.get(cell.ref.host)
    if request.mode is not Mode.FILE and not hosts.is_allowed(host.key):
        raise NotAllowedYet(host.key, host.title)
    if request.mode is Mode.BATCH and not takes_batches(host):
        raise WorkbenchError(f"{host.title} does not support batches.", "Send the requests one by one.")
    if request.ask == "decisions" and not takes_decisions(hosts, cell.ref):
        raise WorkbenchError(f"{cell.ref.model} cannot be asked by the Decisions API.", "Ask by chat instead.")
    if request.ask == "decisions" and request.mode is not Mode.LIVE:
        raise WorkbenchError("Decisions cannot be asked for in a batch.", "Send the requests one by one.")
    if request.budget.dollars is not None and cell.price is None:
        raise WorkbenchError(
            f"The price of {cell.ref.model} is unknown, so a cap in dollars cannot be enforced.",
            "Set its price on Hosts, or cap tokens or calls.",
        )


def _queue(conn: Connection, request: RunRequest, planned: PlannedRun) -> int | None:
    """The run, None where nothing is left to ask; and those that take their answers from it, which wait for its end."""
    cell = planned.cell
    annotator = ensure_model_annotator(conn, request, cell)
    run_id = None
    if planned.item_ids:
        run_id = runs.create(conn, cell.project_id, annotator, cell.config, planned.item_ids)
    answering = {cell.project_id: annotator}
    for one in planned.beside:
        at = one.cell.project_id
        answering[at] = ensure_model_annotator(conn, request, one.cell)
        if one.item_ids:
            condition = conditions.of(conn, at)
            asked = (
                {ASKED_BY: answering.get(condition.on), "asked_where": where_in_words(conn, at)} if condition else {}
            )
            config = {**one.cell.config, **taking_from(annotator, run_id), **asked}
            runs.create(conn, at, answering[at], config, one.item_ids)
    return run_id


def _put_together(conn: Connection, request: RunRequest, ids: list[int]) -> None:
    """Let runs share their cap, with the probes that were made for them too: the money is the same."""
    run_of_each = [run_of(conn, run_id) for run_id in ids]
    is_probe = any(run.config["purpose"] == "probe" for run in run_of_each)
    probes = [] if is_probe else runs.probes_for(conn, [run.annotator_id for run in run_of_each])
    runs.put_together(conn, [*probes, *ids])
    if probes:
        runs.set_budget(conn, ids[0], request.budget)


def _nothing_to_label(planned: Sequence[PlannedRun]) -> WorkbenchError:
    if on_the_way := sum(one.on_the_way for one in planned):
        return WorkbenchError(
            f"There is nothing to label: {on_the_way:,} of these items are already being labelled, "
            "in a run or at a host.",
            "Wait for it, or choose more items.",
        )
    if any(one.not_asked or one.unknown for one in planned) and not any(one.already for one in planned):
        return WorkbenchError(
            "There is nothing to label: the question is asked of none of these items by the answers that decide.",
            "Answer the earlier question on more items, or choose whose answers decide.",
        )
    return WorkbenchError(
        "There is nothing to label: these items already have a label from this model and prompt.",
        "Choose more items, or label them again.",
    )
