"""The report of a comparison: what it says, and which charts it has."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from core.exporters.figures import DIGITS, digits_of_difference, with_interval
from core.exporters.report import ComparisonReport, Figure, LabelRow, comparison_report
from core.exporters.svg import Dot, Slope, interval_plot, slope_chart
from core.metrics import LabelDifference, LabelScore
from core.model import Estimate, Split
from core.prompts import Change
from core.services.agreement.comparison import Case, ComparisonView
from core.services.agreement.comparison_words import label_in_words


def report_of(
    project: str, colors: Mapping[str, str], view: ComparisonView, fixed: Sequence[Case], broken: Sequence[Case]
) -> str:
    """One self-contained HTML page; `colors` are those of the labels, by name."""
    figures = view.figures
    diff = view.prompt_diff() or {}
    return comparison_report(
        ComparisonReport(
            title=f"{view.a.annotator.name} against {view.b.annotator.name}",
            project=project,
            created=datetime.now(UTC),
            reference=view.reference.name,
            split=str(view.split) if view.split else "all items",
            n=figures.n,
            looks=view.looks if view.split in (Split.TEST, None) else 0,
            a_name=view.a.annotator.name,
            b_name=view.b.annotator.name,
            sentence=f"{view.conclusion()} {view.notes()}",
            scores_note=" ".join(filter(None, (view.scores_note(), view.method(), view.people_sentence()))),
            per_label_note=view.labels_note(),
            figures=[_figure(name, *three) for name, three in view.scores().items()],
            fixed=figures.fixed,
            broken=figures.broken,
            still_wrong=figures.still_wrong,
            both_right=figures.both_right,
            per_label=[
                _label_row(a, b, between)
                for a, b, between in zip(view.a.labels, view.b.labels, figures.by_label, strict=True)
            ],
            prompt_diff=[line for changes in diff.values() for line in _diff_lines(changes)],
            fixed_examples=[(case.item.text, case.reference, case.a, case.b) for case in fixed],
            broken_examples=[(case.item.text, case.reference, case.a, case.b) for case in broken],
            charts=_charts(view, colors),
        )
    )


def _figure(name: str, a: Estimate, b: Estimate, difference: Estimate) -> Figure:
    """A row of the report's figures."""
    digits = digits_of_difference(a, b, difference)
    return Figure(name, _spoken(a), _spoken(b), _spoken(difference, signed=True, digits=digits))


def _spoken(estimate: Estimate, *, signed: bool = False, digits: int = DIGITS) -> str:
    """`.76 [.72, .80]`, or why there is none."""
    if estimate.value is None:
        return f"undefined: {estimate.undefined}"
    return with_interval(estimate, signed=signed, digits=digits)


def _charts(view: ComparisonView, colors: Mapping[str, str]) -> list[tuple[str, str]]:
    if not view.figures.n:
        return []
    sides = ((view.a, view.figures.a), (view.b, view.figures.b))
    accuracy = interval_plot([Dot(side.annotator.name, side.annotator.color, score) for side, score in sides])
    slopes = [
        Slope(a.label, colors.get(a.label, ""), a.f1.value, b.f1.value)
        for a, b in zip(view.a.labels, view.b.labels, strict=True)
        if a.f1.value is not None and b.f1.value is not None
    ]
    charts = [(f"Accuracy with its 95 % interval, n = {view.figures.n:,}", accuracy)]
    if slopes:
        names = (view.a.annotator.name, view.b.annotator.name)
        charts.append(("F1 label by label, from A to B", slope_chart(slopes, *names)))
    return charts


def _label_row(a: LabelScore, b: LabelScore, between: LabelDifference) -> LabelRow:
    digits = digits_of_difference(a.f1, b.f1, between.difference)
    difference = _score(between.difference, signed=True, digits=digits)
    return LabelRow(a.label, a.support, _score(a.f1), _score(b.f1), difference, label_in_words(between))


def _score(estimate: Estimate, *, signed: bool = False, digits: int = DIGITS) -> str:
    return "–" if estimate.value is None else with_interval(estimate, signed=signed, digits=digits)


def _diff_lines(changes: Sequence[Change]) -> list[str]:
    signs = {"same": " ", "removed": "-", "added": "+"}
    return [signs[change.kind] + line for change in changes for line in change.text.splitlines() if line.strip()]
