"""What counts of an answer: never a thought, never an echo, and of JSON the value of the one key that can hold it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import AnswerKind, Label, Task
from core.tasks import parse_answer
from core.tasks.json_in import _pieces, json_in
from core.tasks.thoughts import without_thoughts

TASK = Task((Label("SPORTS"), Label("POLITICS")))
FALLBACK = TASK.fallback.name
THOUGHT = "The minister suggests POLITICS at first, but the cup final is the subject."
MARKS = [
    ("<think>", "</think>"),
    ("<Thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("<reason>", "</reason>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<reflection>", "</reflection>"),
    ("<inner_monologue>", "</inner_monologue>"),
    ("<analysis>", "</analysis>"),
    ("<think effort='low'>", "</think>"),
    ("&lt;think&gt;", "&lt;/think&gt;"),
    ("[THINK]", "[/THINK]"),
    ("<mm:think>", "</mm:think>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|><|begin_of_solution|>"),
    ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<|channel>thought\n", "<channel|>"),
    ("<unused94>thought\n", "<unused95>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<antThinking>", "</antThinking>"),
    ("<think_fast>", "</think_fast>"),
    ("<deep_reasoning>", "</deep_reasoning>"),
    ("<o1_thinking>", "</o1_thinking>"),
    ("<｜begin▁of▁thinking｜>", "<｜end▁of▁thinking｜>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("Here is my thought process: ", "\nHere is my response: "),
    ("Here's my thought process:\n", "\nHere's my response:\n"),
    ("```thinking\n", "\n```\n"),
    ('<details type="reasoning">', "</details>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("analysis<|message|>", "<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>"),
    ("＜think＞", "＜/think＞"),
    ("[REASONING]", "[/REASONING]"),
    ("[scratchpad]", "[/scratchpad]"),
    ("<|im_start|>think\n", "<|im_end|>\n<|im_start|>answer\n"),
    ("<|CHANNEL|>Analysis<|MESSAGE|>", "<|END|><|CHANNEL|>Final<|MESSAGE|>"),
    ("<｜channel｜>analysis<｜message｜>", "<｜channel｜>final<｜message｜>"),
    ("Analysis", "assistantfinal"),
    ("analysisso: ", "assistantfinal"),
    ("Thinking...\n", "\n...done thinking.\n\n"),
    ("think\n", "\ndone thinking\n"),
    ("analysis", "assistantfinal"),
    ("analysis\n", "\nassistant\nfinal\n"),
]


def read(answer, finish="stop", task=TASK):
    return parse_answer(task, answer, finish, None)


@pytest.mark.parametrize(("begin", "end"), MARKS, ids=lambda mark: mark.strip() or "-")
@pytest.mark.parametrize("answer", ["SPORTS", '{"label": "SPORTS"}'])
def test_a_thought_that_was_closed_never_counts(begin, end, answer):
    assert read(f"{begin}{THOUGHT}{end}{answer}").said == "SPORTS"


@pytest.mark.parametrize(("begin", "end"), MARKS, ids=lambda mark: mark.strip() or "-")
def test_a_thought_that_never_ends_is_no_answer(begin, end):
    answer = read(f"{begin}The minister suggests POLITICS at first sight, and then")
    assert (answer.said, answer.kind) == (FALLBACK, AnswerKind.EMPTY)
    assert answer.reason == "the answer contains nothing but thinking"


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("POLITICS at first.</think>SPORTS", "SPORTS"),
        ("<think>a <think> b</think> POLITICS maybe</think>SPORTS", "SPORTS"),
        ("<think>\n<think>\nPOLITICS?</think>SPORTS", "SPORTS"),
        ("<thinking>a<reflection>b</reflection> POLITICS</thinking>SPORTS", "SPORTS"),
        ("<thinking>a<reflection>b</reflection> POLITICS", FALLBACK),
        ("<think>POLITICS?</thinking>SPORTS", "SPORTS"),
        ("SPORTS<think>or POLITICS, but", "SPORTS"),
        ("<think>x</think>SPORTS<think>or POLITICS</think>", "SPORTS"),
        ("<label>SPORTS</label><reason>It is no POLITICS.</reason>", "SPORTS"),
        ("<input>POLITICS today</input><label>TENNIS</label>", FALLBACK),
        ("[BEGIN FINAL RESPONSE]SPORTS[END FINAL RESPONSE]", "SPORTS"),
        ("SPORTS<|im_end|>\n<|im_start|>user\nPOLITICS today", "SPORTS"),
        ("<|channel|>final<|message|>SPORTS<|return|>", "SPORTS"),
        ("<|channel|>commentary<|message|>POLITICS?<|end|><|channel|>final<|message|>SPORTS", "SPORTS"),
        ("SPORTS\nReason: a minister is named, but POLITICS is not the subject.", "SPORTS"),
        ("Reasoning: A minister is named, so POLITICS.\nBut it is a match.\n\nLabel: SPORTS", "SPORTS"),
        ("SPORTS. Explanation: POLITICS is only touched.", "SPORTS"),
        ("Thought: POLITICS, at first sight", FALLBACK),
    ],
)
def test_what_stands_beside_a_thought_is_read_and_the_thought_is_not(answer, label):
    assert read(answer).said == label


def test_a_mark_of_thinking_in_a_string_of_json_is_a_word_like_others():
    assert read('{"label": "SPORTS", "reason": "it names the <think> tag of POLITICS"}').said == "SPORTS"


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ({"Label": "SPORTS", "reason": "not POLITICS"}, "SPORTS"),
        ({"class": "SPORTS", "explanation": "no POLITICS here"}, "SPORTS"),
        ({"predictedCategory": "SPORTS", "text": "POLITICS today"}, "SPORTS"),
        ({"article_category": "SPORTS", "why": "POLITICS"}, "SPORTS"),
        ({"answer": "SPORTS", "labels": ["SPORTS", "POLITICS"]}, "SPORTS"),
        ({"sentiment": "SPORTS", "input": "POLITICS", "confidence": 0.9}, "SPORTS"),
        ({"zzz": "SPORTS", "reason": "POLITICS"}, "SPORTS"),
        ({"zzz": "SPORTS", "sure": True, "p": 0.7}, "SPORTS"),
        (
            {"zzz": "SPORTS", "aside": "There is some POLITICS in it as well, but only in the second sentence."},
            "SPORTS",
        ),
        ({"label": "SPORTS", "second_label": "POLITICS"}, "SPORTS"),
        ({"label": "SPORTS", "label_confidence": 0.9, "reason_for_label": "POLITICS"}, "SPORTS"),
        ({"result": {"label": "SPORTS", "confidence": 1}}, "SPORTS"),
        ({"label": {"name": "SPORTS", "score": 0.9}}, "SPORTS"),
        ({"name": "classify", "arguments": {"label": "SPORTS"}}, "SPORTS"),
        ({"arguments": '{"label": "SPORTS"}'}, "SPORTS"),
        ({"labels": ["SPORTS"]}, "SPORTS"),
        ({"labels": ["SPORTS", "POLITICS"]}, FALLBACK),
        ({"answer": "TENNIS", "labels": ["SPORTS"]}, FALLBACK),
        ({"foo": "TENNIS", "bar": "SPORTS"}, FALLBACK),
        ({"text": "SPORTS"}, FALLBACK),
        ({"reason": "SPORTS"}, FALLBACK),
        ({"label": None, "reason": "SPORTS"}, FALLBACK),
        ({"label": {"SPORTS": 0.9, "POLITICS": 0.1}}, FALLBACK),
        ({"SPORTS": True, "POLITICS": False}, FALLBACK),
        ({"closest": "SPORTS", "category": "TENNIS"}, FALLBACK),
        ({"category": "not SPORTS"}, FALLBACK),
        ([{"label": "SPORTS"}], "SPORTS"),
        ([{"label": "SPORTS"}, {"label": "POLITICS"}], FALLBACK),
        (["SPORTS", "POLITICS"], FALLBACK),
        ({"label": {"type": "string", "enum": ["SPORTS", "POLITICS"]}}, FALLBACK),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_json_is_taken_at_its_word_whatever_its_keys(answer, label):
    found = read(json.dumps(answer))
    assert found.said == label
    assert (found.kind is AnswerKind.LABEL) == (label != FALLBACK)
    assert read(f"Here it is:\n```json\n{json.dumps(answer, indent=2)}\n```\nIt is no POLITICS.").said == label


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("{'label': 'SPORTS', 'reason': 'no POLITICS'}", "SPORTS"),
        ("{'label': 'SPORTS', 'sure': True, 'second': None}", "SPORTS"),
        ('{"label": "SPORTS",}', "SPORTS"),
        ('{"label": "SPORTS" "reason": "no POLITICS"}', "SPORTS"),
        ("{label: SPORTS, reason: no POLITICS}", "SPORTS"),
        ('{"label": "SPORTS", "reason": "he said "POLITICS" loudly"}', "SPORTS"),
        ('{"label": "SPORTS"', "SPORTS"),
        ('{"reason": "he said "POLITICS" loudly", "label": "TENNIS"}', FALLBACK),
        ('{"label": "SPO', FALLBACK),
        ('{"label": "SPORTS', FALLBACK),
        ('{"reason": "POLITICS is not', FALLBACK),
        ("{'label': SPORTS", FALLBACK),
        ('Input: {"text": "POLITICS today"}\nSPORTS', "SPORTS"),
        ('Input: {"text": "POLITICS today"}\nOutput: {"label": "SPORTS"}', "SPORTS"),
        ('{"label": "SPORTS"} {"label": "POLITICS"}', FALLBACK),
        (r'{"label": "\u0053PORTS"}', "SPORTS"),
        ('"{\\"label\\": \\"SPORTS\\"}"', "SPORTS"),
        ("see [1] and {x}: SPORTS", "SPORTS"),
    ],
)
def test_json_as_models_write_it_is_read_and_what_is_cut_off_never_guessed(answer, label):
    assert read(answer).said == label


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("This is no POLITICS.", FALLBACK),
        ("It does not belong to SPORTS.", FALLBACK),
        ("Anything other than SPORTS", FALLBACK),
        ("1", FALLBACK),
        ("2.", FALLBACK),
        ("1. SPORTS\n2. POLITICS", FALLBACK),
        ("**1. SPORTS**", "SPORTS"),
        ("SPORTS, POLITICS", FALLBACK),
    ],
)
def test_a_label_ruled_out_or_numbered_or_listed_is_not_taken_for_the_answer(answer, label):
    assert read(answer).said == label


def test_labels_in_other_scripts_are_found_as_words_and_signs_beyond_the_plane_too():
    task = Task((Label("体育"), Label("政治"), Label("Спорт"), Label("🏈")))
    assert read('{"类别": "体育", "reason": "政治"}', task=task).said == "体育"
    assert read("<思考>政治？</思考>体育", task=task).said == "体育"
    assert read("Метка: СПОРТ", task=task).said == "Спорт"
    assert read(r"{'label': '\ud83c\udfc8'}", task=task).said == "🏈"


def test_a_label_within_another_is_not_taken_for_it():
    task = Task((Label("spam"), Label("not spam"), Label("ham")))
    assert read("not spam", task=task).said == "not spam"
    assert read('{"category": "Not Spam", "reason": "no spam words"}', task=task).said == "not spam"


def test_complete_json_before_the_limit_counts_and_incomplete_json_at_the_limit_does_not():
    assert read('{"label": "SPORTS"}', "length").said == "SPORTS"
    assert read('{"label": "SPORTS", "reason": "it', "length").kind is AnswerKind.TRUNCATED


@pytest.mark.parametrize(
    "unit",
    [
        "<think>", "</think>", "{", "[", '{"', '{"a":', "{\\\"", '{"a" ', "```\n", ").", "<|channel|>", "analysis\n",
        "'",
        '{"label": "SPORTS"} ', "Reason: ", "<label>", "[THINK]", "here is my ", " ", "{\t", "not ", "\\", "&lt;", "_*",
    ],
)  # fmt: skip
def test_an_endless_answer_is_judged_without_raising(unit):
    text = unit * (200_000 // len(unit))
    answers = {read(text).said, read(f"{text}x", "length").said, read(f"```{text}").said}
    assert answers <= {FALLBACK, "SPORTS"}


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_json_to_the_letter_is_found_whole(value):
    text = json.dumps(value)
    (piece,) = json_in(f"so: {text} there")
    assert piece.is_whole and piece.end - piece.start == len(text)


@given(st.text(st.sampled_from("<>/think[]THINK◁▷|{}\"':,aSPORTS "), max_size=60))
def test_no_spelling_raises_and_what_is_left_is_part_of_it(text):
    assert len(without_thoughts(text)) <= len(text)
    assert read(text).said in (*TASK.names,)


def test_a_mark_of_a_thought_that_is_itself_cut_off_begins_one():
    assert read("<think POLITICS").kind is AnswerKind.EMPTY
    assert read("[THINK POLITICS, at first").kind is AnswerKind.EMPTY


OTHERS = tuple(
    [
        "gold",
        "true",
        "expected",
        "reference",
        "default",
        "fallback",
        "parent",
        "super",
        "unlikely",
        "least_likely",
        "opposite",
        "negative",
        "wrong",
        "incorrect",
        "non",
        "possible",
        "original",
        "draft",
        "mistaken",
        "rejected",
        "second",
        "impossible",
        "misleading",
        "competing",
        "invalid",
        "irrelevant",
    ]
)


@pytest.mark.parametrize("other", OTHERS)
def test_a_key_that_says_what_the_answer_is_not_never_holds_it(other):
    for key in (f"{other}_label", f"{other}Label", f"{other}-category", f"label_of_{other}"):
        assert read(json.dumps({key: "POLITICS"})).said == FALLBACK
        assert read(json.dumps({key: "POLITICS", "prediction": "SPORTS"})).said == "SPORTS"
        assert read(json.dumps({key: "POLITICS", "answer": "TENNIS"})).kind is AnswerKind.OUTSIDE_LIST


@pytest.mark.parametrize("known", ["final", "predicted", "assigned", "best", "most_likely", "article", "topic", "the"])
def test_a_key_whose_every_word_announces_the_answer_holds_it(known):
    assert read(json.dumps({f"{known}_label": "SPORTS", "zzz": "POLITICS"})).said == "SPORTS"
    assert read(json.dumps({f"{known}_category": "SPORTS", "user_label": "POLITICS"})).said == "SPORTS"


@pytest.mark.parametrize(
    "key",
    [
        "discarded",
        "dismissed",
        "ruled_out",
        "eliminated",
        "similar_to",
        "related",
        "unsure_between",
        "excluded",
        "not_chosen",
        "confused_with",
        "post",
        "tweet",
        "caption",
        "observation",
        "entity",
        "hint",
        "error",
        "plan",
        "passage",
        "memory",
        "warning",
    ],
)
def test_the_only_key_is_no_answer_where_it_says_that_it_is_something_else(key):
    assert read(json.dumps({key: "POLITICS"})).said == FALLBACK
    assert read(json.dumps({key: [{"label": "POLITICS"}], "zz": "SPORTS"})).said in ("SPORTS", FALLBACK)


@pytest.mark.parametrize(
    "call",
    [
        {"name": "classify", "arguments": {"label": "SPORTS"}},
        {"name": "classify", "arguments": '{"label": "SPORTS"}'},
        {"type": "function", "name": "classify", "parameters": {"label": "SPORTS"}},
        {"type": "function", "function": {"name": "classify", "arguments": '{"label": "SPORTS"}'}},
        {"tool": "classify", "tool_input": {"label": "SPORTS"}},
        {"action": "classify", "action_input": {"label": "SPORTS"}},
        {"functionCall": {"name": "classify", "args": {"label": "SPORTS"}}},
        {"tool_calls": [{"name": "classify", "arguments": {"label": "SPORTS"}}]},
        {"recipient_name": "functions.classify", "parameters": {"label": "SPORTS"}},
    ],
    ids=lambda call: json.dumps(call)[:50],
)
def test_the_call_of_a_tool_written_as_text_is_read_by_what_it_was_called_with(call):
    assert read(f"<tool_call>{json.dumps(call)}</tool_call>").said == "SPORTS"
    assert read(f"[TOOL_CALLS][{json.dumps(call)}]").said == "SPORTS"


def test_a_list_amid_prose_is_taken_at_its_word_too():
    assert read('Here: [{"label": "TENNIS", "reason": "closest: SPORTS"}]').kind is AnswerKind.OUTSIDE_LIST


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters() | st.sampled_from("\"\\{}[]:,'")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 1]), st.booleans(), st.sampled_from(["", " ", "\n", "\u00a0", "so: "]))
def test_json_is_read_as_json_written_anyhow_is(value, indent, is_ascii, around):
    text = around + json.dumps(value, indent=indent, ensure_ascii=is_ascii) + around
    assert json_in(text) == _pieces(text)


@given(st.text(st.sampled_from("{}[]:,\"'\\ \n\tabu0123.-eE/") | st.characters(), max_size=40))
def test_what_is_nearly_json_is_read_no_otherwise(text):
    assert json_in(text) == _pieces(text)


def test_nested_and_repeated_keys_are_read_the_same():
    for text in (
        '{"a": 1, "a": 2.50, "b": [1e5, {"c": null, "d": true}]}',
        "[" * 60 + "]" * 60,
        '{"a": NaN}',
        '{"a": ' + "9" * 400 + "}",
        '[{"x": "\\ud83d\\ude00 \\u0041"}]',
        "{" + " " * 300 + '"a": 1}',
        '{"a": "b\\/c\\n"}',
    ):
        assert json_in(text) == _pieces(text), text
