"""Argilla 2: records with fields, responses and suggestions, as its `records.from_json` reads them."""

import json
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
    levels_note,
    names_in,
    others,
    places_in,
    spans_in,
    text_key,
)
from core.model import TEXT_FIELD, FieldShow, QuestionKind, Said, Task

_QUESTION = "label"
_MOST_STARS = 10
_TYPES: Mapping[QuestionKind, str] = {
    QuestionKind.SINGLE_LABEL: "label_selection",
    QuestionKind.SEVERAL_LABELS: "multi_label_selection",
    QuestionKind.SPANS: "span",
    QuestionKind.RATING: "label_selection",
    QuestionKind.RANKING: "ranking",
    QuestionKind.TEXT: "text",
}


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    return records_of_all([Asked(_QUESTION, task)], ((item, [words]) for item, words in spoken), files)


def records_of_all(
    asked: Sequence[Asked], spoken: Iterable[SpokenOfAll], files: Files = NO_FILES
) -> Iterator[dict[str, Any]]:
    """People respond; a model suggests, and there is one suggestion a question: that of the first."""
    called = text_key(files)
    for item, words in spoken:
        responses: dict[str, list[dict[str, Any]]] = {}
        suggestions: dict[str, dict[str, Any]] = {}
        for question, own in zip(asked, words, strict=True):
            for one in own:
                value = _value(question.task, one.said)
                if value is None:
                    continue
                if one.is_model:
                    told = {"value": value, "score": None, "agent": one.annotator.removeprefix("model ")}
                    suggestions.setdefault(question.name, told)
                else:
                    responses.setdefault(question.name, []).append({"value": value, "user_id": one.annotator})
        yield {
            "id": item.external_id or str(item.id),
            "fields": {called: item.text, **others(item, (called, "id"))},
            "metadata": {},
            "suggestions": suggestions,
            "responses": responses,
            "vectors": {},
        }


def _value(task: Task, said: Said) -> Any:
    """What the question's type there takes; None for what it does not: no label at all, and a label that is no star."""
    if task.type is QuestionKind.SPANS:
        return [{"start": one.start, "end": one.end, "label": one.label} for one in spans_in(said)] or None
    if task.type is QuestionKind.SEVERAL_LABELS:
        return names_in(said) or None
    if task.type is QuestionKind.RANKING:
        placed = [(name, rank) for rank, group in enumerate(places_in(said), start=1) for name in group]
        return [{"value": name, "rank": rank} for name, rank in placed] or None
    if _are_stars(task):
        return int(str(said)) if str(said).isdecimal() else None
    return said


def _are_stars(task: Task) -> bool:
    """Whether the levels are whole numbers that its ratings take; others are labels there."""
    names = [one.name for one in task.labels]
    are_numbers = all(name.isascii() and name.isdecimal() and str(int(name)) == name for name in names)
    is_scale = are_numbers and len(names) >= 2 and max(map(int, names)) <= _MOST_STARS
    return task.type is QuestionKind.RATING and is_scale


def settings(task: Task, files: Files = NO_FILES) -> str:
    """The settings of a data set there that takes the file, as its `Settings.from_json` reads them."""
    return settings_of_all([Asked(_QUESTION, task)], files)


def settings_of_all(asked: Sequence[Asked], files: Files = NO_FILES) -> str:
    """The same of several questions."""
    called = text_key(files)
    names = [called, *(name for name in files.fields if name not in (called, "id"))]
    shown = {called if name == TEXT_FIELD else name: show for name, show in files.shows.items()}
    fields = [
        {"name": name, "title": name, "required": name == called, "settings": {"type": _field_type(shown.get(name))}}
        for name in names
    ]
    told = {
        "guidelines": "\n\n".join(filter(None, dict.fromkeys(one.task.guidelines for one in asked))) or None,
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "fields": fields,
        "questions": [_question(one, called, is_first=place == 0) for place, one in enumerate(asked)],
        "metadata": [],
        "vectors": [],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _field_type(show: FieldShow | None) -> str:
    return "image" if show is FieldShow.PICTURE else "text"


def _question(asked: Asked, text: str, *, is_first: bool) -> dict[str, Any]:
    task = asked.task
    settings: dict[str, Any] = {"type": _TYPES[task.type]}
    if _are_stars(task):
        settings = {
            "type": "rating",
            "options": [{"value": value} for value in sorted(int(one.name) for one in task.labels)],
        }
    elif task.type is not QuestionKind.TEXT:
        chosen = task.labels if task.type in (QuestionKind.SPANS, QuestionKind.RANKING) else task.choices
        settings["options"] = [
            {"value": one.name, "text": one.name, "description": one.description or None} for one in chosen
        ]
    if task.type is QuestionKind.SPANS:
        settings |= {"field": text, "allow_overlapping": task.options.may_overlap}
    return {
        "name": asked.name,
        "title": asked.title or asked.name,
        "description": levels_note(task) or None if settings["type"] != "rating" else None,
        "required": is_first,
        "settings": settings,
    }


EXPORTER = ToolExporter(
    "Argilla",
    "Records for version 2: what people say are responses, what the first model says is the suggestion. Make the data "
    "set there with the settings first, and put the ids of your users where their names are.",
    "Argilla takes no empty answer to several labels or spans, and no fallback beside stars: those are left out, as "
    "are further models, confidence, notes, flags and history.",
    ".json",
    JSON,
    CHOSEN | {QuestionKind.SPANS, QuestionKind.RATING, QuestionKind.RANKING, QuestionKind.TEXT},
    records,
    as_array,
    Settings("settings", "settings.json", JSON, settings),
    about_files="Argilla shows pictures from an address or written into the record: put either in the place of the "
    "file's name. It has no field for sounds and films.",
    of_all=OfAll(records_of_all, settings_of_all),
)
