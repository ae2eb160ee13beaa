"""A comparison of two annotators as one self-contained HTML page that can be mailed, printed and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from core.exporters.figures import percent
from core.model import Outcome


class Figure(NamedTuple):
    """One score of both annotators, written out with intervals by the caller."""

    name: str
    a: str
    b: str
    difference: str


class LabelRow(NamedTuple):
    """One label: how many items the reference gives it, a score of both annotators on them, and a test of the two."""

    label: str
    support: int
    a: str
    b: str
    difference: str
    test: str = ""


class ReportExample(NamedTuple):
    """One item on which the two differ."""

    text: str
    reference: str
    a: str
    b: str


@dataclass(frozen=True)
class ComparisonReport:
    """What the page says. Every text is shown as text; only the markup of `charts` is taken as it is.

    The four counts add up to `n`. `per_label_score` names the score in `per_label`, `per_label_note` and
    `scores_note` say how the rows of each table came about. `prompt_diff` has lines that begin
    with "+", "-" or a space as in a unified diff. `charts` are (title, SVG or HTML) that need nothing from elsewhere.
    `looks` is how often scores on this split have been shown; 0 where that is not counted.
    """

    title: str
    project: str
    created: datetime
    reference: str
    split: str
    n: int
    looks: int
    a_name: str
    b_name: str
    sentence: str
    figures: Sequence[Figure | tuple[str, str, str, str]]
    fixed: int
    broken: int
    still_wrong: int
    both_right: int
    per_label: Sequence[LabelRow | tuple[str, int, str, str, str]] = ()
    per_label_score: str = "F1"
    per_label_note: str = ""
    scores_note: str = ""
    prompt_diff: Sequence[str] = ()
    fixed_examples: Sequence[ReportExample | tuple[str, str, str, str]] = ()
    broken_examples: Sequence[ReportExample | tuple[str, str, str, str]] = ()
    charts: Sequence[tuple[str, str]] = ()


class Part(NamedTuple):
    """One part of the bar; `start` and `width` in thousandths of it."""

    key: str
    title: str
    items: int
    share: str
    start: float
    width: float


def value_and_interval(text: str) -> tuple[str, str]:
    """ ".66 [.61-.70]" as ".66" and "[.61-.70]", so that the interval can be set in a lighter tone."""
    start = min((place for place in (text.find(" ["), text.find(" (")) if place > 0), default=len(text))
    return text[:start], text[start + 1 :]


@cache
def _template() -> Any:
    # Imported here because few sessions end in a report, and every one pays for an import at the top.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["value_and_interval"] = value_and_interval
    return environment.get_template("report.html")


def comparison_report(report: ComparisonReport) -> str:
    """The page as HTML: no request to anywhere, light and dark by the reader's setting, light on paper (A4).

    The page forbids the browser to load anything, and to run scripts unless a chart brings some.
    """
    has_scripts = any("<script" in markup.lower() for _, markup in report.charts)
    from markupsafe import Markup

    page: str = _template().render(
        report=report,
        parts=bar_parts(report),
        figures=[Figure(*figure) for figure in report.figures],
        per_label=[LabelRow(*row) for row in report.per_label],
        diff=[(_DIFF_KINDS.get(line[:1], "same"), line) for line in report.prompt_diff],
        examples=[
            ("Fixed", "A wrong, B right", [ReportExample(*one) for one in report.fixed_examples], report.fixed),
            (
                "Broken",
                "A right, B wrong",
                [ReportExample(*one) for one in report.broken_examples],
                report.broken,
            ),
        ],
        charts=[(title, Markup(markup)) for title, markup in report.charts],
        script_source="'unsafe-inline'" if has_scripts else "'none'",
        created=f"{report.created.day} {report.created:%B %Y, %H:%M}",
    )
    return page


_DIFF_KINDS = {"+": "added", "-": "removed"}


def bar_parts(report: ComparisonReport) -> tuple[Part, ...]:
    """The four-part bar, left to right; empty where there are no items. Parts without items have no width."""
    counts = [
        ("right", Outcome.BOTH_RIGHT.words, report.both_right),
        ("fixed", Outcome.FIXED.words, report.fixed),
        ("broken", Outcome.BROKEN.words, report.broken),
        ("wrong", Outcome.STILL_WRONG.words, report.still_wrong),
    ]
    total = sum(count for _, _, count in counts)
    parts: list[Part] = []
    start = 0.0
    for key, title, count in counts if total else ():
        width = 1000 * count / total
        parts.append(Part(key, title, count, percent(count / total), round(start, 2), round(width, 2)))
        start += width
    return tuple(parts)
