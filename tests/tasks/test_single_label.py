"""What the answers of models amount to."""

import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.model import AnswerKind, Label, Options, QuestionKind, Task
from core.tasks import TASKS, parse_answer, response_schema
from core.tasks.spelling import fold

NEWS = Task(
    tuple(
        Label(name)
        for name in ("NEWS", "WORLD NEWS", "SPORTS", "POLITICS", "MEDIA & ENTERTAINMENT", "SCIENCE_AND_TECHNOLOGY")
    )
)
FALLBACK = "UNABLE_TO_CLASSIFY"


def label_of(raw: str, task: Task = NEWS) -> str:
    answer = parse_answer(task, raw, "stop", None)
    assert answer.kind is AnswerKind.LABEL, answer
    assert answer.reason == ""
    return answer.said


def kind_of(raw: str | None, finish: str | None = "stop", refusal: str | None = None, task: Task = NEWS) -> AnswerKind:
    answer = parse_answer(task, raw, finish, refusal)
    assert answer.said == task.fallback.name
    assert answer.reason
    return answer.kind


@pytest.mark.parametrize(
    "raw",
    [
        "SPORTS",
        "sports",
        "  Sports\n",
        '"SPORTS"',
        "'Sports'",
        "“Sports”",
        "`SPORTS`",
        "**SPORTS**",
        "*Sports*.",
        "SPORTS.",
        "Sports!",
        "- SPORTS",
        "1. SPORTS",
        "# SPORTS",
        "> SPORTS",
        "[SPORTS]",
        "<SPORTS>",
        "Label: SPORTS",
        "label = sports",
        "**Label:** SPORTS",
        "Category: **Sports**.",
        "The answer is SPORTS.",
        "The correct category is: sports",
        "Final answer -> SPORTS",
        "```\nSPORTS\n```",
        "```json\n" + '{"label": "SPORTS"}' + "\n```",
        '{"label": "SPORTS"}',
        '{"Label": "sports."}',
        '{"label": ["SPORTS"]}',
        '["SPORTS"]',
        '{"category": "Sports"}',
        '{"result": {"label": "SPORTS"}}',
        '{"label": "SPORTS", "reason": "it is not POLITICS"}',
        'POLITICS came to mind. {"label": "SPORTS"}',
        'Here it is:\n```json\n{"label": "SPORTS"}\n```\nI hope that helps.',
        '{"label": "SPORTS"}\n{"label": "sports"}',
        "I would file this under SPORTS, because it reports a match.",
        "SPORTS\n\nSPORTS",
        "It mentions POLITICS too.\nLabel: SPORTS",
        "<think>NEWS? POLITICS? No.</think>\nSPORTS",
        "NEWS or POLITICS, hm.\n</think>\n\nSPORTS",
        "ＳＰＯＲＴＳ",
        "⚽ SPORTS ⚽",
        "\u202bSPORTS\u202c",
        "<b>SPORTS</b>",
    ],
)
def test_an_answer_that_spells_one_label_is_that_label_however_it_is_wrapped(raw: str) -> None:
    assert label_of(raw) == "SPORTS"


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("WORLD_NEWS", "WORLD NEWS"),
        ("world news", "WORLD NEWS"),
        ("News", "NEWS"),
        ("This is world news.", "WORLD NEWS"),
        ("Media and Entertainment", "MEDIA & ENTERTAINMENT"),
        ("MEDIA_AND_ENTERTAINMENT", "MEDIA & ENTERTAINMENT"),
        ("science & technology", "SCIENCE_AND_TECHNOLOGY"),
        ("Science and technology", "SCIENCE_AND_TECHNOLOGY"),
    ],
)
def test_underscores_spaces_case_and_the_ampersand_do_not_make_another_label(raw: str, label: str) -> None:
    assert label_of(raw) == label


def test_the_fallback_answered_by_the_model_itself_counts_as_a_label() -> None:
    assert label_of("UNABLE_TO_CLASSIFY") == FALLBACK
    assert label_of('{"label": "unable to classify"}') == FALLBACK


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("SPORTS or POLITICS", ("SPORTS", "POLITICS")),
        ("WORLD NEWS, NEWS", ("WORLD NEWS", "NEWS")),
        ("Sports\nPolitics", ("SPORTS", "POLITICS")),
        ('{"label": ["SPORTS", "POLITICS"]}', ("SPORTS", "POLITICS")),
        ('{"label": "SPORTS, POLITICS"}', ("SPORTS", "POLITICS")),
        ('{"label": "SPORTS", "label": "POLITICS"}', ("SPORTS", "POLITICS")),
        ('{"label": "SPORTS"} {"label": "POLITICS"}', ("SPORTS", "POLITICS")),
        ("Label: SPORTS\nLabel: POLITICS", ("SPORTS", "POLITICS")),
        ("SPORTS, or unable to classify", ("SPORTS", FALLBACK)),
        ("Not POLITICS but SPORTS", ("SPORTS", "POLITICS")),
    ],
)
def test_several_labels_are_recorded_as_several_and_named_in_the_reason(raw: str, named: tuple[str, ...]) -> None:
    answer = parse_answer(NEWS, raw, "stop", None)
    assert (answer.said, answer.kind) == (FALLBACK, AnswerKind.SEVERAL_LABELS)
    assert all(name in answer.reason for name in named)
    assert "names 2 labels" in answer.reason


