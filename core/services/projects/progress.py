"""Where a project stands in the loop: what is done, what comes next."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from core.errors import WorkbenchError
from core.model import Annotator, AnnotatorKind, FineTune, FineTuneStatus, Outcome, Run, RunStatus, Split
from core.services.common.door import door
from core.services.common.lookup import project_of
from core.services.common.natural_pair import natural_pair
from core.services.common.tables import splits_of
from core.storage import annotations, annotators, fine_tunes, items, prompt_versions, runs, tasks, visits
from core.storage.engine import Connection, Database
from core.tasks import TASKS
from core.text import known

_PATIENCE = 0.5
# Whose figures a page must have shown for its station to be done, where looking is the work.
_POINT: dict[str, Callable[[Annotator], bool]] = {
    "agreement": lambda one: one.kind is AnnotatorKind.MODEL,
    "compare": lambda one: one.fine_tune_id is not None,
}


@dataclass(frozen=True)
class Step:
    """One station of the loop. `page` names its page, `title` the word on the stepper, `todo` the next thing to do."""

    page: str
    title: str
    done: bool
    detail: str
    todo: str
    live: bool = False


@dataclass(frozen=True)
class Lead:
    """The one thing to do next: by what name the page that offers it knows it, where that page is, and in words.

    `about` is what the page is to open on, by the names in its address.
    """

    act: str
    page: str
    todo: str
    about: Mapping[str, str] = field(default_factory=dict)


_SPLIT = "Split the items"
_AGAIN = Lead("again", "review", "Review what is still wrong")


@dataclass(frozen=True)
class Standing:
    steps: tuple[Step, ...]
    items: int
    people: int
    models: int
    lead: Lead
    is_measured: bool
    """Whether the newest tuned model, if there is one, has labelled anything: before that it cannot be compared."""

    @property
    def next(self) -> Step | None:
        """The first station not done yet; None when the loop has been gone round."""
        return next((step for step in self.steps if not step.done), None)


@door
class Progress:
    def __init__(self, db: Database) -> None:
        self._db = db

    def saw(self, project_id: int, page: str, shown: Iterable[Annotator]) -> bool:
        """Note that the page has shown these annotators' figures; whether its station was not done before.

        Agreement is done with a model's figures, compare with a tuned model's, and anew with each that is taught. No
        page waits for it: what cannot be stored now is at the next visit.
        """
        point = known(page, _POINT, "station")
        if not any(map(point, shown)):
            return False
        with self._db.read() as conn:
            taught = _newest_taught(fine_tunes.list_all(conn, project_id)) if page == "compare" else None
            if _was_seen(visits.visited(conn, project_id), page, taught):
                return False
        with suppress(WorkbenchError), self._db.write(patience=_PATIENCE) as conn:
            visits.add_visit(conn, project_id, page)
            return True
        return False

    def of(self, project_id: int) -> Standing:
        """Cheap enough for every page: a handful of indexed counts."""
        with self._db.read() as conn:
            project = project_of(conn, project_id)
            trials = annotators.trials_among(conn, project_id)
            everyone = [one for one in annotators.list_all(conn, project_id) if one.id not in trials]
            counts = annotators.annotated_counts(conn, project_id)
            versions = len(prompt_versions.versions(conn, project_id))
            all_runs, live_runs, done_runs = runs.tally(conn, project_id)
            jobs = fine_tunes.list_all(conn, project_id)
            task = tasks.task(conn, project_id)
            labels, is_named = len(task.labels), TASKS[task.type].writes or len(task.labels) >= 2
            splits = items.split_counts(conn, project_id)
            seen = visits.visited(conn, project_id)
            newest = next(iter(runs.list_all(conn, project_id, limit=1)), None)
            models = [a for a in everyone if a.kind is AnnotatorKind.MODEL and counts.get(a.id)]
            taught = _newest_taught(jobs)
            is_compared = _was_seen(seen, "compare", taught)
            again = _next_round(conn, project_id, project.reference_id, models, taught) if is_compared else _AGAIN
        n = sum(splits.values())
        people = [a for a in everyone if a.kind is not AnnotatorKind.MODEL and counts.get(a.id)]
        reviewed = sum(counts.get(a.id, 0) for a in everyone if a.kind is AnnotatorKind.PERSON)
        live_jobs = [job for job in jobs if job.status.is_live]
        tuned = sum(map(_has_taught, jobs))
        steps = (
            Step("data", "data", n > 0 and "" not in splits, f"{n:,}", _SPLIT if n else "Import items"),
            Step("task", "task", is_named, str(labels) if labels else "", "Name the labels"),
            Step("prompts", "prompt", versions > 0, str(versions) if versions else "", "Write a prompt"),
            Step("runs", "run", done_runs > 0, str(all_runs or ""), "Let a model label", live_runs > 0),
            Step("review", "review", reviewed > 0, f"{reviewed:,}" if reviewed else "", "Review where they differ"),
            Step("agreement", "agreement", "agreement" in seen, "", "See how well they agree"),
            Step("fine_tune", "fine-tune", tuned > 0, str(tuned or ""), "Teach a model", bool(live_jobs)),
            Step("compare", "compare", is_compared, "", "Run the tuned model and compare"),
        )
        is_measured = taught is None or any(one.fine_tune_id == taught.id for one in models)
        lead = lead_of(steps, newest, is_measured, again)
        return Standing(steps, n, len(people), len(models), lead, is_measured)


def _has_taught(job: FineTune) -> bool:
    return job.status is FineTuneStatus.SUCCEEDED and not job.is_trial


def _newest_taught(jobs: Iterable[FineTune]) -> FineTune | None:
    return max(filter(_has_taught, jobs), key=lambda job: job.id, default=None)


def _was_seen(seen: Mapping[str, float], page: str, taught: FineTune | None) -> bool:
    """Whether the page's figures were shown, since the end of this fine-tune where there is one."""
    ended = taught.finished_at or taught.created_at if taught is not None else None
    return page in seen and (ended is None or seen[page] >= ended.timestamp())


