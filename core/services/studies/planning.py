"""What a study would come to before it is started, and why it cannot be."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from core.errors import NotAllowedYet, WorkbenchError
from core.finetune import Method, Value
from core.finetune.checks import MIN_LINES
from core.finetune.search import Dimension
from core.hosts.prices import MILLION
from core.model import Split
from core.plural import count
from core.services.asking.requests import ModelRef, RunRequest, Which
from core.services.common.lookup import annotator_of
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices
from core.services.learning.fine_tuning import WRITES_ONLY, FineTuning
from core.services.learning.preflight import Preflight, TuneRequest
from core.services.runs.running import Running
from core.storage import counts, tasks
from core.storage.engine import Database
from core.tasks import TASKS

MAX_DEALS, MAX_TRIALS = 20, 200
_WHOLE = re.compile(r"\d{1,7}")


@dataclass(frozen=True)
class Forecast:
    """`dollars` is what all trials cost together, taught and asked; None where a price is not known. `lines` are all
    lines they learn from, an epoch."""

    trials: int
    lines: int
    asked: int
    dollars: float | None

    @property
    def is_free(self) -> bool:
        return self.dollars == 0


class TaughtSize(NamedTuple):
    """How much all examples are: lines, and tokens an epoch."""

    lines: int
    tokens: int


@dataclass(frozen=True)
class CurvePlan:
    """A fine-tune for each of the sizes with each of the deals, all with the same parameters."""

    host: str
    base_model: str
    sizes: tuple[int, ...]
    deals: int
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def trials(self) -> list[dict[str, Any]]:
        """What is varied in each: a whole curve first, so that there is something to see while the others come."""
        sizes = sorted(set(self.sizes))
        return [{"subset": {"n": n, "seed": seed}} for seed in range(1, self.deals + 1) for n in sizes]


@dataclass(frozen=True)
class SearchPlan:
    """At most so many fine-tunes, and dollars where that is limited, over this space."""

    host: str
    base_model: str
    space: tuple[Dimension, ...]
    jobs: int
    dollars: float | None = None


def read_sizes(text: str, whole: int) -> list[int]:
    """`25, 50, 100` as numbers, smallest first. Raises `WorkbenchError` naming the entry that is none, or too small, or
    more than there are."""
    entries = [one for one in re.split(r"[\s,;]+", text.strip()) if one]
    if not entries:
        raise WorkbenchError("No size is entered.", "Enter numbers of examples, such as 25, 50, 100.")
    found = set()
    for entry in entries:
        if not _WHOLE.fullmatch(entry):
            raise WorkbenchError(f"“{entry[:20]}” is not a number of examples.", "Enter whole numbers, such as 25, 50.")
        found.add(int(entry))
    if min(found) < MIN_LINES:
        raise WorkbenchError(f"{min(found):,} examples are too few.", f"Hosts ask for at least {MIN_LINES}.")
    if max(found) > whole:
        raise WorkbenchError(f"There are {whole:,} examples, not {max(found):,}.", f"Enter sizes up to {whole:,}.")
    return sorted(found)


class Planner:
    """Looks at what is to be taught before any of it is."""

    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts = db, hosts
        self._prices = Prices(db)
        self._tuning, self._running = FineTuning(db, hosts), Running(db, hosts, self._prices)

    def checked(self, request: TuneRequest, host: str, base_model: str) -> Preflight:
        """The pre-flight of all examples. Raises `WorkbenchError` where a study of them cannot be."""
        if not self._hosts.is_allowed(host):
            raise NotAllowedYet(host, self._hosts.get(host).title)
        if not base_model:
            raise WorkbenchError("No base model is chosen.", "Choose one.")
        with self._db.read() as conn:
            teacher = annotator_of(conn, request.annotator_id)
            writes = TASKS[tasks.task(conn, request.project_id).type].writes
            scored = counts.labelled_count(conn, request.annotator_id, Split.VALIDATION)
        if request.method == Method.DPO and not writes:
            raise WorkbenchError(WRITES_ONLY, "Its trials could not be measured: teach it to judge by examples.")
        if not scored:
            raise WorkbenchError(
                f"{teacher.name} has labelled no validation item, and that is where trials are measured.",
                "Label some, or split the items on Data.",
            )
        masking = self._hosts.get(host).masking
        preflight = self._tuning.preflight(replace(request, masking=masking, host=host, base_model=base_model))
        preflight.raise_if_blocked()
        return preflight

    def forecast(
        self, request: TuneRequest, host: str, base_model: str, size: TaughtSize, lines: Sequence[int], epochs: int
    ) -> Forecast:
        """Of trials that learn from so many lines each, in so many epochs; their models are reckoned to be asked at the
        price of the base model."""
        price = self._prices.of(self._hosts.get(host), base_model)
        taught = None if price is None or price.training is None else size.tokens * epochs * price.training / MILLION
        ref = ModelRef(host, base_model)
        asking = RunRequest(
            request.project_id, (request.version_id,), (ref,), Split.VALIDATION, which=Which.ALL, use_cache=False
        )
        asked = self._running.estimate(asking)
        dollars = None
        if taught is not None and asked.dollars is not None:
            share = sum(lines) / max(1, size.lines)
            dollars = taught * share + asked.dollars.value * len(lines)
        return Forecast(len(lines), sum(lines), asked.items * len(lines), dollars)


def refuse_too_many(trials: int) -> None:
    """Raises `WorkbenchError` where that is more than a study may have."""
    if trials > MAX_TRIALS:
        raise WorkbenchError(f"That is {count(trials, 'fine-tune')}; {MAX_TRIALS} are the most.", "Choose fewer.")


def usual_epochs(lines: int) -> int:
    """What hosts take for "auto", by the rule of thumb of OpenAI's cookbook: 3, more for few lines, less for many."""
    if 3 * lines < 100:
        return min(25, 100 // max(1, lines))
    return max(1, 25_000 // lines) if 3 * lines > 25_000 else 3
