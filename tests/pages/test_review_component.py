"""What the review component tells its caller, without a browser."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.tasks import RESERVED_KEYS
from pages._ui.review.acts import read_act
from pages._ui.review.component import Act, Choice, ReviewState, Told, _deal, with_keys
from pages._ui.review.keys import COMMAND_KEYS, COMMANDS
from pages._ui.words.bundle import bundle


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


def test_what_is_dealt_with_is_not_handed_over_again_and_what_is_not_comes_again() -> None:
    first, second = Act("a", 1, 1, "me", 7, label="x"), Act("a", 2, 1, "me", 7, takes_back=True)
    told = Told()
    assert told.news_of([first, second]) == [first, second]
    told.up_to["a"] = 1
    assert told.news_of([first, second]) == [second]
    assert told.news_of([Act("b", 1, 1, "me", 7)]) == [Act("b", 1, 1, "me", 7)]


def test_what_was_refused_is_told_however_much_it_is_until_the_browser_keeps_it_no_more() -> None:
    entries = [{"log": "a", "n": n, "project": 1, "reviewer": "me", "item": n} for n in range(1, 301)]

    def refuse(acts: Sequence[Act], told: Told) -> None:
        told.up_to["a"] = acts[-1].n
        told.refused.extend((act.log, act.n) for act in acts)

    told = Told()
    for _ in range(2):
        _deal({"log": {"acts": entries}}, told, refuse)
        assert told.refused == [("a", n) for n in range(1, 301)]
    _deal({}, told, refuse)  # The line is laid anew: nobody has said anything.
    assert len(told.refused) == 300
    _deal({"log": {"acts": entries[-1:]}}, told, refuse)
    assert told.refused == [("a", 300)]
    _deal({"log": {"acts": []}}, told, refuse)
    assert told.refused == []


def test_a_flag_says_nothing_of_the_label_and_only_taking_back_takes_it_back() -> None:
    sent = {"log": "a", "n": 3, "project": 1, "reviewer": "me", "item": 7, "flag": True, "at": 0}
    assert read_act(sent) == Act("a", 3, 1, "me", 7, flagged=True)
    back = {"log": "a", "n": 4, "project": 1, "reviewer": "me", "item": 7, "label": None, "choice": None, "back": True}
    assert read_act(back) == Act("a", 4, 1, "me", 7, takes_back=True)


def test_a_value_of_any_kind_is_carried_as_it_is_and_is_taken_back_as_a_label_is() -> None:
    sent = {"log": "a", "n": 5, "project": 1, "reviewer": "me", "item": 7, "value": [[0, 5, 2]], "at": 0}
    assert read_act(sent) == Act("a", 5, 1, "me", 7, value=[[0, 5, 2]])
    assert read_act(sent | {"value": []}) == Act("a", 5, 1, "me", 7, value=[])
    for unclear in ({"value": None}, {"label": "x"}, {"back": True}):
        assert read_act(sent | unclear) is None


GOOD = {"log": "a", "n": 1, "project": 1, "reviewer": "me", "item": 7, "label": "x", "choice": 3, "at": 0}


@pytest.mark.parametrize("seconds", ["2", -1, True, float("inf"), float("nan"), [2], None])
def test_a_strange_time_costs_no_decision(seconds: object) -> None:
    assert read_act(GOOD | {"seconds": seconds}) == Act("a", 1, 1, "me", 7, label="x", label_id=3, seconds=0.0)


@pytest.mark.parametrize(
    "changed",
    [
        {"project": None},
        {"project": "one"},
        {"item": True},
        {"item": 10**30},
        {"choice": "x"},
        {"label": 5},
        {"label": None, "choice": None},
        {"back": True},
        {"reviewer": " "},
        {"reviewer": ["me"]},
        {"note": {"text": "n"}},
        {"flag": 1},
        {"spans": [[0, 4, 1]]},
        {"turn": 4},
    ],
    ids=str,
)
def test_an_act_of_another_version_is_set_aside_and_keeps_none_of_the_others_from_being_stored(changed: dict) -> None:
    stored: list[Act] = []

    def store(acts: Sequence[Act], told: Told) -> None:
        stored.extend(acts)
        told.up_to["a"] = acts[-1].n

    told = Told()
    brought = [GOOD | changed, GOOD | {"n": 2}, {"n": 3}, 4, None]
    for _ in range(2):
        _deal({"log": {"acts": brought}}, told, store)
        assert told.unread == [("a", 1)]
    assert [act.n for act in stored] == [2]
    assert (told.take_unsaid(), told.take_unsaid()) == (1, 0)
    _deal({"log": {"acts": [], "aside": 2}}, told, store)
    assert (told.unread, told.take_unsaid()) == ([], 2)


def test_a_line_that_says_anything_else_than_acts_stops_nothing() -> None:
    told = Told()
    for said in ("x", {"log": 4}, {"log": []}, {"log": {"acts": {"n": 1}}}, {"log": {"aside": "many"}}):
        _deal(said if isinstance(said, dict) else {"log": said}, told, lambda acts, told: pytest.fail("stored"))
    assert told == Told()


def test_every_command_has_a_key_that_no_label_can_have() -> None:
    letters = {command.key for command in COMMANDS if len(command.key) == 1}
    assert letters == set(COMMAND_KEYS) == RESERVED_KEYS


def one_item() -> None:
    import streamlit as st

    from pages._ui.review.component import AskedQuestion, Choice, ReviewRow, review

    state = review(
        [AskedQuestion(1, [ReviewRow(7, "text")], [Choice("a")])],
        revision="r",
        key="review",
        project_id=1,
        reviewer="me",
        queue="q",
        total=1,
        start_at=1,
    )
    st.text(repr(state))


def test_before_the_first_key_nothing_is_decided_and_the_place_is_where_it_starts() -> None:
    app = AppTest.from_function(one_item).run(timeout=30)
    assert not app.exception
    assert app.text[0].value == repr(ReviewState(1, False))


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_modules_are_bundled_once_each_after_what_they_import(tmp_path: Path) -> None:
    both = 'import { one } from "./low.js";\n'
    write(tmp_path, low="export const one = 1;\n", left=both + "export const l = one;\n")
    write(tmp_path, main=both + 'import {\n  l,\n} from "./left.js";\nexport default function () {}\n')
    lines = [line for line in bundle(tmp_path, "main.js").splitlines() if line and not line.startswith("//")]
    assert lines == ["const one = 1;", "const l = one;", "export default function () {}"]


@pytest.mark.parametrize(
    ("low", "main", "why"),
    [
        ("const one = 1;\n", 'import { x } from "./low.js";\nfunction one() {}\n', "both have a one"),
        ('import { y } from "./main.js";\n', 'import { x } from "./low.js";\n', "low.js imports main.js"),
        ("export { one };\n", 'import { one } from "./low.js";\n', "cannot bundle"),
        ("", 'import low from "./low.js";\n', "cannot bundle"),
    ],
)
def test_what_cannot_be_bundled_is_refused(tmp_path: Path, low: str, main: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bundle(write(tmp_path, low=low, main=main), "main.js")
