"""Argilla 2: records with fields, responses and suggestions, as its `records.from_json` reads them."""

from collections.abc import Iterable, Iterator
from typing import Any

from core.exporters.tools.shape import (
    CHOSEN,
    JSON,
    NO_FILES,
    Files,
    Spoken,
    ToolExporter,
    as_array,
    names_in,
    others,
    places_in,
    spans_in,
    text_key,
)
from core.model import QuestionKind, Said, Task

_QUESTION = "label"


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    """People respond; a model suggests, and there is one suggestion a question: that of the first."""
    called = text_key(files)
    for item, words in spoken:
        said = [(one, value) for one in words if (value := _value(task, one.said)) != []]
        people = [{"value": value, "user_id": one.annotator} for one, value in said if not one.is_model]
        models = [
            {"value": value, "score": None, "agent": one.annotator.removeprefix("model ")}
            for one, value in said
            if one.is_model
        ]
        yield {
            "id": item.external_id or str(item.id),
            "fields": {called: item.text, **others(item, (called, "id"))},
            "metadata": {},
            "suggestions": {_QUESTION: models[0]} if models else {},
            "responses": {_QUESTION: people} if people else {},
            "vectors": {},
        }


def _value(task: Task, said: Said) -> Any:
    """What the question's type there takes; an empty list, which it does not, is nothing said."""
    if task.type is QuestionKind.SPANS:
        return [{"start": one.start, "end": one.end, "label": one.label} for one in spans_in(said)]
    if task.type is QuestionKind.SEVERAL_LABELS:
        return names_in(said)
    if task.type is QuestionKind.RANKING:
        placed = [(name, rank) for rank, group in enumerate(places_in(said), start=1) for name in group]
        return [{"value": name, "rank": rank} for name, rank in placed]
    is_level = task.type is QuestionKind.RATING and all(label.name.isdecimal() for label in task.labels)
    return int(str(said)) if is_level and str(said).isdecimal() else said


EXPORTER = ToolExporter(
    "Argilla",
    "Records for version 2: what people say are responses, what the first model says is the suggestion. Set the "
    "question up there as “label”, and put the ids of your users where their names are.",
    "Argilla takes no empty answer to several labels or spans: those are left out, as are further models, confidence, "
    "notes, flags and history.",
    ".json",
    JSON,
    CHOSEN | {QuestionKind.SPANS, QuestionKind.RATING, QuestionKind.RANKING, QuestionKind.TEXT},
    records,
    as_array,
    about_files="Argilla shows pictures from an address or written into the record: put either in the place of the "
    "file's name. It has no field for sounds and films.",
)
