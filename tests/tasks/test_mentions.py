"""Labels are found in a text in one pass, and what no answer can be is not read to its end."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import AnswerKind, Label, Task
from core.spelling import fold
from core.tasks import parse_answer
from core.tasks.spelling import names_of


def named_one_by_one(names, text):
    """The same found the plain way: one name after another, the longest first, each claiming its words."""
    rest = fold(text)
    found = []
    for name in sorted(names, key=lambda one: -len(fold(one))):
        pattern = re.compile(rf"(?<![\w#+])(?<!\w-){re.escape(fold(name))}(?![\w#+]|-\w)")
        if pattern.search(rest):
            found.append(name)
        rest = pattern.sub(lambda match: "\x00" * len(match.group()), rest)
    return tuple(name for name in names if name in found)


@given(
    st.lists(st.text("abc ", min_size=3, max_size=8).map(str.strip).filter(lambda one: len(one) > 2), max_size=6),
    st.text("abcABC _-.,", max_size=60),
)
def test_the_labels_found_in_one_pass_are_those_found_one_by_one(names, text):
    distinct = tuple({fold(name): name for name in names}.values())
    assert names_of(distinct).named_in(text) == named_one_by_one(distinct, text)


def steps(task, text):
    """How many lines of the product are gone through to read an answer."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if "/core/tasks/" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        parse_answer(task, text, "stop", None)
    finally:
        sys.settrace(before)
    return count


def labels(count):
    return Task(tuple(Label(f"label {number}") for number in range(count)))


def test_the_work_does_not_grow_with_the_number_of_labels():
    text = " or ".join(f"label {number % 10}" for number in range(1_000))
    names_of(labels(500).names), names_of(labels(10).names)
    assert steps(labels(500), text) < 1.5 * steps(labels(10), text)


@pytest.mark.parametrize(
    "unit", ["it may be label 1 or label 2. ", "label 3\n", "Label: x\n", "not ", "(a) ", "- label 1 "]
)
def test_the_work_grows_with_the_length_of_the_answer_and_no_faster(unit):
    short, long = (steps(labels(20), unit * (length // len(unit))) for length in (5_000, 50_000))
    assert long < 12 * short


@pytest.mark.parametrize(
    "unit",
    [
        "it may be label 1. ",
        '{"label": "label 1"} ',
        "<think>",
        "\nx",
        "[",
        "Label: label 1\n",
        "```\n",
        "label 1 (a) ",
    ],
)
def test_an_answer_of_millions_of_characters_is_not_read_to_its_end(unit):
    text = unit * (8_000_000 // len(unit))
    assert parse_answer(labels(500), text, "stop", None).kind is AnswerKind.NO_LABEL
    assert steps(labels(500), text) < 100


def test_an_answer_that_runs_on_says_so_and_one_cut_off_at_the_limit_too():
    answer = parse_answer(labels(2), "it may be label 1 or " * 10_000, "stop", None)
    assert answer.kind is AnswerKind.NO_LABEL
    assert answer.reason.startswith('the answer runs on without end: "it may be label 1 or')
    assert parse_answer(labels(2), "it may be label 1 or " * 10_000, "length", None).kind is AnswerKind.TRUNCATED


def test_a_long_thought_before_a_label_is_read():
    assert parse_answer(labels(500), f"<think>{'label 1 or label 2? ' * 30_000}</think>label 3", "stop", None).said == (
        "label 3"
    )