@pytest.mark.parametrize(
    "raw",
    [
        "TENNIS",
        "SPORT",
        "transports",
        "SPORTSWEAR",
        "non-sports",
        "This is not SPORTS.",
        "It isn't about sports",
        "I do not know.",
        "...",
        "{}",
        '{"label": null}',
        '{"label": ""}',
        '{"label": []}',
        "[]",
        '""',
        "SPORTS is close, though.\nLabel: TENNIS",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_an_answer_that_names_no_label_is_never_forced_onto_a_near_one(raw: str) -> None:
    assert kind_of(raw) is AnswerKind.NO_LABEL


@pytest.mark.parametrize("value", ["SPORT", "TENNIS", "SPORTS NEWSPAPER", "Sports (football)", 3, True, "<b>x</b>"])
def test_a_json_value_outside_the_list_is_recorded_as_outside_and_quoted(value: object) -> None:
    answer = parse_answer(NEWS, json.dumps({"label": value}), "stop", None)
    assert (answer.said, answer.kind) == (FALLBACK, AnswerKind.OUTSIDE_LIST)
    assert f'"{value if isinstance(value, str) else json.dumps(value)}"' in answer.reason


def test_refusals_truncations_and_empty_answers_are_told_apart() -> None:
    assert kind_of("", refusal="I cannot help with that.") is AnswerKind.REFUSED
    assert kind_of("SPORTS", refusal="No.") is AnswerKind.REFUSED
    assert kind_of(None, finish="content_filter") is AnswerKind.REFUSED
    assert kind_of('{"label": "SPO', finish="length") is AnswerKind.TRUNCATED
    assert kind_of("NEWS", finish="length") is AnswerKind.TRUNCATED
    assert kind_of("", finish="length") is AnswerKind.TRUNCATED
    assert kind_of('<think>Is it {"label": "SPORTS"} or', finish="length") is AnswerKind.TRUNCATED
    assert kind_of("") is AnswerKind.EMPTY
    assert kind_of(" \n\t") is AnswerKind.EMPTY
    assert kind_of(None) is AnswerKind.EMPTY
    assert kind_of("<think>hm</think>") is AnswerKind.EMPTY


def test_the_refusal_is_quoted_in_the_reason() -> None:
    assert "I cannot help with that." in parse_answer(NEWS, None, "stop", "I cannot help with that.").reason


def test_complete_json_counts_even_where_the_token_limit_was_reached_right_after_it() -> None:
    assert parse_answer(NEWS, '{"label": "SPORTS"}\n\n\n', "length", None).said == "SPORTS"


def test_an_exact_spelling_beats_another_label_that_differs_only_in_case() -> None:
    task = Task((Label("Polish"), Label("polish"), Label("Dutch")))
    assert label_of("polish", task) == "polish"
    assert label_of('{"label": "Polish"}', task) == "Polish"
    assert kind_of("POLISH", task=task) is AnswerKind.SEVERAL_LABELS
    assert kind_of('{"label": "POLISH"}', task=task) is AnswerKind.SEVERAL_LABELS
    assert kind_of("It is POLISH.", task=task) is AnswerKind.SEVERAL_LABELS


def test_short_labels_are_not_found_inside_ordinary_words_or_numbers() -> None:
    grades = Task((Label("A"), Label("B"), Label("1"), Label("C")))
    assert label_of("This is a clear case of B.", grades) == "B"
    assert kind_of("This is a hard one.", task=grades) is AnswerKind.NO_LABEL
    assert kind_of("10", task=grades) is AnswerKind.NO_LABEL
    assert kind_of("-1", task=grades) is AnswerKind.NO_LABEL
    assert kind_of("1.5", task=grades) is AnswerKind.NO_LABEL
    assert kind_of("C++", task=grades) is AnswerKind.NO_LABEL
    assert label_of("1", grades) == "1"
    assert label_of('{"label": 1}', grades) == "1"


def test_the_longest_label_claims_its_words_wherever_it_stands() -> None:
    task = Task((Label("a b"), Label("b c d"), Label("d")))
    # "b c d" (5 characters) is longer than "a b" (3), so it claims b, c and d and leaves no "a b".
    assert label_of("it is a b c d then", task) == "b c d"


@pytest.mark.parametrize("raw", ["{" * 50_000, "[" * 50_000, '{"a":' * 20_000, "1" * 10_000, "Label: " * 10_000])
def test_hostile_answers_are_judged_and_do_not_raise(raw: str) -> None:
    assert kind_of(raw) is AnswerKind.NO_LABEL


def test_reasons_can_be_stored_even_where_the_answer_holds_a_lone_surrogate() -> None:
    answer = parse_answer(NEWS, '{"label": "\\ud800"}', "stop", None)
    assert answer.kind is AnswerKind.OUTSIDE_LIST
    answer.reason.encode("utf-8")


names = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda name: fold(name) not in ("", "unable to classify")),
    min_size=2,
    max_size=8,
    unique_by=fold,
)


