"""Every chart is one that Plotly takes as it is: they are drawn without its checks."""

import plotly.graph_objects as go
import pytest

from core.metrics import compare
from core.metrics.differences import Differences
from core.model import Estimate, Label
from core.services.learning.vocabulary import Checkpoint, Checkpoints
from pages._ui.agreement.differences import differences_chart
from pages._ui.compare.charts import outcome_bar
from pages._ui.data.charts import label_chart
from pages._ui.fine_tune.charts import curve_chart, label_bars, score_chart
from pages._ui.runs.charts import answers_chart, confidence_chart, latency_chart
from pages._ui.words.lengths import length_chart
from pages._ui.words.plots import drawn, shortened

MARKUP = "<i>me</i>"
CURVES = {"train": [(1, 0.9), (2, 0.5)], "validation": [(2, 0.7)]}
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
            True,
        )
    ),
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
    ]
    for chart in charts:
        text = chart.to_json()
        assert "&lt;i&gt;" in text and "<i>" not in text.replace("\\u003c", "<")
