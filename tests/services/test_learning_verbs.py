"""What the Fine-tune and Compare pages ask of the services, as pure functions."""

from datetime import UTC, datetime

import pytest

from core.errors import WorkbenchError
from core.metrics import LabelDifference
from core.model import Estimate, FineTune, FineTuneEvent, FineTuneStatus, Split
from core.services.agreement.comparison_words import label_in_words, round_up
from core.services.asking.costing import LabelCost
from core.services.learning.fine_tuning import curves, follow_ups, share_done

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def job(status: FineTuneStatus, model: str | None = None) -> FineTune:
    return FineTune(1, 7, 2, 3, "embedded", "base", status, NOW, fine_tuned_model=model)


def metrics(**data: object) -> FineTuneEvent:
    return FineTuneEvent(NOW, "info", "", "metrics", data)


def test_a_tuned_model_is_measured_on_test_beside_its_base_and_on_validation_alone() -> None:
    done = job(FineTuneStatus.SUCCEEDED, "ft:1")
    on_test = follow_ups(done, Split.TEST)
    assert [(one.models[0].model, one.split, one.version_ids, one.n) for one in on_test] == [
        ("base", Split.TEST, (3,), None),
        ("ft:1", Split.TEST, (3,), None),
    ]
    assert [one.models[0].model for one in follow_ups(done, Split.VALIDATION)] == ["ft:1"]


@pytest.mark.parametrize("status", [FineTuneStatus.RUNNING, FineTuneStatus.FAILED, FineTuneStatus.CANCELLED])
def test_a_fine_tune_without_a_model_cannot_be_measured(status: FineTuneStatus) -> None:
    with pytest.raises(WorkbenchError, match="no tuned model"):
        follow_ups(job(status), Split.TEST)


def test_progress_is_known_where_the_host_says_how_many_steps_there_are() -> None:
    assert share_done([metrics(step=1, total_steps=4), metrics(step=3, total_steps=4)]) == 0.75
    assert share_done([metrics(step=9, total_steps=4)]) == 1.0
    assert share_done([metrics(step=1), metrics(step=1, total_steps=0), metrics(step="1", total_steps="4")]) is None


def test_curves_hold_every_figure_by_step_and_nothing_that_only_counts() -> None:
    events = [metrics(step=2, epoch=1, total_steps=4, train_loss=0.5), metrics(step=1, train_loss=1, note="x")]
    assert curves(events) == {"train_loss": [(1.0, 1.0), (2.0, 0.5)]}


def test_numbers_of_items_are_rounded_up_to_two_digits() -> None:
    assert [round_up(number) for number in (7, 99, 101, 1277)] == [7, 99, 110, 1300]


def test_tokens_are_given_per_thousand_items_and_not_at_all_for_people() -> None:
    assert LabelCost(None, 50, tokens=1000).tokens_per_1000 == 20_000
    assert LabelCost(None, 50).tokens_per_1000 is None


@pytest.mark.parametrize(
    ("value", "p", "told", "said"),
    [(0.2, 0.003, True, "better, p = .003"), (-0.2, 0.003, True, "worse, p = .003"), (0.1, 0.4, False, "p = .40")],
)
def test_a_label_is_better_or_worse_only_where_the_test_tells(value: float, p: float, told: bool, said: str) -> None:
    assert label_in_words(LabelDifference("SPORTS", Estimate(value, 30, -0.1, 0.4), p, told)) == said


def test_a_label_without_anything_to_test_has_a_dash() -> None:
    assert label_in_words(LabelDifference("SPORTS", Estimate(None, 0, undefined="never"))) == "–"
