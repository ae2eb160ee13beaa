"""What the review component tells its caller, without a browser."""

from collections.abc import Sequence
from threading import Event, Thread

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from pages._ui.review.component import COMMAND_KEYS, Choice, Decision, ReviewState, _deliver, with_keys


def keys(*choices: Choice) -> list[str]:
    return [choice.key for choice in with_keys(choices)]


def test_labels_get_digits_then_letters_and_the_fallback_gets_zero() -> None:
    labels = [Choice(f"label {number}") for number in range(11)]
    assert keys(*labels, Choice("unclear", is_fallback=True)) == [*"123456789ac", "0"]


def test_a_chosen_key_stays_and_nobody_else_gets_it() -> None:
    assert keys(Choice("a"), Choice("b", "1"), Choice("c", "P")) == ["2", "1", "p"]


def test_a_label_that_took_zero_leaves_the_fallback_the_next_key() -> None:
    assert keys(Choice("none", "0"), Choice("a"), Choice("unclear", is_fallback=True)) == ["0", "1", "2"]


def test_keys_run_out_at_thirty_and_never_touch_a_command() -> None:
    given = keys(*(Choice(f"label {number}") for number in range(500)), Choice("unclear", is_fallback=True))
    with_one = [key for key in given if key]
    # 9 digits and 26 - 5 letters for labels, 0 for the fallback.
    assert len(with_one) == len(set(with_one)) == 9 + 21 + 1
    assert not set(with_one) & set(COMMAND_KEYS)


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ([Choice("a", "x"), Choice("b", "X")], "a and b share the key x."),
        ([Choice("a", "U")], "The key u of a is a command of the review screen."),
        ([Choice("a", "12")], "The key of a is not one character."),
        ([Choice("a", " ")], "The key of a is not one character."),
        ([Choice("a"), Choice("a")], "The label a occurs twice."),
    ],
)
def test_keys_that_cannot_work_are_refused_in_one_sentence(choices: list[Choice], sentence: str) -> None:
    with pytest.raises(WorkbenchError) as refused:
        with_keys(choices)
    assert refused.value.message == sentence
    assert refused.value.hint


def test_after_gives_what_is_not_stored_yet() -> None:
    first, second = Decision(10, 1, "a"), Decision(12, 1, None)
    state = ReviewState((first, second))
    assert state.after(0) == (first, second)
    assert state.after(10) == (second,)
    assert state.after(12) == ()


def test_two_scripts_of_one_session_at_once_are_not_handed_the_same_decision_twice() -> None:
    memory = {"handed": 0}
    handed: list[int] = []
    storing, go_on = Event(), Event()

    def slowly(new: Sequence[Decision]) -> None:
        storing.set()
        assert go_on.wait(20)
        handed.extend(decision.seq for decision in new)

    state = ReviewState((Decision(10, 1, "a"), Decision(12, 2, "b")))
    scripts = [Thread(target=_deliver, args=(state, memory, slowly)) for _ in range(2)]
    scripts[0].start()
    assert storing.wait(20)
    scripts[1].start()
    scripts[1].join(timeout=0.2)  # Gives a script that does not wait its turn the chance to get it wrong.
    go_on.set()
    for script in scripts:
        script.join(20)
    assert handed == [10, 12]


def test_decisions_that_could_not_be_stored_come_again() -> None:
    memory = {"handed": 0}
    handed: list[int] = []

    def fail(new: Sequence[Decision]) -> None:
        raise WorkbenchError("The database is locked.")

    state = ReviewState((Decision(10, 1, "a"),))
    with pytest.raises(WorkbenchError):
        _deliver(state, memory, fail)
    _deliver(state, memory, lambda new: handed.extend(decision.seq for decision in new))
    _deliver(state, memory, lambda new: handed.extend(decision.seq for decision in new))
    assert handed == [10]


def one_item() -> None:
    import streamlit as st

    from pages._ui.review.component import Choice, ReviewRow, review

    state = review([ReviewRow(7, "text")], [Choice("a")], revision="r", key="review", total=1, start_at=1)
    st.text(repr(state))


def test_before_the_first_key_nothing_is_decided_and_the_place_is_where_it_starts() -> None:
    app = AppTest.from_function(one_item).run(timeout=30)
    assert not app.exception
    assert app.text[0].value == repr(ReviewState((), 1, False))
