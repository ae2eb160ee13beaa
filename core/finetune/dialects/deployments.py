"""A tuned model at a host that has to deploy it before it can be called: what is wanted, and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.host_words import End, end_of
from core.model import DeploymentStatus
from core.text import clean


@dataclass(frozen=True)
class Wanted:
    """`name` is ours, made before the host hears of it: by it the deployment is found again whatever happens. `job` is
    the host's id of the fine-tune that made the model."""

    name: str
    model: str
    base_model: str
    job: str


@dataclass(frozen=True)
class Deployed:
    """One look at a deployment. `called` is the name that calls the model; `hourly` in dollars, where the host says."""

    status: DeploymentStatus
    host_status: str
    called: str = ""
    message: str = ""
    hourly: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


_READY = frozenset({"ready", "active", "deployed", "running", "started", "online", "succeeded", "scaling", "degraded"})
_ENDED = frozenset({"stopped", "stopping", "deleted", "deleting", "inactive", "undeploying"})


def standing(word: str) -> DeploymentStatus:
    """What the host's word for it means; one that nobody knows means that it goes on."""
    said = clean(word).lower().replace("deployment_state_", "").replace("state_", "")
    if said in _READY:
        return DeploymentStatus.READY
    if said in _ENDED:
        return DeploymentStatus.GONE
    return DeploymentStatus.FAILED if end_of(said) is End.BADLY else DeploymentStatus.STARTING
