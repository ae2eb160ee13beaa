"""Small charts as inline SVG: text takes the colour of the page around it, so they read in light and in dark."""

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from core.exporters.figures import number, with_interval
from core.model import Estimate

_WIDTH = 760
_ROW = 34
_GAP = 15
_GREY = "#7d838c"


class Dot(NamedTuple):
    """One annotator's score on the plot of intervals."""

    name: str
    color: str
    score: Estimate


class Slope(NamedTuple):
    """One label's score before and after."""

    label: str
    color: str
    a: float
    b: float


def interval_plot(dots: Sequence[Dot]) -> str:
    """One row an annotator: a dot at its score, a line along its interval, both on an axis from 0 to 1."""
    left, right, height = 190, _WIDTH - 130, _ROW * len(dots) + 34

    def x(value: float) -> float:
        return round(left + (right - left) * value, 1)

    parts = [_line(x(tick / 4), 6, x(tick / 4), height - 24, opacity=0.15) for tick in range(5)]
    parts += [_text(x(tick / 4), height - 6, f"{tick / 4:g}", anchor="middle", opacity=0.65) for tick in range(5)]
    for row, dot in enumerate(dots):
        y = 10 + _ROW * (row + 0.5)
        parts.append(_text(left - 14, y + 4, _short(dot.name, 26), anchor="end"))
        if dot.score.value is None:
            parts.append(_text(left + 6, y + 4, f"undefined: {dot.score.undefined}", opacity=0.65))
            continue
        color = dot.color or _GREY
        if dot.score.low is not None and dot.score.high is not None:
            parts.append(_line(x(dot.score.low), y, x(dot.score.high), y, color=color, width=3))
        parts.append(f'<circle cx="{x(dot.score.value)}" cy="{y}" r="6" fill={quoteattr(color)}></circle>')
        parts.append(_text(right + 14, y + 4, with_interval(dot.score)))
    about = ", ".join(f"{dot.name} {with_interval(dot.score)}" for dot in dots)
    return _svg(height, about, parts)


def slope_chart(slopes: Sequence[Slope], a_name: str, b_name: str) -> str:
    """One line a label, from its score in A (left) to its score in B (right); names stand beside their end."""
    left, right, head = 250, _WIDTH - 250, 36
    tall = max(220, 20 * len(slopes) + 30)
    places = [
        spread([tall * (1 - value) for value in side], _GAP) for side in zip(*((s.a, s.b) for s in slopes), strict=True)
    ]
    # Names moved apart may stand higher than the axis: it then begins lower.
    top = head + max([0.0, *(8 - place for side in places for place in side)])

    def y(value: float) -> float:
        return round(top + tall * (1 - value), 1)

    parts = [_line(at, top, at, top + tall, opacity=0.25) for at in (left, right)]
    parts.append(_text(left, 18, _short(f"A  {a_name}", 34), anchor="end", bold=True))
    parts.append(_text(right, 18, _short(f"B  {b_name}", 34), bold=True))
    for slope, beside_a, beside_b in zip(slopes, *places, strict=True):
        color, label = slope.color or _GREY, _short(slope.label, 30)
        parts.append(_line(left, y(slope.a), right, y(slope.b), color=color, width=2))
        for at, value, beside, away in ((left, slope.a, beside_a, -1), (right, slope.b, beside_b, 1)):
            parts.append(f'<circle cx="{at}" cy="{y(value)}" r="3.5" fill={quoteattr(color)}></circle>')
            parts.append(
                _line(at + 6 * away, y(value), at + 18 * away, round(top + beside, 1), color=color, opacity=0.6)
            )
        parts.append(_text(left - 24, top + beside_a + 4, f"{label}  {number(slope.a)}", anchor="end"))
        parts.append(_text(right + 24, top + beside_b + 4, f"{number(slope.b)}  {label}"))
    about = "; ".join(f"{slope.label} from {number(slope.a)} to {number(slope.b)}" for slope in slopes)
    lowest = max([tall, *(place for side in places for place in side)])
    return _svg(round(top + lowest + 16), about, parts)


def spread(places: Sequence[float], gap: float) -> list[float]:
    """The places moved apart until neighbours are at least `gap` from each other, in the same order, near where they
    were: clusters stay centred on their mean."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    clusters: list[tuple[float, list[int]]] = []
    for i in order:
        centre, members = places[i], [i]
        while clusters and centre - clusters[-1][0] < gap * (len(members) + len(clusters[-1][1])) / 2:
            before, others = clusters.pop()
            centre = (before * len(others) + centre * len(members)) / (len(others) + len(members))
            members = [*others, *members]
        clusters.append((centre, members))
    moved = [0.0] * len(places)
    for centre, members in clusters:
        for rank, i in enumerate(members):
            moved[i] = centre + (rank - (len(members) - 1) / 2) * gap
    return moved


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _line(
    x1: float, y1: float, x2: float, y2: float, *, color: str = "currentColor", width: float = 1, opacity: float = 1
) -> str:
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke={quoteattr(color)} stroke-width="{width}"'
        f' stroke-linecap="round" opacity="{opacity}"></line>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", opacity: float = 1, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{round(y, 1):g}" text-anchor="{anchor}" opacity="{opacity}"{weight} fill="currentColor">'
        f"{escape(words)}</text>"
    )


def _svg(height: float, about: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" font-size="12.5"'
        f" aria-label={quoteattr(about)}>{''.join(parts)}</svg>"
    )
