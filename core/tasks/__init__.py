"""What can be asked of an item: one file a kind of question, and the TASKS dict whose order is the order on screen."""

from typing import Any

from core.model import AnswerKind, Item, QuestionKind, Said, Task
from core.spelling import fold
from core.tasks import preference, ranking, rating, several_labels, single_label, spans, text
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
from core.tasks.task_file import AskedQuestion, AskedWhere, TaskFile, task_file_from_json, task_file_to_json

TASKS: dict[QuestionKind, TaskKind] = {
    QuestionKind.SINGLE_LABEL: single_label.KIND,
    QuestionKind.SEVERAL_LABELS: several_labels.KIND,
    QuestionKind.SPANS: spans.KIND,
    QuestionKind.RATING: rating.KIND,
    QuestionKind.PREFERENCE: preference.KIND,
    QuestionKind.RANKING: ranking.KIND,
    QuestionKind.TEXT: text.KIND,
}

__all__ = [
    "LABEL_COLORS",
    "MAX_LABELS",
    "RESERVED_KEYS",
    "TASKS",
    "AskedQuestion",
    "AskedWhere",
    "ParsedAnswer",
    "TaskFile",
    "TaskKind",
    "check_task",
    "complete_fallback",
    "complete_labels",
    "fold",
    "is_answer",
    "is_fallback_name",
    "is_of",
    "parse_answer",
    "propose_labels",
    "response_schema",
    "task_file_from_json",
    "task_file_to_json",
    "task_from_json",
    "task_to_json",
    "text_on",
]


def response_schema(task: Task) -> dict[str, Any] | None:
    """The JSON schema an answer must satisfy, in the strict subset (every key required, nothing additional); None where
    it is plain text."""
    return TASKS[task.type].response_schema(task)


def is_of(task: Task, said: Said) -> bool:
    """Whether the task has, by name, all labels of what is said."""
    try:
        TASKS[task.type].value_of(task, said)
    except KeyError:
        return False
    return True


def is_answer(task: Task, said: str, parsed: ParsedAnswer) -> bool:
    """Whether what a server put beside an empty answer is a whole answer; otherwise it is a thought, and nothing in it
    counts. `parsed` is what it amounts to. A text cannot be told from a thought."""
    if TASKS[task.type].writes:
        return False
    is_whole = is_all_json(said) or names_of(task.names).whole(said) is not None
    return parsed.kind is AnswerKind.LABEL and is_whole


def parse_answer(
    task: Task,
    raw: str | None,
    finish_reason: str | None = None,
    refusal: str | None = None,
    item: Item | None = None,
) -> ParsedAnswer:
    """What a model's raw answer about an item amounts to under this task; never raises. See the kind's own function."""
    return TASKS[task.type].parse_answer(task, raw, finish_reason, refusal, item)
