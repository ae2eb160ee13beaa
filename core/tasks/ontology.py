"""A task as JSON in Kili's `json_interface` shape: jobs -> content -> categories.

What that shape has no place for (review keys, guidelines, which category is the fallback) travels in extra keys that
other readers ignore: `key` and `isFallback` on a category, `guidelines` on the job.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from core.errors import WorkbenchError
from core.model import Label, QuestionKind, Task
from core.tasks.labels import complete_fallback, complete_labels, is_fallback_name
from core.text import read_json

JOB = "CLASSIFICATION_JOB"
_INSTRUCTION = "Select the one label that fits best."
_SINGLE = ("radio", "singleDropdown")
_HINT = "Use the JSON that this page exports, or a Kili json_interface with one single-choice classification job."


def task_to_json(task: Task) -> str:
    """The task as indented JSON; `task_from_json` gives an equal task back (database ids aside)."""
    categories: dict[str, Any] = {}
    for label in task.choices:
        category: dict[str, Any] = {"name": label.name, "children": [], "color": label.color, "key": label.key}
        if label.description:
            category["description"] = label.description
        if label is task.fallback:
            category["isFallback"] = True
        categories[_category_key(label.name, categories)] = category
    job = {
        "content": {"categories": categories, "input": "radio"},
        "instruction": _INSTRUCTION,
        "guidelines": task.guidelines,
        "mlTask": "CLASSIFICATION",
        "required": 1,
        "isChild": False,
    }
    return json.dumps({"jobs": {JOB: job}}, ensure_ascii=False, indent=2)


def task_from_json(text: str) -> Task:
    """The task of the first single-choice classification job that is not nested in another; other jobs are ignored.

    The fallback is the category marked `isFallback`, else the one called UNABLE_TO_CLASSIFY in any spelling, else the
    default. Without `guidelines` the job's instruction becomes the guidelines. Absent colours and keys are proposed.
    Raises WorkbenchError naming the path of what is wrong. Names are not judged here: `check_task` does.
    """
    path, job = _find_job(_load(text))
    content = _mapping(job.get("content"), f"{path}.content")
    categories = _mapping(content.get("categories"), f"{path}.content.categories")
    labels, fallback = [], None
    for key, value in categories.items():
        where = f"{path}.content.categories.{key}"
        category = _mapping(value, where)
        label = _label(key, category, where)
        if fallback is None and _is_fallback(key, label, category, categories.values()):
            fallback = replace(label, is_fallback=True)
        else:
            labels.append((label, category))
    guidelines = _text(job, "guidelines", path) if "guidelines" in job else _text(job, "instruction", path)
    chosen = Task(()).fallback if fallback is None else fallback
    return Task(_completed(labels), _fallback(chosen, categories), guidelines, QuestionKind.SINGLE_LABEL)


def _load(text: str) -> Mapping[str, Any]:
    try:
        data = read_json(text.lstrip("\ufeff"), pairs=_no_repeats)
    except json.JSONDecodeError as error:
        raise WorkbenchError(f"The task file is not JSON: line {error.lineno}, {error.msg}.", _HINT) from error
    except ValueError as error:
        raise WorkbenchError(f"The task file cannot be read: {error}.", _HINT) from error
    for wrapper in ("json_interface", "jsonInterface"):
        if isinstance(data, dict) and "jobs" not in data and wrapper in data:
            data = data[wrapper]
    return _mapping(data, "the file")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'"{repeated}" occurs twice in one place')
    return found


def _find_job(data: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    several: list[str] = []
    for name, value in _mapping(data.get("jobs"), "jobs").items():
        path = f"jobs.{name}"
        job = _mapping(value, path)
        if job.get("mlTask") != "CLASSIFICATION" or job.get("isChild"):
            continue
        choice = _mapping(job.get("content"), f"{path}.content").get("input", "radio")
        if choice in _SINGLE:
            return path, job
        several.append(f'{path}.content.input is "{choice}"')
    if several:
        raise WorkbenchError(f"No job asks for exactly one category: {several[0]}.", 'Set it to "radio".')
    raise WorkbenchError("jobs has no classification job.", _HINT)


def _label(key: str, category: Mapping[str, Any], where: str) -> Label:
    name = _text(category, "name", where) if "name" in category else key
    description, color = _text(category, "description", where), _text(category, "color", where)
    return Label(name, description, color, _text(category, "key", where))


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


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    what = "is missing" if value is None else "is not an object"
    raise WorkbenchError(f"The task file has no usable ontology: {path} {what}.", _HINT)


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
