"""Several questions answered at once: one JSON object with a property for each, `{"topic": {"label": "..."}, ...}`.

What a property holds is what the kind of question is answered with when it is asked alone, so that each kind reads its
own; a text is a JSON string, and spans are quoted, since a copy of the text with tags is no JSON.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import WorkbenchError
from core.model import AnswerKind, QuestionKind, Said, Task
from core.spelling import fold
from core.tasks import TASKS, spans
from core.tasks.answers import quote
from core.tasks.json_in import UNREAD, Number, json_in
from core.tasks.kind import OfItem, ParsedAnswer, TaskKind
from core.tasks.thoughts import without_thoughts

VARIABLE = "questions"
"""The variable with which a prompt asks all questions at once."""
_SYSTEM = """You answer several questions about an item. Answer with one JSON object that has a property for each \
question, in this order:

{{questions}}"""
_LONGEST_KEY = 40
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Part:
    """One of the questions: `key` is its property in the answer, `title` what people call it."""

    key: str
    title: str
    task: Task

    def as_json(self) -> Task:
        """The task as it is answered within JSON."""
        if self.task.type is not QuestionKind.SPANS:
            return self.task
        return replace(self.task, options=replace(self.task.options, answers=spans.QUOTES))


def keys_of(titles: Sequence[str]) -> list[str]:
    """A property's name for each question: letters of ASCII, figures and underscores, no two alike."""
    keys: list[str] = []
    for place, title in enumerate(titles, start=1):
        plain = re.sub(r"[^a-z0-9]+", "_", fold(title)).strip("_")[:_LONGEST_KEY].strip("_")
        key = plain if plain[:1].isalpha() else f"question_{place}"
        while key in keys:
            key += f"_{place}"
        keys.append(key)
    return keys


def first_prompt(parts: Sequence[Part]) -> tuple[str, str]:
    """System and user message that ask all of them: the item as each kind shows it, nothing twice."""
    shown: list[str] = []
    for part in parts:
        user = TASKS[part.task.type].first_prompt(part.task)[1]
        shown += [one for one in user.split("\n\n") if one not in shown]
    return _SYSTEM, "\n\n".join(shown)


def told(parts: Sequence[Part]) -> str:
    """What stands for `{{questions}}`: of each its key, what is asked, the guidelines, and the form of its answer."""
    return "\n\n".join(_told(TASKS[part.task.type], part) for part in parts)


def _told(kind: TaskKind, part: Part) -> str:
    task = part.as_json()
    values = {**kind.variables(task), "guidelines": task.guidelines.strip()}
    system = kind.first_prompt(task)[0]
    way = next((name for name, way in kind.ways.items() if way == task.options.answers), None)
    for name in kind.ways:
        system = system.replace(f"{{{{{name}}}}}", f"{{{{{way}}}}}" if way else "")
    asked = _PLACE.sub(lambda found: values.get(found[1], found[0]), system).strip()
    if values["guidelines"] and values["guidelines"] not in asked:
        asked += f"\n\n{values['guidelines']}"
    form = json.dumps({part.key: _form(_schema(kind, task))}, ensure_ascii=False)
    return f"## {part.title}\n\n{asked}\n\nIts property: {form[1:-1]}"


def _form(schema: Mapping[str, Any]) -> Any:
    """An answer as the schema has it, to look at."""
    if "properties" in schema:
        return {name: _form(inner) for name, inner in schema["properties"].items()}
    if "items" in schema:
        return [_form(schema["items"])]
    return 1 if schema.get("type") in ("integer", "number") else "…"


def _schema(kind: TaskKind, task: Task) -> dict[str, Any]:
    return kind.response_schema(task) or {"type": "string"}


def response_schema(parts: Sequence[Part]) -> dict[str, Any]:
    """`{key: <the schema of the question asked alone>}`, every key required."""
    properties = {part.key: _schema(TASKS[part.task.type], part.as_json()) for part in parts}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def of_item(parts: Sequence[Part]) -> dict[str, OfItem]:
    """What the kinds write for each item, by variable. Raises `WorkbenchError` where two write different things under
    one name."""
    found: dict[str, OfItem] = {}
    behind: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for name, write in TASKS[part.task.type].of_item(part.task).items():
            if behind.setdefault(name, part.task.options.candidates) != part.task.options.candidates:
                raise WorkbenchError(
                    f"Two questions compare different fields, both as {{{{{name}}}}}, so they cannot be asked at once.",
                    "Ask them apart, each with a prompt of its own.",
                )
            found[name] = write
    return found


