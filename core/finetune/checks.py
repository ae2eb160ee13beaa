"""The pre-flight: what is checked before anything is uploaded or paid for."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.finetune.dataset import TrainingExample, tokens_of
from core.model import Split, Task

MIN_LINES = 10
"""What the OpenAI protocol asks of a training file."""
GAIN_LINES = 50
MAX_TOKENS = 65_536
RESERVED = ("<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|endofprompt|>")


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


def check_training(
    train: Sequence[TrainingExample], validation: Sequence[TrainingExample], task: Task
) -> tuple[Check, ...]:
    """All checks, in the order of the screen; none stops at the first finding."""
    everything = [*train, *validation]
    return (
        _enough(train),
        _spelling(everything, task),
        _coverage(train, task),
        _balance(train),
        _test_untouched(everything),
        _leakage(train, validation),
        _same_question(everything),
        _clean(everything),
        _size(train),
    )


def _enough(train: Sequence[TrainingExample]) -> Check:
    title = "Enough examples"
    if len(train) < MIN_LINES:
        return Check(
            Level.BLOCKER, title, f"{len(train)} lines; hosts ask for at least {MIN_LINES}.", "Label more train items."
        )
    if len(train) < GAIN_LINES:
        return Check(
            Level.WARNING, title, f"{len(train)} lines; gains usually show from {GAIN_LINES}.", "Label more if you can."
        )
    return Check(Level.OK, title, f"{len(train):,} lines.")


def _spelling(examples: Sequence[TrainingExample], task: Task) -> Check:
    title = "Labels spelled as in the task"
    strange: Counter[str] = Counter()
    for (label, answer), number in Counter((example.label, example.answer) for example in examples).items():
        strange[label] += number * ((label not in task.names) + (_in_json(label) not in answer))
    strange = +strange  # without those that nothing is strange about
    if strange:
        named = ", ".join(f"“{label}” ({n})" for label, n in strange.most_common(3))
        return Check(Level.BLOCKER, title, f"Not a label of the task: {named}.", "Rename or merge it on the Task page.")
    return Check(Level.OK, title, "Every answer is a label of the task, letter for letter.")


def _in_json(label: str) -> str:
    return json.dumps(label, ensure_ascii=False)


def _coverage(train: Sequence[TrainingExample], task: Task) -> Check:
    title = "Every label is taught"
    seen = {example.label for example in train}
    if len(seen) < 2:
        return Check(Level.BLOCKER, title, "The examples show fewer than two labels.", "Label items of other kinds.")
    absent = [label.name for label in task.labels if label.name not in seen]
    if absent:
        named = ", ".join(absent[:5]) + (" …" if len(absent) > 5 else "")
        return Check(Level.WARNING, title, f"No example of {named}.", "The tuned model will hardly ever answer these.")
    return Check(Level.OK, title, f"{len(seen)} labels have examples.")


def _balance(train: Sequence[TrainingExample]) -> Check:
    title = "Class balance"
    counts = Counter(example.label for example in train).most_common()
    if not counts:
        return Check(Level.OK, title, "Nothing to compare yet.")
    (most, high), (least, low) = counts[0], counts[-1]
    finding = f"Largest {most} {high:,}, smallest {least} {low:,}."
    if high > 10 * low:
        return Check(Level.WARNING, title, finding, f"Label more {least}, or expect it to be missed.")
    return Check(Level.OK, title, finding)


def _test_untouched(examples: Sequence[TrainingExample]) -> Check:
    title = "Test split untouched"
    leaked = sum(example.split is Split.TEST for example in examples)
    if leaked:
        return Check(Level.BLOCKER, title, f"{leaked} test items are among the examples.", "Leave the test split out.")
    return Check(Level.OK, title, "No test item is taught.")


def _leakage(train: Sequence[TrainingExample], validation: Sequence[TrainingExample]) -> Check:
    title = "No duplicates across splits"
    texts = {example.messages[-1].content for example in train}
    groups = {example.duplicate_group for example in train} - {None}
    shared = sum(e.messages[-1].content in texts or e.duplicate_group in groups for e in validation)
    if shared:
        return Check(
            Level.BLOCKER, title, f"{shared} validation items repeat a train item.", "Split again on the Data page."
        )
    return Check(Level.OK, title, "No validation item repeats a train item.")


def _same_question(examples: Sequence[TrainingExample]) -> Check:
    title = "Taught as it will be asked"
    heads = {example.messages[0].content for example in examples if example.messages[0].role == "system"}
    shapes = {tuple([message.role for message in example.messages]) for example in examples}
    if len(shapes) > 1:
        return Check(Level.BLOCKER, title, "The examples are built from different prompts.", "Choose one version.")
    note = "The tuned model is asked with the very prompt version it is taught with."
    if len(heads) > 1:
        return Check(Level.OK, title, note + " Its system message differs from item to item.")
    return Check(Level.OK, title, note)


def _clean(examples: Sequence[TrainingExample]) -> Check:
    title = "No reserved tokens"
    known: dict[str, bool] = {}  # what is the same in every example is read once
    hits = [e.item_id for e in examples if any([_reserved(m.content, known) for m in e.messages])]
    if hits:
        named = ", ".join(str(item) for item in hits[:5])
        return Check(Level.BLOCKER, title, f"{len(hits)} texts hold a reserved token (items {named}).", "Exclude them.")
    return Check(Level.OK, title, "No text holds a token that hosts reserve.")


def _reserved(content: str, known: dict[str, bool]) -> bool:
    if content not in known:
        known[content] = "<|" in content and any(token in content for token in RESERVED)
    return known[content]


def _size(train: Sequence[TrainingExample]) -> Check:
    title = "Size"
    sizes = [tokens_of(example) for example in train]
    longest = max(sizes, default=0)
    finding = f"About {sum(sizes):,} tokens an epoch (characters / 4: an estimate)."
    if longest > MAX_TOKENS:
        return Check(Level.WARNING, title, f"{finding} The longest line has about {longest:,}.", "Hosts cut or refuse.")
    return Check(Level.OK, title, finding)
