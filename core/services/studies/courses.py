"""Which trial a study begins next, and which it ends early."""

from collections.abc import Sequence
from typing import Protocol

from core.finetune.search import Told, dimension, is_behind, suggest, tenths
from core.model import FineTuneEvent, Study, StudyKind, Trial, TrialStatus
from core.services.hosts.connections import Hosts
from core.services.learning.fine_tuning import curves
from core.services.studies.spending import Spending
from core.services.studies.trials import BEHIND
from core.storage import fine_tunes, studies
from core.storage.engine import Database

_TRIES = 20
"""How often something new is asked for where what was proposed has been tried."""


class Course(Protocol):
    """How one kind of study goes on. `ended_since` says why it has nothing more to begin, where it could have."""

    ended_since: str

    def next_trial(self, trials: Sequence[Trial]) -> Trial | None: ...

    def behind(self, trials: Sequence[Trial]) -> Sequence[Trial]: ...

    def best(self, trials: Sequence[Trial]) -> Trial | None: ...


def course_of(study: Study, db: Database, hosts: Hosts) -> Course:
    return Searching(study, db, hosts) if study.kind is StudyKind.SEARCH else Planned()


class Planned:
    """All is written down beforehand, and none is better than another."""

    ended_since = ""

    def next_trial(self, trials: Sequence[Trial]) -> Trial | None:
        return next((trial for trial in trials if trial.status is TrialStatus.WAITING), None)

    def behind(self, trials: Sequence[Trial]) -> Sequence[Trial]:
        return ()

    def best(self, trials: Sequence[Trial]) -> Trial | None:
        return None


class Searching:
    """The first is what the host chooses by itself; each later one is asked for with all that is known by then, and
    written down before it is begun."""

    def __init__(self, study: Study, db: Database, hosts: Hosts) -> None:
        self._study, self._db = study, db
        self._space = [dimension(one) for one in study.config["space"]]
        self._spending = Spending(db, hosts)
        self.ended_since = ""

    def next_trial(self, trials: Sequence[Trial]) -> Trial | None:
        waiting = next((trial for trial in trials if trial.status is TrialStatus.WAITING), None)
        if waiting is not None or len(trials) >= self._study.config["jobs"]:
            return waiting
        told = [self._told(trial) for trial in trials]
        tried = [trial.config["parameters"] for trial in trials]
        number, seed = len(trials) + 1, int(self._study.config["seed"])
        proposals = (suggest(self._space, told, number + 1_000 * more, seed) for more in range(_TRIES))
        proposed = {} if not trials else next((one for one in proposals if one not in tried), None)
        if proposed is None:
            self.ended_since = "Everything that can be tried has been."
            return None
        if self._spending.goes_beyond(self._study, trials, proposed):
            limit = self._study.config["dollars"]
            self.ended_since = f"Ended after {number - 1}: the next would go beyond the budget of ${limit:g}."
            return None
        with self._db.write() as conn:
            return studies.add_trial(conn, self._study.id, {"parameters": proposed})

    def behind(self, trials: Sequence[Trial]) -> list[Trial]:
        training = [trial for trial in trials if trial.status is TrialStatus.TRAINING]
        noted = [trial for trial in training if trial.message == BEHIND]
        measured = [trial for trial in trials if trial.status is TrialStatus.DONE]
        if not training or not measured:
            return noted
        others = [self._told(trial) for trial in measured]
        return [trial for trial in training if trial in noted or is_behind(self._space, others, self._told(trial).path)]

    def best(self, trials: Sequence[Trial]) -> Trial | None:
        return best_of(trials)

    def _told(self, trial: Trial) -> Told:
        with self._db.read() as conn:
            events = fine_tunes.events(conn, trial.fine_tune_id) if trial.fine_tune_id is not None else []
        return Told(
            trial.config["parameters"],
            trial.score.value if trial.score else None,
            tenths(validation_path(events)),
            is_open=trial.status.is_open or trial.status is TrialStatus.WAITING,
            pruned=trial.status is TrialStatus.PRUNED,
        )


def tried_among(trials: Sequence[Trial]) -> int:
    """How many the best was chosen among: measured, or ended early for being behind."""
    return sum(one.status in (TrialStatus.DONE, TrialStatus.PRUNED) for one in trials)


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The one with the highest score; of equal ones the first."""
    scored = [trial for trial in trials if trial.score is not None and trial.score.value is not None]
    return max(scored, key=lambda one: (one.score.value or 0.0, -one.number) if one.score else (0.0, 0), default=None)


def validation_path(events: Sequence[FineTuneEvent]) -> list[tuple[float, float]]:
    """`(share of the way, score on validation)` as its host tells them while it trains: accuracy, or loss turned over;
    over the whole validation file where it tells that as well. Empty where it does not say how many steps there are."""
    totals = [e.data["total_steps"] for e in events if isinstance(e.data.get("total_steps"), int | float)]
    found = {name: points for name, points in curves(events).items() if "valid" in name}
    if not found or not totals or max(totals) <= 0:
        return []
    name = max(found, key=lambda one: ("accuracy" in one, "full" in one))
    sign = -1 if "loss" in name else 1
    return [(min(1.0, step / max(totals)), sign * value) for step, value in found[name]]
