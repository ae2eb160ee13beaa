"""A table to read: figures as dots on their axis with the number beside them, labels as chips, texts that wrap.

Every cell is written as text, never as markup. What does not fit is scrolled within the table, under its headings.
Where rows open something, a click on a row does, or the arrow keys; the one that is open is marked and in view.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import streamlit as st

from core.model import Estimate
from core.services.task.vocabulary import text_on
from pages._ui.words.bundle import bundle
from pages._ui.words.figures import DIGITS, basis, digits_of_difference, interval, number

_HERE = Path(__file__)
_MOUNT = st.components.v2.component(
    "labelloop_table",
    html='<div class="around">\n</div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=bundle(_HERE.parent, "table.js"),
)


@dataclass(frozen=True)
class Dot:
    """A dot on a cell's axis, and the line along its interval where it has one."""

    at: float
    low: float | None
    high: float | None
    color: str
    title: str = ""


@dataclass(frozen=True)
class Cell:
    """`text`, behind it `faint` in a lighter tone and `note`; `title` is said under the pointer.

    `chip` is the colour of the chip that the text stands in, `color` that of a dot before it; `dots` stand on the
    column's axis, one below the other.
    """

    text: str = ""
    faint: str = ""
    note: str = ""
    title: str = ""
    chip: str = ""
    color: str = ""
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True)
class Heading:
    """`about` explains it under the pointer. `axis` is from where to where its dots stand.

    `beside`: the number beside its axis, where there is room. `legend` names what its dots are, each with its colour.
    `width` and `least`, which it is never narrower than, are as CSS has them.
    """

    title: str
    about: str = ""
    axis: tuple[float, float] | None = None
    beside: bool = False
    legend: tuple[tuple[str, str], ...] = ()
    right: bool = False
    width: str = ""
    least: str = ""


@dataclass(frozen=True)
class Opening:
    """What the rows open: an id each, the ids of what is open, and what is to be done where another row is chosen."""

    ids: Sequence[int]
    open: Sequence[int]
    choose: Callable[[int], None]


def table(
    headings: Sequence[Heading],
    rows: Sequence[Sequence[Cell]],
    *,
    key: str,
    tall: int = 0,
    opening: Opening | None = None,
) -> None:
    """The table as wide as its place, at most `tall` pixels high where that is given."""
    data = {
        "headings": [asdict(heading) for heading in headings],
        "rows": [[_plain(cell) for cell in row] for row in rows],
        "tall": tall,
        "ids": list(opening.ids) if opening else [],
        "open": list(opening.open) if opening else [],
    }

    def chosen() -> None:
        one = (st.session_state[key].get("chosen") or {}).get("id")
        if opening and one in opening.ids:
            opening.choose(one)

    _MOUNT(key=key, data=data, on_chosen_change=chosen)


def figure(estimate: Estimate, color: str = "", *, signed: bool = False, digits: int = DIGITS) -> Cell:
    """A figure with its interval, "rough" where it is, its basis under the pointer; its dot where there is a colour."""
    if estimate.value is None:
        return Cell("undefined", title=estimate.undefined)
    between = interval(estimate, signed=signed)
    return Cell(
        number(estimate.value, signed=signed, digits=digits),
        between or "no interval",
        "rough" if estimate.rough else "",
        basis(estimate),
        dots=(dot(estimate, color),) if color else (),
    )


def difference(a: Estimate, b: Estimate, between: Estimate) -> Cell:
    """What lies between two figures; where it has a third digit, the two are said with three under the pointer."""
    digits = digits_of_difference(a, b, between)
    cell = figure(between, signed=True, digits=digits)
    if digits == DIGITS:
        return cell
    return replace(
        cell, title=f"From {number(a.value, digits=digits)} to {number(b.value, digits=digits)}; {cell.title}"
    )


def dot(estimate: Estimate, color: str, who: str = "") -> Dot:
    """The dot of a figure that has a value."""
    said = f"{number(estimate.value)} {interval(estimate)}".strip()
    title = f"{who}: {said}, {basis(replace(estimate, interval=''))}" if who else ""
    return Dot(estimate.value or 0.0, estimate.low, estimate.high, color, title)


def _plain(cell: Cell) -> dict[str, object]:
    """Without what is empty: of a long table most is."""
    told = {name: value for name, value in asdict(cell).items() if value}
    return told | ({"ink": text_on(cell.chip)} if cell.chip else {})
