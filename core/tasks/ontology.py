"""A task as JSON in Kili's `json_interface` shape: jobs -> content -> categories.

What that shape has no place for (review keys, scores, guidelines, which category is the fallback, what a question
allows) travels in extra keys that other readers ignore: `key`, `score` and `isFallback` on a category, `guidelines`,
`kind` and `options` on the job. One label is the shape's own way of asking, and needs none of the last two.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any, cast

from core.errors import WorkbenchError
from core.model import Label, Options, QuestionKind, Task
from core.said import options_of
from core.tasks.labels import complete_fallback, complete_labels, is_fallback_name
from core.text import read_json

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
    how = _JOBS[task.type]
    job: dict[str, Any] = {
        "content": {"categories": _categories(task), "input": how.inputs[0]},
        "instruction": how.instruction,
        "guidelines": task.guidelines,
        "mlTask": how.ml_task,
        "required": 1,
        "isChild": False,
    }
    if task.type is not QuestionKind.SINGLE_LABEL:
        job |= {"kind": task.type.value, "options": asdict(task.options)}
    return json.dumps({"jobs": {f"{how.ml_task}_JOB": job}}, ensure_ascii=False, indent=2)


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


def task_from_json(text: str, kind: QuestionKind = QuestionKind.SINGLE_LABEL) -> Task:
    """The task of the first job that asks this kind of question and is not nested in another; other jobs are ignored.

    The fallback is the category marked `isFallback`, else the one called UNABLE_TO_CLASSIFY in any spelling, else the
    default. Without `guidelines` the job's instruction becomes the guidelines. Absent colours and keys are proposed.
    Raises WorkbenchError naming the path of what is wrong. Names are not judged here: `check_task` does.
    """
    hint = _JOBS[kind].hint
    path, job = _find_job(_load(text, hint), kind)
    content = _mapping(job.get("content"), f"{path}.content", hint)
    categories = _mapping(
        content.get("categories", {} if kind is QuestionKind.TEXT else None), f"{path}.content.categories", hint
    )
    labels, fallback = [], None
    for key, value in categories.items():
        where = f"{path}.content.categories.{key}"
        category = _mapping(value, where, hint)
        label = _label(key, category, where)
        if fallback is None and _is_fallback(key, label, category, categories.values()):
            fallback = replace(label, is_fallback=True)
        else:
            labels.append((label, category))
    guidelines = _text(job, "guidelines", path) if "guidelines" in job else _text(job, "instruction", path)
    chosen = Task(()).fallback if fallback is None else fallback
    return Task(_completed(labels), _fallback(chosen, categories), guidelines, kind, _options(job, path, hint))


def _options(job: Mapping[str, Any], path: str, hint: str) -> Options:
    """Those that are named and are what they should be; all else as usual."""
    given = _mapping(job.get("options") or {}, f"{path}.options", hint)
    usual = asdict(Options())
    fit = {name: value for name, value in given.items() if name in usual and _is_like(value, usual[name])}
    return options_of(fit)


def _is_like(value: object, usual: object) -> bool:
    if isinstance(usual, tuple):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return type(value) is type(usual)


def _load(text: str, hint: str) -> Mapping[str, Any]:
    try:
        data = read_json(text.lstrip("\ufeff"), pairs=_no_repeats)
    except json.JSONDecodeError as error:
        raise WorkbenchError(f"The task file is not JSON: line {error.lineno}, {error.msg}.", hint) from error
    except ValueError as error:
        raise WorkbenchError(f"The task file cannot be read: {error}.", hint) from error
    for wrapper in ("json_interface", "jsonInterface"):
        if isinstance(data, dict) and "jobs" not in data and wrapper in data:
            data = data[wrapper]
    return _mapping(data, "the file", hint)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'"{repeated}" occurs twice in one place')
    return found


def _find_job(data: Mapping[str, Any], kind: QuestionKind) -> tuple[str, Mapping[str, Any]]:
    how, others = _JOBS[kind], list[str]()
    for name, value in _mapping(data.get("jobs"), "jobs", how.hint).items():
        path = f"jobs.{name}"
        job = _mapping(value, path, how.hint)
        if job.get("mlTask") != how.ml_task or job.get("isChild"):
            continue
        content = _mapping(job.get("content"), f"{path}.content", how.hint)
        if content.get("input", how.inputs[0]) in how.inputs and job.get("kind", kind.value) == kind.value:
            return path, job
        others.append(f'{path}.content.input is "{content.get("input")}"')
    if others and kind is QuestionKind.SINGLE_LABEL:
        raise WorkbenchError(f"No job asks for exactly one category: {others[0]}.", 'Set it to "radio".')
    raise WorkbenchError(f"jobs has no {how.about.removeprefix('single-choice ')} job.", how.hint)


def _label(key: str, category: Mapping[str, Any], where: str) -> Label:
    name = _text(category, "name", where) if "name" in category else key
    description, color = _text(category, "description", where), _text(category, "color", where)
    return Label(name, description, color, _text(category, "key", where), score=_score(category, where))


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


def _mapping(value: object, path: str, hint: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    what = "is missing" if value is None else "is not an object"
    raise WorkbenchError(f"The task file has no usable ontology: {path} {what}.", hint)


def _text(holder: Mapping[str, Any], key: str, path: str) -> str:
    value = holder.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WorkbenchError(f"The task file cannot be read: {path}.{key} is not text.", "Write it in quotes.")
    return value


def _category_key(name: str, taken: Mapping[str, Any]) -> str:
    stem = re.sub(r"\W+", "_", name.replace("&", " AND ").upper()).strip("_") or "CATEGORY"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key
