"""Agreement's tables and its matrix hold the figures they are made from."""

import altair as alt
import pytest

from core.metrics import Contingency, per_label
from core.model import Annotator, AnnotatorKind, QuestionKind
from core.services.agreement.agreeing import Candidate
from core.services.agreement.pairing import pairing
from pages._ui.agreement.figures_table import SHOWN, axis_from, row
from pages._ui.agreement.labels import label_rows, used
from pages._ui.agreement.matrix_chart import (
    NUMBERS_UP_TO,
    matrix_cells,
    matrix_chart,
    most_confused_labels,
    used_labels,
)

#            candidate: A  B  C
TABLE = Contingency.from_pairs([("A", "A", 8), ("A", "B", 2), ("B", "B", 5), ("B", "A", 5)], ("A", "B", "C"))


def candidate(table: Contingency = TABLE, name: str = "v3") -> Candidate:
    stands = pairing(table, ("accuracy", "jaccard", "tutorial_iou", "kappa", "alpha", "macro_f1", "pi"))
    return Candidate(Annotator(1, 1, AnnotatorKind.MODEL, name, "#112233"), stands, 0, table.n)


def test_the_common_axis_reaches_below_zero_only_for_negative_coefficients() -> None:
    against = Contingency.from_pairs([("A", "B", 10), ("B", "A", 10)], ("A", "B"))
    assert axis_from(list(candidate(against).figures.values()))[0] < -0.9
    perfect = Contingency.from_pairs([("A", "A", 50), ("B", "B", 50)], ("A", "B"))
    assert axis_from(list(candidate(perfect).figures.values())) == (-0.03, 1.03)
    assert axis_from([]) == (-0.03, 1.03)


def test_each_metric_is_a_dot_in_the_annotators_colour_with_its_interval_and_undefined_ones_have_none() -> None:
    who, accuracy, *_ = row(candidate(), "C", SHOWN[QuestionKind.SINGLE_LABEL])
    assert (who.text, who.faint, who.color) == ("v3", "20 items", "#112233")
    (dot,) = accuracy.dots
    assert dot.at == pytest.approx(13 / 20) and dot.low < dot.at < dot.high and dot.color == "#112233"
    assert accuracy.title.startswith("n = 20, 95 % interval: Wilson")
    one_label = Contingency.from_pairs([("A", "A", 4)], ("A", "B"))
    kappa = row(candidate(one_label), "C", SHOWN[QuestionKind.SINGLE_LABEL])[3]
    assert (kappa.text, kappa.dots) == ("undefined", ()) and kappa.title


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


def test_more_than_a_dozen_labels_stand_under_upright_names_and_in_square_cells_where_no_numbers_are_shown() -> None:
    for number in (13, 77):
        names = tuple(f"L{n:02}" for n in range(number))
        table = Contingency.from_pairs([(name, name, 5) for name in names], names)
        chart = matrix_chart(table, names, reference="r", candidate="c", ink="#000")
        assert ("width" in chart) == (number > NUMBERS_UP_TO)
        assert chart.get("width", chart["height"]) == chart["height"] and chart["height"]["step"] >= 11
        unit = chart["layer"][0] if "layer" in chart else chart
        assert unit["encoding"]["x"]["axis"]["labelAngle"] == -90


def test_each_label_has_a_dot_per_candidate_at_its_iou_in_the_candidates_colour() -> None:
    one, other = candidate(), candidate(name="v4")
    rows = label_rows(one.labels(), one, [one, other], {"A": "#445566"})
    label, items, said, _, recall, _, iou = rows[0]
    assert (label.text, label.color, items.text, said.text) == ("A", "#445566", "10", "13")
    assert recall.text == ".80"
    # A: 8 both of 8 + 2 + 5 either.
    assert [each.at for each in iou.dots] == [pytest.approx(8 / 15)] * 2
    assert iou.dots[1].title.startswith("v4: .53 [")


def test_labels_nobody_used_have_no_row_and_the_references_most_frequent_come_first() -> None:
    more = Contingency.from_pairs([("A", "A", 2), ("B", "B", 9), ("B", "C", 1)], ("A", "B", "C", "D"))
    assert [score.label for score in used(per_label(more))] == ["B", "A", "C"]
