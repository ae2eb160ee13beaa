"""Which states of a training are kept: the model is the best of them, not the last."""

from dataclasses import dataclass
from typing import Any

from core.embedded.head import Epoch
from core.embedded.jobs import Jobs
from core.embedded.models import Models

KEPT = 3
LOSS = "full_valid_loss"


@dataclass(frozen=True)
class _Kept:
    epoch: Epoch[Any]
    metrics: dict[str, float]

    @property
    def rank(self) -> float:
        """The lower the better. Where nothing was validated, the later the better."""
        return self.metrics.get(LOSS, -self.epoch.step)


class Keeping:
    """The best states of a training by the loss on what it does not learn from, and the newest. An end is due after
    `patience` epochs without a better one; where nothing is validated, never."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._kept: list[_Kept] = []

    def offer(self, epoch: Epoch[Any], metrics: dict[str, float]) -> None:
        offered = _Kept(epoch, metrics)
        # The newest of before makes room, unless it is one of the best.
        self._kept = [*sorted(self._kept, key=lambda kept: kept.rank)[:KEPT], offered]

    @property
    def best(self) -> Epoch[Any]:
        return min(self._kept, key=lambda kept: kept.rank).epoch

    @property
    def is_at_its_end(self) -> bool:
        return self._kept[-1].epoch.number - self.best.number >= self._patience

    def save(self, name: str, identity: str, models: Models, jobs: Jobs) -> None:
        """As models that can be called, and as checkpoints of the job: the best under the `name` of the tuned model."""
        best = self.best
        for kept in sorted(self._kept, key=lambda kept: kept.epoch.step):
            is_best = kept.epoch is best
            called = name if is_best else f"{name}:ckpt-step-{kept.epoch.step}"
            models.save(called, identity, kept.epoch.head, is_checkpoint=not is_best)
            shown = {key: value for key, value in kept.metrics.items() if key != "epoch"}
            jobs.add_checkpoint(identity, kept.epoch.step, called, shown)
