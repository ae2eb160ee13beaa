"""The charts of Fine-tune and Compare, by their data."""

import pytest

from core.metrics import compare
from core.model import Estimate
from core.services.learning.vocabulary import Checkpoint, Checkpoints
from pages._ui.compare.charts import outcome_bar
from pages._ui.fine_tune.charts import curve_chart, label_bars, score_chart, sides
from pages._ui.fine_tune.kept import told_of

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


def test_it_is_said_which_does_best_and_whether_chance_may_have_chosen() -> None:
    def one(step: float, value: float, low: float, high: float, *, kept: bool = False) -> Checkpoint:
        return Checkpoint(step, f"m{step}", kept, Estimate(value, 100, low, high, "Wilson"))

    found = Checkpoints((one(10, 0.8, 0.7, 0.9), one(20, 0.7, 0.6, 0.8, kept=True)), "Accuracy")
    assert told_of(found) == (
        "Best on validation: step 10, Accuracy .80 [.70, .90]; the model is step 20 with .70 [.60, .80]. "
        "Their intervals overlap: chance may have chosen between them."
    )
    apart = Checkpoints((one(10, 0.9, 0.85, 0.95), one(20, 0.7, 0.6, 0.8, kept=True)), "Accuracy")
    assert told_of(apart).endswith("the model is step 20 with .70 [.60, .80].")
    same = Checkpoints((one(10, 0.7, 0.6, 0.8, kept=True), one(20, 0.7, 0.6, 0.8)), "Accuracy")
    assert told_of(same) == "Best on validation: step 10, Accuracy .70 [.60, .80]; that is the model."
    assert told_of(Checkpoints((), "Accuracy")) == ""


def test_an_interval_that_ends_at_nothing_is_drawn_to_its_end() -> None:
    found = Checkpoints((Checkpoint(4, "a", False, Estimate(0.2, 9, 0.0, 0.4)), Checkpoint(8, "b", True)), "Accuracy")
    bars = score_chart(found).data[0].error_y
    assert (list(bars.arrayminus), list(bars.array)) == ([0.2], [0.2])
