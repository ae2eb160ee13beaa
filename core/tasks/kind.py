"""What every kind of question provides."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.model import AnswerKind, Item, Task


@dataclass(frozen=True)
class ParsedAnswer:
    """`label` is always one of the task's names: the fallback unless `kind` is LABEL.

    `reason` is one clause for the screen saying why the fallback was recorded; empty where `kind` is LABEL. `value` is
    what that comes to in canonical form, of a task whose labels are stored.
    """

    label: str
    kind: AnswerKind
    reason: str = ""
    value: str = field(default="", compare=False)


@dataclass(frozen=True)
class TaskKind:
    """One kind of question, as data and functions. A value is what its `from_canonical` gives, with labels by id.

    `response_schema`  the JSON schema an answer must satisfy, in the strict subset
    `parse_answer`     (task, raw answer, finish reason, refusal, the item) to what it amounts to; never raises
    `variables`        what its prompts can name besides the item, by name; the first of them says what can be answered
    `first_prompt`     the system and the user message that it proposes
    `answer`           a right answer in words, as a model is to write it: it is read as just that
    `value_of`         what words of the task mean
    `canonical`        the one form in which equal values are equal texts, made of ids of labels
    `from_canonical`   the way back
    `labels_in`        the labels in a value, each as often as it occurs
    `relabelled`       the value after labels have become others; those not named stay
    `words`            the value for the screen, with labels by these names
    `elected`          of several answers, (what each said, whether clearly), in their order: where the one stands that
                       speaks for all, and how many said the same
    `metrics`          the scores of two annotators that make sense, the headline first
    `reads_item`       whether what an answer amounts to depends on the item; else it is read once for all items
    """

    title: str
    about: str
    response_schema: Callable[[Task], dict[str, Any]]
    parse_answer: Callable[[Task, str | None, str | None, str | None, Item | None], ParsedAnswer]
    variables: Callable[[Task], Mapping[str, str]]
    first_prompt: Callable[[Task], tuple[str, str]]
    answer: Callable[[str], str]
    value_of: Callable[[Task, str], Any]
    canonical: Callable[[Any], str]
    from_canonical: Callable[[str], Any]
    labels_in: Callable[[Any], tuple[int, ...]]
    relabelled: Callable[[Any, Mapping[int, int]], Any]
    words: Callable[[Any, Mapping[int, str]], str]
    elected: Callable[[Sequence[tuple[Hashable, bool]]], tuple[int, int]]
    metrics: tuple[str, ...]
    reads_item: bool = False
