"""Who and what the queues of a project can be made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.model import Annotator, AnnotatorKind, Condition, Holds, Project, Run, Task
from core.workbench import Workbench

_PEOPLE_AT_FIRST = 12
_MODELS_AT_FIRST = 6


@dataclass(frozen=True)
class Cast:
    """`annotators` are those with a label on some item; `labels` are names by id, removed ones too; `merged` says by
    id which label took the place of one that was merged away. `condition` says where the question is asked, `holds` so
    by the labels there are, `where` in words."""

    project: Project
    task: Task
    items: int
    annotators: Mapping[int, Annotator]
    titles: Mapping[int, str]
    labels: Mapping[int, str]
    runs: Mapping[int, Run]
    merged: Mapping[int, int]
    uploads: Mapping[int, str]
    condition: Condition | None
    holds: Holds | None
    where: str

    def models(self) -> list[int]:
        return [i for i, annotator in self.annotators.items() if annotator.kind is AnnotatorKind.MODEL]

    def people(self, shown: tuple[int, ...]) -> tuple[int, ...]:
        """Those of them who are no models."""
        models = set(self.models())
        return tuple(one for one in shown if one not in models)

    def name(self, annotator_id: int) -> str:
        return self.titles[annotator_id]

    def beside(self, shown: tuple[int, ...], *about: int | None) -> tuple[int, ...]:
        """Those shown and those a queue is about: reference, people, models, and among each the latter first."""
        everyone = dict.fromkeys([*(one for one in about if one in self.annotators), *shown])
        models = set(self.models())
        return tuple(sorted(everyone, key=lambda one: (one != self.project.reference_id, one in models)))


def load_cast(wb: Workbench, project: Project) -> Cast:
    counts = wb.projects.annotated_counts(project.id)
    return Cast(
        project=project,
        task=wb.tasks.get(project.id),
        items=wb.data.count(project.id),
        annotators={a.id: a for a in wb.projects.annotators(project.id) if counts.get(a.id)},
        titles=wb.projects.titles(project.id),
        labels=wb.review.label_names(project.id),
        runs={run.id: run for run in wb.runs.all(project.id)},
        merged=wb.review.merged_labels(project.id),
        uploads=wb.data.upload_names(project.id),
        condition=wb.projects.condition(project.id),
        holds=wb.projects.condition_holds(project.id),
        where=wb.projects.asked_where(project.id),
    )


def default_shown(cast: Cast, reviewer: str) -> list[int]:
    """The reference, the others, then models newest first; never the reviewer, who has a line of their own.

    Both people and models, so that no label looks undisputed only because the others are out of sight.
    """
    others = [a for a in cast.annotators.values() if not (a.kind is AnnotatorKind.PERSON and a.name == reviewer)]
    reference = [a.id for a in others if a.id == cast.project.reference_id]
    models = [a.id for a in reversed(others) if a.kind is AnnotatorKind.MODEL]
    people = [a.id for a in others if a.kind is not AnnotatorKind.MODEL]
    return list(dict.fromkeys([*reference, *people[:_PEOPLE_AT_FIRST], *models[:_MODELS_AT_FIRST]]))
