"""Logs of calls of models: Langfuse, OpenTelemetry GenAI, requests and responses of the OpenAI protocol.

Each generation is an item, a conversation that ends with what the model answered; scores and feedback are annotations.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.importers.tools.chat import CONVERSATION
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record, objects
from core.importers.tools.otel import (
    INPUTS,
    OUTPUTS,
    SYSTEM,
    attributes_of,
    events_of,
    is_attribute,
    is_export,
    is_generation,
    is_part,
    spans_in,
)
from core.importers.tools.shape import Tool
from core.importers.tools.trace_message import Message
from core.importers.tools.trace_messages import holds_messages, messages_of
from core.importers.tools.trace_scores import Score, annotated, scores_of

_SIGNS = frozenset(
    (
        *("observations", "scores", "traceId", "trace_id", "observationId", "parentObservationId"),
        *("sessionId", "session_id", "usage", "usageDetails", "latency", "startTime", "start_time", "timestamp"),
        *("run_type", "feedback", "user_feedback", "userFeedback", "feedback_stats"),
    )
)
"""What a log has beside what went in and came out, and a table of texts has not."""
_IN, _OUT = ("input", "inputs", "request", "prompt", "messages"), ("output", "outputs", "response", "choices")
_FACTS = {
    "id": ("id", "span_id", "spanId", "custom_id"),
    "name": ("name",),
    "model": ("model", "providedModelName", "gen_ai.response.model", "gen_ai.request.model", "llm.model_name"),
    "session": ("sessionId", "session_id", "gen_ai.conversation.id", "session.id"),
    "user": ("userId", "user_id", "user.id"),
    "time": ("timestamp", "startTime", "start_time", "created_at", "createdAt"),
    "tags": ("tags",),
}
_SCORED = ("scores", "feedback", "user_feedback", "userFeedback", "thumbs", "rating", "annotations", "evaluations")
_READ = {*_IN, *_OUT, *_SCORED, "metadata", "observations", "context", "type"}
_LONGEST = 500


def is_log(record: Record) -> bool:
    """Whether a model's input and output stand in it, with something that only a log has."""
    has = [name for name in _IN if record.get(name)], [name for name in _OUT if record.get(name)]
    is_response = "choices" in record or _is_response(record.get("response"))
    return bool(has[0] and has[1]) and (is_response or not _SIGNS.isdisjoint(record))


def is_span(record: Record) -> bool:
    if is_export(record):
        return True
    held = record.get("attributes")
    keys = held if isinstance(held, Mapping) else [one.get("key") for one in objects(record, "attributes")]
    return any(str(key).startswith(("gen_ai", "llm")) for key in keys) or any(map(is_attribute, record))


def _is_response(held: Any) -> bool:
    inner = held.get("body", held) if isinstance(held, Mapping) else None
    return isinstance(inner, Mapping) and ("choices" in inner or "output" in inner)


def unfold_log(record: Record, gathered: Gathered) -> Iterator[Record]:
    """A trace with its generations inside is one item each; what was said of the trace is said of the last."""
    generations = [one for one in objects(record, "observations") if str(one.get("type", "")).upper() == "GENERATION"]
    gathered.leave("steps that are no generations", len(objects(record, "observations")) - len(generations))
    whole = list(scores_of(record))
    if not generations:
        yield from _item(_said_in(record, gathered), record, _facts(record), whole, gathered)
        return
    _leave_fields(record, gathered)
    for name in (*_IN, *_OUT):
        gathered.leave(f"{name} of whole traces", bool(record.get(name)))
    for at, one in enumerate(generations):
        own = [*scores_of(one), *(whole if at == len(generations) - 1 else [])]
        facts = _facts(record) | _facts(one)
        yield from _item(_said_in(one, gathered), one, facts, own, gathered)


def unfold_spans(record: Record, gathered: Gathered) -> Iterator[Record]:
    for span in spans_in(record):
        attributes = attributes_of(span)
        events = list(events_of(span))
        said = _said_in_span(attributes, events, gathered)
        if not said:
            gathered.leave("spans without messages")
            continue
        judged = [held for name, held in events if name.startswith("gen_ai.evaluation")]
        scores = [*scores_of({**span, "evaluations": judged})]
        used = {*INPUTS, *OUTPUTS, SYSTEM, *(name for names in _FACTS.values() for name in names)}
        rest = [name for name in attributes if name not in used and not is_part(name)]
        gathered.leave("further attributes of spans", len(rest))
        yield from _item(said, {}, _facts({**span, **attributes}), scores, gathered)


