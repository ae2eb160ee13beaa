"""Agreement's charts hold the figures they are made from."""

import altair as alt
import pytest

from core.metrics import Contingency, estimate_all, per_label
from core.model import Annotator, AnnotatorKind
from core.services.agreement.agreeing import Candidate
from pages._ui.agreement.charts import (
    SHOWN_METRICS,
    axis_start,
    figures_chart,
    iou_chart,
    label_rows,
    labels_chart,
)
from pages._ui.agreement.matrix_chart import matrix_cells, matrix_chart, most_confused_labels, used_labels

#            candidate: A  B  C
TABLE = Contingency.from_pairs([("A", "A", 8), ("A", "B", 2), ("B", "B", 5), ("B", "A", 5)], ("A", "B", "C"))


def candidate(table: Contingency = TABLE, name: str = "v3") -> Candidate:
    return Candidate(Annotator(1, 1, AnnotatorKind.MODEL, name, "#112233"), table, estimate_all(table), 0, table.n)


def test_each_defined_metric_is_one_dot_in_the_annotators_colour_with_its_interval() -> None:
    figure = figures_chart([candidate()])
    assert len(figure.data) == len(SHOWN_METRICS)
    accuracy = figure.data[0]
    assert accuracy.x[0] == pytest.approx(13 / 20)
    assert accuracy.marker.color == "#112233"
    assert accuracy.error_x.array[0] > 0
    assert "n = 20" in accuracy.hovertext[0]


def test_an_undefined_metric_has_no_dot() -> None:
    one_label = Contingency.from_pairs([("A", "A", 4)], ("A", "B"))
    # Kappa and alpha are undefined where both used one label only.
    assert len(figures_chart([candidate(one_label)]).data) == len(SHOWN_METRICS) - 2


def test_the_common_axis_reaches_below_zero_only_for_negative_coefficients() -> None:
    against = Contingency.from_pairs([("A", "B", 10), ("B", "A", 10)], ("A", "B"))
    assert axis_start([candidate(against)]) < -0.9
    assert axis_start([candidate(Contingency.from_pairs([("A", "A", 50), ("B", "B", 50)], ("A", "B")))]) == -0.03
    assert axis_start([]) == -0.03


def test_names_are_shown_as_text_not_as_markup() -> None:
    figure = figures_chart([candidate(name="<b>v3</b> & co")])
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;v3&lt;/b&gt; &amp; co",)


def test_cells_hold_items_and_the_share_of_the_references_row() -> None:
    cells = {(one["reference"], one["candidate"]): one for one in matrix_cells(TABLE, ["A", "B"])}
    assert cells["A", "B"]["items"] == 2
    assert cells["A", "B"]["share"] == pytest.approx(0.2)
    assert cells["B", "B"]["same"]
    assert len(cells) == 4


def test_labels_nobody_used_take_no_room() -> None:
    assert used_labels(TABLE) == ["A", "B"]


def test_the_most_confused_labels_keep_the_tasks_order() -> None:
    names = tuple(f"L{n:02}" for n in range(77))
    pairs = [(name, name, 5) for name in names] + [("L70", "L03", 9), ("L10", "L11", 4)]
    table = Contingency.from_pairs(pairs, names)
    assert most_confused_labels(table, 3) == ["L03", "L10", "L70"]


def test_counts_are_written_into_the_cells_while_they_fit() -> None:
    few = matrix_chart(TABLE, ["A", "B"], reference="r", candidate="c", ink="#000")
    assert [layer["mark"]["type"] for layer in few["layer"]] == ["rect", "text"]
    names = tuple(f"L{n:02}" for n in range(77))
    table = Contingency.from_pairs([(name, name, 5) for name in names], names)
    many = matrix_chart(table, names, reference="r", candidate="c", ink="#000")
    assert many["mark"]["type"] == "rect"
    assert any(one["name"] == "cell" for one in many["params"])


@pytest.mark.parametrize("number", [1, 2, 13, 25, 77])
def test_each_matrix_is_one_that_vega_lite_takes(number: int) -> None:
    names = tuple(f"L{n:02}" for n in range(number))
    table = Contingency.from_pairs([(name, names[0], 5) for name in names], names)
    chart = matrix_chart(table, names, reference="r", candidate="c", ink="#000")
    # Altair checks it against the schema.
    alt.Chart.from_dict(chart).to_dict()


def test_more_than_a_dozen_labels_have_square_cells_under_upright_names() -> None:
    for number in (13, 77):
        names = tuple(f"L{n:02}" for n in range(number))
        table = Contingency.from_pairs([(name, name, 5) for name in names], names)
        chart = matrix_chart(table, names, reference="r", candidate="c", ink="#000")
        assert chart["width"] == chart["height"] and chart["width"]["step"] >= 11
        unit = chart["layer"][0] if "layer" in chart else chart
        assert unit["encoding"]["x"]["axis"]["labelAngle"] == -90


def test_each_label_has_precision_recall_and_f1_and_names_its_support() -> None:
    scores = per_label(TABLE)
    figure = labels_chart(scores)
    assert [trace.name for trace in figure.data] == ["Precision", "Recall", "F1"]
    # C was chosen by nobody, so it has no dots.
    assert [len(trace.x) for trace in figure.data] == [2, 2, 2]
    assert figure.data[1].x[0] == pytest.approx(0.8)
    assert label_rows(scores) == ["A  10", "B  10", "C  0"]


def test_the_iou_chart_has_a_trace_per_candidate_in_its_colour() -> None:
    one = candidate()
    figure = iou_chart([(one.annotator, one.labels()), (one.annotator, one.labels())])
    assert [trace.marker.color for trace in figure.data] == ["#112233", "#112233"]
    # A: 8 both of 8 + 2 + 5 either.
    assert figure.data[0].x[0] == pytest.approx(8 / 15)
