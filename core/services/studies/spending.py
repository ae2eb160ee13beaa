"""What the trials of a study cost."""

from collections.abc import Mapping, Sequence

from core.finetune import Value
from core.hosts.prices import MILLION
from core.model import Study, Trial
from core.services.asking.costing import Costs
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices
from core.services.studies.planning import usual_epochs
from core.storage import runs
from core.storage.engine import Database


class Spending:
    """In US dollars; None wherever a price is not known, and never 0 for that."""

    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts, self._prices = db, hosts, Prices(db)
        self._costs = Costs(hosts, self._prices)

    def goes_beyond(self, study: Study, trials: Sequence[Trial], proposed: Mapping[str, Value]) -> bool:
        """Whether another trial with these parameters would cost more than is left of the study's budget."""
        limit = study.config.get("dollars")
        if limit is None:
            return False
        so_far, more = self.of_all(study, trials), self._trained(study, proposed)
        asked = study.config.get("asked_dollars")
        return so_far is None or more is None or asked is None or so_far + more + asked > limit

    def of_all(self, study: Study, trials: Sequence[Trial]) -> float | None:
        """What those begun cost, taught and asked; of one under way what it will come to by the estimate."""
        parts = [self._of(study, trial) for trial in trials]
        known = [one for one in parts if one is not None]
        return sum(known) if len(known) == len(parts) else None

    def _of(self, study: Study, trial: Trial) -> float | None:
        trained = self._trained(study, trial.config.get("parameters") or {})
        with self._db.read() as conn:
            run = None if trial.run_id is None else runs.get(conn, trial.run_id)
        asked = None if run is None or trial.status.is_open else self._costs.of(run)
        # Where the price of a tuned model is not known, its answers are reckoned at that of the model it came from.
        asked = study.config.get("asked_dollars") if asked is None else asked
        return None if trained is None or asked is None else trained + asked

    def _trained(self, study: Study, parameters: Mapping[str, Value]) -> float | None:
        price = self._prices.of(self._hosts.get(study.config["host"]), study.config["base_model"])
        if price is None or price.training is None:
            return None
        set_ = {**study.config["parameters"], **parameters}
        epochs = float(set_.get("n_epochs") or usual_epochs(study.config["whole"]))
        return float(study.config["tokens"]) * epochs * price.training / MILLION