def _next_round(
    conn: Connection, project_id: int, reference: int | None, models: Sequence[Annotator], taught: FineTune | None
) -> Lead:
    """What comes after a comparison: to review what it leaves wrong; and once somebody has, to teach that."""
    began = taught.created_at.timestamp() if taught is not None else 0.0
    if taught is not None and annotations.is_anything_labelled_by(conn, project_id, AnnotatorKind.PERSON, since=began):
        return Lead("fine_tune", "fine_tune", "Teach what was reviewed", {"new_fine_tune": "1"})
    return replace(_AGAIN, about=_still_wrong(conn, project_id, reference, models))


def _still_wrong(
    conn: Connection, project_id: int, reference: int | None, models: Sequence[Annotator]
) -> dict[str, str]:
    """What the newest comparison leaves wrong on validation, else on train: never on test, for it is to be taught.
    Nothing where the two have met on neither."""
    splits = {one.id: splits_of(conn, project_id, one.id) - {Split.TEST} for one in models}
    a, b = natural_pair(models, splits)
    if reference is None or a is None or b is None or reference in (a, b):
        return {}
    met = splits_of(conn, project_id, reference) & splits[a] & splits[b]
    split = next((one for one in (Split.VALIDATION, Split.TRAIN) if one in met), None)
    if split is None:
        return {}
    return {"outcome": str(Outcome.STILL_WRONG), "split": str(split), "ref": str(reference), "a": str(a), "b": str(b)}


def lead_of(steps: Iterable[Step], newest: Run | None, is_measured: bool, again: Lead = _AGAIN) -> Lead:
    """The first station that is not done, what was cut off before it, and after it the next round: `again`."""
    if newest is not None and newest.status is RunStatus.INTERRUPTED and newest.missing:
        return Lead("resume", "runs", "Resume the run")
    step = next((step for step in steps if not step.done), None)
    if not is_measured and (step is None or step.page == "compare"):
        return Lead("measure", "fine_tune", "Run the tuned model and compare")
    if step is None:
        return again
    todo = "Compare before and after" if step.page == "compare" else step.todo
    return Lead(step.page, step.page, todo, {"view": "splits"} if todo == _SPLIT else {})
