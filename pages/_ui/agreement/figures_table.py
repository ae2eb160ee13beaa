"""Every candidate's metrics as one table: a dot with its interval on an axis common to all, the number below it."""

from collections.abc import Mapping, Sequence

from core.model import Estimate, QuestionKind
from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import METRICS
from pages._ui.words.figures import basis
from pages._ui.words.table import Cell, Heading, figure, table
from pages._ui.words.text import count

SHOWN: Mapping[QuestionKind, tuple[str, ...]] = {
    QuestionKind.SINGLE_LABEL: ("accuracy", "tutorial_iou", "kappa", "alpha", "macro_f1"),
    QuestionKind.SEVERAL_LABELS: ("mean_jaccard", "exact_set", "micro_f1", "set_macro_f1", "masi_alpha"),
    QuestionKind.SPANS: ("strict_f1", "partial_f1", "span_iou", "word_kappa", "unitised_alpha"),
    QuestionKind.RATING: ("quadratic_kappa", "ordinal_alpha", "spearman", "mean_error", "bias"),
    QuestionKind.RANKING: ("tau_b", "same_first", "pairs_in_order", "kendall_w"),
    QuestionKind.PREFERENCE: ("accuracy", "agreement_without_ties", "kappa", "kappa_without_ties", "quadratic_kappa"),
}
"""The metrics that say something of their own; with one label per item, Jaccard is accuracy."""
_ASKED_FOR = "cosine"
_MANY, _TALL = 9, 380
"""More candidates are scrolled under their headings within so many pixels."""


def show_figures(view: AgreementView) -> None:
    """A row a candidate, a column a metric."""
    rows = [row(one, view.fallback, shown(view)) for one in view.candidates]
    table(headings(view), rows, key="agree_figures", tall=_TALL if len(rows) > _MANY else 0)


def shown(view: AgreementView) -> tuple[str, ...]:
    """The metrics of the kind of question that the table has."""
    keys = SHOWN.get(view.kind) or tuple(view.candidates[0].figures if view.candidates else ())[:5]
    # What takes an encoder stands there once it was asked for.
    is_known = any(one.figures[_ASKED_FOR].value is not None for one in view.candidates if _ASKED_FOR in one.figures)
    return keys if is_known else tuple(key for key in keys if key != _ASKED_FOR)


def headings(view: AgreementView) -> list[Heading]:
    keys = [key for key in shown(view) if METRICS[key].unit != "points"]
    common = axis_from([one.figures[key] for one in view.candidates for key in keys])
    points = [one.figures[key] for one in view.candidates for key in shown(view) if key not in keys]
    farthest = max(1.03, *(abs(end) for one in points for end in (one.low, one.high) if end is not None), 0.0)
    axis = dict.fromkeys(shown(view), (-farthest, farthest)) | dict.fromkeys(keys, common)
    who = Heading(f"Against {view.reference.name}, 95 % intervals", width="24%")
    return [who, *(Heading(METRICS[key].title, METRICS[key].about, axis[key], width="15.2%") for key in shown(view))]


def row(candidate: Candidate, fallback: str, shown: Sequence[str]) -> list[Cell]:
    """Who it is, on how many items, what has to be known to read it; then its figures."""
    who = candidate.annotator
    name = Cell(
        who.name, " · ".join(_facts(candidate, fallback)), "on other items" if candidate.apart else "", color=who.color
    )
    return [name, *(figure(candidate.figures[key], who.color) for key in shown)]


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
        for reason, titles in _by_reason(candidate.figures, shown(view)).items():
            what = "every metric" if len(titles) == len(shown(view)) else " and ".join(titles)
            found.setdefault((reason, what), []).append(candidate.annotator.name)
    many = len(view.candidates)
    return [
        f"{what[0].upper()}{what[1:]} of {'every candidate' if len(names) == many > 1 else ', '.join(names)}: {reason}."
        for (reason, what), names in found.items()
    ]


def _by_reason(figures: Mapping[str, Estimate], shown: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in shown:
        one = figures[key]
        if one.value is None:
            found.setdefault(basis(one), []).append(METRICS[key].title)
        elif one.rough:
            found.setdefault(f"rough, {one.rough}", []).append(METRICS[key].title)
    return found


def methods(view: AgreementView) -> str:
    """By which method the intervals of which metrics came about."""
    found: dict[str, list[str]] = {}
    for candidate in view.candidates:
        for key in shown(view):
            one, title = candidate.figures[key], METRICS[key].title
            if one.interval and title not in found.setdefault(one.interval, []):
                found[one.interval].append(title)
    return "; ".join(f"{', '.join(titles)}: {method}" for method, titles in found.items())
