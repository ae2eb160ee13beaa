"""What models answer to questions of every kind, as a run reads it: masked and not, whole and broken."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.hosts.wire import Manner, Reply
from core.model import (
    Annotation,
    AnswerKind,
    Example,
    Item,
    Label,
    Masking,
    Options,
    PromptVersion,
    QuestionKind,
    Span,
    Task,
)
from core.prompts.masking import Masker, into_masked, out_of_masked
from core.services.asking.asker import Asker
from core.services.asking.frozen import frozen_config
from core.services.asking.late import as_labels_stand
from core.services.asking.wording import differences
from core.services.review.doubts import doubts
from core.storage import projects, tasks
from core.storage.annotations import NewAnnotation
from core.tasks import TASKS
from tests.hosts.test_confidence import token

TEXT = "Ada wrote to ada@example.com and to Bob 😀 in Oslo."
PERSON, PLACE = Label("person", id=5), Label("place", id=3)
NONE = Label("NONE", id=9, is_fallback=True)


def asker(task, masker=None, answers=""):
    system, user = TASKS[task.type].first_prompt(task)
    version = PromptVersion(1, 1, 1, system, user, "", datetime.now(UTC), (), answers)
    return Asker(None, "model", frozen_config(task, version) | {"base_url": "http://x"}, Manner(), masker)


def replied(content):
    return Reply(content, "stop", None, 1, 1, None)


@pytest.mark.parametrize("answers", ["tags", "quotes"])
def test_spans_that_a_model_marks_in_a_masked_text_come_back_at_their_places_in_the_text_itself(answers):
    task = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS)
    masker = Masker(Masking(("email",)), b"salt")
    item = Item(1, TEXT)
    said = tuple(
        Span(TEXT.index(w), TEXT.index(w) + len(w), label)
        for w, label in (("Ada", "person"), ("ada@example.com", "person"), ("Bob", "person"), ("Oslo", "place"))
    )
    masked, places = masker.placed(TEXT)
    assert masked == masker.text(TEXT) and "ada@" not in masked
    assert out_of_masked(into_masked(said, places), places) == said
    asked = asker(task, masker, answers)
    written = asked.kind.answer(asked.task, into_masked(said, places), masked)
    answered = asked.read(replied(written), item=item)
    assert (answered.parsed.said, answered.parsed.kind) == (said, AnswerKind.LABEL)
    assert json.loads(answered.parsed.value) == sorted([s, e, {"person": 5, "place": 3}[name]] for s, e, name in said)


@pytest.mark.parametrize("may_overlap", [False, True])
def test_two_labels_on_parts_of_one_masked_value_do_not_come_back_over_each_other(may_overlap):
    task = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS, options=Options(may_overlap=may_overlap))
    masker, item = Masker(Masking(("email",)), b"salt"), Item(1, TEXT)
    masked = masker.text(TEXT)
    start, end = masked.index("["), masked.index("]") + 1
    asked = asker(task, masker, "quotes")
    halves = (Span(start, start + 4, "person"), Span(start + 4, end, "place"))
    parsed = asked.read(replied(asked.kind.answer(asked.task, halves, masked)), item=item).parsed
    whole = (TEXT.index("ada@"), TEXT.index(" and to"))
    both = (Span(*whole, "person"), Span(*whole, "place"))
    assert parsed.said == (both if may_overlap else both[:1])
    assert parsed.kind is (AnswerKind.LABEL if may_overlap else AnswerKind.PARTLY)
    assert may_overlap or "1 span left out, on the same words as another" in parsed.reason


def test_a_quote_that_is_not_there_is_left_out_and_said():
    task = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS)
    spans = [{"quote": "Ada", "label": "person", "occurrence": 1}, {"quote": "Rome", "label": "place", "occurrence": 1}]
    parsed = asker(task, answers="quotes").read(replied(json.dumps({"spans": spans})), item=Item(1, TEXT)).parsed
    assert (parsed.said, parsed.kind) == ((Span(0, 3, "person"),), AnswerKind.PARTLY)
    assert "Rome" in parsed.reason and "1 of 2 spans" in parsed.reason


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"labels": ["place", "person"]}', ("person", "place")),
        ('{"labels": []}', ()),
        ("person, place", ("person", "place")),
        ("- person\n- place", ("person", "place")),
        ("Labels: person and place", ("person", "place")),
        ('{"person": true, "place": false}', ("person",)),
        ("none", ()),
        ('```json\n{"labels": ["place"]}\n```', ("place",)),
    ],
)
def test_sets_are_read_as_models_write_them(answer, said):
    task = Task((PERSON, PLACE), NONE, type=QuestionKind.SEVERAL_LABELS)
    parsed = asker(task).read(replied(answer)).parsed
    assert (parsed.said, parsed.kind) == (said, AnswerKind.LABEL), parsed.reason


def test_an_empty_set_is_no_answer_where_the_task_does_not_allow_it():
    task = Task((PERSON, PLACE), NONE, type=QuestionKind.SEVERAL_LABELS, options=Options(allow_empty=False))
    parsed = asker(task).read(replied('{"labels": []}')).parsed
    assert (parsed.said, parsed.kind) == (("NONE",), AnswerKind.NO_LABEL)


@pytest.mark.parametrize(
    "answer", ["<person>Ada", "Ada</person> wrote", "<person>Ada <place>wrote</person> to</place>"]
)
def test_half_a_tag_and_tags_that_cross_lose_nothing_silently(answer):
    task = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS)
    parsed = asker(task).read(replied(answer), item=Item(1, TEXT)).parsed
    assert parsed.kind is not AnswerKind.LABEL and parsed.reason


@pytest.mark.parametrize(
    ("kind", "said", "options"),
    [
        (QuestionKind.SEVERAL_LABELS, ("person", "place"), Options()),
        (QuestionKind.SPANS, (Span(0, 3, "person"),), Options(may_overlap=True)),
        (QuestionKind.PREFERENCE, "person", Options(candidates=("a", "b"))),
    ],
)
def test_the_same_words_are_the_same_once_they_were_stored(kind, said, options):
    task = Task((PERSON, PLACE), NONE, type=kind, options=options)
    version = PromptVersion(1, 1, 1, "s", "{{text}}", "", datetime.now(UTC), (Example(1, "Ada", said),))
    config = frozen_config(task, version)
    assert list(differences(json.loads(json.dumps(config)), config)) == []


def test_spans_found_in_part_that_come_after_their_label_was_removed_say_so(workbench):
    task = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS)
    with workbench.db.write() as conn:
        project = projects.create(conn, "late", task, source={})
        ids = {label.name: label.id for label in tasks.task(conn, project).labels}
        tasks.archive_label(conn, ids["place"])
        late = NewAnnotation(1, 1, value=f"[[0,3,{ids['place']}]]", kind="partly", reason="1 of 2 spans left out")
        (put,) = as_labels_stand(conn, project)([late])
    assert (put.value, put.kind) == ("[]", AnswerKind.OUTSIDE_LIST)
    assert put.reason == "the answer is place, which has since been removed from the task"


@pytest.mark.parametrize(
    ("kind", "said", "left"),
    [
        (QuestionKind.SEVERAL_LABELS, "[{person},{place}]", "[{person}]"),
        (QuestionKind.SPANS, "[[0,3,{place}],[4,9,{person}]]", "[[4,9,{person}]]"),
    ],
)
def test_what_else_an_answer_says_stands_though_one_of_its_labels_was_removed(workbench, kind, said, left):
    with workbench.db.write() as conn:
        project = projects.create(conn, "late", Task((PERSON, PLACE), NONE, type=kind), source={})
        ids = {label.name: label.id for label in tasks.task(conn, project).labels}
        tasks.archive_label(conn, ids["place"])
        late = NewAnnotation(1, 1, value=said.format(**ids), kind="label", confidence=0.9)
        (put,) = as_labels_stand(conn, project)([late])
    assert (put.value, put.kind, put.confidence) == (left.format(**ids), AnswerKind.PARTLY, None)
    assert put.reason == "left out: place, which has since been removed from the task"


def with_chances(pieces):
    """A reply made up of these tokens, each `(text, probability, alternatives by their text)`."""
    tokens = [token(text, chance, **others) for text, chance, others in pieces]
    return replace(replied("".join(text for text, *_ in pieces)), logprobs={"content": tokens})


def test_spans_are_as_certain_as_the_least_certain_of_them_by_tags_and_by_quotes():
    task, item = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS), Item(1, "Ada in Oslo")
    tags = [("<person>", 0.9, {}), ("Ada", 1.0, {}), ("</person>", 1.0, {}), (" in ", 1.0, {}), ("<place>", 0.7, {})]
    answered = asker(task).read(with_chances([*tags, ("Oslo", 1.0, {}), ("</place>", 1.0, {})]), item=item)
    assert (answered.parsed.kind, len(answered.parsed.said)) == (AnswerKind.LABEL, 2)
    assert (answered.confidence, answered.confidence_source) == (pytest.approx(0.7), "parts")
    assert answered.parts == (pytest.approx(0.9), pytest.approx(0.7))
    quote = [
        ('{"spans": [{"quote": "', 1.0, {}),
        ("Ada", 0.6, {"Oslo": 0.4}),
        ('", "label": "person", "occurrence": 1}]}', 1.0, {}),
    ]
    answered = asker(task, answers="quotes").read(with_chances(quote), item=item)
    assert (answered.parsed.said, answered.confidence) == ((Span(0, 3, "person"),), pytest.approx(0.6))
    assert answered.parts == (pytest.approx(0.6),)


def test_each_mark_has_its_own_confidence_in_whatever_order_quotes_come():
    task, item = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS), Item(1, "Ada in Oslo, ada in Rome")
    one = '", "label": "{}", "occurrence": {}}}, {{"quote": "'
    pieces = [
        ('{"spans": [{"quote": "', 1.0, {}),
        ("Oslo", 0.5, {}),
        (one.format("place", 1), 1.0, {}),
        ("Ada", 0.9, {}),
    ]
    pieces += [
        (one.format("person", 1), 1.0, {}),
        ("ada", 0.8, {}),
        ('", "label": "person", "occurrence": 1}]}', 1.0, {}),
    ]
    answered = asker(task, answers="quotes").read(with_chances(pieces), item=item)
    assert [item.text[s:e] for s, e, _ in answered.parsed.said] == ["Ada", "Oslo", "ada"]
    assert answered.parts == (pytest.approx(0.9), pytest.approx(0.5), pytest.approx(0.8))
    said = Annotation(1, 1, answered.parsed.said, datetime.now(UTC), parts=answered.parts)
    assert doubts(said, item.text) == "least sure of place “Oslo” .50, person “ada” .80"
    assert doubts(replace(said, parts=()), item.text) == doubts(replace(said, parts=(0.95, None, 0.9)), item.text) == ""


def test_spans_of_which_some_were_not_found_or_that_came_in_another_form_have_no_confidence():
    task, item = Task((PERSON, PLACE), NONE, type=QuestionKind.SPANS), Item(1, "Ada in Oslo")
    partly = [
        ('{"spans": [{"quote": "', 1.0, {}),
        ("Rome", 0.6, {}),
        ('", "label": "place", "occurrence": 1}]}', 1.0, {}),
    ]
    assert asker(task, answers="quotes").read(with_chances(partly), item=item).confidence is None
    other = asker(task).read(with_chances([('{"person": ["Ada"]}', 0.9, {"<": 0.1})]), item=item)
    assert other.parsed.said == (Span(0, 3, "person"),) and other.confidence is None


def test_a_ranking_is_as_certain_as_its_least_certain_place():
    task = Task(
        (Label("one", id=1), Label("two", id=2)),
        NONE,
        type=QuestionKind.RANKING,
        options=Options(candidates=("one", "two")),
    )
    item = Item(1, "which?", fields={"one": "this", "two": "that"})
    pieces = [
        ('{"order": [["', 1.0, {}),
        ("B", 0.8, {"A": 0.2}),
        ('"], ["', 1.0, {}),
        ("A", 1.0, {}),
        ('"]]}', 1.0, {}),
    ]
    answered = asker(task).read(with_chances(pieces), item=item)
    assert (answered.parsed.kind, answered.confidence) == (AnswerKind.LABEL, pytest.approx(0.8))
    assert answered.confidence_source == "parts"
