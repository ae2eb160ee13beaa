"""Every candidate's metrics as one table: a dot with its interval on an axis common to all, the number below it."""

from collections.abc import Mapping, Sequence

from core.model import Estimate
from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import METRICS
from pages._ui.words.figures import basis
from pages._ui.words.table import Cell, Heading, figure, table
from pages._ui.words.text import count

SHOWN = ("accuracy", "tutorial_iou", "kappa", "alpha", "macro_f1")
"""The metrics that say something of their own; with one label per item, Jaccard is accuracy."""
_MANY, _TALL = 9, 380
"""More candidates are scrolled under their headings within so many pixels."""


def show_figures(view: AgreementView) -> None:
    """A row a candidate, a column a metric."""
    rows = [row(one, view.fallback) for one in view.candidates]
    table(headings(view), rows, key="agree_figures", tall=_TALL if len(rows) > _MANY else 0)


def headings(view: AgreementView) -> list[Heading]:
    axis = axis_from([one.figures[key] for one in view.candidates for key in SHOWN])
    who = Heading(f"Against {view.reference.name}, 95 % intervals", width="24%")
    return [who, *(Heading(METRICS[key].title, METRICS[key].about, axis, width="15.2%") for key in SHOWN)]


def row(candidate: Candidate, fallback: str) -> list[Cell]:
    """Who it is, on how many items, what has to be known to read it; then its figures."""
    who = candidate.annotator
    name = Cell(
        who.name, " · ".join(_facts(candidate, fallback)), "on other items" if candidate.apart else "", color=who.color
    )
    return [name, *(figure(candidate.figures[key], who.color) for key in SHOWN)]


def _facts(candidate: Candidate, fallback: str) -> list[str]:
    facts = [count(candidate.n, "item")]
    if answered := candidate.answered(fallback):
        facts.append(f"{answered:,} {fallback}")
    if candidate.missing:
        facts.append(f"{candidate.missing:,} not labelled")
    return facts


def axis_from(shown: Sequence[Estimate]) -> tuple[float, float]:
    """From 0 to 1, or from below 0 where a coefficient or its interval is negative; a dot at either end is whole."""
    lows = [one.low if one.low is not None else one.value for one in shown]
    return min(-0.03, *(low - 0.03 for low in lows if low is not None), 0.0), 1.03


def reservations(view: AgreementView) -> list[str]:
    """Why which figures are undefined or rough, a sentence for each reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for candidate in view.candidates:
        for reason, titles in _by_reason(candidate.figures).items():
            what = "every metric" if len(titles) == len(SHOWN) else " and ".join(titles)
            found.setdefault((reason, what), []).append(candidate.annotator.name)
    many = len(view.candidates)
    return [
        f"{what[0].upper()}{what[1:]} of {'every candidate' if len(names) == many > 1 else ', '.join(names)}: {reason}."
        for (reason, what), names in found.items()
    ]


def _by_reason(figures: Mapping[str, Estimate]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in SHOWN:
        one = figures[key]
        if one.value is None:
            found.setdefault(basis(one), []).append(METRICS[key].title)
        elif one.rough:
            found.setdefault(f"rough, {one.rough}", []).append(METRICS[key].title)
    return found


def methods(candidates: Sequence[Candidate]) -> str:
    """By which method the intervals of which metrics came about."""
    found: dict[str, list[str]] = {}
    for candidate in candidates:
        for key in SHOWN:
            one, title = candidate.figures[key], METRICS[key].title
            if one.interval and title not in found.setdefault(one.interval, []):
                found[one.interval].append(title)
    return "; ".join(f"{', '.join(titles)}: {method}" for method, titles in found.items())
