"""All that a tool's file holds and nothing has a place for is named before the import, with how often it is there."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.importers import read_table

RESULT = {"from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["a"]}}
LABEL = {"author": {"email": "a@x"}, "jsonResponse": {"C": {"categories": [{"name": "A", "confidence": 90}]}}}
LOST: dict[str, tuple[Any, set[str]]] = {
    "label studio": (
        {
            "id": 7,
            "data": {"text": "Ann met Ben"},
            "annotations": [{"id": 1, "completed_by": 3, "lead_time": 4.2, "created_at": "2024", "result": [RESULT]}],
            "predictions": [{"model_version": "m", "score": 0.9, "result": [RESULT]}],
            "meta": {"a": 1},
            "agreement": 50.0,
            "inner_id": 1,
            "total_annotations": 1,
            "file_upload": "x.json",
        },
        {"further data on tasks (meta) (2)", "“agreement” (2)", "“lead_time” (2)", "scores of predictions (2)"},
    ),
    "kili": (
        {
            "id": "c1",
            "externalId": "e1",
            "content": "Ann met Ben",
            "status": "LABELED",
            "createdAt": "2024",
            "priority": 2,
            "consensusMark": 0.5,
            "labels": [{**LABEL, "labelType": "REVIEW", "secondsToLabel": 4, "isLatestLabelForUser": True}],
        },
        {"“priority” (2)", "“consensusMark” (2)", "“secondsToLabel” (2)", "confidences (2)"},
    ),
    "argilla": (
        {
            "id": "1",
            "fields": {"text": "Ann met Ben"},
            "responses": {"q": [{"value": "a", "user_id": "u", "status": "submitted"}]},
            "suggestions": {"q": {"value": "b", "agent": "m", "score": 0.4}},
            "vectors": {"v": [0.1]},
        },
        {"vectors (2)", "scores of suggestions (2)"},
    ),
    "spacy": (
        ["Ann met", {"entities": [[0, 3, "PER", "Q42"]], "cats": {"a": 1.0, "b": 0.3}, "heads": [1, 1]}],
        {"heads (2)", "ids of entities (2)", "shares of categories (2)"},
    ),
    "doccano": (
        {
            "id": 1,
            "text": "Ann met",
            "entities": [{"id": 0, "start_offset": 0, "end_offset": 3, "label": "PER"}],
            "relations": [{"from_id": 0, "to_id": 0, "type": "t"}],
            "Comments": ["hm"],
        },
        {"relations between spans (2)", "comments (2)"},
    ),
}


@pytest.mark.parametrize("tool", LOST)
def test_what_has_no_place_is_named_and_nothing_else(tool: str, tmp_path: Path) -> None:
    record, lost = LOST[tool]
    path = tmp_path / "export.json"
    path.write_text(json.dumps([record] * 2), encoding="utf-8")
    [sentence] = [one for one in read_table(path).notes if one.startswith("The file also contains")]
    named = sentence.removeprefix("The file also contains, and LabelLoop has no place for: ").removesuffix(".")
    assert {*named.split(", ")} == lost
