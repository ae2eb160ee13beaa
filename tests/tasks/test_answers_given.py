"""Plausible answers of real models: which label they give, and that none is read where none is given."""

import pytest

from core.model import AnswerKind, Label, Task
from core.tasks import parse_answer
from tests.tasks.answers_given import GIVEN, NOT_GIVEN

LOST = {
    "The category is international SPORTS",
    "A story about a team that never lost - SPORTS",
    "- [x] SPORTS\n- [ ] POLITICS\n- [ ] BUSINESS\n- [ ] TECH",
    "Not a bad word in it: positive.",
}
"""Given plainly, but not to be told from what gives nothing: asked for again, never read as another label."""


def task_of(names):
    return Task(tuple(map(Label, names)))


@pytest.mark.parametrize(
    ("names", "answer", "label"), [(names, *row) for names, rows in GIVEN.items() for row in rows if row[0] not in LOST]
)
def test_a_label_given_plainly_is_read(names, answer, label):
    assert parse_answer(task_of(names), answer, "stop", None).said == label


@pytest.mark.parametrize(("names", "answer"), [(names, row) for names, rows in NOT_GIVEN.items() for row in rows])
def test_no_label_is_read_where_none_is_given(names, answer):
    task = task_of(names)
    assert parse_answer(task, answer, "stop", None).said == task.fallback.name


def test_what_is_lost_is_counted_and_never_read_as_another_label():
    read = {
        answer: parse_answer(task_of(names), answer, "stop", None)
        for names, rows in GIVEN.items()
        for answer, _ in rows
        if answer in LOST
    }
    assert {answer for answer, parsed in read.items() if parsed.kind is not AnswerKind.LABEL} == LOST
