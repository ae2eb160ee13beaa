"""The pre-flight: what is checked before anything is uploaded or paid for."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.finetune.facts import Facts
from core.model import Content, QuestionKind, Task
from core.plural import count

MIN_LINES = 10
"""What the OpenAI protocol asks of a training file."""
GAIN_LINES = 50
MAX_TOKENS = 65_536


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True)
class Check:
    """One line of the pre-flight: what was found and, unless it is fine, what to do."""

    level: Level
    title: str
    finding: str
    todo: str = ""


def check_facts(train: Facts, validation: Facts, task: Task, fallbacks: int = 0) -> tuple[Check, ...]:
    """All checks, in the order of the screen; none stops at the first finding. `validation` was read beside `train`;
    `fallbacks` are the train items labelled with the fallback, whether or not they are among the examples."""
    return (
        enough(train.lines),
        *of_kind(train, validation, task, fallbacks),
        test_untouched(train.of_test + validation.of_test),
        leakage(validation.repeats),
        same_question(train.shapes | validation.shapes, train.heads | validation.heads),
        clean([*train.reserved, *validation.reserved]),
        size(train),
    )


def of_kind(train: Facts, validation: Facts, task: Task, fallbacks: int) -> tuple[Check, ...]:
    """The checks of what the answers say: labels, texts, or orders of candidates, which are no labels by name."""
    if task.type is QuestionKind.RANKING:
        return (_orders(train.answers),)
    return _texts(train) if task.type is QuestionKind.TEXT else _labels(train, validation, task, fallbacks)


def _labels(train: Facts, validation: Facts, task: Task, fallbacks: int) -> tuple[Check, ...]:
    spelled = _spelling(train.answers + validation.answers, task)
    return spelled, _coverage(train, task, fallbacks), _balance(train.labels)


def _texts(train: Facts) -> tuple[Check, ...]:
    """Free text has no labels: what is taught is to write, and one text for all would teach to write that."""
    title, different = "Texts differ", len(train.answers)
    if different < 2:
        return (Check(Level.BLOCKER, title, "All examples teach the same text.", "Write other texts for some items."),)
    finding = f"{count(different, 'different text')}."
    most, number = train.answers.most_common(1)[0]
    if number > 0.5 * train.lines:
        which = "an empty text" if most[1] == '""' else "one and the same text"
        return (
            Check(Level.WARNING, title, f"{number:,} of {train.lines:,} teach {which}.", "Expect it to be repeated."),
        )
    return (Check(Level.OK, title, finding),)


def _orders(answers: Counter[tuple[tuple[str, ...], str]]) -> Check:
    """An example in which all tie says nothing of what is better."""
    title = "Rankings that order"
    level = sum(number for (_, answer), number in answers.items() if len(json.loads(answer)["order"]) < 2)
    lines = answers.total()
    if level == lines:
        return Check(Level.BLOCKER, title, "Every example ties all candidates.", "Rank some that differ.")
    if level:
        finding = f"{count(level, 'example')} of {lines:,} {'ties' if level == 1 else 'tie'} all candidates."
        return Check(Level.OK, title, f"{finding} Nothing is learned from these.")
    return Check(Level.OK, title, "Every example puts some candidate before another.")


def enough(lines: int, todo: str = "Label more train items.") -> Check:
    """Whether there are as many lines as hosts ask for; `todo` says how there can be more."""
    title = "Enough examples"
    if lines < MIN_LINES:
        return Check(
            Level.BLOCKER,
            title,
            f"{count(lines, 'line')}; hosts ask for at least {MIN_LINES}.",
            todo,
        )
    if lines < GAIN_LINES:
        return Check(
            Level.WARNING,
            title,
            f"{count(lines, 'line')}; gains usually show from {GAIN_LINES}.",
            "Label more if you can.",
        )
    return Check(Level.OK, title, f"{count(lines, 'line')}.")


def _spelling(answers: Counter[tuple[tuple[str, ...], str]], task: Task) -> Check:
    title = "Labels spelled as in the task"
    strange: Counter[str] = Counter()
    names = frozenset(task.names)
    for (labels, answer), number in answers.items():
        for label in labels:
            strange[label] += number * ((label not in names) + (not _is_written(label, answer)))
    strange = +strange  # without those that nothing is strange about
    if strange:
        named = ", ".join(f"“{label}” ({n})" for label, n in strange.most_common(3))
        return Check(Level.BLOCKER, title, f"Not a label of the task: {named}.", "Rename or merge it on the Task page.")
    return Check(Level.OK, title, "Every answer is a label of the task, letter for letter.")


_BREAKS_TAGS = frozenset("<>/#")


def _is_written(label: str, answer: str) -> bool:
    """As JSON has it, or as a tag; signs that would break a tag are written otherwise."""
    is_tagged = f"<{label}" in answer or not _BREAKS_TAGS.isdisjoint(label)
    return json.dumps(label, ensure_ascii=False) in answer or is_tagged


def _coverage(train: Facts, task: Task, fallbacks: int) -> Check:
    title, taught = "Every label is taught", train.labels
    if len(train.answers) < 2:
        return Check(
            Level.BLOCKER, title, "The examples have fewer than two labels.", "Label some items with other labels."
        )
    absent = [label.name for label in task.labels if label.name not in taught]
    fallback = task.fallback.name
    if fallbacks and fallback not in taught:
        absent.append(fallback)
    if absent:
        named = ", ".join(absent[:5]) + (" …" if len(absent) > 5 else "")
        todo = "The tuned model will hardly ever answer these."
        if absent[-1] == fallback:
            left = f"{count(fallbacks, 'item')} labelled {fallback} {'is' if fallbacks == 1 else 'are'} left out"
            todo += f" {left}, as you chose."
        return Check(Level.WARNING, title, f"No example of {named}.", todo)
    have = f"{count(len(taught), 'label')} {'has' if len(taught) == 1 else 'have'}"
    if fallback in taught:
        return Check(
            Level.OK,
            title,
            f"{have} examples, {fallback} among them ({taught[fallback]:,}).",
        )
    finding = f"{have} examples. Nobody labelled a train item {fallback}, so it is not taught."
    return Check(Level.OK, title, finding)


def _balance(taught: Counter[str]) -> Check:
    title = "Class balance"
    counts = taught.most_common()
    if not counts:
        return Check(Level.OK, title, "Nothing to compare yet.")
    (most, high), (least, low) = counts[0], counts[-1]
    finding = f"Largest {most} {high:,}, smallest {least} {low:,}."
    if high > 10 * low:
        return Check(
            Level.WARNING,
            title,
            finding,
            f"Label more {least}, repeat rare labels, or expect it to be missed.",
        )
    return Check(Level.OK, title, finding)


def test_untouched(leaked: int) -> Check:
    """Whether any test item is among the lines."""
    title = "Test split untouched"
    if leaked:
        return Check(Level.BLOCKER, title, f"{leaked} test items are among the examples.", "Leave out the test split.")
    return Check(Level.OK, title, "No test item is among the examples.")


def test_unknown(known: int, total: int) -> tuple[Check, ...]:
    """How many of all test items have the words, or nearly those, of what is taught: figures leave these out. Nothing
    where none has."""
    if not known:
        return ()
    title = "Test items are new to it"
    finding = f"{known:,} of {count(total, 'test item')} {'reads' if known == 1 else 'read'} like what is taught"
    if known == total:
        todo = "Split again on the Data page."
        return (Check(Level.WARNING, title, f"{finding}: nothing is left to measure on.", todo),)
    finding += f"; figures leave {'it' if known == 1 else 'them'} out."
    return (Check(Level.WARNING, title, finding, "Split again on the Data page to measure on all."),)


def leakage(shared: int) -> Check:
    """Whether validation has what train has."""
    title = "No duplicates across splits"
    if shared:
        return Check(
            Level.BLOCKER, title, f"{shared} validation items repeat a train item.", "Split again on the Data page."
        )
    return Check(Level.OK, title, "No validation item repeats a train item.")


def same_question(shapes: set[tuple[str, ...]], heads: set[Content]) -> Check:
    """Whether all examples are built from one prompt."""
    title = "Taught as it will be asked"
    if len(shapes) > 1:
        return Check(Level.BLOCKER, title, "The examples are built from different prompts.", "Choose one version.")
    note = "The tuned model is asked with the same prompt version it is taught with."
    if len(heads) > 1:
        return Check(Level.OK, title, note + " Its system message differs from item to item.")
    return Check(Level.OK, title, note)


def clean(reserved: Sequence[int]) -> Check:
    """Whether texts of these items have tokens that hosts reserve."""
    title = "No reserved tokens"
    if reserved:
        named = ", ".join(str(item) for item in reserved[:5])
        return Check(
            Level.BLOCKER, title, f"{len(reserved)} texts contain a reserved token (items {named}).", "Exclude them."
        )
    return Check(Level.OK, title, "No text contains a token that hosts reserve.")


def size(train: Facts) -> Check:
    """How many tokens an epoch takes, and whether a line is too long."""
    title = "Size"
    finding = f"About {train.tokens:,} tokens per epoch (characters / 4: an estimate)."
    if train.longest > MAX_TOKENS:
        return Check(
            Level.WARNING,
            title,
            f"{finding} The longest line has about {train.longest:,}.",
            "Hosts cut or refuse lines this long.",
        )
    return Check(Level.OK, title, finding)
