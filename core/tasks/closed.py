"""What all kinds of questions have in common that are answered by one label: a choice, a level, an outcome."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from core.model import Having, Task
from core.tasks.kind import TaskKind, most_common
from core.tasks.one_answer import parse_answer


def closed(
    title: str,
    about: str,
    *,
    widget: str,
    key: str,
    variables: Callable[[Task], Mapping[str, str]],
    first_prompt: Callable[[Task], tuple[str, str]],
    metrics: tuple[str, ...],
    proposed: tuple[tuple[str, float | None], ...] = (),
    options: tuple[str, ...] = (),
    decides: tuple[Having, ...] = (Having.ONE_OF, Having.NONE_OF),
) -> TaskKind:
    """A kind whose value is one label; `key` is what a model's JSON calls it."""
    return TaskKind(
        title=title,
        about=about,
        widget=widget,
        is_closed=True,
        decides=decides,
        response_schema=partial(response_schema, key=key),
        parse_answer=parse_answer,
        variables=variables,
        first_prompt=first_prompt,
        answer=partial(_answer, key=key),
        fallback=lambda task: task.fallback.name,
        value_of=value_of,
        said=lambda value, names: names[value],
        canonical=str,
        from_canonical=int,
        labels_in=lambda value: (value,),
        relabelled=lambda value, becomes: becomes.get(value, value),
        words=lambda said, text: str(said),
        cell=str,
        from_cell=str,
        elected=most_common,
        metrics=metrics,
        is_scaled=bool(proposed),
        options=options,
        proposed=proposed,
    )


def response_schema(task: Task, *, key: str) -> dict[str, Any]:
    """`{key: <one of the task's names, fallback included>}`."""
    return {
        "type": "object",
        "properties": {key: {"type": "string", "enum": list(task.names)}},
        "required": [key],
        "additionalProperties": False,
    }


def _answer(task: Task, said: str, text: str, *, key: str) -> str:
    """How a right answer is written, in examples and in training data alike, so that asking and teaching agree."""
    return json.dumps({key: said}, ensure_ascii=False)


def value_of(task: Task, said: str) -> int:
    """The id of the label; a task that is not stored has none, and no values. Raises KeyError for a name it has not."""
    found = next((one for one in task.choices if one.name == said), None)
    if found is None:
        raise KeyError(said)
    return found.id or 0
