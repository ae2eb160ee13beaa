"""Runs: planning, estimating, starting, watching, cancelling, resuming."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import NotAllowedYet, WorkbenchError
from core.hosts.decisions import can_decide
from core.hosts.profiles import Route, profile_of
from core.model import Annotator, Budget, Host, Price, Run, RunStatus
from core.services.asking.costing import Costs, LabelCost
from core.services.asking.requests import GridCell, Mode, ModelRef, RunRequest, Which, cells_of
from core.services.batching.files import drop_unsent
from core.services.common.door import door
from core.services.common.lookup import annotator_of, project_of, run_of
from core.services.common.tables import table_of_runs
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices
from core.services.runs.caps import CapState, cap_state
from core.services.runs.details import RunDetails, Trouble, details_of, troubles_of
from core.services.runs.forecasting import GridEstimate, forecast
from core.services.runs.planning import PROBE_ITEMS, PlannedRun, ensure_model_annotator, plan, still_wanted
from core.services.runs.request_keys import RequestKeys
from core.services.runs.side_by_side import SideBySide, side_by_side
from core.storage import batches, cache, run_figures, runs
from core.storage.engine import Connection, Database

__all__ = ["PROBE_ITEMS", "Mode", "ModelRef", "PlannedRun", "RunRequest", "Running", "Which"]

_WAITS_FOR_FILE = "Waiting for its answers: download the file, have it answered, bring the answers back."


@dataclass(frozen=True)
class Worth:
    """What a run's labels cost, and whom they were compared with; nobody where there is no reference."""

    cost: LabelCost
    is_free: bool
    reference: Annotator | None


