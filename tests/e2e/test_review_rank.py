"""A ranking of candidates, by keys and by mouse in real Chromium."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_review_keyboard import Reviewer, folder, reviewer, server  # noqa: F401

pytestmark = pytest.mark.browser
NAMES = ["answer_x", "answer_y", "answer_z", "answer_w"]


def values(entries: list[dict]) -> list[tuple[int, object]]:
    return [(entry["item_id"], entry["value"]) for entry in entries]


def shown(reviewer: Reviewer) -> list[int]:  # noqa: F811
    """The ids of the candidates by the numbers under which the item in view shows them."""
    return [NAMES.index(one.get_attribute("title")) + 1 for one in reviewer.part(".candidate").all()]


def places(reviewer: Reviewer) -> list[str]:  # noqa: F811
    return [" ".join(one.locator(".token").all_inner_texts()) for one in reviewer.part(".place").all()]


def test_thirty_items_are_ranked_by_keys_at_no_gap_each_under_its_own_numbers(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="rank", unsuggested="1")
    reviewer.press_at_once(*["3", "1", "4", "2", "Enter"] * 30)
    kept = values(reviewer.kept(30))
    assert [item for item, _ in kept] == list(range(30))
    assert all(sorted(group for [group] in value) == [1, 2, 3, 4] for _, value in kept)
    orders = set()
    for number in (29, 28, 27):
        reviewer.press(",")
        ids = shown(reviewer)
        orders.add(tuple(ids))
        assert kept[number][1] == [[ids[2]], [ids[0]], [ids[3]], [ids[1]]]
    assert len({str(value) for _, value in kept}) > 10  # the same keys, another order of the candidates


def test_ties_moves_and_what_is_taken_back(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="rank", unsuggested="1")
    reviewer.press("2", "Shift+Digit1", "4")
    assert places(reviewer) == ["1 2", "4"]
    reviewer.press("=")
    assert places(reviewer) == ["1 2 4"]
    reviewer.press("=")
    assert places(reviewer) == ["1 2", "4"]
    reviewer.press("ArrowLeft", "ArrowLeft")
    assert places(reviewer) == ["4", "1 2"]
    reviewer.press("ArrowRight", "ArrowRight")
    assert places(reviewer) == ["1 2", "4"]
    reviewer.press("Enter")
    expect(reviewer.part(".said")).to_have_text("Rank all candidates: 1 left")
    reviewer.press("3", "Backspace", "u", "Enter")
    ids = [NAMES.index(name) + 1 for name in NAMES]
    [(item, value)] = values(reviewer.kept(1))
    assert item == 0 and [len(group) for group in value] == [2, 1, 1] and sorted(sum(value, [])) == ids


def test_a_suggestion_is_kept_by_enter_and_a_digit_begins_anew(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="rank")
    expect(reviewer.part(".place[data-suggested]")).to_have_count(3)
    reviewer.press("Enter")
    assert values(reviewer.kept(1)) == [(0, [[1], [2, 3], [4]])]
    reviewer.press("1")
    assert places(reviewer) == ["1"]
    reviewer.press("0")
    assert values(reviewer.kept(2))[1] == (1, [[5]])


def test_a_number_is_dragged_onto_a_place_and_between_places(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="rank", unsuggested="1")
    reviewer.press("1", "2")
    reviewer.part(".unranked .token").first.drag_to(reviewer.part(".place").first)
    assert places(reviewer) == ["1 3", "2"]
    reviewer.part(".unranked .token").first.drag_to(reviewer.part(".between").first)
    assert places(reviewer) == ["4", "1 3", "2"]
    ids = shown(reviewer)
    reviewer.press("Enter")
    [(_, value)] = values(reviewer.kept(1))
    assert value == [[ids[3]], sorted([ids[0], ids[2]]), [ids[1]]]