def _said_in(record: Mapping[str, Any], gathered: Gathered) -> list[Message]:
    held, answer = _taken(record, _IN, gathered), _taken(record, _OUT, gathered)
    if isinstance(answer, Mapping) and isinstance(answer.get("body"), Mapping):
        answer = answer["body"]
    answered = {"choices": answer} if "choices" in record and answer is record.get("choices") else answer
    return _together(messages_of(held, "user", gathered), messages_of(answered, "assistant", gathered))


def _taken(record: Mapping[str, Any], names: tuple[str, ...], gathered: Gathered) -> Any:
    """What is held under one of the names; of several that which holds messages, and the others are left."""
    held = [name for name in names if record.get(name)]
    chosen = next((name for name in held if holds_messages(record[name])), held[0] if held else None)
    for name in held:
        gathered.leave(name, name != chosen)
    return None if chosen is None else record[chosen]


def _said_in_span(
    attributes: Mapping[str, Any], events: list[tuple[str, dict[str, Any]]], gathered: Gathered
) -> list[Message]:
    if not is_generation(attributes):
        told = [name.startswith("gen_ai.") and "evaluation" not in name for name, _ in events]
        return [
            one
            for (name, held), is_told in zip(events, told, strict=True)
            if is_told
            for one in _told(name, held, gathered)
        ]
    held = next((attributes[name] for name in INPUTS if attributes.get(name)), None)
    answer = next((attributes[name] for name in OUTPUTS if attributes.get(name)), None)
    system = messages_of(attributes.get(SYSTEM), "system", gathered)
    return _together([*system, *messages_of(held, "user", gathered)], messages_of(answer, "assistant", gathered))


def _told(name: str, held: Mapping[str, Any], gathered: Gathered) -> list[Message]:
    """An event is a message by its name, or holds those of the prompt or the completion."""
    if name in ("gen_ai.content.prompt", "gen_ai.content.completion"):
        kind = name.rpartition(".")[2]
        return messages_of(held.get(f"gen_ai.{kind}"), "user" if kind == "prompt" else "assistant", gathered)
    role = "assistant" if name == "gen_ai.choice" else name.removeprefix("gen_ai.").removesuffix(".message")
    return messages_of(held.get("message") or held.get("content"), role, gathered)


def _together(asked: list[Message], answered: list[Message]) -> list[Message]:
    """Some logs repeat in what came out all that went in."""
    return answered if asked and answered[: len(asked)] == asked else [*asked, *answered]


def _facts(record: Mapping[str, Any]) -> Record:
    """What identifies a generation, and the plain values of its metadata."""
    held = {**(record["context"] if isinstance(record.get("context"), Mapping) else {}), **record}
    found = {name: next((held[key] for key in keys if held.get(key)), None) for name, keys in _FACTS.items()}
    metadata = record.get("metadata")
    for name, value in metadata.items() if isinstance(metadata, Mapping) else ():
        if isinstance(value, str | int | float) and len(str(value)) <= _LONGEST:
            found[f"metadata.{name}"] = value
    return {name: value for name, value in found.items() if value is not None}


def _item(
    said: list[Message], record: Mapping[str, Any], facts: Record, scores: list[Score], gathered: Gathered
) -> Iterator[Record]:
    if not said:
        gathered.leave("calls without messages")
        return
    _leave_fields(record, gathered)
    metadata = record.get("metadata")
    held = len(metadata) if isinstance(metadata, Mapping) else 0
    gathered.leave("nested metadata", held - sum(name.startswith("metadata.") for name in facts) if held else 0)
    item = {CONVERSATION: said, **facts}
    answers = annotated(scores, gathered, _FACTS)
    for who, one in answers.items():
        yield item | {ANNOTATOR: who} | one
    if not answers:
        yield item


def _leave_fields(record: Mapping[str, Any], gathered: Gathered) -> None:
    used = _READ | {key for keys in _FACTS.values() for key in keys}
    for name, value in record.items():
        gathered.leave(name, name not in used and value is not None and value != "" and value != [] and value != {})


_NOTE = " Each is an item: what went in and what the model answered, as a conversation."
TOOL = Tool("a log of calls to models", is_log, is_log, unfold_log, _NOTE)
SPANS = Tool("spans of OpenTelemetry", is_span, is_span, unfold_spans, _NOTE)
