"""What must hold of every kind of question: each entry of TASKS is walked, on values made for it."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import METRICS
from core.model import AnswerKind, Item, Label, Options, QuestionKind, Span, Task
from core.prompts import variables_in
from core.said import said_of
from core.tasks import TASKS, parse_answer
from core.tasks.text import tidy

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
ITEM = Item(1, "Ann met Bob in Oslo.")


@st.composite
def tasks_of(draw: st.DrawFn, kind: QuestionKind) -> Task:
    """A stored task: two to six labels whose names differ in more than case, with ids in no order."""
    names = draw(st.lists(NAMES, min_size=2, max_size=6))
    ids = draw(st.lists(st.integers(1, 999), min_size=len(names) + 1, max_size=len(names) + 1, unique=True))
    labels = tuple(Label(f"{name} {place}x", id=i) for place, (name, i) in enumerate(zip(names, ids[1:], strict=True)))
    ways = st.sampled_from(list(TASKS[kind].ways.values()) or [""])
    options = Options(draw(st.booleans()), draw(st.booleans()), ("one", "two"), draw(ways))
    return Task(labels, Label("UNABLE_TO_CLASSIFY", id=ids[0], is_fallback=True), type=kind, options=options)


def one_label(task: Task) -> st.SearchStrategy[Any]:
    return st.sampled_from([label.id for label in task.choices])


def label_sets(task: Task) -> st.SearchStrategy[Any]:
    """Sets without the fallback, or the fallback alone."""
    some = st.sets(st.sampled_from([label.id for label in task.labels]), min_size=not task.options.allow_empty)
    return some.map(lambda ids: tuple(sorted(ids))) | st.just((task.fallback.id,))


@st.composite
def span_sets(draw: st.DrawFn, task: Task) -> tuple[tuple[int, int, int], ...]:
    """Spans of ITEM's text that begin and end anywhere; side by side unless they may overlap."""
    ids, n = st.sampled_from([label.id or 0 for label in task.labels]), len(ITEM.text)
    if task.options.may_overlap:
        extent = st.tuples(st.integers(0, n - 1), st.integers(1, n)).filter(lambda one: one[0] < one[1])
        return tuple(sorted((*one, draw(ids)) for one in draw(st.sets(extent, max_size=4))))
    edges = sorted(draw(st.sets(st.integers(0, n), max_size=8)))
    return tuple((start, end, draw(ids)) for start, end in zip(edges[::2], edges[1::2], strict=False))


def written(task: Task) -> st.SearchStrategy[Any]:
    """Any text, the empty one and those that look like cells and JSON among them."""
    odd = st.sampled_from(['""', '"', '""""', "{}", "```", '{"label": "A 0x"}', "one\r\ntwo", "A 0x"])
    return (st.text(st.characters(exclude_categories=["Cs"])) | odd).map(tidy)


@st.composite
def rankings(draw: st.DrawFn, task: Task) -> tuple[tuple[int, ...], ...]:
    """All labels in some order, each with a place that several can share."""
    places = [(draw(st.integers(0, 3)), label.id or 0) for label in task.labels]
    return tuple(tuple(sorted(i for at, i in places if at == place)) for place in sorted({at for at, _ in places}))


VALUES: dict[QuestionKind, Callable[[Task], st.SearchStrategy[Any]]] = {
    QuestionKind.SINGLE_LABEL: one_label,
    QuestionKind.SEVERAL_LABELS: label_sets,
    QuestionKind.SPANS: span_sets,
    QuestionKind.RATING: one_label,
    QuestionKind.PREFERENCE: one_label,
    QuestionKind.RANKING: rankings,
    QuestionKind.TEXT: written,
}
"""Any value of a task, as `from_canonical` gives it; a new kind adds its own."""


def test_every_kind_is_walked() -> None:
    assert VALUES.keys() == TASKS.keys() == set(QuestionKind)


def names_in(task: Task) -> dict[int, str]:
    return {label.id or 0: label.name for label in task.choices}


walked = pytest.mark.parametrize("kind", list(QuestionKind))


@walked
@given(data=st.data())
def test_the_canonical_form_is_one_and_leads_back(kind: QuestionKind, data: st.DataObject) -> None:
    task, is_a = data.draw(tasks_of(kind)), TASKS[kind]
    one, other = data.draw(VALUES[kind](task)), data.draw(VALUES[kind](task))
    assert is_a.from_canonical(is_a.canonical(one)) == one
    assert (is_a.canonical(one) == is_a.canonical(other)) == (one == other)


