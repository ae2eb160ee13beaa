"""Spans in words."""

from core.model import QuestionKind, Span
from core.tasks import TASKS


def test_spans_are_told_by_the_words_they_mark():
    text = "Ada met\nher in London."
    words = TASKS[QuestionKind.SPANS].words
    assert words((Span(0, 3, "person"), Span(8, 21, "place")), text) == "person “Ada”, place “her in London”"
    assert words((Span(0, 90, "x"),), "b" * 45 + "c" * 45) == f"x “{'b' * 30} … {'c' * 30}”"
    assert words((Span(0, 3, "person"),), "") == "person 0–3"
    seven = tuple(Span(n, n + 1, "a") for n in range(7))
    assert words(seven, "0123456") == "a “0”, a “1”, a “2”, a “3”, a “4” and 2 more"
    assert words((), text) == "no spans"
