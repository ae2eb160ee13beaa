"""A press of a button reaches what it is for, also where the run that it began is ended before it comes there."""

import pytest
from streamlit.testing.v1 import AppTest


def _page() -> None:
    """Ends before its button where `cut` says so, stands for another page or hides the button where the state says."""
    import streamlit as st

    from pages._ui.shell.press import begin_presses, end_presses, is_pressed, is_submitted

    begin_presses(st.session_state.get("page", "here"))
    if cut := st.session_state.pop("cut", None):
        st.session_state.update(cut)
        st.rerun()
    if not st.session_state.get("hidden"):
        pressed = is_pressed("Go", disabled=st.session_state.get("disabled", False))
        if late := st.session_state.pop("late", None):
            st.session_state.update(late)
            st.rerun()
        if pressed:
            st.session_state.went = st.session_state.get("went", 0) + 1
        with st.form("form"):
            st.session_state.said = st.text_input("Word")
            if is_submitted("Send"):
                st.session_state.sent = st.session_state.said
    end_presses()


@pytest.fixture
def at() -> AppTest:
    return AppTest.from_function(_page, default_timeout=30).run()


def test_a_press_is_dealt_with_once(at: AppTest) -> None:
    at.button("press:Go").click().run()
    at.run()
    assert at.session_state.went == 1


def test_a_press_survives_a_run_that_ended_before_the_button(at: AppTest) -> None:
    at.session_state.cut = {"seen": True}
    at.button("press:Go").click().run()
    assert (at.session_state.seen, at.session_state.went) == (True, 1)


def test_a_press_survives_a_run_that_ended_between_the_button_and_what_it_is_for(at: AppTest) -> None:
    at.session_state.late = {"seen": True}
    at.button("press:Go").click().run()
    at.run()
    assert (at.session_state.seen, at.session_state.went) == (True, 1)


def test_what_a_form_sends_survives_it_with_what_was_typed(at: AppTest) -> None:
    at.session_state.cut = {"seen": True}
    at.text_input[0].input("hello")
    at.button("press:Send").click().run()
    assert at.session_state.sent == "hello"


@pytest.mark.parametrize("meanwhile", [{"page": "there"}, {"hidden": True}, {"disabled": True}])
def test_a_press_is_forgotten_on_another_page_and_where_the_button_is_not_to_be_had(at: AppTest, meanwhile) -> None:
    at.session_state.cut = meanwhile
    at.button("press:Go").click().run()
    for name in meanwhile:
        del at.session_state[name]
    at.run()
    assert "went" not in at.session_state
