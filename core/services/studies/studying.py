"""Studies, the front door: what one would come to, starting, watching, cancelling."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from core.errors import WorkbenchError
from core.finetune import Value
from core.finetune.checks import MIN_LINES
from core.model import Split, Study, StudyKind, Trial, TrialStatus
from core.services.common.door import door
from core.services.common.tables import headline, splits_of
from core.services.hosts.connections import Hosts
from core.services.learning.preflight import TuneRequest
from core.services.studies.courses import best_of
from core.services.studies.curves import LearningCurve
from core.services.studies.planning import (
    MAX_DEALS,
    CurvePlan,
    Forecast,
    Planner,
    SearchPlan,
    TaughtSize,
    refuse_too_many,
    usual_epochs,
)
from core.services.studies.searches import SearchView
from core.services.studies.spending import Spending
from core.storage import annotators, studies
from core.storage.engine import Connection, Database


@dataclass(frozen=True)
class StudyProgress:
    """How far it is: `ended` of `planned` trials. `seconds_left` is None where nothing has ended yet."""

    ended: int
    planned: int
    seconds_left: float | None

    @property
    def share(self) -> float:
        return self.ended / self.planned if self.planned else 0.0


@door
class Studies:
    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db = db
        self._planner, self._spending = Planner(db, hosts), Spending(db, hosts)

    # a learning curve

    def forecast_curve(self, request: TuneRequest, plan: CurvePlan, size: TaughtSize) -> Forecast:
        """What it would come to; nothing is sent. `size` is that of all examples."""
        _refuse_many_deals(plan)
        lines = [trial["subset"]["n"] for trial in plan.trials]
        epochs = _epochs(plan.parameters.get("n_epochs"), size.lines)
        return self._planner.forecast(request, plan.host, plan.base_model, size, lines, epochs)

    def start_curve(self, request: TuneRequest, plan: CurvePlan) -> Study:
        """The worker carries it out. The parts of a deal are nested, and of each label they hold about its share.

        Raises `WorkbenchError` with the first blocker, and where the models could not be measured on validation.
        """
        _refuse_many_deals(plan)
        planned = plan.trials
        whole = len(self._planner.checked(request, plan.host, plan.base_model).training.train)
        if not plan.sizes or min(plan.sizes) < MIN_LINES or max(plan.sizes) > whole:
            raise WorkbenchError(
                f"There are {whole:,} examples to learn from.", f"Choose sizes from {MIN_LINES} to {whole:,}."
            )
        config = {"whole": whole, "parameters": dict(plan.parameters)}
        return self._create(request, StudyKind.CURVE, plan.host, plan.base_model, config, planned)

    def curve(self, study_id: int) -> LearningCurve:
        """What is known so far. Raises `WorkbenchError` for a study of another kind."""
        with self._db.read() as conn:
            study = study_of(conn, study_id)
            if study.kind is not StudyKind.CURVE:
                raise WorkbenchError("That is no learning curve.", "Choose another on the Fine-tune page.")
            return LearningCurve(study, tuple(studies.trials_of(conn, study_id)))

    # a search

    def forecast_search(self, request: TuneRequest, plan: SearchPlan, size: TaughtSize) -> Forecast:
        """The most it would come to with the epochs in the middle of the range; nothing is sent. `size` is that of all
        examples."""
        refuse_too_many(plan.jobs)
        epochs = next((one for one in plan.space if one.key == "n_epochs"), None)
        number = _epochs(round((epochs.low + epochs.high) / 2) if epochs else None, size.lines)
        lines = [size.lines] * plan.jobs
        return self._planner.forecast(request, plan.host, plan.base_model, size, lines, number)

    def start_search(self, request: TuneRequest, plan: SearchPlan) -> Study:
        """At most so many fine-tunes on all examples, each with other parameters; the worker carries them out.

        The first is what the host chooses by itself. Raises `WorkbenchError` with the first blocker, and for a budget
        in dollars where a price is not known.
        """
        if not plan.space:
            raise WorkbenchError("No parameter is chosen to vary.", "Choose one or more.")
        if plan.jobs < 2:
            raise WorkbenchError("A search takes two fine-tunes at least.", "Enter a larger number.")
        refuse_too_many(plan.jobs)
        preflight = self._planner.checked(request, plan.host, plan.base_model)
        whole = len(preflight.training.train)
        size = TaughtSize(whole, preflight.tokens)
        one = self._planner.forecast(request, plan.host, plan.base_model, size, [0], 1)
        if plan.dollars is not None and (one.dollars is None or not plan.dollars > 0):
            raise WorkbenchError(
                f"The price of {plan.base_model}, taught or asked, is unknown, so a budget in dollars cannot be kept.",
                "Set its prices on Hosts, or limit the number of fine-tunes alone.",
            )
        config = {
            "whole": whole,
            "parameters": {},
            "space": [dimension.stored() for dimension in plan.space],
            "jobs": plan.jobs,
            "planned": plan.jobs,
            "dollars": plan.dollars,
            "asked_dollars": one.dollars,
            "tokens": preflight.tokens,
            "seed": 0,
        }
        return self._create(request, StudyKind.SEARCH, plan.host, plan.base_model, config, [])

    def search(self, study_id: int) -> SearchView:
        """What is known so far. Raises `WorkbenchError` for a study of another kind."""
        with self._db.read() as conn:
            study = study_of(conn, study_id)
            if study.kind is not StudyKind.SEARCH:
                raise WorkbenchError("That is no search.", "Choose another on the Fine-tune page.")
            trials = studies.trials_of(conn, study_id)
            best = best_of(trials)
            made = [] if best is None else annotators.list_all(conn, study.project_id)
            its = [one.id for one in made if best is not None and one.fine_tune_id == best.fine_tune_id]
            is_tested = any(Split.TEST in splits_of(conn, study.project_id, one) for one in its)
        return SearchView(study, tuple(trials), is_tested, self._spending.of_all(study, trials))

    # any

    def all(self, project_id: int) -> list[Study]:
        """Newest first."""
        with self._db.read() as conn:
            return studies.list_all(conn, project_id)

    def get(self, study_id: int) -> Study:
        with self._db.read() as conn:
            return study_of(conn, study_id)

    def trials(self, study_id: int) -> list[Trial]:
        """In the order they are begun."""
        with self._db.read() as conn:
            return studies.trials_of(conn, study_id)

    def progress(self, study_id: int) -> StudyProgress:
        """How far it is, and about how long it takes to the end at the pace so far."""
        with self._db.read() as conn:
            study, trials = study_of(conn, study_id), studies.trials_of(conn, study_id)
        ended = sum(not one.status.is_open and one.status is not TrialStatus.WAITING for one in trials)
        planned = int(study.config.get("planned") or len(trials)) if study.status.is_live else len(trials)
        if not ended or study.started_at is None:
            return StudyProgress(ended, planned, None)
        spent = ((study.finished_at or datetime.now(UTC)) - study.started_at).total_seconds()
        return StudyProgress(ended, planned, spent / ended * (planned - ended))

    def cancel(self, study_id: int) -> None:
        """Begin nothing more, and stop what is under way; what is measured is kept."""
        with self._db.write() as conn:
            study_of(conn, study_id)
            studies.request_cancel(conn, study_id)

    def _create(
        self,
        request: TuneRequest,
        kind: StudyKind,
        host: str,
        base_model: str,
        config: dict[str, Any],
        planned: Sequence[dict[str, Any]],
    ) -> Study:
        with self._db.write() as conn:
            number = 1 + sum(one.kind is kind for one in studies.list_all(conn, request.project_id))
            metric = headline(conn, request.project_id).key
            told = {
                "annotator_id": request.annotator_id,
                "version_id": request.version_id,
                "with_validation": request.with_validation,
                "with_fallback": request.with_fallback,
                "method": str(request.method),
                "against": request.against,
                "selection": asdict(request.selection),
            }
            shared = {"number": number, "metric": metric, "request": told, "host": host, "base_model": base_model}
            study_id = studies.create(conn, request.project_id, kind, shared | config, planned)
            return study_of(conn, study_id)


def _refuse_many_deals(plan: CurvePlan) -> None:
    if not 1 <= plan.deals <= MAX_DEALS:
        raise WorkbenchError(f"Choose 1 to {MAX_DEALS} deals.", "Three show whether the points can be trusted.")
    refuse_too_many(len(plan.sizes) * plan.deals)


def _epochs(chosen: Value | None, lines: int) -> int:
    """Those that were set, else what hosts usually take."""
    return int(chosen) if isinstance(chosen, int | float) and chosen else usual_epochs(lines)


def study_of(conn: Connection, study_id: int) -> Study:
    found = studies.get(conn, study_id)
    if found is None:
        raise WorkbenchError(f"There is no study {study_id}.", "It may have been deleted: reload the page.")
    return found
