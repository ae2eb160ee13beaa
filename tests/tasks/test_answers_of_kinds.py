"""What models write where several labels or spans are asked for, where the item's text or a label looks like markup."""

import json
from dataclasses import replace

import pytest

from core.model import AnswerKind, Item, Label, Options, QuestionKind, Span, Task
from core.tasks import TASKS, parse_answer

SPANS = Task((Label("PER", id=1), Label("LOC", id=2)), Label("NOTHING", id=9), type=QuestionKind.SPANS)
SETS = Task((Label("joy", id=1), Label("None", id=2)), Label("UNCLEAR", id=9), type=QuestionKind.SEVERAL_LABELS)
TEXTS = [
    "Note: Ann met Bob",
    "Reason: Ann",
    "[1] Ann is here",
    "[] Ann is here",
    '{"name": "Ann", "n": 3}',
    '{"text": "Ann is here"}',
    'Use ```{"a": 1}``` like Ann',
    "<think>Ann is here</think> yes",
    "<b>Ann</b> x < y",
    "None of Ann",
]


@pytest.mark.parametrize("answers", ["tags", "quotes"])
@pytest.mark.parametrize("text", TEXTS)
def test_what_the_text_looks_like_hides_no_span(text: str, answers: str) -> None:
    task = replace(SPANS, options=Options(answers=answers))
    at = text.index("Ann")
    said = (Span(at, at + 3, "PER"),)
    read = parse_answer(task, TASKS[task.type].answer(task, said, text), "stop", None, Item(1, text))
    assert (read.said, read.kind, read.reason) == (said, AnswerKind.LABEL, "")


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_as_it_is_marks_nothing(text: str) -> None:
    read = parse_answer(SPANS, text, "stop", None, Item(1, text))
    assert (read.said, read.kind) == ((), AnswerKind.LABEL)


def test_thoughts_of_the_model_before_a_text_without_any_are_still_none_of_it() -> None:
    raw = "<think>Is <LOC>Ann</LOC> a place?</think><PER>Ann</PER> is here"
    assert parse_answer(SPANS, raw, "stop", None, Item(1, "Ann is here")).said == (Span(0, 3, "PER"),)


def test_quotes_that_a_sentence_leads_in_are_read() -> None:
    task = replace(SPANS, options=Options(answers="quotes"))
    raw = 'Here are the spans: {"spans": [{"quote": "Ann", "label": "PER", "occurrence": 1}]}'
    read = parse_answer(task, raw, "stop", None, Item(1, "I saw Ann"))
    assert (read.said, read.kind) == ((Span(6, 9, "PER"),), AnswerKind.LABEL)


@pytest.mark.parametrize("raw", ['{"joy": 1, "fear": 0}', '{"joy": 0.9, "fear": 0.1}'])
def test_figures_by_label_are_no_set(raw: str) -> None:
    task = replace(SETS, labels=(Label("joy", id=1), Label("fear", id=2)))
    read = parse_answer(task, raw, "stop", None, None)
    assert (read.said, read.kind) == (("UNCLEAR",), AnswerKind.NO_LABEL) and "2 keys" in read.reason


@pytest.mark.parametrize("raw", ["None", '["None"]', '{"labels": ["none"]}', "- None"])
def test_a_label_that_is_called_none_is_one(raw: str) -> None:
    assert parse_answer(SETS, raw, "stop", None, None).said == ("None",)
    plain = replace(SETS, labels=(Label("joy", id=1), Label("fear", id=2)))
    for fallback in ("UNCLEAR", "None"):  # which the model is not told where an empty set is allowed
        read = parse_answer(replace(plain, fallback=Label(fallback, id=9)), raw, "stop", None, None)
        assert (read.said, read.kind) == ((), AnswerKind.LABEL)


def test_every_label_of_a_set_is_read_beside_one_that_is_called_none() -> None:
    assert parse_answer(SETS, json.dumps({"labels": ["None", "joy"]}), "stop", None, None).said == ("None", "joy")


@pytest.mark.parametrize("raw", ["joy, fear, and None", "joy  and  fear\n& None", "joy;fear | None"])
def test_names_stand_between_any_marks(raw: str) -> None:
    task = replace(SETS, labels=(*SETS.labels, Label("fear", id=3)))
    assert parse_answer(task, raw, "stop", None, None).said == ("None", "fear", "joy")


@pytest.mark.parametrize("kind", [QuestionKind.SEVERAL_LABELS, QuestionKind.SPANS])
def test_a_cell_nested_without_end_is_refused_in_a_sentence(kind: QuestionKind) -> None:
    with pytest.raises(ValueError, match=r"is no list of"):
        TASKS[kind].from_cell("[" * 100_000)
