import json

import pytest

from core.embedded.dataset import Dataset, InvalidFile
from core.embedded.training_data import load_training, load_validation


def line(text="a text", label="A", **assistant):
    answer = {"role": "assistant", "content": json.dumps({"label": label}), **assistant}
    return json.dumps(
        {"messages": [{"role": "system", "content": "Label it."}, {"role": "user", "content": text}, answer]}
    )


GOOD = [line(f"text {n}", "AB"[n % 2]) for n in range(10)]


def write(tmp_path, lines):
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\n".join(entry if isinstance(entry, bytes) else entry.encode() for entry in lines))
    return path


def test_texts_and_labels_are_read_line_by_line(tmp_path):
    data = load_training(write(tmp_path, [b"\xef\xbb\xbf" + GOOD[0].encode(), *GOOD[1:], ""]))
    assert data.texts[:2] == ("text 0", "text 1") and data.classes == ("A", "B") and len(data.texts) == 10


def test_a_line_of_weight_zero_is_left_out(tmp_path):
    assert len(load_training(write(tmp_path, [*GOOD, line(weight=0)])).texts) == 10


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "Line 3 is not valid JSON"),
        ("[]", 'Line 3 has no "messages"'),
        (b"\xff\xfe", "Line 3 is not UTF-8"),
        (json.dumps({"messages": [{"role": "user", "content": "x"}]}), "Line 3 does not end with an assistant's"),
        (json.dumps({"messages": [{"role": "assistant", "content": "x"}]}), "Line 3 has no user message"),
        (json.dumps({"messages": [{"role": "user"}]}), r"Line 3: messages.\[0\].content"),
        (line(label="A").replace('{\\"label\\": \\"A\\"}', " "), "Line 3 does not end"),
    ],
)
def test_the_first_bad_line_is_named(tmp_path, bad, message):
    with pytest.raises(InvalidFile, match=message) as caught:
        load_training(write(tmp_path, [*GOOD[:2], bad, *GOOD]))
    assert caught.value.param == "training_file"


def test_too_few_examples_or_labels_are_refused(tmp_path):
    with pytest.raises(InvalidFile, match="9 examples; at least 10"):
        load_training(write(tmp_path, GOOD[:9]))
    with pytest.raises(InvalidFile, match="Every example has the label 'A'"):
        load_training(write(tmp_path, [line()] * 10))


def test_a_validation_label_never_trained_on_is_refused(tmp_path):
    with pytest.raises(InvalidFile, match="'C', which the training file does not") as caught:
        load_validation(write(tmp_path, [line(label="C")]), Dataset(("x", "y"), ("A", "B")))
    assert caught.value.param == "validation_file"
