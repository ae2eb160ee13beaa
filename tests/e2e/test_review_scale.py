"""Levels of a scale, by keys in real Chromium."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import tops_and_sides
from tests.e2e.test_review_keyboard import Reviewer, folder, reviewer, server, words  # noqa: F401

pytestmark = pytest.mark.browser


def test_sixty_items_are_rated_by_keys_at_no_gap(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="scale")
    reviewer.press_at_once(*(str(number % 4 + 1) for number in range(60)))
    levels = ["poor", "fair", "good", "excellent"]
    assert words(reviewer.kept(60)) == [(number, levels[number % 4]) for number in range(60)]


def test_the_levels_stand_in_one_row_in_order_with_their_scores(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="scale")
    assert reviewer.part(".choice .score").all_inner_texts() == ["1", "2", "3", "4"]
    tops = {round(one["top"]) for one in tops_and_sides(reviewer.part(".choice"))}
    assert len(tops) == 1
    reviewer.press("0", "Enter")
    assert words(reviewer.kept(2)) == [(0, "UNABLE"), (1, "poor")]
    expect(reviewer.part(".said")).to_contain_text("Rated")
