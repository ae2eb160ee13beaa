"""Ends that are known beforehand."""

from datetime import date

import pytest

from core.hosts.profiles import PROFILES
from core.hosts.retirements import SHIPPED_RETIREMENTS, TRAINING_ENDS, names_to_ask, shipped_retirement

DYING = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini"]


@pytest.mark.parametrize("model", [*DYING, "gpt-4o-2024-08-06", "ft:gpt-4.1-mini-2025-04-14:org::id", "ft:gpt-4o:o::i"])
def test_a_model_its_snapshots_and_what_was_tuned_from_it_end_together(model):
    found = shipped_retirement("openai", model)
    assert found.day == date(2027, 1, 14) and found.successor == "gpt-6-luna"


@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-4o-audio-preview", "gpt-4", "ft:gpt-3.5-turbo:o::i", ""])
def test_other_models_do_not(model):
    assert shipped_retirement("openai", model) is None


def test_the_same_name_at_another_host_is_another_model():
    assert shipped_retirement("azure", "gpt-4o") is None


def test_days_left_count_down_to_nothing_and_below():
    found = shipped_retirement("openai", "gpt-4o")
    days = [found.days_left(date(2026, 11, 21)), found.days_left(date(2027, 1, 14)), found.days_left(date(2027, 1, 15))]
    assert days == [54, 0, -1]


def test_the_exact_name_is_asked_for_before_its_base():
    assert names_to_ask("ft:a-2024-01-01:o::i") == [
        "ft:a-2024-01-01:o::i", "ft:a-2024-01-01", "ft:a", "a-2024-01-01", "a"
    ]  # fmt: skip


def test_all_that_is_shipped_belongs_to_a_profile():
    assert {profile for profile, _ in SHIPPED_RETIREMENTS} | set(TRAINING_ENDS) <= set(PROFILES)
    assert TRAINING_ENDS["openai"].day == date(2027, 1, 6)
