"""Every chart is one that Plotly takes as it is: they are drawn without its checks."""

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from core.metrics import compare
from core.metrics.differences import Differences
from core.model import Estimate, Label
from core.services.learning.vocabulary import Checkpoint, Checkpoints
from pages._ui.agreement.differences import differences_chart
from pages._ui.agreement.quality_cost_chart import Point, quality_cost_chart
from pages._ui.compare.charts import outcome_bar
from pages._ui.data.charts import label_chart
from pages._ui.fine_tune.charts import curve_chart, label_bars, score_chart
from pages._ui.fine_tune.curve_chart import learning_chart
from pages._ui.fine_tune.search_chart import search_chart
from pages._ui.runs.charts import answers_chart, confidence_chart, latency_chart
from pages._ui.words.lengths import length_chart
from pages._ui.words.plots import drawn, shortened
from tests.fakes.studies import learning_curve, search_view

MARKUP = "<i>me</i>"
CURVES = {"train": [(1, 0.9), (2, 0.5)], "validation": [(2, 0.7)]}
POINTS = [
    Point("free", "#111111", "tuned", 0.0, Estimate(0.8, 400, 0.76, 0.84, "Wilson"), 1, is_on_front=True),
    Point("<i>me</i> $", "#222222", "zero-shot", 0.04, Estimate(0.6, 400, 0.55, 0.65, "Wilson"), 2),
    Point("dear", "#333333", "few-shot", 3.0, Estimate(0.9, 400), None, is_on_front=True),
]
CHARTS = {
    "outcomes": outcome_bar(compare([("X", "X", "Y", 5), ("X", "Y", "X", 3)], ("X", "Y"))),
    "training lines": label_bars({"X": 3, "Y": 0}, {"X": "#111111"}),
    "loss": curve_chart(CURVES, "loss", 2.0),
    "accuracy": curve_chart(CURVES, "accuracy"),
    "checkpoints": score_chart(
        Checkpoints(
            (
                Checkpoint(4, "a", False, Estimate(0.5, 9, 0.2, 0.8)),
                Checkpoint(8, "b", True, Estimate(0.7, 9)),
                Checkpoint(12, "c", False),
            ),
            "Accuracy",
        )
    ),
    "quality and cost": quality_cost_chart(POINTS, "Accuracy"),
    "quality that costs nothing": quality_cost_chart(POINTS[:1], "Accuracy"),
    "search": search_chart(search_view()),
    "search with nothing measured": search_chart(replace(search_view(), trials=())),
    "learning curve": learning_chart(learning_curve(), 0.8),
    "learning curve of one point": learning_chart(learning_curve({25: [0.5]})),
    "answers": answers_chart({"MONEY": 3, "OLD": 1}, [Label("MONEY", color="#111111"), Label("<b>$")]),
    "confidence": confidence_chart([0.1, 0.5, 1.0], "#E07B39"),
    "latency": latency_chart([0.1] * 150 + [60.0], ""),
    "no latency": latency_chart([], ""),
    "splits": label_chart([("train", "B", 2), ("test", "A", 1)], ["A", "B"]),
    "lengths": length_chart([(5, 3), (90, 1)]).figure,
    "no lengths": length_chart([]).figure,
    "differences": differences_chart(Differences(((1.5, 1.0, 3), (2.0, 0.0, 40)), 43, 0.1, -0.5, 0.7), "#111111"),
    "one difference": differences_chart(Differences(((1.5, 1.0, 1),), 1, 1.0), "#111111"),
}


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_each_chart_is_one_that_plotly_takes_as_it_is(chart: go.Figure) -> None:
    assert go.Figure(chart.to_dict()).to_dict() == chart.to_dict()


def test_the_proof_sees_a_property_that_plotly_does_not_know() -> None:
    wrong = drawn([{"type": "bar", "x": [1], "colour": "red"}], {})
    with pytest.raises(ValueError, match="colour"):
        go.Figure(wrong.to_dict())


LONG = "balance_not_updated_after_a_transfer_"
TWINS = (LONG + "by_bank", LONG + "by_cheque")
AS_TWO_ROWS = {
    "answers": answers_chart({TWINS[0]: 3, TWINS[1]: 1}, [Label(name) for name in TWINS]),
    "training lines": label_bars({TWINS[0]: 3, TWINS[1]: 1}, {}),
    "splits": label_chart([("train", TWINS[0], 3), ("train", TWINS[1], 1)], TWINS),
}


@pytest.mark.parametrize("chart", AS_TWO_ROWS.values(), ids=AS_TWO_ROWS)
def test_two_names_that_begin_alike_are_two_rows_though_both_are_cut(chart: go.Figure) -> None:
    axis = chart.layout.yaxis
    assert list(axis.tickvals) == [0, 1] and {text[-1] for text in axis.ticktext} == {"…"}
    assert {row for trace in chart.data for row in trace.y} == {0, 1}
    low, high = axis.range
    assert low > 1 and high < 0, "the first is on top, and both are drawn whole"


def test_a_name_is_no_markup_in_any_text_of_a_chart() -> None:
    assert shortened("<b>A & $B$</b>", 30) == "&lt;b&gt;A &amp; &#36;B&#36;&lt;/b&gt;"
    assert shortened("x" * 40, 30) == "x" * 29 + "…"
    charts = [
        label_bars({MARKUP: 3}, {}),
        answers_chart({MARKUP: 3}, []),
        label_chart([("train", MARKUP, 2)], [MARKUP]),
        quality_cost_chart(POINTS, "Accuracy"),
    ]
    axes = search_chart(search_view()).layout.xaxis.ticktext
    assert "Class &lt;b&gt;weight&lt;/b&gt; &#36;" in axes
    for chart in charts:
        text = chart.to_json()
        assert "&lt;i&gt;" in text and "<i>" not in text.replace("\\u003c", "<")


def test_what_costs_nothing_has_a_place_of_its_own_and_the_front_is_filled_and_joined() -> None:
    chart = quality_cost_chart(POINTS, "Accuracy")
    assert list(chart.layout.xaxis.ticktext)[0] == "nothing" and "$0" not in list(chart.layout.xaxis.ticktext)
    line, *others = chart.data
    assert list(line.y) == [0.8, 0.9] and line.x[0] < line.x[1]
    filled = {one.text[0].strip(): one.marker.color for one in others if one.text}
    assert filled == {"free": "#111111", "&lt;i&gt;me&lt;/i&gt; &#36;": "rgba(0,0,0,0)", "dear": "#333333"}
    free, paid = (next(one.x[0] for one in others if one.text and name in one.text[0]) for name in ("free", "me"))
    assert free < paid
