"""Kili: assets with labels inside, by author; and the interface, whose keys the answers use."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.exporters.tools.shape import (
    CHOSEN,
    JSON,
    NO_FILES,
    Asked,
    Files,
    OfAll,
    Settings,
    Spoken,
    SpokenOfAll,
    ToolExporter,
    as_array,
    names_in,
    score_of,
    spans_in,
)
from core.model import Item, QuestionKind, Said, Task

_JOBS: Mapping[QuestionKind, tuple[str, str]] = {
    QuestionKind.SINGLE_LABEL: ("CLASSIFICATION", "radio"),
    QuestionKind.SEVERAL_LABELS: ("CLASSIFICATION", "checkbox"),
    QuestionKind.RATING: ("CLASSIFICATION", "radio"),
    QuestionKind.SPANS: ("NAMED_ENTITIES_RECOGNITION", "radio"),
    QuestionKind.PREFERENCE: ("COMPARISON", "radio"),
    QuestionKind.TEXT: ("TRANSCRIPTION", "textField"),
}
_HANGS = CHOSEN | {QuestionKind.RATING}
_BETTER, _TIE = "IS_BETTER", "IS_TIE"


def job_of(task: Task) -> str:
    """What the job of the only question is called."""
    return f"{_JOBS[task.type][0]}_JOB"


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    return records_of_all([Asked("", task)], ((item, [words]) for item, words in spoken), files)


def records_of_all(
    asked: Sequence[Asked], spoken: Iterable[SpokenOfAll], files: Files = NO_FILES
) -> Iterator[dict[str, Any]]:
    """An asset for each item; what somebody says to several questions is one label. What is said to a question that
    hangs on another is nested in the categories that it hangs on."""
    keys = [keys_of(one.task) for one in asked]
    for item, words in spoken:
        said: dict[tuple[bool, str], dict[str, Any]] = {}
        for question, key, own in zip(asked, keys, words, strict=True):
            for one in own:
                response = said.setdefault((one.is_model, one.annotator), {})
                _put(response, question, asked, _response(question, item, one.said, key))
        yield {
            "externalId": item.external_id or str(item.id),
            "content": item.text,
            "jsonMetadata": dict(item.fields),
            "labels": [
                {
                    "author": {"email": who},
                    "labelType": "PREDICTION" if is_model else "DEFAULT",
                    **({"modelName": who.removeprefix("model ")} if is_model else {}),
                    "jsonResponse": response,
                }
                for (is_model, who), response in said.items()
            ],
        }


def _put(response: dict[str, Any], question: Asked, asked: Sequence[Asked], answer: dict[str, Any]) -> None:
    """Into the categories of the earlier question that it hangs on, where these are chosen; else beside it."""
    on = next((one for one in asked if one.name == question.on and question.on), None)
    if on is not None and on.task.type in _HANGS:
        names = {keys_of(on.task)[label] for label in question.labels}
        chosen = [one for one in _categories(response, _key_of(on)) if one["name"] in names]
        for one in chosen:
            one.setdefault("children", {}).update(answer)
        if chosen:
            return
    response |= answer


def _categories(response: Mapping[str, Any], job: str) -> Iterator[dict[str, Any]]:
    """The chosen categories of a job, wherever it is nested."""
    for key, answer in response.items():
        for one in answer.get("categories", ()):
            if key == job:
                yield one
            yield from _categories(one.get("children", {}), job)


def _key_of(question: Asked) -> str:
    return question.name.upper() or job_of(question.task)


def _response(question: Asked, item: Item, said: Said, keys: Mapping[str, str]) -> dict[str, Any]:
    job, task = _key_of(question), question.task
    if task.type is QuestionKind.SPANS:
        marks = [
            {
                "beginOffset": one.start,
                "endOffset": one.end,
                "content": item.text[one.start : one.end],
                "categories": [{"name": keys[one.label]}],
                "mid": f"{item.id}-{place}",
            }
            for place, one in enumerate(spans_in(said))
        ]
        return {job: {"annotations": marks}}
    if task.type is QuestionKind.PREFERENCE:
        score, (first, second) = score_of(task, said), task.options.candidates
        if score is None:
            return {}
        better, worse = (first, second) if score >= 0 else (second, first)
        return {job: {"code": _BETTER if score else _TIE, "firstId": better, "secondId": worse}}
    if task.type is QuestionKind.TEXT:
        return {job: {"text": said}}
    return {job: {"categories": [{"name": keys[name]} for name in names_in(said)]}}


def keys_of(task: Task) -> dict[str, str]:
    """The key of each label by its name: capitals, digits and underscores, no two alike."""
    keys: dict[str, str] = {}
    for label in task.choices:
        stem = re.sub(r"\W+", "_", label.name.upper()).strip("_") or "CATEGORY"
        key, number = stem, 1
        while key in keys.values():
            number += 1
            key = f"{stem}_{number}"
        keys[label.name] = key
    return keys


def interface(task: Task, files: Files = NO_FILES) -> str:
    """The interface of a project there that takes the file."""
    return interface_of_all([Asked("", task)], files)


def interface_of_all(asked: Sequence[Asked], files: Files = NO_FILES) -> str:
    """The same of several questions. What a question is called, what its levels count and in which order its
    candidates stand are keys of ours, which Kili leaves alone."""
    jobs = {_key_of(one): _job(one) for one in asked}
    for one in asked:
        on = next((other for other in asked if other.name == one.on and one.on), None)
        if on is not None and on.task.type in _HANGS:
            jobs[_key_of(one)]["isChild"] = True
            for label in one.labels:
                key = keys_of(on.task)[label]
                jobs[_key_of(on)]["content"]["categories"][key]["children"].append(_key_of(one))
    return json.dumps({"jobs": jobs}, ensure_ascii=False, indent=2)


def _job(question: Asked) -> dict[str, Any]:
    task = question.task
    kind, form = _JOBS[task.type]
    is_rating = task.type is QuestionKind.RATING
    categories: dict[str, dict[str, Any]] = {}
    for one, (name, key) in zip(task.choices, keys_of(task).items(), strict=True):
        colored = {"color": one.color} if one.color else {}
        scored = {"score": one.score} if is_rating and one.score is not None else {}
        other = {"isFallback": True} if is_rating and one.is_fallback else {}
        categories[key] = {"name": name, "children": [], **colored, **scored, **other}
    compared = {"options": {_BETTER: {"children": [], "name": "Is better", "mutual": False}, _TIE: _tie()}}
    content = {
        QuestionKind.PREFERENCE: compared,
        QuestionKind.TEXT: {"input": form},
    }.get(task.type, {"categories": categories, "input": form})
    job = {"mlTask": kind, "required": 1, "isChild": False, "instruction": question.title, "content": content}
    named = {"question": question.title} if question.title else {}
    told: dict[str, Any] = {"kind": str(task.type)} if is_rating else {}
    told |= {"candidates": list(task.options.candidates)} if task.type is QuestionKind.PREFERENCE else {}
    return job | named | told


def _tie() -> dict[str, Any]:
    return {"children": [], "name": "Tie", "mutual": True}


EXPORTER = ToolExporter(
    "Kili",
    "Assets with one label per annotator; what models say are predictions. Make the project there with the interface "
    "first: the answers use its keys.",
    "How much better one candidate is, confidence, notes, flags and history are not in it.",
    ".json",
    JSON,
    CHOSEN | {QuestionKind.SPANS, QuestionKind.RATING, QuestionKind.PREFERENCE, QuestionKind.TEXT},
    records,
    as_array,
    Settings("interface", "interface.json", JSON, interface),
    "The content of an asset is the place of its file in the zip: unpack it, and give Kili these paths.",
    of_all=OfAll(records_of_all, interface_of_all, _HANGS),
)