def answer(parts: Sequence[Part], said: Mapping[str, Said], text: str) -> str:
    """A right answer to all of them that are asked, as a model is to write it; `said` by key, without those that are
    not asked of the item."""
    held: dict[str, Any] = {}
    for part in parts:
        if part.key not in said:
            continue
        kind, task = TASKS[part.task.type], part.as_json()
        written = kind.answer(task, said[part.key], text)
        held[part.key] = written if kind.response_schema(task) is None else json.loads(written)
    return json.dumps(held, ensure_ascii=False)


def piece_of(raw: str, key: str, keys: Sequence[str]) -> str | ParsedAnswer:
    """What an answer to all questions says to one of them, as it would be written were that asked alone; or why nothing
    is said to it (what is said then is left empty). Never raises.

    Of several objects the last that has any of the keys counts. A key counts in any spelling of its letters.
    """
    plain = without_thoughts(raw).strip()
    wanted, known = fold(key), {fold(one) for one in keys}
    found: Any = None
    for piece in json_in(plain):
        pairs = _pairs(piece.value, known)
        if pairs is not None:
            found = pairs, piece.is_whole
    if found is None:
        if not plain:
            return ParsedAnswer("", AnswerKind.EMPTY, "the answer is empty")
        return ParsedAnswer("", AnswerKind.NO_LABEL, f"the answer is no JSON with the questions' names: {quote(plain)}")
    pairs, is_whole = found
    for name, value in reversed(pairs):
        if fold(name) == wanted and value is not UNREAD and value is not None:
            return str(value) if isinstance(value, str) else _written(value)
    if not is_whole:
        return ParsedAnswer("", AnswerKind.TRUNCATED, f"the answer was cut off before “{key}”")
    return ParsedAnswer("", AnswerKind.NO_LABEL, f"the answer says nothing to “{key}”")


def place_of(raw: str, key: str) -> tuple[int, int] | None:
    """Where in an answer the value of a question's property stands, from and to. None where the answer is anything but
    one JSON object by the book, or has the property not once: then it is not known which part was meant."""
    pieces = json_in(raw)
    if len(pieces) != 1 or not pieces[0].is_whole or not isinstance(pieces[0].value, tuple):
        return None
    if [fold(name) for name, _ in pieces[0].value].count(fold(key)) != 1 or without_thoughts(raw) != raw.strip():
        return None
    reader, at = json.JSONDecoder(), pieces[0].start + 1
    try:
        while True:
            name, colon = reader.raw_decode(raw, raw.index('"', at))
            begin = raw.index(":", colon) + 1
            begin += len(raw[begin:]) - len(raw[begin:].lstrip())
            _, at = reader.raw_decode(raw, begin)
            if isinstance(name, str) and fold(name) == fold(key):
                return begin, at
    except (ValueError, RecursionError):
        return None


def _pairs(value: Any, known: set[str]) -> tuple[tuple[str, Any], ...] | None:
    """The object with the questions' keys: this one, or the only one within it."""
    if not isinstance(value, tuple):
        return None
    if any(fold(name) in known for name, _ in value):
        return value
    return _pairs(value[0][1], known) if len(value) == 1 else None


def _written(value: Any) -> str:
    """What `json_in` read, as JSON: numbers as they were spelled, keys as often as they came, without what did not come
    whole."""
    if isinstance(value, tuple):
        pairs = (f"{_quoted(name)}:{_written(inner)}" for name, inner in value if inner is not UNREAD)
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(inner) for inner in value if inner is not UNREAD) + "]"
    if isinstance(value, Number):
        return str(value) if _is_json(value) else _quoted(value)
    return json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _is_json(number: str) -> bool:
    try:
        json.loads(number)
    except ValueError:
        return False
    return True
