"""A and B as two rows, and what lies between them as a third: every figure once, and what their labels cost."""

from collections.abc import Sequence

import streamlit as st

from core.services.agreement.comparison import ComparisonView, Side
from pages._ui.words.cost import about, right_labels, right_labels_between
from pages._ui.words.money import dollars
from pages._ui.words.table import Cell, Heading, difference, figure, table
from pages._ui.words.text import plain

_AXIS = (-0.03, 1.03)
_TOKENS = Heading("Tokens per 1,000", "In and out, per 1,000 items", right=True)
_COST = Heading("Cost per 1,000", "Per 1,000 items", right=True)
_RIGHT = Heading("Cost per 1,000 right", "Per 1,000 labels that are the reference's", right=True)


def show_sides(view: ComparisonView) -> None:
    """The table, and why a figure in it is rough."""
    costs = cost_headings(view)
    table([*_score_headings(view, "18%" if costs else "25%"), *costs], side_rows(view, costs), key="compare_sides")
    if why := view.scores_note():
        st.caption(plain(why))


def _score_headings(view: ComparisonView, width: str) -> list[Heading]:
    scores = [Heading(title, axis=_AXIS, width=width) for title in view.scores()]
    return [Heading(f"Against {view.reference.name}, 95 % intervals"), *scores]


def cost_headings(view: ComparisonView) -> list[Heading]:
    """People cost nothing that is counted here; where nothing is paid, a right label costs no more than any other."""
    costs = [view.a.cost, view.b.cost]
    if not any(one.is_all_from_cache or one.tokens_per_1000 is not None for one in costs):
        return []
    is_paid = any(one.dollars for one in costs)
    return [_TOKENS, _COST, _RIGHT] if is_paid else [_TOKENS, _COST]


def side_rows(view: ComparisonView, costs: Sequence[Heading]) -> list[list[Cell]]:
    """A, B, and B − A, whose figures are those of the two above it."""
    scores = view.scores().values()
    a = [figure(one, view.a.annotator.color) for one, *_ in scores]
    b = [figure(one, view.b.annotator.color) for _, one, _ in scores]
    between = [difference(*three) for three in scores]
    return [
        [_who("A", view.a), *a, *_costs(view.a, view.reference.name)[: len(costs)]],
        [_who("B", view.b), *b, *_costs(view.b, view.reference.name)[: len(costs)]],
        [Cell("B − A"), *between, *([Cell()] * len(costs))],
    ]


def _who(letter: str, side: Side) -> Cell:
    return Cell(f"{letter} · {side.annotator.name}", color=side.annotator.color)


def _costs(side: Side, reference: str) -> list[Cell]:
    """What its labels of these items took, and each right one; said to be unknown where it is."""
    cost = side.cost
    if cost.is_all_from_cache:
        return [Cell("from the cache", title="No calls were made for these labels"), Cell(), Cell()]
    if cost.tokens_per_1000 is None:
        return [Cell("no tokens counted"), Cell(), Cell()]
    in_all = f"{side.prompt_tokens:,} in, {side.completion_tokens:,} out in all of its runs"
    return [Cell(about(cost.tokens_per_1000), title=in_all), *_money(side, reference)]


def _money(side: Side, reference: str) -> list[Cell]:
    cost = side.cost
    if side.is_free:
        return [Cell("free", title="On own hardware"), Cell("free", title="On own hardware")]
    if cost.dollars is None:
        return [Cell("unknown", title="The price is unknown"), Cell("unknown", title="The price is unknown")]
    right = Cell(
        right_labels(cost), right_labels_between(cost), title=cost.per_1000_right.undefined or f"Right: as {reference}"
    )
    return [Cell(dollars(cost.per_1000)), right]
