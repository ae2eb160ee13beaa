"""The charts of Fine-tune and Compare, by their data."""

import pytest

from core.metrics import Contingency, compare, per_label
from core.model import Annotator, AnnotatorKind, Estimate
from pages._ui.compare.charts import (
    interval_dots,
    label_slopes,
    most_changed,
    outcome_bar,
    slope_figure,
    slope_title,
)
from pages._ui.fine_tune.charts import curve_chart, label_bars, sides

CELLS = [("X", "X", "X", 5), ("X", "Y", "X", 3), ("Y", "Y", "X", 1), ("Y", "X", "X", 1)]


def test_bars_show_every_label_in_order_in_its_own_colour() -> None:
    bars = label_bars({"X": 3, "Y": 0}, {"X": "#111111"}).data[0]
    assert list(bars.x) == [3, 0] and list(bars.customdata) == ["X", "Y"] and bars.marker.color[0] == "#111111"


def test_curves_are_told_apart_whatever_the_host_calls_them_and_full_validation_wins() -> None:
    found = {
        "train_loss": [(1, 0.9)],
        "valid_loss": [(1, 0.8)],
        "full_valid_loss": [(1, 0.7)],
        "train_accuracy": [(1, 1)],
    }
    assert sides(found, "loss") == {"train": [(1, 0.9)], "validation": [(1, 0.7)]}
    assert sides(found, "accuracy") == {"train": [(1, 1)]} and sides({}, "loss") == {}


def test_a_curve_is_drawn_from_its_points_and_a_single_point_is_a_dot() -> None:
    chart = curve_chart({"train": [(1, 0.9), (2, 0.5)], "validation": [(2, 0.7)]}, "loss")
    assert [(list(line.x), list(line.y), line.mode) for line in chart.data] == [
        ([1, 2], [0.9, 0.5], "lines"),
        ([2], [0.7], "markers"),
    ]


@pytest.mark.parametrize(("kept", "side", "away"), [(100.0, "right", -5), (1.0, "left", 5)])
def test_the_word_at_the_kept_step_stands_beside_its_line_where_there_is_room(
    kept: float, side: str, away: int
) -> None:
    (word,) = curve_chart({"train": [(1, 0.9), (100, 0.5)]}, "loss", kept).layout.annotations
    assert (word.text, word.xanchor, word.xshift) == ("kept", side, away)


def test_a_label_of_twenty_two_letters_is_named_whole_beside_its_training_lines() -> None:
    assert label_bars({"MEDIA & ENTERTAINMENT!": 23}, {}).layout.yaxis.ticktext == ("MEDIA &amp; ENTERTAINMENT!",)


def test_the_bar_has_four_parts_that_add_up() -> None:
    figures = compare(CELLS, ("X", "Y"))
    parts = {bar.name: bar.x[0] for bar in outcome_bar(figures).data}
    # X-Y-X is fixed, Y-Y-X broken, Y-X-X still wrong.
    assert parts == {"both right": 5, "fixed": 3, "broken": 1, "still wrong": 1}


def test_dots_carry_their_interval_and_the_annotator_s_colour_and_an_undefined_score_has_none() -> None:
    who = Annotator(1, 1, AnnotatorKind.MODEL, "m", "#123456")
    figure = interval_dots([("A", who, Estimate(0.5, 10, 0.3, 0.8)), ("B", who, Estimate(None, 0, undefined="none"))])
    (dot,) = figure.data
    assert dot.x[0] == 0.5 and dot.marker.color == "#123456"
    assert round(dot.error_x.array[0], 6) == 0.3 and round(dot.error_x.arrayminus[0], 6) == 0.2


def test_slopes_leave_out_labels_the_reference_never_gave_and_show_names_as_text() -> None:
    labels = ("X", "Y", "<b>Z</b>", "FALLBACK")
    cells = [*CELLS, ("X", "FALLBACK", "FALLBACK", 1)]
    a = per_label(Contingency.from_pairs([(r, x, n) for r, x, _, n in cells], labels))
    b = per_label(Contingency.from_pairs([(r, x, n) for r, _, x, n in cells], labels))
    slopes = label_slopes(a, b, {"X": "#111111"})
    assert [slope[:2] for slope in slopes] == [("X", "#111111"), ("Y", "#7D838C")]
    figure = slope_figure([("<b>Z</b>", "#111111", 0.2, 0.4)])
    assert list(figure.data[0].y) == [0.2, 0.4]
    assert "<b>" not in figure.layout.annotations[1].text


def test_the_axis_of_the_slopes_fits_their_values_and_a_text_moved_away_is_tied_to_its_dot() -> None:
    figure = slope_figure([("X", "#111111", 0.8, 0.9), ("Y", "#222222", 0.8, 1.0)])
    low, high = figure.layout.yaxis.range
    assert 0.75 < low < 0.8 and 1.0 < high < 1.05
    texts = [one.y for one in figure.layout.annotations if one.x < 0]
    assert texts[0] != texts[1], "two texts at .80 are moved apart"
    ties = list(figure.data[-1].y)
    assert all(text in ties and ties[ties.index(text) - 1] == 0.8 for text in texts)
    assert slope_title([("X", "", 0.8, 0.9), ("Y", "", 0.8, 1.0)], 2).endswith(".80 to 1.00")


def test_of_many_labels_the_lines_are_those_that_change_most_in_the_order_of_the_task() -> None:
    slopes = [(f"label {i}", "", 0.5, 0.5 + (-1) ** i * i / 200) for i in range(77)]
    shown = most_changed(slopes)
    assert shown == slopes[57:]
    assert slope_title(shown, 77).startswith("F1 from A to B of the 20 labels of 77 that change most;")
    assert most_changed(slopes[:20]) == slopes[:20]


def test_slopes_that_hardly_differ_are_not_blown_up() -> None:
    low, high = slope_figure([("X", "#111111", 0.80, 0.81)]).layout.yaxis.range
    assert high - low > 0.1


def test_a_dot_at_one_is_drawn_whole() -> None:
    who = Annotator(1, 1, AnnotatorKind.MODEL, "m", "#123456")
    low, high = interval_dots([("A", who, Estimate(1.0, 10, 0.7, 1.0))]).layout.xaxis.range
    assert low <= -0.04 and high >= 1.04
