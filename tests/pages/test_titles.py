"""Choices whose titles change while they are chosen."""

from streamlit.testing.v1 import AppTest


def choices() -> None:
    import streamlit as st

    from pages._ui.shell.pick import pick, pick_many, pick_open

    titles = st.session_state.get("given", {"1": "one", "2": "two", "3": "three"})
    st.text(f"{pick('One', titles, key='one')} {pick_many('Many', titles, key='many')}")
    st.text(pick_open("Open", titles, key="open", within="here"))


def test_what_is_chosen_stays_chosen_when_it_is_called_otherwise() -> None:
    at = AppTest.from_function(choices).run()
    at.selectbox(key="one").select("2")
    at.multiselect(key="many").set_value(["3", "1"])
    at.selectbox(key="open").select("3").run()
    assert [one.value for one in at.text] == ["2 ['3', '1']", "3"]
    at.session_state["given"] = {"1": "first", "2": "second", "3": "third"}
    at.run()
    assert [one.value for one in at.text] == ["2 ['3', '1']", "3"]
    at.session_state["given"] = {"2": "two again", "3": "one"}
    at.run()
    assert [one.value for one in at.text] == ["2 ['3']", "3"]


def test_a_title_that_another_one_has_by_now_means_the_one_that_has_it() -> None:
    at = AppTest.from_function(choices).run()
    at.session_state["given"] = {"1": "two", "2": "one"}
    at.selectbox(key="one").select("1").run()
    assert at.text[0].value.startswith("1")


def test_an_old_title_that_a_browser_still_says_is_the_option_that_had_it() -> None:
    at = AppTest.from_function(choices)
    at.session_state["one:titles"] = {"second": "2", "gone": "9"}
    at.session_state["one"] = "second"
    at.session_state["many:titles"] = {"first": "1", "third": "3"}
    at.session_state["many"] = ["third", "2", "first"]
    at.run()
    assert at.text[0].value == "2 ['3', '2', '1']"


def test_an_old_title_of_what_is_not_there_means_nothing() -> None:
    at = AppTest.from_function(choices)
    at.session_state["one:titles"] = {"gone": "9"}
    at.session_state["one"] = "gone"
    assert at.run().text[0].value.startswith("1 ")
