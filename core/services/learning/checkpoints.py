"""The states of a training that a host kept: each is a model that can be asked, and so scored, like any other."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.model import AnnotatorKind, Estimate, FineTune, FineTuneEvent, FineTuneStatus, Split
from core.services.asking.requests import ModelRef, RunRequest
from core.services.common.tables import headline, headline_of, source_of
from core.services.common.taught import left_out
from core.storage import annotators
from core.storage.engine import Connection
from core.storage.kept import until_news


@dataclass(frozen=True)
class Checkpoint:
    """`is_kept`: it is the tuned model itself. `score` is the headline figure of its question on validation, against
    whom it learned from, over the items both have labelled; None while it was asked none of them."""

    step: float
    model: str
    is_kept: bool
    score: Estimate | None = None


@dataclass(frozen=True)
class Checkpoints:
    """In order of their steps; `title` is that of the figure they are scored by."""

    all: tuple[Checkpoint, ...]
    title: str

    @property
    def scored(self) -> tuple[Checkpoint, ...]:
        return tuple(one for one in self.all if one.score is not None and one.score.value is not None)

    @property
    def best(self) -> Checkpoint | None:
        """The one with the highest score; of several the earliest."""
        return max(self.scored, key=_value, default=None)


def _value(one: Checkpoint) -> float:
    assert one.score is not None and one.score.value is not None
    return one.score.value


def checkpoints(conn: Connection, job: FineTune, events: Sequence[FineTuneEvent]) -> Checkpoints:
    """Those of a training that has succeeded; a host that tells of none has none."""
    steps: dict[str, float] = {}
    for event in events:
        step, model = event.data.get("step"), event.data.get("model")
        if event.type == "checkpoint" and isinstance(step, (int, float)) and isinstance(model, str) and model:
            steps[model] = float(step)
    if job.status is not FineTuneStatus.SUCCEEDED:
        steps = {}
    asked = {
        one.model: one.id
        for one in annotators.list_all(conn, job.project_id)
        if one.kind is AnnotatorKind.MODEL
        and not one.is_golden
        and (one.host, one.prompt_version_id) == (job.host, job.prompt_version_id)
        and one.model in steps
    }
    found = [
        Checkpoint(step, model, model == job.fine_tuned_model, _score(conn, job, asked.get(model)))
        for model, step in sorted(steps.items(), key=lambda pair: pair[1])
    ]
    return Checkpoints(tuple(found), headline(conn, job.project_id).title)


def _score(conn: Connection, job: FineTune, annotator_id: int | None) -> Estimate | None:
    if annotator_id is None:
        return None
    two = (job.annotator_id, annotator_id)
    but = left_out(conn, two, Split.VALIDATION)

    def ask() -> Estimate:
        source = source_of(conn, job.project_id, *two, Split.VALIDATION, but=but)
        return headline_of(conn, job.project_id, source)

    # Pages look every second while another job is live.
    estimate = until_news(conn, ("checkpoint", *two, but), ask, dealt_in=job.project_id)
    return estimate if estimate.n else None


def asking(job: FineTune, found: Checkpoints) -> list[RunRequest]:
    """The runs in which each of them labels the validation items, asked as it was taught."""
    return [
        RunRequest(
            job.project_id,
            (job.prompt_version_id,),
            (ModelRef(job.host, one.model),),
            Split.VALIDATION,
            as_taught=job.id,
        )
        for one in found.all
    ]
