"""Rankings as models and files write them, and the letters under which candidates are shown."""

import json

import pytest

from core.errors import WorkbenchError
from core.model import AnswerKind, Item, Label, QuestionKind, Task
from core.tasks import TASKS, check_task, parse_answer
from core.tasks.ranking import shown

NAMES = ("gpt", "llama", "people")
TASK = Task(tuple(Label(name, id=i) for i, name in enumerate(NAMES, 1)), Label("NONE", id=9), type=QuestionKind.RANKING)
KIND = TASKS[QuestionKind.RANKING]
ITEM = Item(1, "How do I boil an egg?", fields={"gpt": "Eight minutes.", "llama": "Paris.", "people": "In water."})
LETTER = shown(NAMES, ITEM.text)
A, B, C = sorted(NAMES, key=LETTER.__getitem__)


def parsed(answer, item=ITEM):
    return parse_answer(TASK, answer, "stop", None, item)


@pytest.mark.parametrize(
    "answer",
    [
        '{"order": [["B"], ["A", "C"]]}',
        'The best is B.\n```json\n{"order": [["B"], ["C", "A"]]}\n```',
        '{"ranking": "B > A = C"}',
        '{"order": [["B"], ["A", "C"]], "reason": "B says how"}',
        '{"A": 2, "B": 1, "C": 2}',
        '[{"candidate": "B", "rank": 1}, {"candidate": "A", "rank": 2}, {"candidate": "C", "rank": 2}]',
        '[["B"], ["A", "C"]]',
        "B > A = C",
        "Ranking: b > a = c",
        "Candidate B > Candidate A = Candidate C",
    ],
)
def test_an_order_is_read_as_models_write_it(answer):
    read = parsed(answer)
    assert (read.said, read.kind) == (((B,), tuple(sorted((A, C)))), AnswerKind.LABEL), read.reason


@pytest.mark.parametrize(
    "answer", ["1. B\n2. A\n3. C", "B, A, C", '{"order": ["B", "A", "C"]}', '{"1":"B","2":"A","3":"C"}']
)
def test_without_ties_a_plain_list_is_an_order(answer):
    assert parsed(answer).said == ((B,), (A,), (C,))


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ('{"order": [["A"], ["B"]]}', "no_label", "the answer leaves out candidate C"),
        ('{"order": [["A"], ["B", "A"], ["C"]]}', "no_label", "the answer ranks candidate A twice"),
        ('{"order": [["A"], ["B"], ["D"]]}', "outside_list", '"D" is not the letter of a candidate'),
        ('{"order": [["gpt"], ["llama"], ["people"]]}', "outside_list", '"gpt" is not the letter of a candidate'),
        ("I like them all.", "no_label", 'the answer is no ranking: "I like them all."'),
        ("A", "no_label", "the answer leaves out candidate B, C"),
        ('{"order": [["A"], ["B"]]}{"order": [["B"], ["A"]]}', "no_label", "the answer is no ranking"),
        ("", "empty", "the answer is empty"),
    ],
)
def test_what_ranks_not_each_candidate_once_is_no_answer(answer, kind, reason):
    read = parsed(answer)
    assert (read.said, read.kind) == ((("NONE",),), kind) and read.reason.startswith(reason)


def test_letters_are_drawn_from_the_text_and_tell_neither_name_nor_place():
    drawn = [tuple(shown(NAMES, f"text {n}")) for n in range(600)]
    assert {drawn.count(order) for order in drawn} and len(set(drawn)) == 6
    assert all(60 <= drawn.count(order) <= 140 for order in set(drawn))  # 100 each: 4.4 standard deviations
    assert drawn == [tuple(shown(NAMES[::-1], f"text {n}")) for n in range(600)]


def test_a_prompt_shows_the_candidates_in_that_order_and_the_answer_to_it_leads_back():
    text = KIND.of_item(TASK)["candidates"](ITEM.text, ITEM.fields)
    assert [text.index(ITEM.fields[name]) for name in (A, B, C)] == sorted(
        text.index(one) for one in ITEM.fields.values()
    )
    assert '<candidate name="A">\n' in text and not any(name in text for name in NAMES)
    said = ((C,), (A,), (B,))
    written = KIND.answer(TASK, said, ITEM.text)
    assert json.loads(written) == {"order": [["C"], ["A"], ["B"]]}
    assert parsed(written).said == said


def test_a_candidate_whose_field_is_empty_is_none():
    item = Item(1, ITEM.text, fields={**ITEM.fields, "llama": "  "})
    text = KIND.of_item(TASK)["candidates"](item.text, item.fields)
    assert text.count("<candidate") == 2 and "Paris" not in text
    assert parsed('{"order": [["A", "B"]]}', item).said == (("gpt", "people"),)
    assert parsed('{"order": [["A"], ["B"], ["C"]]}', item).kind is AnswerKind.OUTSIDE_LIST
    with pytest.raises(WorkbenchError, match="The candidate “llama” is not among the fields"):
        KIND.of_item(TASK)["candidates"](item.text, {"gpt": "x", "people": "y"})


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('[["b"], ["a", "c"]]', (("b",), ("a", "c"))),
        ('["b", "a"]', (("b",), ("a",))),
        ("b > a = c", (("b",), ("a", "c"))),
        ("b, a, c", (("b",), ("a",), ("c",))),
        ('[{"value": "a", "rank": 2}, {"value": "b", "rank": 1}, {"value": "c", "rank": 2}]', (("b",), ("a", "c"))),
        ('{"best": ["b"], "rest": ["c", "a"]}', (("b",), ("a", "c"))),
        ('{"a": 2, "b": 1}', (("b",), ("a",))),
        ("[2, 1, 3]", (("2",), ("1",), ("3",))),
        ("", ()),
    ],
)
def test_cells_hold_rankings_as_tools_write_them(cell, said):
    assert KIND.from_cell(cell) == said


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ('[["b"], ["b"]]', 'The ranking names "b" twice.'),
        ("a > b > a", 'The ranking names "a" twice.'),
        ('[["b"', "is no ranking, such as b > a = c."),
        ('[["b", null]]', "is no ranking, such as b > a = c."),
        ('[["b", ""]]', "is no ranking, such as b > a = c."),
        ("[" * 10_000, "is no ranking, such as b > a = c."),
        ('{"a": NaN, "b": 1}', "is no ranking, such as b > a = c."),
    ],
)
def test_a_cell_that_is_no_ranking_is_refused_in_a_sentence(cell, sentence):
    with pytest.raises(ValueError) as refused:
        KIND.from_cell(cell)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("number", [1, 2, 9, 10, 50])
def test_two_to_nine_candidates_can_be_ranked(number):
    problems = check_task(Task(tuple(Label(f"c{n}") for n in range(number)), type=QuestionKind.RANKING))
    assert not problems if 2 <= number <= 9 else len(problems) == 1
    if number > 9:
        assert problems[0].message == f"The task has {number} candidates; from 2 to 9 can be ranked."
