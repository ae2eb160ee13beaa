"""The states of a training that a host kept: each is a model that can be asked, and so scored, like any other."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.model import AnnotatorKind, Estimate, FineTune, FineTuneEvent, FineTuneStatus, Split
from core.services.asking.requests import ModelRef, RunRequest
from core.services.common.tables import headline, headline_of, source_of
from core.storage import annotators
from core.storage.engine import Connection


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
    """In order of their steps; `title` is that of the figure they are scored by, which is a share where `is_share`."""

    all: tuple[Checkpoint, ...]
    title: str
    is_share: bool

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
    metric = headline(conn, job.project_id)
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
        and (one.host, one.prompt_version_id) == (job.host, job.prompt_version_id)
        and one.model in steps
    }
    found = [
        Checkpoint(step, model, model == job.fine_tuned_model, _score(conn, job, asked.get(model)))
        for model, step in sorted(steps.items(), key=lambda pair: pair[1])
    ]
    return Checkpoints(tuple(found), metric.title, metric.unit == "share")


def _score(conn: Connection, job: FineTune, annotator_id: int | None) -> Estimate | None:
    if annotator_id is None:
        return None
    source = source_of(conn, job.project_id, job.annotator_id, annotator_id, Split.VALIDATION)
    estimate = headline_of(conn, job.project_id, source)
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
