"""Cells that hold no value of their kind are refused in a sentence, and are never taken for names."""

import pytest

from core.tasks import TASKS


@pytest.mark.parametrize("cell", ["[null]", '[{"a": 1}]', '{"labels": ["a"]}', "null", "[1]", '[["a"]]', "["])
def test_a_set_of_labels_is_names_alone(cell: str) -> None:
    with pytest.raises(ValueError, match=r"no list of labels|something else than the names"):
        TASKS["several_labels"].from_cell(cell)


@pytest.mark.parametrize(
    "span", ['[5, 0, "a"]', '[-3, 2, "a"]', '[2, 2, "a"]', '[0, 1, " "]', '{"start": 3, "end": 1, "label": "a"}']
)
def test_a_span_begins_before_it_ends_and_has_a_label(span: str) -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        TASKS["spans"].from_cell(f"[{span}]")
