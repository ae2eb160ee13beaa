"""What can be asked of an item: one file a kind of question, and the TASKS dict whose order is the order on screen."""

from typing import Any

from core.model import AnswerKind, Item, QuestionKind, Task
from core.spelling import fold
from core.tasks import single_label
from core.tasks.answers import is_all_json
from core.tasks.kind import ParsedAnswer, TaskKind
from core.tasks.labels import (
    LABEL_COLORS,
    MAX_LABELS,
    RESERVED_KEYS,
    check_task,
    complete_fallback,
    complete_labels,
    is_fallback_name,
    propose_labels,
    text_on,
)
from core.tasks.ontology import task_from_json, task_to_json
from core.tasks.spelling import names_of

TASKS: dict[QuestionKind, TaskKind] = {
    QuestionKind.SINGLE_LABEL: single_label.KIND,
}

__all__ = [
    "LABEL_COLORS",
    "MAX_LABELS",
    "RESERVED_KEYS",
    "TASKS",
    "ParsedAnswer",
    "TaskKind",
    "check_task",
    "complete_fallback",
    "complete_labels",
    "fold",
    "is_fallback_name",
    "parse_answer",
    "parse_misplaced",
    "propose_labels",
    "response_schema",
    "task_from_json",
    "task_to_json",
    "text_on",
]


def response_schema(task: Task) -> dict[str, Any]:
    """The JSON schema an answer must satisfy, in the strict subset (every key required, nothing additional)."""
    return TASKS[task.type].response_schema(task)


def parse_misplaced(task: Task, text: str, item: Item | None = None) -> ParsedAnswer | None:
    """What a text amounts to that a server put beside an empty answer, where it is a whole answer; None where it is a
    thought: then nothing in it counts."""
    parsed = parse_answer(task, text, "stop", None, item)
    is_label = parsed.kind is AnswerKind.LABEL
    is_whole = is_all_json(text) or names_of(task.names).whole(text) is not None
    return parsed if is_label and is_whole else None


def parse_answer(
    task: Task,
    raw: str | None,
    finish_reason: str | None = None,
    refusal: str | None = None,
    item: Item | None = None,
) -> ParsedAnswer:
    """What a model's raw answer about an item amounts to under this task; never raises. See the kind's own function."""
    return TASKS[task.type].parse_answer(task, raw, finish_reason, refusal, item)
