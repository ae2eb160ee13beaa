"""What the runs of one worker have in common: a cap for those started together, and what is known of a host's pace."""

from core.hosts.grants import Known
from core.hosts.meters import Meter
from core.model import Run
from core.services.labelling.purses import Purses


class Common:
    """Held by the worker. Runs in other processes are known by what they store, and keep limits by themselves."""

    def __init__(self) -> None:
        self.purses = Purses()
        self._known: dict[tuple[str, str], Known] = {}
        self._meters: dict[str, tuple[tuple[int | None, int | None], Meter]] = {}

    def meter(self, run: Run) -> Meter | None:
        """The meter of the run's host, a new one where its limits have changed; None where there are none."""
        host = run.config["host"]
        limits = (run.config.get("requests_per_minute"), run.config.get("tokens_per_minute"))
        if not any(limits):
            return None
        known = self._meters.get(host)
        if known is None or known[0] != limits:
            known = self._meters[host] = (limits, Meter(*limits))
        return known[1]

    def known(self, run: Run) -> Known:
        """The pace that refusals taught earlier runs of the same model at the same host, and will teach this one."""
        return self._known.setdefault((run.config["host"], run.config["model"]), Known())
