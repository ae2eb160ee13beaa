"""An answer that gives JSON and text: an example is repeated, not answered, and two different answers are several."""

import pytest

from core.model import AnswerKind, Label, Task
from core.tasks import parse_answer

TASK = Task((Label("SPORTS"), Label("POLITICS")))


def read(answer):
    return parse_answer(TASK, answer, "stop", None)


@pytest.mark.parametrize(
    "answer",
    [
        '{"label": "SPORTS"}\nAnswer: POLITICS',
        'Answer: POLITICS\n{"label": "SPORTS"}',
        '**Final answer:** POLITICS\n```json\n{"label": "SPORTS"}\n```',
        'The label is clearly POLITICS.\n{"label": "SPORTS"}',
        '{"label": "SPORTS"}\n\nThe correct category is POLITICS, since a minister speaks.',
        'Label: POLITICS {"label": "SPORTS"}',
        'Draft: {"label": "SPORTS"}\nFinal answer: POLITICS',
        'Answer: POLITICS (an election)\n{"label": "SPORTS"}',
        'I first wrote {"label": "SPORTS"}.\nMy answer is POLITICS.',
        'Category: POLITICS\nOutput: {"label": "SPORTS"}',
        '{"result": {"label": "SPORTS"}}\nClassification: POLITICS',
    ],
)
def test_json_beside_which_another_label_is_announced_is_several_labels(answer):
    parsed = read(answer)
    assert (parsed.said, parsed.kind) == (TASK.fallback.name, AnswerKind.SEVERAL_LABELS)
    assert parsed.reason == "the answer names 2 labels: SPORTS, POLITICS"


@pytest.mark.parametrize(
    "answer",
    [
        'Example: {"label": "POLITICS"}\nAnswer: SPORTS',
        'Answer: SPORTS\nExample: {"label": "POLITICS"}',
        'For example: {"label": "POLITICS"}\n{"label": "SPORTS"}',
        'Example output:\n```json\n{"label": "POLITICS"}\n```\nAnswer: SPORTS',
        'Examples:\n{"label": "POLITICS"}\n{"label": "POLITICS"}\nLabel: SPORTS',
        '**Example 1:** {"label": "POLITICS"}\nOutput: {"label": "SPORTS"}',
        'Here is an example: {"label": "POLITICS"}\nHere is my answer: {"label": "SPORTS"}',
        'e.g. {"label": "POLITICS"}\n\nLabel: SPORTS',
        'Answer: ```json\n{"label": "SPORTS"}\n```',
        'The answer is as follows:\n{"label": "SPORTS"}',
        'Answer:\n{"label": "SPORTS"}',
        'Answer: {"label": "SPORTS"}',
        'Label: SPORTS\n{"label": "SPORTS"}',
        'The answer is not POLITICS.\n{"label": "SPORTS"}',
        'POLITICS came to mind.\n{"label": "SPORTS"}',
        '{"label": "SPORTS"}\nReason: the label is no POLITICS',
        'Reason: the category\nLabel: POLITICS does not fit\n\n{"label": "SPORTS"}',
        'Answer: in the requested format\n{"label": "SPORTS"}',
        'The label is tennis (POLITICS)?\n{"label": "SPORTS"}',
        'Here is the answer in the format of the example:\n{"label": "SPORTS"}',
        'For this sample: {"label": "SPORTS"}',
        'For the given instance: {"label": "SPORTS"}',
    ],
)
def test_the_answer_is_found_beside_an_example_and_in_json_that_a_line_leads_in(answer):
    parsed = read(answer)
    assert (parsed.said, parsed.kind) == ("SPORTS", AnswerKind.LABEL)


@pytest.mark.parametrize(
    "answer",
    [
        'Example: {"label": "POLITICS"}',
        'Examples:\n{"label": "POLITICS"}\n{"label": "SPORTS"}',
        'Sample output: {"label": "POLITICS"}\nAnswer: TENNIS',
        'Example: {"label": "POLITICS"}\nI do not know.',
        'Example: {"label": "POLITICS"}\nAnswer: not SPORTS',
        'For instance: {"label": "POLITICS"}',
        'Example (few-shot): {"label": "POLITICS"}\nLabel: none',
        'Input example: {"text": "a", "label": "POLITICS"}\nNo label.',
        'e.g. {"label": "POLITICS"}',
        'Example:\n```json\n{"label": "POLITICS"}\n```',
    ],
)
def test_an_example_alone_is_no_answer(answer):
    parsed = read(answer)
    assert (parsed.said, parsed.kind) == (TASK.fallback.name, AnswerKind.NO_LABEL)


@pytest.mark.parametrize("unit", ["Example: {'a': 1}\n", "example ", "for ", "Label: POLITICS\n", "{'a': 1} "])
def test_json_and_text_without_end_are_judged_and_do_not_raise(unit):
    assert read(unit * 5_000 + '{"label": "SPORTS"}').said in TASK.names
