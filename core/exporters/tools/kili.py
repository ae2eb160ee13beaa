"""Kili: assets with labels inside, by author; and the interface, whose keys the answers use."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.exporters.tools.shape import (
    CHOSEN,
    JSON,
    NO_FILES,
    Files,
    Settings,
    Spoken,
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
_BETTER, _TIE = "IS_BETTER", "IS_TIE"


def job_of(task: Task) -> str:
    return f"{_JOBS[task.type][0]}_JOB"


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    keys = keys_of(task)
    for item, words in spoken:
        labels = [
            {
                "author": {"email": one.annotator},
                "labelType": "PREDICTION" if one.is_model else "DEFAULT",
                **({"modelName": one.annotator.removeprefix("model ")} if one.is_model else {}),
                "jsonResponse": _response(task, item, one.said, keys),
            }
            for one in words
        ]
        yield {
            "externalId": item.external_id or str(item.id),
            "content": item.text,
            "jsonMetadata": dict(item.fields),
            "labels": labels,
        }


def _response(task: Task, item: Item, said: Said, keys: Mapping[str, str]) -> dict[str, Any]:
    job = job_of(task)
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
    kind, form = _JOBS[task.type]
    categories = {
        key: {"name": name, "children": [], **({"color": color} if color else {})}
        for (name, key), color in zip(keys_of(task).items(), (one.color for one in task.choices), strict=True)
    }
    compared = {"options": {_BETTER: {"children": [], "name": "Is better", "mutual": False}, _TIE: _tie()}}
    content = {
        QuestionKind.PREFERENCE: compared,
        QuestionKind.TEXT: {"input": form},
    }.get(task.type, {"categories": categories, "input": form})
    job = {"mlTask": kind, "required": 1, "isChild": False, "instruction": "", "content": content}
    return json.dumps({"jobs": {job_of(task): job}}, ensure_ascii=False, indent=2)


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
)
