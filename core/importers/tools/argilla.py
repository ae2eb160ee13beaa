"""Argilla: fields with responses and suggestions to questions about them; nested as its server has them, or flat, one
column for each part, as its records are exported."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record, is_whole, objects, person, span
from core.importers.tools.levels import note_levels
from core.importers.tools.shape import Tool

_LONGEST = 5_000_000
_KINDS: dict[str, str] = {
    "span": Kind.SPANS,
    "rating": Kind.RATING,
    "ranking": Kind.RANKING,
    "text": Kind.TEXT,
}
_SENT = frozenset({"submitted", "completed"})
_RESPONSES = ".responses"
_PARTS = (
    ".responses",
    ".responses.users",
    ".responses.status",
    ".suggestion",
    ".suggestion.score",
    ".suggestion.agent",
)


def prepare(gathered: Gathered, beside: Path | None) -> None:
    """What the questions are called, their kinds and their labels, from the settings of the data set where they lie
    next to the export."""
    found = beside.with_name("settings.json") if beside else None
    if found is None or not found.is_file():
        return
    try:
        text = found.read_text(encoding="utf-8")
        held = json.loads(text) if len(text) <= _LONGEST else {}
    except (OSError, ValueError) as error:
        gathered.notes.append(f"The settings {found.name} were not used: {str(error)[:100]}.")
        return
    questions = objects(held, "questions") if isinstance(held, Mapping) else []
    for one in questions:
        if isinstance(one.get("name"), str) and isinstance(one.get("settings"), Mapping):
            _question(one["name"], one, gathered)
    if questions:
        gathered.notes.append(f"Questions and labels are from the settings {found.name}.")


def _question(key: str, question: Mapping[str, Any], gathered: Gathered) -> None:
    title, settings = question.get("title"), question["settings"]
    name = gathered.called[key] = title if isinstance(title, str) and title else key
    labels = tuple(str(one["value"]) for one in objects(settings, "options") if "value" in one)
    kind = _KINDS.get(str(settings.get("type")))
    if kind == Kind.RANKING:
        gathered.candidates[name] = tuple(sorted(labels))
    elif labels:
        gathered.labels[name] = labels
    if settings.get("type") == "multi_label_selection":
        gathered.several.add(name)
    elif kind:
        gathered.kinds[name] = kind
    note_levels(gathered, name, str(question.get("description") or ""), labels)


def is_argilla(record: Record) -> bool:
    """Whether it has fields, and responses or suggestions to questions about them."""
    return isinstance(record.get("fields"), Mapping) and ("responses" in record or "suggestions" in record)


def unfold(record: Record, gathered: Gathered) -> Iterator[Record]:
    """One record for each person who submitted a response, and each model that suggested one. Drafts and what was
    discarded say nothing."""
    item = {"id": record.get("id"), **{name: value for name, value in record["fields"].items() if name != "id"}}
    metadata = record.get("metadata")
    item |= {f"metadata.{name}": value for name, value in metadata.items()} if isinstance(metadata, Mapping) else {}
    gathered.leave("vectors", bool(record.get("vectors")))
    said: dict[str, Record] = {}
    for who, key, value in _responses(record.get("responses"), gathered):
        question = gathered.called.get(key, key)
        said.setdefault(who, {})[question] = _value(question, value, gathered)
    for who, key, value in _suggestions(record.get("suggestions"), gathered):
        question = gathered.called.get(key, key)
        gathered.models.add(who)
        said.setdefault(who, {})[question] = _value(question, value, gathered)
    for who, answers in said.items():
        yield item | {ANNOTATOR: who} | answers
    if not said:
        yield item


def _value(question: str, value: Any, gathered: Gathered) -> Any:
    """A label, a list of them, spans, an order of candidates, or a level."""
    listed = value if isinstance(value, list) else []
    if listed and all(isinstance(one, Mapping) and "start" in one for one in listed):
        gathered.kinds.setdefault(question, Kind.SPANS)
        return [span(one.get("start"), one.get("end"), one.get("label")) for one in listed]
    if listed and all(isinstance(one, Mapping) and "rank" in one for one in listed):
        return _order(question, listed, gathered)
    if is_whole(value):
        gathered.kinds.setdefault(question, Kind.RATING)
        return value
    if isinstance(value, list):
        gathered.several.add(question)
        return gathered.choose(question, value)
    if gathered.kinds.get(question) == Kind.TEXT:
        return value
    return value if value is None else gathered.choose(question, [value])


def _order(question: str, listed: list[Mapping[str, Any]], gathered: Gathered) -> list[list[str]]:
    """The candidates by rank, those of one rank together."""
    groups: dict[str, list[str]] = {}
    for one in sorted(listed, key=lambda one: one["rank"] if is_whole(one["rank"]) else len(listed)):
        groups.setdefault(str(one["rank"]), []).append(str(one.get("value")))
    gathered.kinds.setdefault(question, Kind.RANKING)
    gathered.candidates.setdefault(question, tuple(sorted(str(one.get("value")) for one in listed)))
    return list(groups.values())


def _responses(held: Any, gathered: Gathered) -> Iterator[tuple[str, str, Any]]:
    """By question, as the second version writes them; or by person, as the first does."""
    if isinstance(held, Mapping):
        for question, given in held.items():
            for one in given if isinstance(given, list) else ():
                if isinstance(one, Mapping) and _is_sent(one, gathered):
                    yield person(one.get("user_id")), question, one.get("value")
    for one in held if isinstance(held, list) else ():
        values = one.get("values") if isinstance(one, Mapping) and _is_sent(one, gathered) else None
        for question, given in values.items() if isinstance(values, Mapping) else ():
            yield person(one.get("user_id")), question, given.get("value") if isinstance(given, Mapping) else given


def _is_sent(response: Mapping[str, Any], gathered: Gathered) -> bool:
    is_sent = str(response.get("status", "submitted")) in _SENT
    gathered.leave("drafts and discarded responses", not is_sent)
    return is_sent


def _suggestions(held: Any, gathered: Gathered) -> Iterator[tuple[str, str, Any]]:
    named = held.items() if isinstance(held, Mapping) else ()
    plain = held if isinstance(held, list) else []
    listed = [(one.get("question_name"), one) for one in plain if isinstance(one, Mapping)]
    for question, one in (*named, *listed):
        if isinstance(one, Mapping) and question:
            gathered.leave("scores of suggestions", one.get("score") is not None)
            yield f"model {one.get('agent') or 'suggestion'}", str(question), one.get("value")


def is_flat(record: Record) -> bool:
    return any(name.endswith((_RESPONSES, ".suggestion")) for name in record)


def unfold_flat(record: Record, gathered: Gathered) -> Iterator[Record]:
    """The same of a record with one column a part."""
    questions = dict.fromkeys(
        name.removesuffix(_RESPONSES).removesuffix(".suggestion")
        for name in record
        if name.endswith((_RESPONSES, ".suggestion"))
    )
    parts = {f"{question}{part}" for question in questions for part in _PARTS}
    item = {name: value for name, value in record.items() if name not in parts and name not in ("status", "_server_id")}
    given: dict[str, Any] = {}
    suggested: dict[str, Any] = {}
    for question in questions:
        parts_of = (record.get(f"{question}.responses{part}") for part in ("", ".users", ".status"))
        values, users, states = (held if isinstance(held, list) else [] for held in parts_of)
        given[question] = [
            {"user_id": user, "value": value, "status": state or "submitted"}
            for value, user, state in zip(values, _filled(users, values), _filled(states, values), strict=True)
        ]
        if record.get(f"{question}.suggestion") is not None:
            agent = record.get(f"{question}.suggestion.agent")
            suggested[question] = {"value": record[f"{question}.suggestion"], "agent": agent}
            gathered.leave("scores of suggestions", record.get(f"{question}.suggestion.score") is not None)
    own = {"id": item.pop("id", None), "fields": item, "responses": given, "suggestions": suggested}
    yield from unfold(own, gathered)


def _filled(held: list[Any], values: list[Any]) -> list[Any]:
    return [*held, *[None] * len(values)][: len(values)]


TOOL = Tool("an Argilla export", is_argilla, is_argilla, unfold, prepare=prepare)
ROWS = Tool("an Argilla export", is_flat, is_flat, unfold_flat, prepare=prepare)
