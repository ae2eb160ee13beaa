"""Runs, the front door: planning, estimating, starting, watching, cancelling, resuming."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.model import Annotator, Budget, Estimate, Host, Price, Run, RunStatus
from core.services.asking.costing import Costs, LabelCost
from core.services.asking.deciding import deciders
from core.services.asking.requests import GridCell, Mode, ModelRef, RunRequest, Which, cells_of
from core.services.common.door import door
from core.services.common.files import media_of
from core.services.common.lookup import annotator_of, project_of, run_of
from core.services.common.stamps import stamp
from core.services.common.tables import headline, headline_of, source_of_runs
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices
from core.services.runs import going_on, starting
from core.services.runs.caps import CapState, cap_state
from core.services.runs.details import RunDetails, Trouble, details_of, troubles_of
from core.services.runs.forecasting import GridEstimate, forecast
from core.services.runs.media_notes import media_notes
from core.services.runs.planning import PROBE_ITEMS, PlannedRun, plan
from core.services.runs.request_keys import RequestKeys
from core.services.runs.side_by_side import SideBySide, side_by_side
from core.storage import cache, run_figures, runs, tasks
from core.storage.engine import Connection, Database

__all__ = ["PROBE_ITEMS", "Mode", "ModelRef", "PlannedRun", "RunRequest", "Running", "Which"]


@dataclass(frozen=True)
class Worth:
    """What a run's labels cost, whom they were compared with (nobody where there is no reference), and how far the two
    agree, as the figure of this name: on the items outside test that both have labelled."""

    cost: LabelCost
    is_free: bool
    reference: Annotator | None
    agreement: Estimate
    measure: str


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
            cells = self._cells(conn, request)
            notes = media_notes(conn, request, cells, media_of(self._db))
            return GridEstimate(tuple(forecast(conn, request, cell, keys) for cell in cells), notes)

    def deciders(self, project_id: int) -> list[Annotator]:
        """Whose answers to the earlier question can decide of which items a model is asked, its reference first; nobody
        where the project's question is asked of every item."""
        with self._db.read() as conn:
            return deciders(conn, project_id)

    def price(self, ref: ModelRef) -> Price | None:
        """What a model costs now; None where that is not known."""
        return self._prices.of(self._hosts.get(ref.host), ref.model)

    def _cells(self, conn: Connection, request: RunRequest) -> list[GridCell]:
        return cells_of(conn, self._hosts, self._prices, request)

    def unpriced(self, models: Sequence[ModelRef], budget: Budget) -> list[str]:
        """The models that keep a cap in dollars from being kept, since nobody knows their price."""
        if budget.dollars is None:
            return []
        return list(dict.fromkeys(ref.model for ref in models if self.price(ref) is None))

    def estimate_stamp(self, request: RunRequest) -> str:
        """Changes whenever `estimate` could: what is labelled, on its way, known of hosts and prices, the task, and
        whose answers decide."""
        hosts = [self._hosts.get(key) for key in dict.fromkeys(host for host, _ in request.models)]
        prices = [self.price(ref) for ref in request.models]
        with self._db.read() as conn:
            going = [run.id for run in runs.list_live(conn, request.project_id)]
            going += [one.id for one in deciders(conn, request.project_id)]
            task, layout = tasks.task(conn, request.project_id), project_of(conn, request.project_id).layout
            return f"{stamp(conn, request.project_id)} {going} {hosts} {prices} {task} {layout} {cache.cleared(conn)}"

    def can_batch(self, host: Host) -> bool:
        """Whether hosts of its kind take batches."""
        return starting.takes_batches(host)

    def can_decide(self, ref: ModelRef) -> bool:
        """Whether the model can be asked by the Decisions API."""
        return starting.takes_decisions(self._hosts, ref)

    # starting

    def start(self, request: RunRequest) -> list[Run]:
        """Queue one run per cell; the worker takes them from there.

        Raises `WorkbenchError` where there is nothing to label or a choice cannot be carried out, and `NotAllowedYet`
        before the user allowed a host.
        """
        return starting.start(self._db, self._hosts, request, self.plan(request))

    def probe(self, request: RunRequest) -> list[Run]:
        """The same for a few of the items of each cell, one by one at once: from then on `estimate` has measured.

        What it labels is kept, and not asked about again by the run proper; what it spends counts against the cap of
        that.
        """
        request = replace(request, mode=Mode.LIVE)
        planned = [one.probe(request.seed) for one in self.plan(request)]
        return starting.start(self._db, self._hosts, request, planned)

    def start_missing(self, requests: Sequence[RunRequest]) -> list[Run]:
        """Start those of these that have anything left to ask. Raises as `start`."""
        missing = [one for one in requests if any(planned.calls for planned in self.plan(one))]
        return [run for request in missing for run in self.start(request)]

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

    def troubles(self, run_id: int, limit: int = 100, *, models_on_test: bool = False) -> list[Trouble]:
        """Failed items first, then answers recorded as the fallback because they named no one label; of test items only
        as a look, see `troubles_of`."""
        return troubles_of(self._db, run_id, limit, models_on_test=models_on_test)

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
            said = source_of_runs(conn, run.project_id, [run_id], None if reference == run.annotator_id else reference)
            named = None if reference is None else annotator_of(conn, reference)
            asked, told = run_figures.asked(conn, run), headline_of(conn, run.project_id, said)
            measure = headline(conn, run.project_id).title
        cost = self.costs.spent(run, asked) + LabelCost(0.0, 0, said.n, said.agreements)
        return Worth(cost, self.costs.is_free(run), named, told, measure)

    # going on

    def cancel(self, run_id: int) -> None:
        """Stop soon; what is in flight is still stored. What a host has in batches is cancelled there by a worker."""
        going_on.cancel(self._db, [run_id])

    def cancel_all(self, run_id: int) -> None:
        """The same for all that were started with this run and are going or waiting, all at once."""
        stands = [one for one in self.grid(run_id) if one.status.is_live or one.status is RunStatus.PAUSED]
        going_on.cancel(self._db, [one.id for one in stands])

    def may_resume(self, run: Run) -> bool:
        """Whether it ended early and would ask something now."""
        if not run.status.ended_early or not going_on.may_resume(run, self.cap_state(run)):
            return False
        return run.config.get("mode") != Mode.BESIDE or going_on.may_take_more(self._db, run)

    def resume(self, run_id: int, *, retry_errors: bool = False) -> None:
        """Label what is missing; with `retry_errors` also what failed. Raises `WorkbenchError` for a live run."""
        going_on.resume(self._db, self._hosts, [self.get(run_id)], retry_errors=retry_errors)

    def resumable(self, run_id: int) -> list[Run]:
        """Those started together with this one, itself included, that ended early and would ask something now.

        What a probe lacks is among the items of the run that followed it.
        """
        return [one for one in self.grid(run_id) if one.config.get("purpose") != "probe" and self.may_resume(one)]

    def resume_all(self, run_id: int) -> None:
        """Resume all that are `resumable`, at once or not at all. Raises as `resume`."""
        going_on.resume(self._db, self._hosts, self.resumable(run_id))

    def raise_cap(self, run_id: int, budget: Budget) -> None:
        """Another cap for a run and those started with it; those that wait go on. Raises as `resume`."""
        together = self.grid(run_id)
        going_on.set_cap(self._db, together, budget)
        for one in filter(going_on.waits_for_cap, together):
            self.resume(one.id)

    def calls_to_the_end(self, run_id: int) -> int:
        """A cap on calls that lets this run and those started with it label what is missing, nothing asked twice."""
        return going_on.calls_to_the_end(self.grid(run_id))

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
