"""Exactly the items of one outcome, as Review opens them."""

from core.model import Outcome
from core.services.agreement.comparison import ComparisonView
from pages._ui.review.links import seen_on_test


def meaning(outcome: Outcome) -> str:
    """`A wrong, B right`."""
    a, b = ("right" if right else "wrong" for right in (outcome.a_right, outcome.b_right))
    return f"A {a}, B {b}"


def items_of(view: ComparisonView, outcome: Outcome) -> dict[str, object]:
    """As `review_link` takes them."""
    return {
        "outcome": outcome,
        "ref": view.reference.id,
        "a": view.a.annotator.id,
        "b": view.b.annotator.id,
        "split": str(view.split or "all"),
        **seen_on_test(view.split, view.reference.id, view.a.annotator.id, view.b.annotator.id),
    }
