"""The database taken away while pages are open: said on every page, and forgotten once it is back."""

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import Passing, WorkbenchError
from core.services.review.reviewing import QueueFilter
from pages._ui.review.component import Act, Told
from pages._ui.review.keeper import Keeper
from pages._ui.review.seat import Place
from pages._ui.shell.errors import HELD
from tests.pages.conftest import ROOT, texts

PAGES = "projects data task prompts runs review agreement fine_tune compare export hosts"


@pytest.mark.parametrize("name", PAGES.split())
def test_every_page_says_that_the_database_is_gone_and_goes_on_when_it_is_back(name, app, small, wb):
    at = app(name, project=small.id)
    away = wb.db.path.with_name("away.sqlite3")
    wb.db.path.rename(away)
    at.run()
    assert "no longer exists, so nothing can be stored" in texts(at)
    assert not at.exception
    away.rename(wb.db.path)
    at.run()
    assert "no longer exists" not in texts(at)
    assert not at.exception


def shell(**held: object) -> str:
    """What the first page of a new session says, inside the shell."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for key, value in held.items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    return texts(at)


def test_the_shell_says_once_that_the_database_cannot_be_written_and_no_longer_than_it_lasts(small, monkeypatch):
    full = WorkbenchError("The disk is full.", "Free some space.")
    with monkeypatch.context() as patched:
        patched.setattr("core.storage.write_probe.WriteProbe.trouble", lambda self, moment: full)
        said = shell()
        assert said.count("The disk is full. Free some space.") == 1
        assert "60 items" in said, "what can be read still is"
    assert "The disk is full" not in shell()


def test_decisions_that_cannot_be_stored_are_said_to_wait_and_are_stored_once_they_can_be(small, wb):
    item = wb.review.queue(small.id, QueueFilter())[0]
    act = Act("a", 1, small.id, "ben", item, label="SPORTS")
    shell()
    away = wb.db.path.with_name("away.sqlite3")
    wb.db.path.rename(away)
    told, waiting = Told(), []
    Keeper(wb, Place(), waiting)([act], told)
    assert told.up_to == {}, "the browser must bring it again"
    assert "1 decision is not stored yet" in shell(**{HELD: waiting})
    away.rename(wb.db.path)
    waiting.clear()
    Keeper(wb, Place(), waiting)([act], told)
    assert (told.up_to, waiting) == ({"a": 1}, [])
    assert wb.review.reviewed(wb.review.person(small.id, "ben").id, [item]) == 1
    assert "not stored yet" not in shell(**{HELD: waiting})


def test_of_decisions_that_are_stored_at_the_second_attempt_nothing_is_said(small, wb):
    act = Act("a", 1, small.id, "ben", wb.review.queue(small.id, QueueFilter())[0], label="SPORTS")
    away = wb.db.path.with_name("away.sqlite3")
    told, waiting = Told(), []
    keeper = Keeper(wb, Place(), waiting)
    wb.db.path.rename(away)
    keeper([act], told)
    away.rename(wb.db.path)
    keeper([act], told)
    assert (told.up_to, waiting) == ({"a": 1}, [])


def test_what_was_refused_is_said_whatever_is_stored_meanwhile(small, wb):
    item = wb.review.queue(small.id, QueueFilter())[0]
    told, waiting = Told(), []
    keeper = Keeper(wb, Place(), waiting)
    keeper([Act("a", 1, small.id, "ben", item, label="NO SUCH LABEL")], told)
    keeper([Act("a", 2, small.id, "ben", item, label="SPORTS")], told)
    assert [one.message for one in waiting] == ["The task has no label “NO SUCH LABEL” any more, so it was not stored."]


def looked_at_again(trouble: WorkbenchError) -> AppTest:
    """A page that met this while it was drawn, when the shell looks the next time and finds nothing in the way."""

    def page(trouble):
        import streamlit as st

        from pages._ui.shell.errors import held, show_held
        from pages._ui.shell.trouble import _watched, watch

        st.session_state.drawn = st.session_state.get("drawn", 0) + 1
        watch()
        if st.session_state.drawn == 1:
            held().append(trouble)
        show_held()
        _watched()

    return AppTest.from_function(page, args=(trouble,), default_timeout=30).run()


def test_what_a_page_met_between_two_looks_is_said_no_longer_than_it_lasts(small):
    at = looked_at_again(Passing("The database is busy."))
    assert not at.exception
    assert (at.session_state.drawn, "busy" in texts(at)) == (2, False)


def test_what_does_not_pass_stays_on_the_page(small):
    at = looked_at_again(WorkbenchError("The task has no such label."))
    assert (at.session_state.drawn, "no such label" in texts(at)) == (1, True)
