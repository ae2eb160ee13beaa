"""Of what in an answer of several parts a model is least sure."""

from core.exporters.figures import number
from core.model import Annotation, QuestionKind, Span
from core.tasks import TASKS

_LEAST, _SHOWN = 0.9, 3
"""Of marks it is said how sure a model is of them below this, and of so many, the least sure first."""


def doubts(said: Annotation, text: str) -> str:
    """Of which marks a model is least sure: `least sure of person “Ada” .42, place “Oslo” .70`; "" where it is sure of
    all, or nothing is known."""
    if not isinstance(said.said, tuple) or len(said.parts) != len(said.said):
        return ""
    sure = [(p, one) for p, one in zip(said.parts, said.said, strict=True) if p is not None and p < _LEAST]
    least = sorted((pair for pair in sure if isinstance(pair[1], Span)), key=lambda pair: pair[0])[:_SHOWN]
    in_words = TASKS[QuestionKind.SPANS].words
    told = [f"{in_words((one,), text)} {number(p)}" for p, one in least]
    return f"least sure of {', '.join(told)}" if told else ""
