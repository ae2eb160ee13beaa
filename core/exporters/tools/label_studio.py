"""Label Studio: tasks with annotations and predictions, and the labelling configuration that they need."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

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
    places_in,
    score_of,
    spans_in,
    text_key,
)
from core.model import TEXT_FIELD, FieldShow, Item, QuestionKind, Said, Task

_LABEL, _CANDIDATES = "label", "candidates"
_OWN = ("id",)
FIELDS = "fields"
"""In the meta data of a task: what fields are called here whose names are others there."""
_SERVED = "/data/local-files/?d="
_OBJECTS = {FieldShow.PICTURE: "Image", FieldShow.SOUND: "Audio", FieldShow.FILM: "Video"}
_SIDES = {True: "left", False: "right"}
_HANGS = CHOSEN | {QuestionKind.RATING}
_STARS = 10
"""More than these many levels are no row of stars."""


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    return records_of_all([Asked(_LABEL, task)], ((item, [words]) for item, words in spoken), files)


def records_of_all(
    asked: Sequence[Asked], spoken: Iterable[SpokenOfAll], files: Files = NO_FILES
) -> Iterator[dict[str, Any]]:
    """A task for each item with what is said to each question, by the name it is asked by: what somebody says to
    several is one annotation."""
    for item, words in spoken:
        said: dict[tuple[bool, str], list[dict[str, Any]]] = {}
        for question, own in zip(asked, words, strict=True):
            for one in own:
                results = said.setdefault((one.is_model, one.annotator), [])
                results += _results(question.task, item, one.said, files, question.name)
        people = [
            {"completed_by": {"email": who}, "was_cancelled": False, "result": results}
            for (is_model, who), results in said.items()
            if not is_model
        ]
        models = [
            {"model_version": who.removeprefix("model "), "result": results}
            for (is_model, who), results in said.items()
            if is_model
        ]
        fields, called = _data(item, files)
        data: dict[str, Any] = dict(fields)
        data |= {"id": item.external_id} if item.external_id else {}
        for name, task, *_ in asked:
            if task.type is QuestionKind.RANKING:
                data[_list_of(name)] = [
                    {"id": one.name, "title": one.name, "body": item.fields.get(one.name, "")} for one in task.labels
                ]
        told = {"meta": {FIELDS: called}} if called else {}
        yield {"id": item.id, "data": data, "annotations": people, "predictions": models, **told}


def _list_of(name: str) -> str:
    """What the candidates of a ranking are called, by the name of the question."""
    return _CANDIDATES if name == _LABEL else f"{_CANDIDATES}_{name}"


def _data(item: Item, files: Files) -> tuple[dict[str, str], dict[str, str]]:
    """The fields, under names that its configuration can say, each file by where its server finds it; and which of
    these names stand for which other ones."""
    keys = {name: _key(name, files) for name in item.fields}
    said = {text_key(files): _served(TEXT_FIELD, item.text, files)}
    said |= {keys[name]: _served(name, value, files) for name, value in item.fields.items()}
    return said, {key: name for name, key in keys.items() if key != name}


def _served(name: str, value: str, files: Files) -> str:
    return f"{_SERVED}{value}" if name in files.shows and value else value


def _key(name: str, files: Files) -> str:
    """What a field is called there: a file by a word, since a configuration shows no other; two of one word are told
    apart, and no other field takes a word that is given."""
    if name == TEXT_FIELD:
        return text_key(files)
    given = {text_key(files), *_OWN}
    for one in files.shows:
        if one != TEXT_FIELD:
            word = _free(re.sub(r"\W", "_", one), given)
            if one == name:
                return word
            given.add(word)
    return _free(name, given)


def _free(name: str, given: Collection[str]) -> str:
    return name if name not in given else _free(f"{name}_", given)


def _results(task: Task, item: Item, said: Said, files: Files, name: str) -> list[dict[str, Any]]:
    about = text_key(files)
    if task.type is QuestionKind.SPANS:
        marks = [
            {"start": one.start, "end": one.end, "text": item.text[one.start : one.end], "labels": [one.label]}
            for one in spans_in(said)
        ]
        return [
            _result(name, "labels", mark, about, id=_span_id(name, item, place)) for place, mark in enumerate(marks)
        ]
    if task.type is QuestionKind.RATING and _are_stars(task):
        return [_result(name, "rating", {"rating": int(str(said))}, about)] if str(said).isdecimal() else []
    if task.type is QuestionKind.PREFERENCE:
        score, both = score_of(task, said), [_key(name, files) for name in task.options.candidates]
        side = {"value": {"selected": _SIDES[(score or 0) > 0]}, "type": "pairwise", "from_name": ",".join(both)}
        return [side | {"to_name": both[0]}] if score else []
    if task.type is QuestionKind.TEXT:
        return [_result(name, "textarea", {"text": [said]}, about)]
    if task.type is QuestionKind.RANKING:
        return [_result(name, "ranker", {"ranker": _buckets(task, said)}, _list_of(name))] if said else []
    names = names_in(said)
    return [_result(name, "choices", {"choices": names}, about)] if names else []


def _span_id(name: str, item: Item, place: int) -> str:
    return f"{item.id}-{place}" if name == _LABEL else f"{name}-{item.id}-{place}"


def _are_choices(task: Task) -> bool:
    return task.type in _HANGS and not (task.type is QuestionKind.RATING and _are_stars(task))


def _are_stars(task: Task) -> bool:
    """Whether the levels are the whole numbers from 1 on, as its ratings are; other levels are choices there."""
    levels = {label.name for label in task.labels}
    return levels <= {str(level) for level in range(1, _STARS + 1)}


def _buckets(task: Task, said: Said) -> dict[str, list[str]]:
    """A bucket for each place there may be, the last ones empty where candidates share a place."""
    places = places_in(said)
    return {str(n): places[n - 1] if n <= len(places) else [] for n in range(1, len(task.labels) + 1)}


def _result(name: str, kind: str, value: dict[str, Any], to: str, **more: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": to, "type": kind, "value": value, **more}


def config(task: Task, files: Files = NO_FILES) -> str:
    """The labelling configuration of a project there that takes the file."""
    return config_of_all([Asked(_LABEL, task)], files)


def config_of_all(asked: Sequence[Asked], files: Files = NO_FILES) -> str:
    """The same of several questions, each by the name it is asked by."""
    preferences = [one.task for one in asked if one.task.type is QuestionKind.PREFERENCE]
    compared = list(dict.fromkeys(name for task in preferences for name in task.options.candidates))
    names = [*(name for name in files.shows if name not in compared), *compared]
    if TEXT_FIELD not in files.shows:
        names.insert(len(names) - len(compared), TEXT_FIELD)
    shown = "\n".join(f"  {_object(_key(name, files), files.shows.get(name))}" for name in names)
    controls = "\n".join(_shown_where(one, _control(one.task, files, one.name), asked) for one in asked)
    return f"<View>\n{shown}\n{controls}\n</View>\n"


def _shown_where(question: Asked, control: str, asked: Sequence[Asked]) -> str:
    """The control, where it hangs on choices of another shown only with these."""
    on = next((one for one in asked if one.name == question.on), None)
    if on is None or not _are_choices(on.task) or any("," in label for label in question.labels):
        return control  # a comma parts names there
    chosen = quoteattr(",".join(question.labels))
    return (
        f'  <View visibleWhen="choice-selected" whenTagName="{on.name}" whenChoiceValue={chosen}>\n{control}\n  </View>'
    )


def _object(name: str, show: FieldShow | None) -> str:
    if show in _OBJECTS:
        return f"<{_OBJECTS[show]} name={quoteattr(name)} value={quoteattr('$' + name)}/>"
    return f'<Text name={quoteattr(name)} value={quoteattr("$" + name)} granularity="symbol"/>'


def _control(task: Task, files: Files, name: str) -> str:
    about = text_key(files)
    if task.type is QuestionKind.TEXT:
        return f'  <TextArea name="{name}" toName="{about}" rows="4" editable="true" maxSubmissions="1"/>'
    if task.type is QuestionKind.RANKING:
        buckets = "".join(f'\n    <Bucket name="{n}" title="Place {n}"/>' for n in range(1, len(task.labels) + 1))
        among = _list_of(name)
        listed = f'  <List name="{among}" value="${among}"/>'
        return f'{listed}\n  <Ranker name="{name}" toName="{among}">{buckets}\n  </Ranker>'
    if task.type is QuestionKind.PREFERENCE:
        both = quoteattr(",".join(_key(name, files) for name in task.options.candidates))
        return f"  <Pairwise name={both} toName={both}/>"
    if task.type is QuestionKind.RATING and _are_stars(task):
        most = max((int(label.name) for label in task.labels), default=5)
        return f'  <Rating name="{name}" toName="{about}" maxRating="{most}"/>'
    is_spans = task.type is QuestionKind.SPANS
    tag, child = ("Labels", "Label") if is_spans else ("Choices", "Choice")
    several = task.type is QuestionKind.SEVERAL_LABELS
    how = "" if is_spans else f' choice="{"multiple" if several else "single"}"'
    offered = task.labels if is_spans else task.choices
    scale = levels_note(task)
    listed = "\n".join(f"    <{child} value={quoteattr(one.name)}{_color(is_spans, one.color)}/>" for one in offered)
    noted = f"\n    <!-- {scale} -->" if scale else ""
    return f'  <{tag} name="{name}" toName="{about}"{how}>{noted}\n{listed}\n  </{tag}>'


def _color(is_spans: bool, color: str) -> str:
    return f" background={quoteattr(color)}" if is_spans and color else ""


EXPORTER = ToolExporter(
    "Label Studio",
    "Tasks with annotations; what models say becomes predictions. Make the project there with the configuration first.",
    "Notes, flags, confidence and history are not in it; a comparison there knows no tie and no degree: ties are left "
    "out.",
    ".json",
    JSON,
    frozenset(QuestionKind),
    records,
    as_array,
    Settings("labelling configuration", "label_config.xml", "application/xml", config),
    "Label Studio serves files from its folder of local files (LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT): unpack the zip "
    "there, and add it as a local storage. A ranking there shows candidates as text alone.",
    of_all=OfAll(records_of_all, config_of_all, _HANGS),
)
