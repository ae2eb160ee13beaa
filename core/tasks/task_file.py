"""All that is asked about items, as one file in Kili's `json_interface` shape: a job a question, in their order.

A question that is asked only where an earlier one has certain labels is a nested job, as it is there: a child of these
categories. What that shape has no place for travels beside it: `question` on the job, what it is called; `asked_where`,
where it hangs on more than one of some labels; `layout`, how the fields of the items are shown; `title`, the project.
A file of one question is what `ontology` writes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import WorkbenchError
from core.model import FieldLayout, FieldShow, Having, QuestionKind, Task
from core.tasks.file_json import load, mapping_at, text_at
from core.tasks.ontology import job_key, job_of, kind_of_job, task_of_job

MOST_QUESTIONS = 50
_LONGEST_NAME = 60
_HINT = "Use a task file that LabelLoop has exported, or a json_interface of Kili."
_COMPARING = (QuestionKind.PREFERENCE, QuestionKind.RANKING)


@dataclass(frozen=True)
class AskedWhere:
    """Only where the answer to the question at place `on`, an earlier one, has these labels, as `having` says."""

    on: int
    labels: tuple[str, ...]
    having: Having = Having.ONE_OF


@dataclass(frozen=True)
class AskedQuestion:
    """`name` is "" where it is the only one."""

    name: str
    task: Task
    where: AskedWhere | None = None


@dataclass(frozen=True)
class TaskFile:
    """`left_out` names the jobs of a file that ask for what is not asked here."""

    questions: tuple[AskedQuestion, ...]
    layout: tuple[FieldLayout, ...] = ()
    title: str = ""
    left_out: tuple[str, ...] = ()


def task_file_to_json(file: TaskFile) -> str:
    """As indented JSON; `task_file_from_json` gives an equal one back (ids aside)."""
    keys: list[str] = []
    jobs: dict[str, dict[str, Any]] = {}
    categories: list[Mapping[str, dict[str, Any]]] = []
    for one in file.questions:
        key = _free_key(job_key(one.task.type), jobs)
        job, own = job_of(one.task)
        keys.append(key)
        categories.append(own)
        jobs[key] = ({"question": one.name} if one.name else {}) | job
        if one.where and one.where.having is not Having.ONE_OF:
            where = {"of": keys[one.where.on], "having": str(one.where.having)}
            jobs[key]["asked_where"] = where | ({"labels": [*one.where.labels]} if one.where.labels else {})
        elif one.where:
            jobs[key]["isChild"] = True
            for label in one.where.labels:
                categories[one.where.on][label]["children"].append(key)
    told: dict[str, Any] = {"title": file.title} if file.title else {}
    told["jobs"] = jobs
    if file.layout:
        told["layout"] = [_shown(one) for one in file.layout]
    return json.dumps(told, ensure_ascii=False, indent=2)


def _free_key(stem: str, taken: Mapping[str, Any]) -> str:
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key


def _shown(one: FieldLayout) -> dict[str, Any]:
    """What is as usual is not written."""
    usual = asdict(FieldLayout(""))
    return {name: held for name, held in asdict(one).items() if name in ("name", "show") or held != usual[name]}


@dataclass(frozen=True)
class _Read:
    key: str
    question: AskedQuestion
    parent: str = ""
    labels: tuple[str, ...] = ()
    having: Having = Having.ONE_OF


def task_file_from_json(text: str) -> TaskFile:
    """All questions that a file asks, each behind that on which it hangs.

    A job that asks for what is not asked here is left out and named, so are those nested in it. Raises WorkbenchError
    naming the path of what is wrong. Labels and names of questions are not judged here.
    """
    data = load(text, _HINT)
    jobs = mapping_at(data.get("jobs"), "jobs", _HINT)
    if len(jobs) > MOST_QUESTIONS:
        raise WorkbenchError(f"The task file asks {len(jobs):,} questions.", f"At most {MOST_QUESTIONS} can be asked.")
    parents = _parents(jobs)
    read = [_read(key, mapping_at(job, f"jobs.{key}", _HINT), parents) for key, job in jobs.items()]
    kept = _without_orphans([one for one in read if one is not None])
    if not kept:
        raise WorkbenchError("The task file asks no question that can be asked here.", _HINT)
    if len(kept) > 1:
        kept = _named(kept, jobs)
    left_out = tuple(
        f"{key} ({job.get('mlTask')})" for key, job in jobs.items() if key not in {one.key for one in kept}
    )
    return TaskFile(_in_order(kept), _layout(data.get("layout")), text_at(data, "title", "the file"), left_out)


def _parents(jobs: Mapping[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By the key of a nested job: the job it is nested in, and the labels whose child it is. Children that are no jobs
    of the file are asked nowhere."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for key, job in jobs.items():
        content = mapping_at(job, f"jobs.{key}", _HINT).get("content")
        categories = content.get("categories") if isinstance(content, Mapping) else None
        for own, category in categories.items() if isinstance(categories, Mapping) else ():
            children = category.get("children") if isinstance(category, Mapping) else None
            for child in dict.fromkeys(map(str, children)) if isinstance(children, list) else ():
                where = f"jobs.{key}.content.categories.{own}.children"
                if child == key:
                    raise WorkbenchError(f"{where} names {child} itself.", _HINT)
                parent, labels = found.get(child, (key, ()))
                if parent != key:
                    raise WorkbenchError(f"{child} is nested in {parent} and in {key}.", "Nest each job in one.")
                found[child] = (key, (*labels, str(category.get("name") or own)))
    return found


def _read(key: str, job: Mapping[str, Any], parents: Mapping[str, tuple[str, tuple[str, ...]]]) -> _Read | None:
    kind = kind_of_job(job)
    if kind is None or kind in _COMPARING and "options" not in job:
        return None  # which fields of the items another tool's job compares is not said in its file
    path = f"jobs.{key}"
    question = AskedQuestion(" ".join(text_at(job, "question", path).split()), task_of_job(path, job, kind))
    return _Read(key, question, *(_where(job, path) or parents.get(key) or ("", ())))


def _where(job: Mapping[str, Any], path: str) -> tuple[str, tuple[str, ...], Having] | None:
    """The job it hangs on, and how, where that is said beside the shape."""
    if job.get("asked_where") is None:
        return None
    path = f"{path}.asked_where"
    held = mapping_at(job["asked_where"], path, _HINT)
    having, labels = text_at(held, "having", path), held.get("labels") or []
    if having not in list(Having):
        ways = ", ".join(Having)
        raise WorkbenchError(f'The task file cannot be read: {path}.having is "{having}".', f"It is one of {ways}.")
    if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
        raise WorkbenchError(f"The task file cannot be read: {path}.labels is no list of names.", _HINT)
    return text_at(held, "of", path), tuple(labels), Having(having)


def _without_orphans(read: Sequence[_Read]) -> list[_Read]:
    """Without what hangs on a job that is left out, since it would be asked of every item."""
    kept = list(read)
    while (there := {one.key for one in kept}) and any(one.parent and one.parent not in there for one in kept):
        kept = [one for one in kept if not one.parent or one.parent in there]
    return kept


def _named(read: Sequence[_Read], jobs: Mapping[str, Any]) -> list[_Read]:
    """Of another tool's jobs the short instruction is what they are called, else their key."""
    named: list[_Read] = []
    for one in read:
        said = " ".join(str(jobs[one.key].get("instruction") or "").split())
        is_short = 0 < len(said) <= _LONGEST_NAME and "kind" not in jobs[one.key]
        name = one.question.name or (said if is_short else one.key.replace("_", " ").strip().capitalize())
        taken = {other.question.name for other in named}
        number, numbered = 2, name[:_LONGEST_NAME]
        while numbered in taken and not one.question.name:
            numbered = f"{name[: _LONGEST_NAME - 4]} {number}"
            number += 1
        named.append(replace(one, question=replace(one.question, name=one.question.name or numbered)))
    return named


