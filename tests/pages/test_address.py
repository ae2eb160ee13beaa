"""What the address says, and what comes late of it."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.shell import address
from tests.pages.conftest import asked


def choices() -> None:
    import streamlit as st

    from pages._ui.shell.address import arrive, arrived
    from pages._ui.shell.pick import pick, pick_many

    arrive(st.session_state.setdefault("at", "here"))
    letters = {letter: letter.upper() for letter in "abcd"}
    pick("One", letters, key="one")
    pick_many("Many", letters, key="many", default=["a"])
    arrived()


@pytest.fixture
def at() -> AppTest:
    return AppTest.from_function(choices, default_timeout=30).run()


def names(at: AppTest, **address: str) -> AppTest:
    """The browser is at this address, whole."""
    for key in list(at.query_params):
        del at.query_params[key]
    for key, value in address.items():
        at.query_params[key] = value
    return at


def test_a_choice_that_overtakes_the_address_of_the_one_before_it_stands(at: AppTest) -> None:
    at.multiselect(key="many").select("b").run()
    assert (asked(at, "one"), asked(at, "many")) == ("a", "a,b")
    # clicked before the browser had heard of that
    names(at, one="a", many="a").multiselect(key="many").unselect("a").run()
    assert at.multiselect(key="many").value == ["b"] and asked(at, "many") == "b"
    # and another choice, before it had heard of the last: it knows of the one before that
    names(at, one="a", many="a,b").selectbox(key="one").select("c").run()
    assert (asked(at, "one"), asked(at, "many")) == ("c", "b")
    assert (at.selectbox(key="one").value, at.multiselect(key="many").value) == ("c", ["b"])


def test_the_address_of_before_a_choice_is_known_however_long_it_stood(
    at: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.monotonic() + 3600
    monkeypatch.setattr(address.time, "monotonic", lambda: later)
    at.multiselect(key="many").select("b").run()
    names(at, one="a", many="a").multiselect(key="many").unselect("a").run()
    assert at.multiselect(key="many").value == ["b"]
    monkeypatch.setattr(address.time, "monotonic", lambda: later + 3600)
    names(at, one="a", many="a,b").run()  # by hand, an hour later
    assert at.multiselect(key="many").value == ["a", "b"]


def test_a_link_is_followed_at_once_also_back_to_what_was_left_a_moment_ago(at: AppTest) -> None:
    at.selectbox(key="one").select("b").run()
    names(at, one="d", many="c,d").run()
    assert (at.selectbox(key="one").value, at.multiselect(key="many").value) == ("d", ["c", "d"])
    names(at, one="a").run()  # a link names what it is about, and no more
    assert at.selectbox(key="one").value == asked(at, "one") == "a"


def test_a_link_from_another_page_is_followed_wherever_it_leads(at: AppTest) -> None:
    at.selectbox(key="one").select("b").run()
    at.session_state["at"] = "there"
    names(at, one="a", many="a").run()
    assert at.selectbox(key="one").value == asked(at, "one") == "a"
