"""What every task type provides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.model import AnswerKind, Task


@dataclass(frozen=True)
class ParsedAnswer:
    """`label` is always one of the task's names: the fallback unless `kind` is LABEL.

    `reason` is one clause for the screen saying why the fallback was recorded; empty where `kind` is LABEL.
    """

    label: str
    kind: AnswerKind
    reason: str = ""


ParseAnswer = Callable[[Task, str | None, str | None, str | None], ParsedAnswer]


@dataclass(frozen=True)
class TaskKind:
    """One type of task. `parse_answer` takes (task, raw answer, finish reason, refusal) and never raises."""

    title: str
    about: str
    response_schema: Callable[[Task], dict[str, Any]]
    parse_answer: ParseAnswer
