"""Answers of models: what each amounts to under its labels."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.model import AnswerKind, Label, Task
from core.tasks import parse_answer
from tests.cases import Case, folder

_NO_LABEL = {"outside_list": (AnswerKind.OUTSIDE_LIST,), "no answer (fallback)": (AnswerKind.EMPTY,)}


def _judged(case: Mapping[str, Any]) -> object:
    """The right value as it is written where the answer amounts to it; what it amounts to otherwise."""
    found = parse_answer(Task(tuple(map(Label, case["labels"]))), case["answer"], "stop", None)
    right = str(case["right"])
    if found.kind in _NO_LABEL.get(right, ()):
        return right
    if right == "SPORTS or fallback, never POLITICS" and (found.said == "SPORTS" or found.kind is not AnswerKind.LABEL):
        return right
    return found.said if found.kind is AnswerKind.LABEL else str(found.kind)


def cases() -> Iterator[Case]:
    inputs = folder()
    path = None if inputs is None else inputs / "answers.jsonl"
    if path is None or not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield Case(f"answer: {case['what']}", case["right"], lambda _, case=case: _judged(case))  # type: ignore[misc]
