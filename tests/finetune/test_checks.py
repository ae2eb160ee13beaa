"""The pre-flight: one planted fault a check, found by that check and no other."""

import json
from dataclasses import replace

import pytest

from core.finetune import Alike, Level, TrainingExample, check_facts, facts_of
from core.finetune.checks import GAIN_LINES, MIN_LINES
from core.model import Label, Message, Split, Task

TASK = Task((Label("X"), Label("Y")))


def example(i, label="X", split=Split.TRAIN, **changes):
    messages = (Message("system", "Choose."), Message("user", f"text number {i}"))
    made = TrainingExample(i, messages, json.dumps({"label": label}), (label,), split)
    return replace(made, **changes)


TRAIN = [example(i, "XY"[i % 2]) for i in range(60)]
VALIDATION = [example(i, "XY"[i % 2], Split.VALIDATION) for i in range(100, 110)]


def one_by_one(examples):
    for one in examples:
        *before, last = one.messages
        taught = [(one.labels, one.answer)]
        yield Alike(one.split, tuple(before), [one.item_id], [last.content], taught, [one.duplicate_group], last.role)


def check_training(train, validation, task):
    taught = facts_of(one_by_one(train))
    return check_facts(taught, facts_of(one_by_one(validation), taught), task)


def findings(train=TRAIN, validation=VALIDATION, task=TASK):
    return {check.title: check for check in check_training(train, validation, task) if check.level is not Level.OK}


def test_a_clean_set_passes_every_check():
    assert findings() == {}
    assert len(check_training(TRAIN, VALIDATION, TASK)) == 9


FAULTS = {
    "Enough examples": (Level.BLOCKER, {"train": TRAIN[: MIN_LINES - 1]}),
    "Labels spelled as in the task": (Level.BLOCKER, {"train": [*TRAIN, *(example(61 + i, "x") for i in range(9))]}),
    "Every label is taught": (Level.WARNING, {"task": Task((*TASK.labels, Label("Z")))}),
    "Class balance": (Level.WARNING, {"train": [example(i, "X") for i in range(100)] + [example(200, "Y")]}),
    "Test split untouched": (Level.BLOCKER, {"train": [*TRAIN, example(61, split=Split.TEST)]}),
    "No duplicates across splits": (Level.BLOCKER, {"validation": [example(3, "Y", Split.VALIDATION)]}),
    "Taught as it will be asked": (
        Level.BLOCKER,
        {"train": [*TRAIN, example(61, messages=(Message("user", "text number 61"),))]},
    ),
    "No reserved tokens": (
        Level.BLOCKER,
        {"train": [*TRAIN, example(61, messages=(Message("system", "S"), Message("user", "a <|endoftext|> b")))]},
    ),
    "Size": (
        Level.WARNING,
        {"train": [*TRAIN, example(61, messages=(Message("system", "S"), Message("user", "x" * 300_000)))]},
    ),
}


@pytest.mark.parametrize("title", FAULTS)
def test_each_fault_is_found_by_its_own_check_alone(title):
    level, planted = FAULTS[title]
    found = findings(**planted)
    assert list(found) == [title]
    assert found[title].level is level
    assert found[title].todo


def test_a_set_too_small_to_show_gains_is_a_warning():
    assert findings(TRAIN[: GAIN_LINES - 1])["Enough examples"].level is Level.WARNING
    assert findings(TRAIN[:GAIN_LINES]) == {}


def test_near_duplicates_across_splits_are_found_though_their_texts_differ():
    train = [replace(one, duplicate_group=7) if one.item_id == 4 else one for one in TRAIN]
    validation = [replace(VALIDATION[0], duplicate_group=7), *VALIDATION[1:]]
    assert list(findings(train, validation)) == ["No duplicates across splits"]


def test_items_without_a_group_share_none():
    assert findings(TRAIN, VALIDATION) == {}


def test_one_label_alone_teaches_nothing():
    assert findings([example(i) for i in range(60)])["Every label is taught"].level is Level.BLOCKER


def test_an_empty_set_is_judged_without_breaking():
    assert findings([], [])["Enough examples"].finding == "0 lines; hosts ask for at least 10."


def test_an_answer_that_does_not_say_its_label_is_found():
    assert list(findings([*TRAIN, example(61, answer='{"label": "Y"}')])) == ["Labels spelled as in the task"]


def test_a_label_that_json_spells_otherwise_is_no_fault():
    task = Task((Label('say "hi"'), Label("back\\slash")))
    train = [example(i, task.labels[i % 2].name) for i in range(60)]
    assert findings(train, [], task) == {}


def test_examples_are_read_once_so_that_they_may_be_made_as_they_are_read():
    checks = check_training(iter(TRAIN), iter(VALIDATION), TASK)
    assert checks == check_training(TRAIN, VALIDATION, TASK)


def test_a_reserved_token_in_the_system_message_is_found_in_every_example_that_has_it():
    head = Message("system", "Choose. <|endoftext|>")
    spoilt = [replace(one, messages=(head, one.messages[1])) for one in TRAIN[:7]]
    found = findings(train=[*spoilt, *TRAIN[7:]])
    assert found["No reserved tokens"].finding == "7 texts contain a reserved token (items 0, 1, 2, 3, 4)."


def test_tokens_are_counted_message_by_message_and_with_the_answer():
    [size] = [check for check in check_training(TRAIN[:1], [], TASK) if check.title == "Size"]
    # "Choose." 7 // 4 + 4, "text number 0" 13 // 4 + 4, '{"label": "X"}' 14 // 4 + 4
    assert size.finding.startswith("About 19 tokens per epoch")


def coverage(train, fallbacks):
    checks = check_facts(facts_of(one_by_one(train)), facts_of([]), TASK, fallbacks)
    return next(check for check in checks if check.title == "Every label is taught")


def test_the_check_says_truthfully_whether_the_fallback_is_taught():
    name = TASK.fallback.name
    taught = coverage([*TRAIN, example(61, name), example(62, name)], 2)
    assert (taught.level, taught.finding) == (Level.OK, f"3 labels have examples, {name} among them (2).")
    left_out = coverage(TRAIN, 2)
    assert (left_out.level, left_out.finding) == (Level.WARNING, f"No example of {name}.")
    assert "2 items labelled" in left_out.todo
    never_given = coverage(TRAIN, 0)
    assert never_given.level is Level.OK
    assert never_given.finding.endswith(f"Nobody labelled a train item {name}, so it is not taught.")
