"""A task as JSON in Kili's `json_interface` shape: jobs -> content -> categories.

What that shape has no place for (review keys, scores, guidelines, which category is the fallback, what a question
allows) travels in extra keys that other readers ignore: `key`, `score` and `isFallback` on a category, `guidelines`,
`kind` and `options` on the job. One label is the shape's own way of asking, and needs none of the last two. A file of
several questions is `task_file`'s.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any

from core.errors import WorkbenchError
from core.model import Label, Options, QuestionKind, Task
from core.said import options_of
from core.spelling import fold
from core.tasks.file_json import load, mapping_at, text_at
from core.tasks.labels import complete_fallback, complete_labels, is_fallback_name

_SINGLE, _MULTIPLE = ("radio", "singleDropdown"), ("checkbox", "multipleDropdown")


@dataclass(frozen=True)
class _Job:
    """How the shape asks a kind of question: its `mlTask`, the inputs that are taken for it, the first of which is
    written, and what people are told to do. It has no rankings: that word is ours."""

    ml_task: str
    inputs: tuple[str, ...]
    instruction: str
    about: str

    @property
    def hint(self) -> str:
        return f"Use the JSON that this page exports, or a Kili json_interface with one {self.about} job."


_JOBS: Mapping[QuestionKind, _Job] = {
    QuestionKind.SINGLE_LABEL: _Job(
        "CLASSIFICATION", _SINGLE, "Select the one label that fits best.", "single-choice classification"
    ),
    QuestionKind.SEVERAL_LABELS: _Job(
        "CLASSIFICATION", _MULTIPLE + _SINGLE, "Select all labels that fit.", "classification"
    ),
    QuestionKind.RATING: _Job(
        "CLASSIFICATION", _SINGLE, "Select the level that fits best.", "single-choice classification"
    ),
    QuestionKind.SPANS: _Job("NAMED_ENTITIES_RECOGNITION", _SINGLE, "Mark parts of the text.", "entity recognition"),
    QuestionKind.PREFERENCE: _Job("COMPARISON", _SINGLE, "Select which of the two is better.", "comparison"),
    QuestionKind.RANKING: _Job("RANKING", _SINGLE, "Put the candidates in order.", "ranking"),
    QuestionKind.TEXT: _Job("TRANSCRIPTION", ("textField",), "Write the text.", "transcription"),
}


def task_to_json(task: Task) -> str:
    """The task as indented JSON; `task_from_json` gives an equal task back (database ids aside)."""
    job, _ = job_of(task)
    return json.dumps({"jobs": {job_key(task.type): job}}, ensure_ascii=False, indent=2)


def job_key(kind: QuestionKind) -> str:
    """What the job that asks this kind of question is called, where there is no other of it."""
    return f"{_JOBS[kind].ml_task}_JOB"


def job_of(task: Task) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The job that asks it; and its categories once more, by the names of their labels."""
    how = _JOBS[task.type]
    categories = _categories(task)
    job: dict[str, Any] = {
        "content": {"categories": categories, "input": how.inputs[0]},
        "instruction": how.instruction,
        "guidelines": task.guidelines,
        "mlTask": how.ml_task,
        "required": 1,
        "isChild": False,
    }
    if task.type is not QuestionKind.SINGLE_LABEL:
        job |= {"kind": task.type.value, "options": asdict(task.options)}
    return job, {one["name"]: one for one in categories.values()}


def _categories(task: Task) -> dict[str, Any]:
    categories: dict[str, Any] = {}
    for label in task.choices:
        category: dict[str, Any] = {"name": label.name, "children": [], "color": label.color, "key": label.key}
        if label.score is not None:
            category["score"] = label.score
        if label.description:
            category["description"] = label.description
        if label is task.fallback:
            category["isFallback"] = True
        categories[_category_key(label.name, categories)] = category
    return categories


def task_from_json(text: str, kind: QuestionKind = QuestionKind.SINGLE_LABEL, question: str = "") -> Task:
    """The task of the job that asks this kind of question: of several that of the question of this name, else the first
    that is not nested in another; other jobs are ignored.

    The fallback is the category marked `isFallback`, else the one called UNABLE_TO_CLASSIFY in any spelling, else the
    default. Without `guidelines` the job's instruction becomes the guidelines. Absent colours and keys are proposed.
    Raises WorkbenchError naming the path of what is wrong. Names are not judged here: `check_task` does.
    """
    path, job = _find_job(load(text, _JOBS[kind].hint), kind, question)
    return task_of_job(path, job, kind)


