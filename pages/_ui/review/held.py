"""What was said, by names of labels, as the browser's widgets hold it: one label by its name, a text as it is, all else
by ids."""

from collections.abc import Mapping
from dataclasses import replace

from core.model import QuestionKind
from pages._ui.review.component import ReviewRow, Value

WIDGETS = {
    QuestionKind.SEVERAL_LABELS: "choices",
    QuestionKind.SPANS: "spans",
    QuestionKind.RATING: "scale",
    QuestionKind.PREFERENCE: "pair",
    QuestionKind.RANKING: "rank",
    QuestionKind.TEXT: "text",
}
"""Which widget answers a kind of question; one label's for all others."""


def held_row(row: ReviewRow, ids: Mapping[str, int]) -> ReviewRow:
    """The row as the widget reads it; `ids` of labels by their names, removed ones too."""
    return replace(
        row,
        opinions=tuple(replace(one, value=held(one.value, ids)) for one in row.opinions),
        suggestion=held(row.suggestion, ids),
        mine=held(row.mine, ids),
        history=tuple(
            one if isinstance(one, str) else (one[0], held(one[1], ids) or (), one[2]) for one in row.history
        ),
    )


def held(said: Value | None, ids: Mapping[str, int]) -> Value | None:
    """A name as it is; a set of names as their ids in order; spans with the ids of their labels; a ranking by ids."""
    if said is None or isinstance(said, str):
        return said
    if all(isinstance(one, str) for one in said):
        return sorted({ids[name] for name in said})
    if all(isinstance(name, str) for group in said for name in group):
        return [sorted(ids[name] for name in group) for group in said]
    return sorted([start, end, ids[label]] for start, end, label in said)
