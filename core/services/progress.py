"""Where a project stands in the loop: what is done, what comes next."""

from dataclasses import dataclass

from core.model import AnnotatorKind, FineTuneStatus, RunStatus
from core.services.lookup import project_of
from core.storage import annotators, fine_tunes, items, projects, runs
from core.storage.engine import Database


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
class Standing:
    steps: tuple[Step, ...]
    items: int
    people: int
    models: int

    @property
    def next(self) -> Step | None:
        """The first station not done yet; None when the loop has been gone round."""
        return next((step for step in self.steps if not step.done), None)


class Progress:
    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, project_id: int) -> Standing:
        """Cheap enough for every page: a handful of indexed counts."""
        with self._db.read() as conn:
            project = project_of(conn, project_id)
            everyone = annotators.list_all(conn, project_id)
            counts = annotators.annotated_counts(conn, project_id)
            versions = len(annotators.versions(conn, project_id))
            all_runs = runs.list_all(conn, project_id)
            jobs = fine_tunes.list_all(conn, project_id)
            labels = len(projects.task(conn, project_id).labels)
            splits = items.split_counts(conn, project_id)
        n = sum(splits.values())
        models = [a for a in everyone if a.kind is AnnotatorKind.MODEL and counts.get(a.id)]
        people = [a for a in everyone if a.kind is not AnnotatorKind.MODEL and counts.get(a.id)]
        reviewed = sum(counts.get(a.id, 0) for a in everyone if a.kind is AnnotatorKind.PERSON)
        live_runs = [run for run in all_runs if run.status.is_live]
        done_runs = [run for run in all_runs if run.status is RunStatus.DONE or run.done]
        live_jobs = [job for job in jobs if job.status.is_live]
        tuned = [job for job in jobs if job.status is FineTuneStatus.SUCCEEDED]
        tuned_run = any(a.fine_tune_id is not None for a in models)
        steps = (
            Step("data", "data", n > 0 and "" not in splits, f"{n:,}", "Import items"),
            Step("task", "task", labels >= 2, str(labels) if labels else "", "Name the labels"),
            Step("prompts", "prompt", versions > 0, str(versions) if versions else "", "Write a prompt"),
            Step("runs", "run", bool(done_runs), str(len(all_runs) or ""), "Let a model label", bool(live_runs)),
            Step("review", "review", reviewed > 0, f"{reviewed:,}" if reviewed else "", "Review where they differ"),
            Step(
                "agreement",
                "agreement",
                bool(models) and project.reference_id is not None and reviewed > 0,
                "",
                "See how well they agree",
            ),
            Step("fine_tune", "fine-tune", bool(tuned), str(len(tuned) or ""), "Teach a model", bool(live_jobs)),
            Step("compare", "compare", tuned_run and len(models) > 1, "", "Run the tuned model and compare"),
        )
        return Standing(steps, n, len(people), len(models))