@walked
@given(data=st.data())
def test_a_right_answer_is_read_as_just_what_it_says(kind: QuestionKind, data: st.DataObject) -> None:
    task, is_a = data.draw(tasks_of(kind)), TASKS[kind]
    value = data.draw(VALUES[kind](task))
    said = is_a.said(value, names_in(task))
    written = is_a.answer(task, said, ITEM.text)
    is_fallback = said == is_a.fallback(task) and kind is QuestionKind.SEVERAL_LABELS and task.options.allow_empty
    if (schema := is_a.response_schema(task)) is not None and not is_fallback:
        jsonschema.validate(json.loads(written), schema)
    read = parse_answer(task, written, "stop", None, ITEM)
    assert (read.kind, read.said, read.reason) == (AnswerKind.LABEL, said, "")
    assert is_a.value_of(task, read.said) == value


@walked
@given(data=st.data())
def test_what_is_said_and_the_value_are_two_forms_of_one_thing(kind: QuestionKind, data: st.DataObject) -> None:
    task, is_a = data.draw(tasks_of(kind)), TASKS[kind]
    one, other = data.draw(VALUES[kind](task)), data.draw(VALUES[kind](task))
    said = is_a.said(one, names_in(task))
    assert is_a.value_of(task, said) == one
    assert (said == is_a.said(other, names_in(task))) == (one == other)
    assert hash(said) == hash(is_a.said(one, names_in(task)))
    assert said_of(json.loads(json.dumps(said))) == said
    assert is_a.from_cell(is_a.cell(said)) == said
    assert len(is_a.words(said, "").splitlines()) == 1


@walked
def test_the_fallback_is_a_value_of_the_task(kind: QuestionKind) -> None:
    task, is_a = Task((Label("A", id=1), Label("B", id=2)), Label("NONE", id=3), type=kind), TASKS[kind]
    value = is_a.value_of(task, is_a.fallback(task))
    assert is_a.from_canonical(is_a.canonical(value)) == value
    assert set(is_a.labels_in(value)) <= {3}
    if is_a.writes:
        return  # whatever is written can be said
    foreign = {QuestionKind.SPANS: (Span(0, 1, "C"),), QuestionKind.RANKING: (("C",),)}.get(kind, ("C",))
    with pytest.raises(KeyError):
        is_a.value_of(task, "C" if is_a.is_closed else foreign)


@walked
@given(data=st.data())
def test_labels_are_those_of_the_task_and_become_others_when_they_are_merged(
    kind: QuestionKind, data: st.DataObject
) -> None:
    task, is_a = data.draw(tasks_of(kind)), TASKS[kind]
    value = data.draw(VALUES[kind](task))
    ids = [label.id or 0 for label in task.choices]
    held = is_a.labels_in(value)
    assert set(held) <= set(ids)
    source, target = data.draw(st.permutations(ids))[:2]
    then = is_a.relabelled(value, {source: target})
    assert set(is_a.labels_in(then)) == {target if label == source else label for label in held}
    assert is_a.relabelled(value, {}) == value
    assert is_a.from_canonical(is_a.canonical(then)) == then


@walked
@given(data=st.data())
def test_of_several_answers_one_speaks_for_all_and_only_for_those_that_say_the_same(
    kind: QuestionKind, data: st.DataObject
) -> None:
    task, is_a = data.draw(tasks_of(kind)), TASKS[kind]
    said = data.draw(st.lists(st.tuples(VALUES[kind](task).map(is_a.canonical), st.booleans()), min_size=1))
    place, number = is_a.elected(said)
    same = [is_clear for value, is_clear in said if value == said[place][0]]
    assert number == len(same) >= max(sum(value == other for other, _ in said) for value, _ in said)
    assert said[place][1] == any(same)


@walked
def test_what_a_kind_names_exists(kind: QuestionKind) -> None:
    is_a = TASKS[kind]
    assert is_a.title and is_a.about.endswith(".")
    task = Task((Label("A", id=1), Label("B", id=2)), Label("NONE", id=3), type=kind)
    variables, of_item = is_a.variables(task), is_a.of_item(task)
    used = set(variables_in(*is_a.first_prompt(task)))
    assert {"text", *of_item} <= used <= {"text", "guidelines", *variables, *of_item}
    told = [*variables.values(), *(write("", {"A": "A", "B": "B"}) for write in of_item.values()), ""]
    assert is_a.writes or all(label.name in told[0] for label in task.labels)
    assert is_a.metrics and set(is_a.metrics) <= METRICS.keys()
    assert len(set(is_a.metrics)) == len(is_a.metrics)


@walked
@pytest.mark.parametrize("raw", ["", "{", "```", "I cannot say.", '{"label": [["?"]]}', "\x00" * 50])
def test_nothing_that_a_model_says_is_too_much(kind: QuestionKind, raw: str) -> None:
    task = Task((Label("A", id=1), Label("B", id=2)), Label("NONE", id=3), type=kind)
    read = parse_answer(task, raw, "stop", None, ITEM)
    if TASKS[kind].writes and raw:
        assert (read.kind, read.said) == (AnswerKind.LABEL, raw)
        return
    assert read.kind is not AnswerKind.LABEL and read.reason
    assert read.said == TASKS[kind].fallback(task)
