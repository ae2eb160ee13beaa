"""What the address says, and what comes late of it."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import asked


def choices() -> None:
    import streamlit as st

    from pages._ui.shell.address import arrive
    from pages._ui.shell.pick import pick, pick_many

    arrive(st.session_state.setdefault("at", "here"))
    letters = {letter: letter.upper() for letter in "abcd"}
    pick("One", letters, key="one")
    pick_many("Many", letters, key="many", default=["a"])


@pytest.fixture
def at() -> AppTest:
    return AppTest.from_function(choices, default_timeout=30).run()


def test_a_choice_that_overtakes_the_address_of_the_one_before_it_stands(at: AppTest) -> None:
    at.multiselect(key="many").select("b").run()
    at.selectbox(key="one").select("b").run()
    assert (asked(at, "many"), asked(at, "one")) == ("a,b", "b")
    # clicked before the browser had heard of either
    at.query_params["many"], at.query_params["one"] = "a", "a"
    at.multiselect(key="many").unselect("a").run()
    assert (at.multiselect(key="many").value, at.selectbox(key="one").value) == (["b"], "b")
    assert (asked(at, "many"), asked(at, "one")) == ("b", "b")
    # and before it had heard of the last: it knows of the one before that
    at.query_params["many"] = "a,b"
    at.selectbox(key="one").select("c").run()
    assert (asked(at, "many"), asked(at, "one")) == ("b", "c")


def test_a_link_to_something_new_is_followed_at_once(at: AppTest) -> None:
    at.selectbox(key="one").select("b").run()
    at.query_params["one"], at.query_params["many"] = "d", "c,d"
    at.run()
    assert (at.selectbox(key="one").value, at.multiselect(key="many").value) == ("d", ["c", "d"])


def test_a_link_from_another_page_is_followed_wherever_it_leads(at: AppTest) -> None:
    at.selectbox(key="one").select("b").run()
    at.session_state["at"] = "there"
    at.query_params["one"] = "a"
    at.run()
    assert at.selectbox(key="one").value == asked(at, "one") == "a"
