"""Marks in the text, by keys alone and by mouse, in real Chromium."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_review_keyboard import Reviewer, folder, reviewer, server  # noqa: F401
from tests.e2e.test_review_sets import values

pytestmark = pytest.mark.browser

# Lost Daughter, Drive My Car win top prizes at ...
# 0    5         15    21 24  28
RIGHT, WORD = "ArrowRight", "Control+ArrowRight"
EXTEND, EXTEND_WORD = "Shift+ArrowRight", "Control+Shift+ArrowRight"


def where(reviewer: Reviewer, words: str) -> tuple[float, float, float]:  # noqa: F811
    """The left, the right and the middle line of these words on the screen."""
    found = reviewer.page.evaluate(
        """words => {
            const hosts = [...document.querySelectorAll("*")].map(one => one.shadowRoot).filter(Boolean);
            const pieces = hosts.flatMap(one => [...one.querySelectorAll(".marked")]);
            const texts = pieces.map(one => [...one.childNodes].find(node => node.nodeType === 3));
            const text = texts.find(one => one.data.includes(words));
            const at = text.data.indexOf(words);
            const range = document.createRange();
            range.setStart(text, at);
            range.setEnd(text, at + words.length);
            const { left, right, top, height } = range.getBoundingClientRect();
            return [left, right, top + height / 2];
        }""",
        words,
    )
    return found[0], found[1], found[2]


def drag(reviewer: Reviewer, words: str) -> None:  # noqa: F811
    left, right, middle = where(reviewer, words)
    mouse = reviewer.page.mouse
    mouse.move(left + 1, middle)
    mouse.down()
    mouse.move(right - 1, middle, steps=3)
    mouse.up()
    expect(reviewer.part(".chosen")).to_have_count(1)


def test_sixty_items_are_marked_by_keys_at_no_gap(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", unsuggested="1")
    press = """(n) => { for (let i = 0; i < n; i++) for (const [key, ctrlKey, shiftKey] of [
        ["ArrowRight", true, true], ["2"], ["Enter"]]) document.body.dispatchEvent(new KeyboardEvent("keydown",
        {key, ctrlKey, shiftKey, bubbles: true, composed: true, cancelable: true})); }"""
    reviewer.page.evaluate(press, 60)
    assert values(reviewer.kept(60)) == [(number, [[0, 4, 2]]) for number in range(60)]


def test_text_is_chosen_by_word_and_by_character_and_the_label_before_or_after(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", unsuggested="1")
    reviewer.press(EXTEND_WORD, EXTEND_WORD, "1", WORD, RIGHT, EXTEND_WORD, EXTEND_WORD, EXTEND, "3", "Enter")
    assert values(reviewer.kept(1)) == [(0, [[0, 13, 1], [21, 27, 3]])]
    reviewer.press("5")
    expect(reviewer.part(".said")).to_have_text("Next mark: SPORTS")
    reviewer.page.mouse.dblclick(*middle_of(reviewer, "Drive"))
    expect(reviewer.part(".tag.above")).to_have_text("SPORTS")
    reviewer.press("Enter")
    assert values(reviewer.kept(2))[1:] == [(1, [[15, 20, 5]])]


def middle_of(reviewer: Reviewer, words: str) -> tuple[float, float]:  # noqa: F811
    left, right, middle = where(reviewer, words)
    return (left + right) / 2, middle


def test_a_conversation_is_marked_message_by_message_and_counted_as_one_text(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", text="talk", unsuggested="1")
    messages = reviewer.part(".marked[data-role]")
    expect(messages).to_have_count(3)
    assert [one.get_attribute("data-role") for one in messages.all()] == ["user", "assistant", "user"]
    reviewer.press("Control+End", "Control+Shift+ArrowLeft", "3", "Enter")
    # Counted over all three messages, the emoji as one.
    assert values(reviewer.kept(1)) == [(0, [[62, 69, 3]])]


def test_untouched_enter_accepts_all_that_is_suggested_and_space_takes_one_mark(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans")
    reviewer.press("Enter")
    # The next mark is v3's, on the last words: the marks before it are gold's and v2's.
    reviewer.press("Alt+ArrowUp", "Space", "Enter")
    reviewer.press("Alt+ArrowDown", "Alt+ArrowDown", "Shift+Space", "Enter")
    assert values(reviewer.kept(3)) == [
        (0, [[0, 13, 1], [15, 27, 1]]),
        (1, [[46, 70, 3]]),
        (2, [[0, 13, 2]]),
    ]


def test_a_mark_is_relabelled_its_edges_are_moved_and_it_is_deleted(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", unsuggested="1")
    reviewer.press(EXTEND_WORD, "1", "4", EXTEND, EXTEND, "Enter")
    assert values(reviewer.kept(1)) == [(0, [[0, 6, 4]])]
    reviewer.press(EXTEND_WORD, EXTEND_WORD, "1", "ArrowLeft", EXTEND, "Enter")
    assert values(reviewer.kept(2))[1:] == [(1, [[1, 13, 1]])]
    reviewer.press(EXTEND_WORD, "1", "Delete", "Enter")
    assert values(reviewer.kept(3))[2:] == [(2, [])]


def test_marks_overlap_only_where_the_task_lets_them(reviewer: Reviewer) -> None:  # noqa: F811
    crossing = (EXTEND_WORD, EXTEND_WORD, "1", "Escape", "ArrowLeft", "Shift+ArrowRight", "Shift+ArrowRight", "2")
    reviewer.open(case="spans", unsuggested="1")
    reviewer.press(*crossing)
    expect(reviewer.part(".said")).to_contain_text("Marks may not overlap: MEDIA & ENT. is on “Lost Daughter”")
    reviewer.press("Escape", "Enter")
    assert values(reviewer.kept(1)) == [(0, [[0, 13, 1]])]
    reviewer.open(case="overlaps", unsuggested="1")
    reviewer.press(*crossing, "Enter")
    assert values(reviewer.kept(2))[1:] == [(1, [[0, 13, 1], [12, 14, 2]])]


def test_a_drag_takes_whole_words_and_undo_takes_the_letters_it_went_over(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", unsuggested="1")
    drag(reviewer, "aughter, Drive ")
    reviewer.press("1", "Enter")
    assert values(reviewer.kept(1)) == [(0, [[5, 20, 1]])]
    drag(reviewer, "aughte")
    reviewer.press("u")
    expect(reviewer.part(".said")).to_have_text("As it was chosen")
    reviewer.press("1", "Enter")
    assert values(reviewer.kept(2))[1:] == [(1, [[6, 12, 1]])]


def test_offsets_count_code_points_and_the_cursor_steps_over_whole_characters(reviewer: Reviewer) -> None:  # noqa: F811
    # 🎉 Ann e + accent, t, \r\n, Ben, a family of five code points, Zoë
    reviewer.open(case="spans", text="mixed", unsuggested="1")
    reviewer.press(EXTEND, "1", WORD, RIGHT, EXTEND, "2", "Escape", RIGHT, RIGHT, EXTEND, EXTEND, EXTEND, "3")
    reviewer.press("Control+End", "Control+Shift+ArrowLeft", "4", "Enter")
    [(_, marks)] = values(reviewer.kept(1))
    assert marks == [[0, 1, 1], [6, 8, 2], [11, 14, 3], [21, 24, 4]]


def test_right_to_left_the_arrows_go_the_way_they_point(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", text="rtl", unsuggested="1")
    reviewer.press("Control+Shift+ArrowLeft", "1", "Enter")
    assert values(reviewer.kept(1)) == [(0, [[0, 5, 1]])]


def test_marks_move_no_word_and_others_names_stand_at_their_marks_until_hidden(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans")
    assert reviewer.part(".tag.below").all_inner_texts() == ["MEDIA & ENT.", "MEDIA & ENT.", "WORLD NEWS", "CULTURE"]
    before = where(reviewer, "Ukraine")
    reviewer.press(EXTEND_WORD, EXTEND_WORD, "1", "b")
    expect(reviewer.part(".tag.below")).to_have_count(0)
    expect(reviewer.part(".tag.above")).to_have_text("MEDIA & ENT.")
    assert where(reviewer, "Ukraine") == before


def test_marks_made_halfway_survive_a_reload(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", unsuggested="1")
    reviewer.press(EXTEND_WORD, "1")
    reviewer.page.reload()
    expect(reviewer.part(".tag.above")).to_have_text("MEDIA & ENT.")
    reviewer.press("Enter")
    reviewer.until(lambda: bool(reviewer.stored()), lambda: "nothing is stored")
    assert values(reviewer.stored())[0] == (0, [[0, 4, 1]])


def test_two_hundred_thousand_characters_open_and_are_marked(reviewer: Reviewer) -> None:  # noqa: F811
    reviewer.open(case="spans", text="tome", unsuggested="1", batch="2")
    reviewer.press("Control+End", "Control+Shift+ArrowLeft", "1", "Enter")
    [(_, [[start, end, label]])] = values(reviewer.kept(1))
    assert (end - start, label) == (5, 1) and start > 199_000