def _in_order(read: Sequence[_Read]) -> tuple[AskedQuestion, ...]:
    """As in the file, but for those that stand before what they hang on."""
    waiting, placed = list(read), list[_Read]()
    while waiting:
        there = {one.key for one in placed}
        following = next((one for one in waiting if not one.parent or one.parent in there), None)
        if following is None:
            raise WorkbenchError(f"{waiting[0].key} and {waiting[0].parent} are nested in one another.", _HINT)
        waiting.remove(following)
        placed.append(following)
    place = {one.key: number for number, one in enumerate(placed)}
    return tuple(
        replace(one.question, where=AskedWhere(place[one.parent], one.labels, one.having))
        if one.parent
        else one.question
        for one in placed
    )


def _layout(held: Any) -> tuple[FieldLayout, ...]:
    if held is None:
        return ()
    if not isinstance(held, list):
        raise WorkbenchError("The task file cannot be read: layout is no list.", _HINT)
    return tuple(_field(one, f"layout[{place}]") for place, one in enumerate(held))


def _field(held: Any, path: str) -> FieldLayout:
    field = mapping_at(held, path, _HINT)
    show = text_at(field, "show", path) or FieldShow.TEXT
    if show not in list(FieldShow):
        ways = ", ".join(FieldShow)
        raise WorkbenchError(f'The task file cannot be read: {path}.show is "{show}".', f"It is one of {ways}.")
    heading, name = text_at(field, "heading", path), text_at(field, "name", path)
    return FieldLayout(name, FieldShow(show), heading, field.get("folded") is True)
