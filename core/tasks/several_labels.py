"""Several labels for each item: a set, which may be empty where the task allows it.

A model's answer counts where every label it gives is one of the task's; one that is not, or an answer that says
nothing, is recorded as the fallback alone, with the reason. In a task that does not allow an empty set, an empty answer
is such an answer.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.model import AnswerKind, Having, Item, Task
from core.tasks.answers import Said as Heard
from core.tasks.answers import Undecided, Unheard, heard, quote
from core.tasks.json_in import json_in
from core.tasks.kind import ParsedAnswer, TaskKind, most_common
from core.tasks.label_prompt import named, prompt
from core.tasks.prose import Stance, judged
from core.tasks.spelling import Names, after_marker, bare, names_of

LabelSet = tuple[str, ...]
_BETWEEN = re.compile(r"[,;|\n、，；]|\s(?:and|&)\s")
_NOTHING = frozenset({"none", "no labels", "no label", "none of them", "none of these", "nothing", "empty", "n/a"})
_SYSTEM = """You label items. An item can have several of these labels:

{{label_names}}

Answer with all labels that fit"""
_OR_NONE = ", or with none where none fits."
_AT_LEAST_ONE = ", at least one. If none fits, answer with the last one alone."


def variables(task: Task) -> Mapping[str, str]:
    """As for one label; the fallback is told only where an empty answer is none."""
    return named(task.labels, None if task.options.allow_empty else task.fallback)


def first_prompt(task: Task) -> tuple[str, str]:
    """System and user message: with the labels' descriptions where there are any."""
    return prompt(task, _SYSTEM + (_OR_NONE if task.options.allow_empty else _AT_LEAST_ONE))


def response_schema(task: Task) -> dict[str, Any]:
    """`{"labels": [<any of the task's names>]}`, the fallback among them where an empty answer is none."""
    choices = task.labels if task.options.allow_empty else task.choices
    return {
        "type": "object",
        "properties": {"labels": {"type": "array", "items": {"type": "string", "enum": [one.name for one in choices]}}},
        "required": ["labels"],
        "additionalProperties": False,
    }


def parse_answer(
    task: Task, raw: str | None, finish_reason: str | None, refusal: str | None, item: Item | None
) -> ParsedAnswer:
    """The labels the answer gives, or the fallback with the reason; never raises. The item makes no difference.

    JSON is taken at its word: a list of names, or an object that says of each name whether it fits. Plain text counts
    where it is nothing but names, one a line or with commas between, or where prose gives labels and leaves none open.
    """
    said = heard((raw or "").strip(), finish_reason, refusal)
    if isinstance(said, Unheard):
        return _fallback(task, said.kind, said.reason)
    names = names_of(task.names)
    given = _in_json(task, names, said) if said.is_json else _in_text(task, names, said.text)
    if isinstance(given, ParsedAnswer):
        return _fallback(task, given.kind, given.reason)
    chosen = {name for name in given if name != task.fallback.name}
    if not chosen and not task.options.allow_empty and task.fallback.name not in given:
        return _fallback(task, AnswerKind.NO_LABEL, "the answer gives no label, and the task asks for one at least")
    if not chosen and task.fallback.name in given:
        chosen = {task.fallback.name}
    return ParsedAnswer(ordered(chosen), AnswerKind.LABEL)


def _in_json(task: Task, names: Names, said: Heard) -> list[str] | ParsedAnswer:
    flags = _flags(names, said.text)
    if flags is not None:
        return flags
    undecided = next((value for value in said.values if isinstance(value, Undecided)), None)
    if undecided is not None:
        reason = f"the JSON answer has {undecided.keys} keys that could each contain the labels"
        return ParsedAnswer((), AnswerKind.NO_LABEL, reason)
    return _all_known(
        task, names, [part for value in said.values if value is not None for part in _parts(names, value)]
    )


def _flags(names: Names, text: str) -> list[str] | None:
    """The names that an object such as `{"joy": true, "fear": false}` says yes to; None where it is no such object."""
    pieces = json_in(text)
    pairs = pieces[0].value if len(pieces) == 1 and isinstance(pieces[0].value, tuple) else ()
    if len(pairs) == 1 and isinstance(pairs[0][1], tuple):
        pairs = pairs[0][1]
    if not pairs or not all(isinstance(value, bool) and names.whole(key) for key, value in pairs):
        return None
    return [name for key, value in pairs if value and (name := names.whole(key))]


def _parts(names: Names, value: object) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value)
    return (
        [text]
        if names.whole(text) or not text.strip()
        else [part for own in _BETWEEN.split(text) if (part := own.strip())]
    )


