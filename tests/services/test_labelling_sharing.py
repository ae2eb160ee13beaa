"""Questions that the same answer serves: one is asked, the others wait. Pure."""

import pytest

from core.services.asking.asker import Request
from core.services.labelling.sharing import Sharing
from core.services.labelling.work import Work
from tests.fakes.trouble import configured
from tests.fakes.waiting import finished


def question(item, key=b"same", ordinal=0):
    return Work(item, Request(item, b"", None, key, ordinal), key)


def test_of_questions_with_one_answer_the_first_is_asked_and_the_others_come_free_with_it():
    sharing = Sharing()
    first, second, third, other = question(1), question(2), question(3), question(4, b"other")
    assert sharing.first_ones([first, second, other]) == [first, other]
    assert sharing.first_ones([third]) == []
    assert sharing.freed_by([other]) == []
    assert sharing.freed_by([first]) == [second, third]
    assert sharing.first_ones([second, third]) == [second]


def test_the_several_answers_to_one_item_are_different_questions():
    questions = [question(1, ordinal=n) for n in range(3)]
    assert Sharing().first_ones(questions) == questions


def test_a_key_that_changed_while_waiting_frees_what_waits_for_the_new_one():
    sharing = Sharing()
    first, second = question(1), question(2)
    sharing.first_ones([first, second])
    (freed,) = sharing.freed_by([first])
    freed.key = b"asked another way"
    assert sharing.first_ones([freed]) == [freed]


def test_a_crowd_is_one_until_it_is_let_go(monkeypatch):
    monkeypatch.setattr("core.services.labelling.sharing._CROWD", 3)
    sharing = Sharing()
    first = question(0)
    sharing.first_ones([first, question(1), question(2)])
    assert not sharing.is_crowded
    sharing.first_ones([question(3)])
    assert sharing.is_crowded
    sharing.freed_by([first])
    assert not sharing.is_crowded


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [1, 2])
def test_a_run_over_a_crowd_of_one_text_reads_on_when_it_is_answered(
    repeats, small_project, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.labelling.sharing._CROWD", 10)
    monkeypatch.setattr("core.services.labelling.feeding._FIRST_PAGE", 10)
    monkeypatch.setattr("core.services.labelling.feeding._PAGE", 10)
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET text = 'team one'")
    run = finished(workbench, configured(small_project, {"repeats": repeats}))
    assert (run.done, run.calls, run.from_cache) == (60, repeats, 59)
    assert fake_host.counts == {"team one": repeats}
