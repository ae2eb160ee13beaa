"""What every kind of question provides."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.model import AnswerKind, Having, Item, Options, Said, Task

OfItem = Callable[[str, Mapping[str, str]], str]
"""From an item's text and fields to what stands for a variable in a prompt about it."""


@dataclass(frozen=True)
class ParsedAnswer:
    """What a model's answer amounts to, in the words of the task: the kind's fallback unless `kind` is LABEL or
    PARTLY.

    `reason` is one clause for the screen saying what was not understood; empty where `kind` is LABEL. `value` is what
    was said in canonical form, of a task whose labels are stored; `shown` in which order what is compared or
    chosen between was shown, as places in the item or the task, "" where that is as given.
    """

    said: Said
    kind: AnswerKind
    reason: str = ""
    value: str = field(default="", compare=False)
    shown: str = field(default="", compare=False)


@dataclass(frozen=True)
class TaskKind:
    """One kind of question, as data and functions.

    What an annotator says has two forms: *said*, by the names of labels (see `core.model.Said`), and the *value*, by
    their ids, which is stored in one canonical form. A task that is not stored has no ids, and no values.

    `title`, `about`   for choosing it: what one gives to an item, in a few words and in a sentence
    `widget`           what answers it in Review
    `is_closed`        whether a value is one label, so that two annotators make one table
    `writes`           whether what is said is a text: there are no labels, and hardly two values are the same
    `response_schema`  the JSON schema an answer must satisfy, in the strict subset; None where it is plain text
    `parse_answer`     (task, raw answer, finish reason, refusal, the item) to what it amounts to; never raises
    `variables`        what its prompts can name besides the item, by name; the first of them says what can be answered
    `of_item`          the same, of what is written for each item from its text and fields; a prompt must name these
    `first_prompt`     the system and the user message that it proposes
    `answer`           (task, said, the item's text) to a right answer as a model is to write it, read as just that
    `fallback`         what is recorded where an answer says nothing
    `value_of`         the value of what is said; raises KeyError for a label the task does not have
    `said`             the way back, with labels by these names
    `canonical`        the one form in which equal values are equal texts, made of ids of labels
    `from_canonical`   the way back
    `labels_in`        the labels in a value, each as often as it occurs
    `relabelled`       the value after labels have become others; those not named stay
    `without`          what is left of the value without these labels; None where that would say something else
    `words`            what is said of the item's text, on one line for people; the text is "" where it is not at hand
    `without_labels`   as what a value is counted that has no labels in it, where values are counted by label
    `cell`             what is said as the cell of a table that holds nothing else
    `from_cell`        the way back; names may be any. Raises ValueError with a sentence
    `elected`          of several answers, (what each said, whether clearly), in their order: where the one stands that
                       speaks for all, and how many said the same
    `metrics`          the scores of two annotators that make sense, the headline first
    `ways`             how its answers can be written, by the variable with which a prompt asks for it, the first the
                       usual one; empty where there is one way
    `reads_item`       whether what an answer amounts to depends on the item; else it is read once for all items
    `standing`         what is left of an answer whose parts have come to lie elsewhere than where they were read
    `says_fallback`    whether a model may answer the fallback; else an unusable answer alone is recorded so, and it is
                       never taught
    `decides`          what its answer may have to have for others to be asked; nothing where it cannot decide
    `is_scaled`        whether its labels have scores, which place them on a scale
    `options`          what of `core.model.Options` the user may change of it later, by name
    `allows`           whether these options let an annotator say so
    `proposed`         the labels a task of it begins with, by name and score; empty where they come from the user
    """

    title: str
    about: str
    widget: str
    is_closed: bool
    response_schema: Callable[[Task], dict[str, Any] | None]
    parse_answer: Callable[[Task, str | None, str | None, str | None, Item | None], ParsedAnswer]
    variables: Callable[[Task], Mapping[str, str]]
    first_prompt: Callable[[Task], tuple[str, str]]
    answer: Callable[[Task, Any, str], str]
    fallback: Callable[[Task], Said]
    value_of: Callable[[Task, Any], Any]
    said: Callable[[Any, Mapping[int, str]], Said]
    canonical: Callable[[Any], str]
    from_canonical: Callable[[str], Any]
    labels_in: Callable[[Any], tuple[int, ...]]
    relabelled: Callable[[Any, Mapping[int, int]], Any]
    words: Callable[[Any, str], str]
    cell: Callable[[Any], str]
    from_cell: Callable[[str], Said]
    elected: Callable[[Sequence[tuple[Hashable, bool]]], tuple[int, int]]
    metrics: tuple[str, ...]
    ways: Mapping[str, str] = field(default_factory=dict)
    reads_item: bool = False
    writes: bool = False
    without: Callable[[Any, Collection[int]], Any | None] = lambda value, gone: None
    without_labels: Callable[[Any], str] = str
    standing: Callable[[Task, ParsedAnswer], ParsedAnswer] = lambda task, parsed: parsed
    of_item: Callable[[Task], Mapping[str, OfItem]] = lambda task: {}
    says_fallback: bool = True
    decides: tuple[Having, ...] = ()
    is_scaled: bool = False
    options: tuple[str, ...] = ()
    allows: Callable[[Options, Any], bool] = lambda options, said: True
    proposed: tuple[tuple[str, float | None], ...] = ()


def most_common(answers: Sequence[tuple[Hashable, bool]]) -> tuple[int, int]:
    """Where the answer stands that speaks for what most of them said, and how many that were. Of what equally many said
    the one answered first wins; a clear answer speaks first."""
    counts: dict[Hashable, int] = {}  # in order of appearance, which max keeps for ties
    for said, _ in answers:
        counts[said] = counts.get(said, 0) + 1
    winner = max(counts, key=lambda said: counts[said])
    behind = [place for place, (said, _) in enumerate(answers) if said == winner]
    return next((place for place in behind if answers[place][1]), behind[0]), counts[winner]