@given(names, st.text(max_size=200), st.sampled_from(["stop", "length", "content_filter", None]), st.none() | st.text())
def test_every_answer_becomes_one_of_the_choices_and_only_a_label_lacks_a_reason(
    labels: list[str], raw: str, finish: str | None, refusal: str | None
) -> None:
    task = Task(tuple(Label(name) for name in labels))
    answer = parse_answer(task, raw, finish, refusal)
    assert answer.said in task.names
    assert (answer.kind is AnswerKind.LABEL) == (answer.reason == "")
    assert answer.kind is AnswerKind.LABEL or answer.said == task.fallback.name


@pytest.mark.parametrize("name", ["{}", "[]", "{ }", "[ ]"])
def test_a_label_that_looks_like_empty_json_is_that_label(name: str) -> None:
    task = Task((Label(name), Label("0")))
    for answer in (name, json.dumps({"label": name}), json.dumps({"category": name})):
        assert parse_answer(task, answer, "stop", None).said == name


@given(names, st.data())
def test_a_label_answered_exactly_or_as_schema_json_is_always_that_label(
    labels: list[str], data: st.DataObject
) -> None:
    task = Task(tuple(Label(name) for name in labels))
    name = data.draw(st.sampled_from(task.names))
    assert parse_answer(task, name, "stop", None).said == name
    assert parse_answer(task, f"\n{name} ", "stop", None).said == name
    assert parse_answer(task, json.dumps({"label": name}), "stop", None).said == name
    jsonschema.validate({"label": name}, response_schema(task))


WORDS = st.sampled_from(["the", "match", "NEWS", "world news", "SPORTS", "Politics", "of", "transport", "newsroom"])


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from([" ", ", ", "\n", " / "]))
def test_a_text_is_a_label_exactly_when_it_names_one_distinct_label(words: list[str], joint: str) -> None:
    named = {word.upper() for word in words if word.upper() in NEWS.names}
    answer = parse_answer(NEWS, joint.join(words), "stop", None)
    if len(named) == 1:
        assert (answer.kind, answer.said) == (AnswerKind.LABEL, named.pop())
    else:
        assert answer.kind is (AnswerKind.SEVERAL_LABELS if named else AnswerKind.NO_LABEL)


@given(st.text(min_size=1, max_size=30))
def test_a_json_value_is_a_label_only_if_it_folds_to_one(value: str) -> None:
    assume(fold(value.strip(" .,;:!?\"'`*()[]<>{}")) not in {fold(name) for name in NEWS.names})
    answer = parse_answer(NEWS, json.dumps({"label": value}), "stop", None)
    assert answer.kind is not AnswerKind.LABEL


def test_the_schema_offers_every_choice_including_the_fallback_and_nothing_else() -> None:
    schema = response_schema(NEWS)
    assert schema["properties"]["label"]["enum"] == list(NEWS.names)
    assert NEWS.fallback.name in schema["properties"]["label"]["enum"]
    for wrong in ({"label": "TENNIS"}, {}, {"label": "SPORTS", "more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


@pytest.mark.parametrize("kind", list(QuestionKind))
def test_every_kind_of_question_can_be_asked_and_parsed(kind: QuestionKind) -> None:
    task = Task((Label("A"), Label("B")), type=kind)
    assert TASKS[kind].title
    for way in TASKS[kind].ways.values() or [""]:
        asked = replace(task, options=Options(answers=way))
        if (schema := TASKS[kind].response_schema(asked)) is not None:
            jsonschema.Draft202012Validator.check_schema(schema)
    assert TASKS[kind].parse_answer(task, "", None, None, None).said == TASKS[kind].fallback(task)
