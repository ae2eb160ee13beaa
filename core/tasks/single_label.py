"""One label for each item: what is asked of the model, and what its answer amounts to.

An answer is only ever taken for a label it spells (see `core.tasks.spelling`). One that names no label, several, or
something outside the list becomes the fallback with the reason: the nearest label is never guessed.
"""

import json
import re
from typing import Any

from core.model import AnswerKind, Task
from core.spelling import fold
from core.tasks.kind import ParsedAnswer, TaskKind
from core.tasks.spelling import Names, after_marker, bare, names_of

_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_THINKING = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_ANSWER_WORDS = 5
_JSON_TRIES = 20
_QUOTED = 80


def response_schema(task: Task) -> dict[str, Any]:
    """`{"label": <one of the task's names, fallback included>}`."""
    return {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": list(task.names)}},
        "required": ["label"],
        "additionalProperties": False,
    }


def parse_answer(
    task: Task, raw: str | None, finish_reason: str | None = None, refusal: str | None = None
) -> ParsedAnswer:
    """The label the answer names, or the fallback with the reason; never raises.

    In this order: a refusal (or finish reason "content_filter") is REFUSED; nothing but white space is EMPTY
    (TRUNCATED where the token limit was the cause); an answer cut off by the limit is TRUNCATED unless its JSON is
    complete; JSON is taken at its word, so a value that is no choice is OUTSIDE_LIST; a bare label, wrapped or
    introduced as models do, is that label; otherwise the labels named in the text are counted: one is LABEL, none is
    NO_LABEL, more are SEVERAL_LABELS. Answering the fallback itself is LABEL.
    """
    if refusal or finish_reason == "content_filter":
        said = f": {_quote(refusal)}" if refusal else " by its content filter"
        return _fallback(task, AnswerKind.REFUSED, f"the model refused{said}")
    names = names_of(task.names)
    text, cut_off = (raw or "").strip(), finish_reason == "length"
    if text in task.names and not cut_off:
        return ParsedAnswer(text, AnswerKind.LABEL)
    text = _unwrapped(text)
    if not text:
        kind = AnswerKind.TRUNCATED if cut_off else AnswerKind.EMPTY
        return _fallback(task, kind, "the answer was cut off before it began" if cut_off else "the answer is empty")
    values = _json_labels(text) if text[0] in "{[" or not cut_off else []
    if values:
        return _from_json(task, names, values)
    if cut_off:
        return _fallback(task, AnswerKind.TRUNCATED, f"the answer was cut off at the token limit: {_quote(text)}")
    return _from_text(task, names, text)


def _unwrapped(text: str) -> str:
    """The answer without the thinking some servers leave before it and without a code fence around all of it."""
    text = _THINKING.sub("", text).strip()
    fenced = _FENCE.fullmatch(text)
    return fenced.group(1).strip() if fenced else text


def _from_text(task: Task, names: Names, text: str) -> ParsedAnswer:
    for candidate in (text, after_marker(text) or ""):
        if (label := names.whole(candidate)) is not None:
            return ParsedAnswer(label, AnswerKind.LABEL)
    announced = [value for line in text.splitlines() if (value := after_marker(line)) and bare(value)]
    stated = {names.whole(value) for value in announced}
    named = tuple(name for name in names.all if name in stated) or names.spelled_like(text) or names.named_in(text)
    if stated == {None} and _is_foreign(names, announced[-1]):
        return _fallback(task, AnswerKind.NO_LABEL, f"the answer is {_quote(announced[-1])}, which is no label")
    if len(named) == 1:
        return ParsedAnswer(named[0], AnswerKind.LABEL)
    if named:
        return _several(task, named)
    return _fallback(task, AnswerKind.NO_LABEL, f"the answer names no label: {_quote(text)}")


def _is_foreign(names: Names, value: str) -> bool:
    """Whether an announced answer ("Label: TENNIS") is something else than a label, so that a label mentioned
    elsewhere in the text must not be taken instead."""
    return len(value.split()) <= _ANSWER_WORDS and not names.named_in(value)


def _from_json(task: Task, names: Names, values: list[object]) -> ParsedAnswer:
    labels: list[str] = []
    for value in values:
        if value is None or value == "":
            continue
        spelled = _spelled(value)
        label = names.whole(spelled)
        if label is None:
            alike = names.spelled_like(spelled) or names.named_in(spelled)
            if len(alike) > 1:
                return _several(task, alike)
            return _fallback(task, AnswerKind.OUTSIDE_LIST, f"{_quote(spelled)} is not one of the labels")
        labels.append(label)
    distinct = tuple(dict.fromkeys(labels))
    if not distinct:
        return _fallback(task, AnswerKind.NO_LABEL, "the JSON answer holds no label")
    return ParsedAnswer(distinct[0], AnswerKind.LABEL) if len(distinct) == 1 else _several(task, distinct)


def _json_labels(text: str) -> list[object]:
    """The values given for the label by every JSON object or list in the text; empty where there is none."""
    decoder = json.JSONDecoder(object_pairs_hook=lambda pairs: tuple(pairs))
    values: list[object] = []
    position = 0
    for _ in range(_JSON_TRIES):
        opening = re.compile(r"[{\[]").search(text, position)
        if opening is None:
            break
        try:
            found, position = decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            position = opening.start() + 1
            continue
        if isinstance(found, tuple) or (isinstance(found, list) and opening.start() == 0):
            values.extend(_label_values(found))
    return values


def _label_values(found: object) -> list[object]:
    """The label's value in one piece of JSON; objects arrive as tuples of pairs, so that no repeated key is lost."""
    if isinstance(found, list):
        return [value for part in found for value in _label_values(part)] or [None]
    if not isinstance(found, tuple):
        return [found]
    labels = [value for key, value in found if fold(key) == "label"]
    if not labels and len({key for key, _ in found}) == 1:
        labels = [value for _, value in found]
    return [value for label in labels for value in _label_values(label)]


def _spelled(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _several(task: Task, labels: tuple[str, ...]) -> ParsedAnswer:
    listed = ", ".join(labels[:5]) + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
    return _fallback(task, AnswerKind.SEVERAL_LABELS, f"the answer names {len(labels)} labels: {listed}")


def _fallback(task: Task, kind: AnswerKind, reason: str) -> ParsedAnswer:
    return ParsedAnswer(task.fallback.name, kind, reason)


def _quote(text: str) -> str:
    """On one line, shortened, and without the lone surrogates that could not be stored."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    return f'"{line[:_QUOTED]}…"' if len(line) > _QUOTED else f'"{line}"'


KIND = TaskKind(
    title="One label for each text",
    about="Every item gets exactly one label from the list, or the fallback where none fits.",
    response_schema=response_schema,
    parse_answer=parse_answer,
)
