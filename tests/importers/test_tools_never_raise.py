"""Whatever stands where a tool has its annotations: it is read or left, and nothing is raised."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.importers import names_in, rankings_by_item, read_jsonl, recognise, spans_in
from core.importers.span_rows import spans_by_row
from core.importers.tools import TOOLS, unfolded
from core.importers.tools.gathered import Gathered
from core.model import TableData

EXAMPLES: dict[str, dict[str, Any]] = {
    "label_studio": {
        "id": 1,
        "data": {"text": "Ann", "id": 5, "items": [{"id": "x", "body": "b"}, {"id": "y"}]},
        "annotations": [
            {
                "completed_by": {"email": "a@x"},
                "was_cancelled": False,
                "result": [
                    {"from_name": "n", "value": {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}},
                    {
                        "from_name": "h",
                        "value": {"globalOffsets": {"start": 0, "end": 1}, "start": "/p", "labels": ["x"]},
                    },
                    {"from_name": "c", "value": {"choices": ["a"]}},
                    {"from_name": "t", "value": {"taxonomy": [["a", "b"]]}},
                    {"from_name": "r", "value": {"rating": 3}},
                    {"from_name": "k", "value": {"ranker": {"rank": ["x", "y"]}}},
                    {"from_name": "p", "to_name": "a,b", "value": {"selected": "left"}},
                    {"from_name": "w", "value": {"text": ["x"]}},
                ],
            }
        ],
        "predictions": [{"model_version": "m", "score": 0.5, "result": [{"value": {"choices": ["a"]}}]}],
    },
    "label_studio_min": {
        "id": 1,
        "text": "t",
        "annotation_id": 1,
        "annotator": 3,
        "l": [{"start": 0, "end": 1, "labels": ["x"]}],
        "c": {"choices": ["a"]},
    },
    "doccano": {
        "text": "Ann",
        "label": [[0, 3, "PER"]],
        "entities": [{"start_offset": 0, "end_offset": 3, "label": "PER"}],
        "relations": [{"type": "x"}],
        "Comments": ["c"],
        "cats": ["a"],
    },
    "prodigy": {
        "text": "Ann",
        "answer": "accept",
        "accept": ["a"],
        "options": [{"id": "a", "text": "A"}],
        "spans": [{"start": 0, "end": 3, "label": "PER"}],
        "config": {"choice_style": "multiple"},
        "_annotator_id": "x",
        "cats": {"a": 1},
    },
    "argilla": {
        "id": "1",
        "fields": {"text": "t"},
        "metadata": {"a": 1},
        "responses": {"q": [{"value": [{"value": "a", "rank": 1}], "user_id": "u", "status": "submitted"}]},
        "suggestions": {"q": {"value": [{"start": 0, "end": 1, "label": "x"}], "agent": "m"}},
    },
    "argilla_rows": {
        "text": "t",
        "q.responses": [["a"]],
        "q.responses.users": ["u"],
        "q.responses.status": ["submitted"],
        "q.suggestion": "b",
        "q.suggestion.agent": "m",
    },
    "kili": {
        "externalId": "e",
        "content": "Ann",
        "jsonMetadata": {"a": 1},
        "labels": [
            {
                "author": {"email": "a@x"},
                "labelType": "DEFAULT",
                "jsonResponse": {
                    "C": {"categories": [{"name": "A", "confidence": 90}]},
                    "N": {"annotations": [{"beginOffset": 0, "content": "Ann", "categories": [{"name": "P"}]}]},
                    "T": {"text": "x"},
                    "P": {"code": "IS_BETTER", "firstId": "a", "secondId": "b"},
                },
            }
        ],
    },
    "spacy": {"text": "Ann", "entities": [[0, 3, "PER"]], "cats": {"a": 1.0}},
    "pairs_of_talks": {
        "chosen": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}, {"content": "a"}],
        "rejected": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}, {"content": "b"}],
    },
    "pairs": {
        "prompt": "q",
        "chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}],
        "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}],
        "score_chosen": 1,
    },
    "doccano_texts": {"id": 1, "text": "a text", "label": ["what somebody wrote", "or so"], "Comments": [{}]},
    "spans": {
        "name": "chat",
        "spanId": "s",
        "attributes": {
            "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "q"}]}]',
            "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "tool_call", "name": "f"}]}],
            "gen_ai.request.model": "m",
        },
        "events": [{"name": "gen_ai.evaluation.result", "attributes": {"gen_ai.evaluation.score.value": 1}}],
    },
    "logs": {
        "id": "t",
        "input": {"messages": [{"role": "user", "content": "q"}]},
        "output": {"choices": [{"message": {"role": "assistant", "content": "a"}}]},
        "metadata": {"a": 1},
        "scores": [{"name": "s", "value": 1, "source": "ANNOTATION", "comment": "c"}],
        "observations": [{"type": "GENERATION", "input": "q", "output": "a"}],
        "feedback": [{"key": "k", "value": "v"}],
    },
    "talks": {
        "prompt": [{"role": "user", "content": "q"}],
        "completion": [{"role": "assistant", "content": None, "tool_calls": [{"function": {"arguments": "{}"}}]}],
    },
    "shown_talks": {
        "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "a.png"}}]},
            {"role": "assistant", "content": "a"},
        ]
    },
    "chat": {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]},
}
"""One record of each tool with all that its reader looks at."""
KEYS = sorted({key for one in EXAMPLES.values() for key in one} | {"start", "label", "value", "id", "name", "rank"})
LEAVES = st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["", "a", "accept", "Ann met"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
RECORDS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=7)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a value."""
    if path:
        yield path
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in held:
        yield from _places(one, (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another in that place."""
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = _with(value[path[0]], path[1:], new)
    return copied


def test_every_tool_has_an_example_that_is_its_own() -> None:
    assert EXAMPLES.keys() == TOOLS.keys()
    assert all(TOOLS[name].fits(one) and TOOLS[name].takes(one) for name, one in EXAMPLES.items())


@pytest.mark.parametrize("name", list(TOOLS))
@settings(max_examples=100)
@given(data=st.data())
def test_a_record_with_anything_in_any_place_is_unfolded(name: str, data: st.DataObject) -> None:
    broken = EXAMPLES[name]
    for path in data.draw(st.lists(st.sampled_from(list(_places(broken))), min_size=1, max_size=2)):
        with suppress(KeyError, IndexError, TypeError, AttributeError):  # the first change took the second place away
            broken = _with(broken, path, data.draw(VALUES))
    gathered = Gathered()
    found = [
        new for one in (EXAMPLES[name], broken) if TOOLS[name].takes(one) for new in TOOLS[name].unfold(one, gathered)
    ]
    assert gathered.settle(found) and gathered.answers is not None and gathered.words([]) is not None
    assert len(unfolded([EXAMPLES[name], broken, EXAMPLES[name]]).records) >= 2


@settings(max_examples=150)
@given(records=st.lists(RECORDS, min_size=1, max_size=4))
def test_a_file_of_any_shape_is_a_table_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict]
) -> None:
    path: Path = tmp_path_factory.mktemp("any") / "a.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    try:
        table = read_jsonl(path)
    except WorkbenchError:
        return
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert set(recognise(table).columns.labels) <= set(table.columns)
    assert all(one.name in table.columns for one in table.answers)


@settings(max_examples=150)
@given(value=VALUES)
def test_a_cell_of_any_shape_is_read_or_said_to_be_none(value: object) -> None:
    for read in (spans_in, lambda cell: names_in(cell, ";")):
        try:
            read(json.dumps(value))
        except ValueError as error:
            assert str(error)


ENDLESS = "9" * 5_000
LONG_NUMBERS: dict[str, list[dict[str, Any]]] = {
    "doccano": [{"text": "a", "cats": {ENDLESS: 1.0}}],
    "kili": [{"externalId": "1", "content": "a", "labels": [
        {"labelType": "DEFAULT", "jsonResponse": {"job": {"categories": [{"name": ENDLESS}]}}}]}],
}  # fmt: skip


@pytest.mark.parametrize("records", LONG_NUMBERS.values(), ids=LONG_NUMBERS)
def test_a_number_without_end_is_read_as_a_text(records: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    table = read_jsonl(path)
    assert any(ENDLESS in cell for row in table.rows for cell in row)
    recognise(table)


def test_a_number_without_end_in_a_table_is_no_place_and_no_rank() -> None:
    places = TableData(("text", "start", "end", "label"), [("A text to mark.", "1", ENDLESS, "x")] * 3)
    assert spans_by_row(places) is places
    assert recognise(places).columns.text == ("text",)
    told = TableData(("a", "b", "rank_a", "rank_b"), [("x", "y", ENDLESS if n == 9 else "1", "2") for n in range(10)])
    assert ENDLESS in rankings_by_item(told).rows[9][2]