def task_of_job(path: str, job: Mapping[str, Any], kind: QuestionKind) -> Task:
    """See `task_from_json`."""
    hint = _JOBS[kind].hint
    content = mapping_at(job.get("content"), f"{path}.content", hint)
    categories = mapping_at(
        content.get("categories", {} if kind is QuestionKind.TEXT else None), f"{path}.content.categories", hint
    )
    labels, fallback = [], None
    for key, value in categories.items():
        where = f"{path}.content.categories.{key}"
        category = mapping_at(value, where, hint)
        label = _label(key, category, where)
        if fallback is None and _is_fallback(key, label, category, categories.values()):
            fallback = replace(label, is_fallback=True)
        else:
            labels.append((label, category))
    guidelines = text_at(job, "guidelines", path) if "guidelines" in job else text_at(job, "instruction", path)
    chosen = Task(()).fallback if fallback is None else fallback
    return Task(_completed(labels), _fallback(chosen, categories), guidelines, kind, _options(job, path, hint))


def kind_of_job(job: Mapping[str, Any]) -> QuestionKind | None:
    """Which kind of question a job asks; None for one that is not asked here."""
    content, said = job.get("content"), job.get("kind")
    given = content.get("input") if isinstance(content, Mapping) else None
    for kind, how in _JOBS.items():
        if job.get("mlTask") == how.ml_task and said in (None, kind.value):
            own = _MULTIPLE if kind is QuestionKind.SEVERAL_LABELS and said is None else how.inputs
            if given is None or given in own:
                return kind
    return None


def _options(job: Mapping[str, Any], path: str, hint: str) -> Options:
    """Those that are named and are what they should be; all else as usual."""
    given = mapping_at(job.get("options") or {}, f"{path}.options", hint)
    usual = asdict(Options())
    fit = {name: value for name, value in given.items() if name in usual and _is_like(value, usual[name])}
    return options_of(fit)


def _is_like(value: object, usual: object) -> bool:
    if isinstance(usual, tuple):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return type(value) is type(usual)


def _find_job(data: Mapping[str, Any], kind: QuestionKind, question: str) -> tuple[str, Mapping[str, Any]]:
    how, others, found = _JOBS[kind], list[str](), list[tuple[str, Mapping[str, Any]]]()
    for name, value in mapping_at(data.get("jobs"), "jobs", how.hint).items():
        path = f"jobs.{name}"
        job = mapping_at(value, path, how.hint)
        is_named = question and fold(str(job.get("question") or "")) == fold(question)
        if job.get("mlTask") != how.ml_task or job.get("isChild") and not is_named:
            continue
        content = mapping_at(job.get("content"), f"{path}.content", how.hint)
        if content.get("input", how.inputs[0]) in how.inputs and job.get("kind", kind.value) == kind.value:
            if is_named:
                return path, job
            found.append((path, job))
        else:
            others.append(f'{path}.content.input is "{content.get("input")}"')
    if found:
        return found[0]
    if others and kind is QuestionKind.SINGLE_LABEL:
        raise WorkbenchError(f"No job asks for exactly one category: {others[0]}.", 'Set it to "radio".')
    raise WorkbenchError(f"jobs has no {how.about.removeprefix('single-choice ')} job.", how.hint)


def _label(key: str, category: Mapping[str, Any], where: str) -> Label:
    name = text_at(category, "name", where) if "name" in category else key
    description, color = text_at(category, "description", where), text_at(category, "color", where)
    return Label(name, description, color, text_at(category, "key", where), score=_score(category, where))


def _score(category: Mapping[str, Any], where: str) -> float | None:
    value = category.get("score")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise WorkbenchError(f"The task file cannot be read: {where}.score is no number.", "Write it without quotes.")
    return float(value)


def _is_fallback(key: str, label: Label, category: Mapping[str, Any], every: Iterable[Any]) -> bool:
    if any(isinstance(one, dict) and one.get("isFallback") is True for one in every):
        return category.get("isFallback") is True
    return is_fallback_name(key) or is_fallback_name(label.name)


def _completed(labels: list[tuple[Label, Mapping[str, Any]]]) -> tuple[Label, ...]:
    """Proposes only what the file does not mention: an empty colour or key that is written down was meant."""
    completed = []
    for full, (read, given) in zip(complete_labels([label for label, _ in labels]), labels, strict=True):
        color = read.color if "color" in given else full.color
        key = read.key if "key" in given else full.key
        completed.append(replace(read, color=color, key=key))
    return tuple(completed)


def _fallback(fallback: Label, categories: Mapping[str, Any]) -> Label:
    ours = any(isinstance(one, dict) and one.get("isFallback") is True for one in categories.values())
    return fallback if ours else complete_fallback(fallback)


def _category_key(name: str, taken: Mapping[str, Any]) -> str:
    stem = re.sub(r"\W+", "_", name.replace("&", " AND ").upper()).strip("_") or "CATEGORY"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key
