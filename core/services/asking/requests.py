"""What is asked for when runs are started, and its cells: prompt versions × models, each with all that is frozen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from core.errors import WorkbenchError
from core.model import Budget, Host, Price, PromptVersion, Split
from core.services.asking.at_once import at_once, configs_beside, tasks_asked
from core.services.asking.deciding import decider
from core.services.asking.frozen import frozen_config, host_config
from core.services.asking.orders import Order, in_order
from core.services.asking.standing import with_present_labels
from core.services.asking.writing import refuse_unless_it_writes
from core.services.common.asked import ASKED_BY, where_in_words
from core.services.common.lookup import fine_tune_of, project_of, version_of
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices
from core.storage import conditions, tasks
from core.storage.engine import Connection

MAX_IN_FLIGHT = 256
MAX_REPEATS = 25
SEVERAL_TEMPERATURE = 0.7
_TIMEOUT_SECONDS, _LOCAL_TIMEOUT_SECONDS = 60.0, 120.0


class Which(StrEnum):
    """Which of the chosen items are labelled: those the annotator has not labelled; also those whose rendered prompt
    changed since; or all of them."""

    NEW = "new"
    CHANGED = "changed"
    ALL = "all"


class Mode(StrEnum):
    """How requests are sent: one by one now, as the host's batch, or as a file that somebody carries elsewhere; or not
    at all, since the answers to another question hold those to this one."""

    LIVE = "live"
    BATCH = "batch"
    FILE = "file"
    BESIDE = "beside"


class ModelRef(NamedTuple):
    """A model where it is served."""

    host: str
    model: str


@dataclass(frozen=True)
class RunRequest:
    """What to label: one run per prompt version and model, all on the same items.

    `n` None means the whole split; with an `upload_id` only what came with that is chosen from. `temperature` None
    means 0 for one answer and 0.7 for several. `budget` caps all of these runs together. `in_flight` None leaves
    the pace to the host's own setting. `as_taught` is a fine-tune of the project: everybody is asked in the very
    words it taught, whatever version is chosen and however labels read now. `order` is that of the candidates of a
    preference, or of the levels of a rating. `asked_by` says whose answers to the earlier question decide where the
    project's hangs on one, see `deciding.decider`.
    """

    project_id: int
    version_ids: tuple[int, ...]
    models: tuple[ModelRef, ...]
    split: Split | None = Split.VALIDATION
    n: int | None = None
    seed: int = 0
    which: Which = Which.NEW
    repeats: int = 1
    temperature: float | None = None
    as_taught: int | None = None
    in_flight: int | None = None
    budget: Budget = Budget()
    use_cache: bool = True
    ask: str = "chat"
    mode: Mode = Mode.LIVE
    upload_id: int | None = None
    order: Order = Order.GIVEN
    asked_by: int | None = None

    @property
    def answers(self) -> int:
        """How many times an item is asked about: in both orders each time twice."""
        return self.repeats * (2 if self.order is Order.BOTH else 1)

    @property
    def usual_temperature(self) -> float:
        return SEVERAL_TEMPERATURE if self.repeats > 1 else 0.0

    @property
    def variant(self) -> str:
        """What sets this way of asking apart from one answer in the usual way; part of the annotator."""
        parts = [f"×{self.repeats}" if self.repeats > 1 else ""]
        if self.temperature is not None and self.temperature != self.usual_temperature:
            parts.append(f"temperature {self.temperature:g}")
        parts.append("decisions" if self.ask == "decisions" else "")
        parts.append("" if self.order is Order.GIVEN else f"{self.order} order{'s' * (self.order is Order.BOTH)}")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class GridCell:
    """One prompt version with one model: a run to be. `beside` are the runs of the other questions of the same items
    that its answers hold as well."""

    version: PromptVersion
    ref: ModelRef
    config: Mapping[str, Any]
    project_id: int
    beside: tuple["GridCell", ...] = ()

    @property
    def price(self) -> Price | None:
        return price_of(self.config)


def cells_of(conn: Connection, hosts: Hosts, prices: Prices, request: RunRequest) -> list[GridCell]:
    """Versions first, models within. Raises `WorkbenchError` where a choice is missing or does not exist."""
    if not request.version_ids:
        raise WorkbenchError("No prompt version is chosen.", "Choose at least one.")
    refs = [ModelRef(*one) for one in dict.fromkeys(request.models)]
    if not refs or not all(ref.model for ref in refs):
        raise WorkbenchError("No model is chosen.", "Choose one.")
    if not 1 <= request.repeats <= MAX_REPEATS:
        raise WorkbenchError(f"An item can be asked about 1 to {MAX_REPEATS} times.", "Choose fewer answers per item.")
    served = {ref: hosts.get(ref.host) for ref in refs}
    task, layout = tasks.task(conn, request.project_id), project_of(conn, request.project_id).layout
    job = None if request.as_taught is None else fine_tune_of(conn, request.as_taught)
    cells = []
    for version_id in dict.fromkeys(request.version_ids) if job is None else (job.prompt_version_id,):
        stored = version_of(conn, version_id)
        version, together = at_once(conn, with_present_labels(conn, stored))
        left_out = len(stored.examples) - len(version.examples)
        asked = frozen_config(task, version, layout) | ({"examples_left_out": left_out} if left_out else {})
        if together is not None:
            _refuse_of_all(conn, request)
            asked |= together.frozen()
        if job is not None:
            asked |= job.config.get("asked") or {}
        asked = in_order(asked, task, request.order)
        for ref, host in served.items():
            for part in tasks_asked(asked):
                refuse_unless_it_writes(ref.host, part)
            frozen = _frozen(request, ref, host, prices.of(host, ref.model))
            beside = tuple(GridCell(version, ref, own, at) for at, own in configs_beside(asked | frozen))
            config = asked | frozen | decided_by(conn, request, ref)
            cells.append(GridCell(version, ref, config, request.project_id, beside))
    return cells


def decided_by(conn: Connection, request: RunRequest, ref: ModelRef) -> dict[str, Any]:
    """Whose answers decide of which items the model is asked, and so in words; nothing where it is asked of all."""
    who = decider(conn, request.project_id, request.asked_by, *ref)
    if who is None:
        return {}
    said = f"{where_in_words(conn, request.project_id)}, as answered by {who.name}"
    return {ASKED_BY: who.id, "asked_where": said}


def _refuse_of_all(conn: Connection, request: RunRequest) -> None:
    """What cannot be where all questions are asked at once."""
    if conditions.of(conn, request.project_id) is not None:
        raise WorkbenchError(
            f"This question is asked {where_in_words(conn, request.project_id)}, so all questions cannot be asked "
            "from here at once.",
            "Ask them at once from a question that is asked of every item.",
        )


def _frozen(request: RunRequest, ref: ModelRef, host: Host, price: Price | None) -> dict[str, Any]:
    """What a run's answers, pace and cost depend on besides the prompt, as JSON; see also `frozen_config`."""
    in_flight = request.in_flight or host.in_flight
    temperature = request.usual_temperature if request.temperature is None else request.temperature
    return {
        **host_config(host),
        "host": ref.host,
        "host_title": host.title,
        "model": ref.model,
        "split": request.split,
        "n": request.n,
        "seed": request.seed,
        "timeout_seconds": _LOCAL_TIMEOUT_SECONDS if host.is_local else _TIMEOUT_SECONDS,
        "temperature": float(temperature),
        "repeats": request.answers,
        "in_flight": None if in_flight is None else max(1, min(MAX_IN_FLIGHT, in_flight)),
        "requests_per_minute": host.requests_per_minute,
        "tokens_per_minute": host.tokens_per_minute,
        "budget": asdict(request.budget),
        "price": None if price is None else asdict(price),
        "use_cache": request.use_cache,
        "ask": request.ask,
        "mode": str(request.mode),
        "purpose": "",
    }


def price_of(config: Mapping[str, Any]) -> Price | None:
    """The price a run was started at; None where it was not known."""
    frozen = config.get("price")
    return Price(**frozen) if frozen else None


def budget_of(config: Mapping[str, Any]) -> Budget:
    """The cap a run shares with those started with it; falsy where it has none."""
    return Budget(**(config.get("budget") or {}))