def _all_known(task: Task, names: Names, parts: Iterable[str]) -> list[str] | ParsedAnswer:
    given = []
    for part in parts:
        name = names.whole(part)
        if _is_nothing(part) and not _is_label(task, name):
            continue
        if name is None:
            return ParsedAnswer((), AnswerKind.OUTSIDE_LIST, f"{quote(part)} is not one of the labels")
        given.append(name)
    return given


def _in_text(task: Task, names: Names, text: str) -> list[str] | ParsedAnswer:
    lines = [after_marker(line) or line for line in text.splitlines()]
    whole = "\n".join(line.strip() for line in lines if line.strip())
    if _is_nothing(whole) and not _is_label(task, names.whole(whole)):
        return []
    parts = [part for line in whole.split("\n") for part in _parts(names, line)]
    if all(_is_nothing(part) or names.whole(part) for part in parts):
        return _all_known(task, names, parts)
    found = judged(names.marked(text)).stances
    given = names.spelled([key for key, stance in found.items() if stance is Stance.GIVEN])
    if given and Stance.OPEN not in found.values():
        return list(given)
    why = "names no label" if not found else "does not say which labels it gives"
    return ParsedAnswer((), AnswerKind.NO_LABEL, f"the answer {why}: {quote(text)}")


def _is_label(task: Task, name: str | None) -> bool:
    """A label may be called what else says that there is none; the fallback says no more than that."""
    return name is not None and (name != task.fallback.name or not task.options.allow_empty)


def _is_nothing(text: str) -> bool:
    return text.strip() in ("", "[]") or bare(text).casefold() in _NOTHING


def _fallback(task: Task, kind: AnswerKind, reason: str) -> ParsedAnswer:
    return ParsedAnswer((task.fallback.name,), kind, reason)


def ordered(names: Iterable[str]) -> LabelSet:
    """The set as it is said: in alphabetical order, each once."""
    return tuple(sorted(set(names)))


def answer(task: Task, said: LabelSet, text: str) -> str:
    """The labels in the order of the task."""
    return json.dumps({"labels": [name for name in task.names if name in said]}, ensure_ascii=False)


def value_of(task: Task, said: LabelSet) -> tuple[int, ...]:
    """The ids in order. Raises KeyError for a name the task does not have."""
    ids = {label.name: label.id or 0 for label in task.choices}
    return tuple(sorted({ids[name] for name in said}))


def from_cell(text: str) -> LabelSet:
    """A JSON list of names, or names with `;`, `|` or `,` between; what is empty within is left out."""
    plain = text.strip()
    if plain[:1] in ("[", "{") or plain == "null":
        try:
            held = json.loads(plain)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{quote(plain)} is no list of labels.") from error
        if not isinstance(held, list) or not all(isinstance(name, str) for name in held):
            raise ValueError(f"{quote(plain)} holds something else than the names of labels.")
        return ordered(name.strip() for name in held if name.strip())
    mark = next((one for one in ";|," if one in plain), None)
    return ordered(part.strip() for part in (plain.split(mark) if mark else [plain]) if part.strip())


def _relabelled(value: Sequence[int], becomes: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sorted({becomes.get(label, label) for label in value}))


def words(said: tuple[str, ...], text: str = "") -> str:
    return ", ".join(said) or "no labels"


KIND = TaskKind(
    title="Several labels for each item",
    about="Every item gets all labels of the list that fit it: none, one or more.",
    widget="choices",
    is_closed=False,
    decides=(Having.ONE_OF, Having.NONE_OF),
    response_schema=response_schema,
    parse_answer=parse_answer,
    variables=variables,
    first_prompt=first_prompt,
    answer=answer,
    fallback=lambda task: (task.fallback.name,),
    value_of=value_of,
    said=lambda value, names: ordered(names[label] for label in value),
    canonical=lambda value: json.dumps(list(value), separators=(",", ":")),
    from_canonical=lambda text: tuple(json.loads(text)),
    labels_in=tuple,
    relabelled=_relabelled,
    without=lambda value, gone: tuple(label for label in value if label not in gone) or None,
    words=words,
    without_labels=words,
    cell=lambda said: json.dumps(list(said), ensure_ascii=False),
    from_cell=from_cell,
    elected=most_common,
    options=("allow_empty",),
    allows=lambda options, said: options.allow_empty or bool(said),
    metrics=("mean_jaccard", "exact_set", "micro_f1", "set_macro_f1", "masi_alpha"),
)
