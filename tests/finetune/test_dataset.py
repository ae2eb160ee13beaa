"""Training lines: exactly the chat form, and an honest estimate."""

import json

import pytest

from core.errors import WorkbenchError
from core.finetune import EXAMPLE_FORMS, TrainingExample, estimate_tokens, parse_parameters, written_line, written_lines
from core.finetune.dialects import DIALECTS
from core.model import Message, Split

OPENAI = EXAMPLE_FORMS["openai"]
KNOWN = DIALECTS["openai"].parameters_of("supervised")


def example(text="a text", label="X", **facts):
    messages = (Message("system", "Choose."), Message("user", text))
    return TrainingExample(1, messages, json.dumps({"label": label}), (label,), Split.TRAIN, **facts)


def test_a_line_holds_the_messages_and_the_answer_and_nothing_else():
    assert json.loads(written_line(example(), OPENAI)) == {
        "messages": [
            {"role": "system", "content": "Choose."},
            {"role": "user", "content": "a text"},
            {"role": "assistant", "content": '{"label": "X"}'},
        ]
    }


def test_a_text_with_line_breaks_and_other_scripts_stays_on_one_line():
    line = written_line(example("one\ntwo\u2028drei ‚ä‘ 漢"), OPENAI)
    assert "\n" not in line
    assert json.loads(line)["messages"][1]["content"] == "one\ntwo\u2028drei ‚ä‘ 漢"
    assert "漢" in line


def test_the_file_ends_with_a_line_break_and_no_examples_make_an_empty_one():
    assert written_lines([example(), example()], OPENAI).count("\n") == 2
    assert written_lines([], OPENAI) == ""


def test_tokens_are_estimated_from_a_quarter_of_the_characters():
    # "Choose." 7 // 4 + 4 = 5, "a text" 6 // 4 + 4 = 5, '{"label": "X"}' 14 // 4 + 4 = 7.
    assert estimate_tokens([example()]) == 17
    assert estimate_tokens([example()] * 3) == 51


@pytest.mark.parametrize(
    ("entries", "values"),
    [
        ({"n_epochs": "3"}, {"n_epochs": 3}),
        ({"n_epochs": "", "batch_size": " AUTO "}, {}),
        ({"learning_rate_multiplier": "0.5"}, {"learning_rate_multiplier": 0.5}),
        ({"n_epochs": "1", "batch_size": "256"}, {"n_epochs": 1, "batch_size": 256}),
    ],
)
def test_empty_and_auto_leave_the_choice_to_the_host(entries, values):
    assert parse_parameters(entries, KNOWN) == values


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"n_epochs": "many"}, "Epochs: “many” is not a number"),
        ({"n_epochs": "2.5"}, "Epochs: “2.5” is not a number"),
        ({"n_epochs": "0"}, "Epochs: 0 is out of range"),
        ({"batch_size": "257"}, "Batch size: 257 is out of range"),
        ({"learning_rate_multiplier": "nan"}, "Learning rate ×: nan is out of range"),
    ],
)
def test_an_entry_out_of_bounds_is_named_with_its_bounds(entries, said):
    with pytest.raises(WorkbenchError, match=said) as caught:
        parse_parameters(entries, KNOWN)
    assert "Enter a number from" in caught.value.hint
