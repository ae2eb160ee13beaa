"""All questions about an item in one request: which they are, and what the worked examples answer to each."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import WorkbenchError
from core.model import Budget, Example, PromptVersion, QuestionKind, Said, Task
from core.prompts import variables_in
from core.prompts.masking import Masker
from core.said import said_of
from core.services.asking.frozen import frozen_task, task_of
from core.services.asking.reading import Reading
from core.services.common.lookup import project_of
from core.storage import annotations, projects, tasks, values
from core.storage.engine import Connection
from core.tasks import TASKS
from core.tasks.together import VARIABLE, Part, keys_of

_OF_ONE = ("labels", "fallback", "guidelines", "task_type", "options")


@dataclass(frozen=True)
class AtOnce:
    """The questions `parts` with the project of each; `own` is the key of the one whose run it is. `said` is what each
    worked example of the prompt answers, by key."""

    parts: tuple[Part, ...]
    project_ids: tuple[int, ...]
    own: str
    said: tuple[Mapping[str, Said], ...] = ()

    @property
    def titles(self) -> list[str]:
        return [part.title for part in self.parts]

    def frozen(self) -> dict[str, Any]:
        """As a configuration keeps it, see `at_once_of`."""
        questions = [
            {"project_id": project_id, "key": part.key, "title": part.title, **frozen_task(part.task)}
            for project_id, part in zip(self.project_ids, self.parts, strict=True)
        ]
        config = {"together": {"own": self.own, "questions": questions, "said": [dict(one) for one in self.said]}}
        # As it comes back from where it is stored, or two of the same words would not be equal.
        frozen: dict[str, Any] = json.loads(json.dumps(config))
        return frozen

    def masked(self, masker: Masker, examples: Sequence[Example]) -> "AtOnce":
        """As it goes with the same worked examples, masked."""
        writes = {part.key: TASKS[part.task.type].writes for part in self.parts}
        said = tuple(
            {key: masker.said(one, example.text, writes=writes[key]) for key, one in answers.items()}
            for answers, example in zip(self.said, examples, strict=True)
        )
        return replace(self, said=said)


def parts_of(conn: Connection, project_id: int) -> list[tuple[int, Part]]:
    """All questions about the items of a project, each with the project that asks it, in their order."""
    asked = projects.questions(conn, project_id)
    titles = [one.question or one.name for one in asked]
    return [
        (one.id, Part(key, title, tasks.task(conn, one.id)))
        for one, key, title in zip(asked, keys_of(titles), titles, strict=True)
    ]


def with_answers_beside(conn: Connection, project_id: int, examples: Sequence[Example]) -> tuple[Example, ...]:
    """Worked examples with what the references of the other questions answer about the same items. Raises
    `WorkbenchError` for an item that one of them says nothing about."""
    beside: dict[int, dict[int, str]] = {example.item_id: {} for example in examples}
    for other, part in parts_of(conn, project_id):
        if other == project_id or not examples:
            continue
        reference = project_of(conn, other).reference_id
        said = annotations.value_ids_of(conn, reference, list(beside)) if reference else {}
        canonical = values.every(conn, values.question_of(conn, other)) if said else {}
        for item_id, own in beside.items():
            if item_id not in said:
                raise WorkbenchError(
                    f"Item {item_id} cannot be an example: it has no reference answer to “{part.title}”.",
                    "Choose an item that has an answer to every question.",
                )
            own[other] = canonical[said[item_id]]
    return tuple(replace(example, beside=beside[example.item_id]) for example in examples)


def at_once(conn: Connection, version: PromptVersion) -> tuple[PromptVersion, AtOnce | None]:
    """All that the version asks, as the tasks stand; None where it asks its own question alone.

    A worked example that does not answer all of them, with labels that are still there, is left out.
    """
    if VARIABLE not in variables_in(version.system, version.user):
        return version, None
    asked = parts_of(conn, version.project_id)
    own = next(part.key for project_id, part in asked if project_id == version.project_id)
    others = [(project_id, part) for project_id, part in asked if project_id != version.project_id]
    becomes = {project_id: tasks.successors(conn, project_id) for project_id, _ in others}
    kept, said = [], []
    for example in version.examples:
        answers = {part.key: _said(part, example.beside.get(at), becomes[at]) for at, part in others}
        full = {key: one for key, one in answers.items() if one is not None}
        if len(full) == len(others):
            kept.append(example)
            said.append({own: example.said, **full})
    made = AtOnce(tuple(part for _, part in asked), tuple(at for at, _ in asked), own, tuple(said))
    return replace(version, examples=tuple(kept)), made


def _said(part: Part, canonical: str | None, gone: Mapping[int, int | None]) -> Said | None:
    """What a value says with the labels as they are now; None where one of them was removed."""
    if canonical is None:
        return None
    kind, present = TASKS[part.task.type], {label.id or 0: label.name for label in part.task.choices}
    try:
        value = kind.relabelled(kind.from_canonical(canonical), {old: new for old, new in gone.items() if new})
    except ValueError:  # a draft from elsewhere
        return None
    return kind.said(value, present) if present.keys() >= set(kind.labels_in(value)) else None


def at_once_of(config: Mapping[str, Any]) -> AtOnce | None:
    """What was frozen; None where a configuration asks its own question alone."""
    held = config.get("together")
    if not held:
        return None
    parts = tuple(Part(one["key"], one["title"], task_of(one)) for one in held["questions"])
    said = tuple({key: said_of(one) for key, one in answers.items()} for answers in held["said"])
    return AtOnce(parts, tuple(one["project_id"] for one in held["questions"]), held["own"], said)


def tasks_asked(config: Mapping[str, Any]) -> list[Task]:
    """What a configuration asks: one task, or several."""
    asked = at_once_of(config)
    return [part.task for part in asked.parts] if asked else [task_of(config)]


def configs_beside(config: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The other questions that a configuration asks, by project, each with the configuration that asks the very same
    and reads its own answer."""
    held = config.get("together") or {"own": "", "questions": ()}
    rest = {name: value for name, value in config.items() if name not in _OF_ONE}
    for one in held["questions"]:
        if one["key"] != held["own"]:
            own = {name: one[name] for name in _OF_ONE if name in one}
            yield one["project_id"], {**rest, **own, "together": {**held, "own": one["key"]}}


def reading_of(config: Mapping[str, Any], masker: Masker | None = None) -> Reading:
    """How answers that were asked for so are read."""
    asked, task = at_once_of(config), task_of(config)
    if asked is None:
        return Reading(task, masker, decides=config.get("ask") == "decisions")
    if task.type is QuestionKind.SPANS:
        task = Part(asked.own, "", task).as_json()
    return Reading(task, masker, key=asked.own, keys=[part.key for part in asked.parts])


def readings_beside(config: Mapping[str, Any], masker: Masker | None = None) -> dict[str, Reading]:
    """How the same answers are read for the other questions, by their keys."""
    return {own["together"]["own"]: reading_of(own, masker) for _, own in configs_beside(config)}


def taking_from(annotator_id: int, run_id: int | None) -> dict[str, Any]:
    """What of a configuration says that a run asks nothing: its answers are in those of this annotator, which `run_id`
    asks for where any are still to come."""
    taken = {"annotator_id": annotator_id, "run_id": run_id}
    return {"mode": "beside", "purpose": "", "budget": asdict(Budget()), "taken_from": taken}
