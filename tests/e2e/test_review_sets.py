"""Several labels for one item, put together by keys in real Chromium."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_review_keyboard import Reviewer, folder, reviewer, server  # noqa: F401

pytestmark = pytest.mark.browser


def values(entries: list[dict]) -> list[tuple[int, object]]:
    return [(entry["item_id"], entry["value"]) for entry in entries]


def test_sixty_items_with_keys_at_no_gap_each_get_their_set_once(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="sets", unsuggested="1")
    keys = [key for number in range(60) for key in (str(number % 8 + 1), str((number + 3) % 8 + 1), "Enter")]
    reviewer.press_at_once(*keys)
    expected = [(number, sorted([number % 8 + 1, (number + 3) % 8 + 1])) for number in range(60)]
    assert values(reviewer.kept(60)) == expected


def test_keys_toggle_what_is_suggested_and_enter_accepts_it_untouched(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="sets")
    expect(reviewer.part(".choice[data-suggested]")).to_have_count(2)
    reviewer.press("Enter")
    reviewer.press("3", "4")
    expect(reviewer.part(".choice[aria-pressed=true]")).to_have_count(2)
    reviewer.press("Enter", "1", "1", "Enter")
    assert values(reviewer.kept(3)) == [(0, [1, 3]), (1, [1, 4]), (2, [1, 3])]


def test_no_label_at_all_is_an_answer_where_the_task_allows_it(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="sets")
    reviewer.press("-", "Enter")
    assert values(reviewer.kept(1)) == [(0, [])]
    reviewer.press("ArrowLeft")
    expect(reviewer.part(".mine")).to_have_text("no label")


def test_where_one_label_at_least_is_needed_an_empty_set_is_not_given_but_stays(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="never_empty", unsuggested="1")
    reviewer.press("2", "2", "Enter")
    expect(reviewer.part(".said")).to_have_text("At least one label is needed: pick it")
    reviewer.press("4", "Enter")
    assert values(reviewer.kept(1)) == [(0, [4])]


def test_what_is_left_halfway_is_one_entry_and_what_rests_is_given_once(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="sets", unsuggested="1")
    reviewer.press("2", "4", "6", "ArrowRight")
    assert values(reviewer.kept(1)) == [(0, [2, 4, 6])]
    reviewer.press("5")
    reviewer.kept(2)
    reviewer.press("Enter", "7", "Enter")
    assert values(reviewer.kept(3))[1:] == [(1, [5]), (2, [7])]


def test_undo_takes_back_the_last_step_and_then_the_whole_entry(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="sets", unsuggested="1")
    reviewer.press("2", "4", "u", "Enter")
    assert values(reviewer.kept(1)) == [(0, [2])]
    reviewer.press("u")
    assert values(reviewer.kept(2))[1:] == [(0, None)]
    expect(reviewer.part(".mine")).to_have_text("–")
    reviewer.press("Shift+U")
    assert values(reviewer.kept(3))[2:] == [(0, [2])]


def test_the_fallback_stands_alone(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="sets", unsuggested="1")
    reviewer.press("2", "4", "0", "Enter", "0", "5", "Enter")
    assert values(reviewer.kept(2)) == [(0, [9]), (1, [5])]


def test_a_set_put_together_halfway_survives_a_reload(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="never_empty", unsuggested="1")
    reviewer.press_at_once("2", "4")
    reviewer.page.reload()
    expect(reviewer.part(".choice[aria-pressed=true]")).to_have_count(2)
    reviewer.press("6", "Enter")
    assert values(reviewer.kept(1)) == [(0, [2, 4, 6])]


def test_each_label_shows_who_gives_it_where_they_differ_and_hides_it_when_blind(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="sets")
    assert reviewer.part(".choice[data-differ] .who-gave b").all_inner_texts() == ["2/3", "1/3"]
    before = reviewer.part(".choice").nth(8).bounding_box()
    reviewer.press("b")
    expect(reviewer.part(".choice[data-differ]")).to_have_count(0)
    assert reviewer.part(".choice").nth(8).bounding_box() == before