@door
class Running:
    def __init__(self, db: Database, hosts: Hosts, prices: Prices) -> None:
        self._db, self._hosts, self._prices = db, hosts, prices
        self.costs = Costs(hosts, prices)

    # before

    def plan(self, request: RunRequest) -> list[PlannedRun]:
        """What starting would do, per cell. Raises `WorkbenchError` where a choice is missing."""
        keys = RequestKeys(self._db, self._hosts, request)
        with self._db.read() as conn:
            return [plan(conn, request, cell, keys) for cell in self._cells(conn, request)]

    def estimate(self, request: RunRequest) -> GridEstimate:
        """What it would come to, cheap enough while somebody is still choosing. Raises `WorkbenchError` as `plan`."""
        keys = RequestKeys(self._db, self._hosts, request)
        with self._db.read() as conn:
            return GridEstimate(tuple(forecast(conn, request, cell, keys) for cell in self._cells(conn, request)))

    def price(self, ref: ModelRef) -> Price | None:
        """What a model costs now; None where that is not known."""
        return self._prices.of(self._hosts.get(ref.host), ref.model)

    def _cells(self, conn: Connection, request: RunRequest) -> list[GridCell]:
        return cells_of(conn, self._hosts, self._prices, request)

    def can_batch(self, host: Host) -> bool:
        """Whether hosts of its kind take batches."""
        return Route.BATCH in profile_of(host).routes

    def can_decide(self, ref: ModelRef) -> bool:
        """Whether the model can be asked by the Decisions API."""
        return can_decide(profile_of(self._hosts.get(ref.host)).routes, ref.model)

    # starting

    def start(self, request: RunRequest) -> list[Run]:
        """Queue one run per cell; the worker takes them from there.

        Raises `WorkbenchError` where there is nothing to label or a choice cannot be carried out, and `NotAllowedYet`
        before the user allowed a host.
        """
        return self._start(request, self.plan(request))

    def probe(self, request: RunRequest) -> list[Run]:
        """The same for a few of the items of each cell, one by one at once: from then on `estimate` has measured.

        What it labels is kept, and not asked about again by the run proper; what it spends counts against the cap of
        that.
        """
        request = replace(request, mode=Mode.LIVE)
        return self._start(request, [planned.probe(request.seed) for planned in self.plan(request)])

    def _start(self, request: RunRequest, planned: Sequence[PlannedRun]) -> list[Run]:
        self._check(request, [one.cell for one in planned])
        with self._db.write() as conn:
            # What was planned before the lock was taken may be on its way by now, by a double click.
            wanted = [still_wanted(conn, request, one) for one in planned]
            if not any(one.item_ids for one in wanted):
                raise _nothing_to_label(wanted)
            ids = [_queue(conn, request, one) for one in wanted if one.item_ids]
            _put_together(conn, request, ids)
            if request.mode is Mode.FILE:
                for run_id in ids:
                    runs.hold(conn, run_id, _WAITS_FOR_FILE)
            return [run_of(conn, run_id) for run_id in ids]

    def _check(self, request: RunRequest, cells: Sequence[GridCell]) -> None:
        for cell in cells:
            host = self._hosts.get(cell.ref.host)
            if request.mode is not Mode.FILE and not self._hosts.is_allowed(host.key):
                raise NotAllowedYet(host.key, host.title)
            if request.mode is Mode.BATCH and not self.can_batch(host):
                raise WorkbenchError(f"{host.title} takes no batches.", "Send the requests one by one.")
            if request.ask == "decisions" and not self.can_decide(cell.ref):
                raise WorkbenchError(f"{cell.ref.model} cannot be asked by the Decisions API.", "Ask by chat instead.")
            if request.ask == "decisions" and request.mode is not Mode.LIVE:
                raise WorkbenchError("Decisions cannot be asked for in a batch.", "Send the requests one by one.")
            if request.budget.dollars is not None and cell.price is None:
                raise WorkbenchError(
                    f"The price of {cell.ref.model} is unknown, so no cap in dollars can be kept.",
                    "Set its price on Hosts, or cap tokens or calls.",
                )

    # watching

    def all(self, project_id: int) -> list[Run]:
        """Newest first. Runs whose worker died are shown as interrupted once their lease has run out."""
        with self._db.read() as conn:
            return runs.list_all(conn, project_id)

    def live(self, project_id: int) -> list[Run]:
        """Those queued or running, newest first: cheap enough to ask every second."""
        with self._db.read() as conn:
            return runs.list_live(conn, project_id)

    def get(self, run_id: int) -> Run:
        with self._db.read() as conn:
            return run_of(conn, run_id)

    def grid(self, run_id: int) -> list[Run]:
        """All runs started together with this one, and the probe before them, in the order they were started; it alone
        where there are none."""
        with self._db.read() as conn:
            run = run_of(conn, run_id)
            ids = runs.of_grid(conn, run.grid_id) if run.grid_id is not None else [run_id]
            return [run_of(conn, one) for one in ids]

    def details(self, run_id: int) -> RunDetails:
        with self._db.read() as conn:
            return details_of(conn, run_id)

    def troubles(self, run_id: int, limit: int = 100) -> list[Trouble]:
        """Failed items first, then answers recorded as the fallback because they named no one label."""
        with self._db.read() as conn:
            return troubles_of(conn, run_id, limit)

    def side_by_side(self, run_id: int) -> SideBySide:
        """The grid a run belongs to, one cell for each model with each prompt. Test items are not compared."""
        with self._db.read() as conn:
            return side_by_side(conn, self.costs, run_id)

    def cap_state(self, run: Run) -> CapState:
        """Whether going on would ask anything under the present cap."""
        with self._db.read() as conn:
            return cap_state(self._db, conn, run)

    def worth(self, run_id: int) -> Worth:
        """What its labels cost so far, and each right one, by the project's reference. Test items are not compared."""
        with self._db.read() as conn:
            run = run_of(conn, run_id)
            reference = project_of(conn, run.project_id).reference_id
            table = table_of_runs(conn, run.project_id, [run_id], None if reference == run.annotator_id else reference)
            named = None if reference is None else annotator_of(conn, reference)
            asked = run_figures.asked(conn, run)
        cost = self.costs.spent(run, asked) + LabelCost(0.0, 0, table.n, table.agreements)
        return Worth(cost, self.costs.is_free(run), named)

    # going on

    def cancel(self, run_id: int) -> None:
        """Stop soon; what is in flight is still stored. What a host has in batches is cancelled there by a worker."""
        self._cancel([run_id])

    def cancel_all(self, run_id: int) -> None:
        """The same for all that were started with this run and are going or waiting, all at once."""
        self._cancel([one.id for one in self.grid(run_id) if one.status.is_live or one.status is RunStatus.PAUSED])

    def _cancel(self, run_ids: Sequence[int]) -> None:
        with self._db.write() as conn:
            for run_id in run_ids:
                runs.request_cancel(conn, run_id)
                batches.cancel_at_host(conn, run_id)
        for run_id in run_ids:
            drop_unsent(self._db, run_id)

    def resume(self, run_id: int, *, retry_errors: bool = False) -> None:
        """Label what is missing; with `retry_errors` also what failed. Raises `WorkbenchError` for a live run."""
        self._resume([self.get(run_id)], retry_errors=retry_errors)

    def resumable(self, run_id: int) -> list[Run]:
        """Those started together with this one, itself included, that ended early and would ask something now."""
        ended = (RunStatus.CANCELLED, RunStatus.FAILED, RunStatus.INTERRUPTED, RunStatus.PAUSED)
        return [
            one
            for one in self.grid(run_id)
            if one.status in ended
            and one.missing
            and one.config.get("mode") != Mode.FILE
            and one.config.get("purpose") != "probe"  # what it lacks is among the items of the run that followed it
            and self.cap_state(one) is CapState.OPEN
        ]

    def resume_all(self, run_id: int) -> None:
        """Resume all that are `resumable`, at once or not at all. Raises as `resume`."""
        self._resume(self.resumable(run_id))

    def _resume(self, wanted: Sequence[Run], *, retry_errors: bool = False) -> None:
        for run in wanted:
            host = self._hosts.get(run.config["host"])
            if run.config.get("mode") == Mode.FILE:
                raise WorkbenchError("This run waits for its answers in a file.", "Bring them back to go on.")
            if not self._hosts.is_allowed(host.key):
                raise NotAllowedYet(host.key, host.title)
        with self._db.write() as conn:
            for run in wanted:
                if not runs.requeue(conn, run.id, forget_errors=retry_errors):
                    raise WorkbenchError("This run is still going.", "Cancel it first, or wait.")

    def raise_cap(self, run_id: int, budget: Budget) -> None:
        """Another cap for a run and those started with it; those that wait go on. Raises as `resume`."""
        together = self.grid(run_id)
        if budget.dollars is not None and any(not one.config.get("price") for one in together):
            raise WorkbenchError(
                "The price of a model was unknown when this started, so no cap in dollars can be kept.",
                "Cap tokens or calls.",
            )
        with self._db.write() as conn:
            runs.set_budget(conn, run_id, budget)
        for one in together:
            if one.status is RunStatus.PAUSED and one.resume_at is None and one.config.get("mode") != Mode.FILE:
                self.resume(one.id)

    # the cache

    def cache_size(self) -> int:
        """How many different requests have an answer that would be taken over."""
        with self._db.read() as conn:
            return cache.size(conn)

    def clear_cache(self) -> str:
        """Let no answer so far count any more; nothing is deleted. Returns what `restore_cache` takes to undo it."""
        with self._db.write() as conn:
            return cache.clear(conn)

    def restore_cache(self, before: str) -> None:
        with self._db.write() as conn:
            cache.restore(conn, before)


def _queue(conn: Connection, request: RunRequest, planned: PlannedRun) -> int:
    annotator = ensure_model_annotator(conn, request, planned.cell)
    return runs.create(conn, request.project_id, annotator, planned.cell.config, planned.item_ids)


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
            f"There is nothing to label: {on_the_way:,} of these items are on their way, in a run or at a host.",
            "Wait for it, or choose more items.",
        )
    return WorkbenchError(
        "There is nothing to label: these items already have a label from this model and prompt.",
        "Choose more items, or label them again.",
    )
