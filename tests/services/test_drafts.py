"""Unsaved work: kept, told apart between tabs, put away and brought back."""

import pytest

from core.services.drafts.keeping import DraftElsewhere, Place
from core.workbench import open_workbench

TASK = Place(1, "task")


def test_what_is_typed_is_there_again_when_the_workbench_is_opened_anew(workbench):
    kept = workbench.drafts.keep(TASK, {"guidelines": "By subject."}, base="b1")
    workbench.close()
    again = open_workbench(workbench.settings)
    try:
        assert again.drafts.open(TASK) == kept
        assert again.drafts.open(TASK).content == {"guidelines": "By subject."}
        assert again.drafts.open(TASK).base == "b1"
    finally:
        again.close()


def test_each_project_kind_and_key_has_a_draft_of_its_own(workbench):
    for place in (TASK, Place(2, "task"), Place(1, "prompt"), Place(1, "prompt", "7"), Place(0, "host", "new")):
        workbench.drafts.keep(place, {"said": str(place)})
    for place in (TASK, Place(2, "task"), Place(1, "prompt"), Place(1, "prompt", "7"), Place(0, "host", "new")):
        assert workbench.drafts.open(place).content == {"said": str(place)}


def test_a_tab_goes_on_with_its_own_draft_and_the_same_again_changes_nothing(workbench):
    one = workbench.drafts.keep(TASK, {"a": "1"})
    two = workbench.drafts.keep(TASK, {"a": "12"}, held=one.revision)
    assert two.revision > one.revision
    assert workbench.drafts.keep(TASK, {"a": "12"}, held=two.revision) == two


def test_the_newer_tab_does_not_take_the_older_ones_work_without_being_told_to(workbench):
    mine = workbench.drafts.keep(TASK, {"a": "mine"})
    theirs = workbench.drafts.keep(TASK, {"a": "mine and theirs"}, held=mine.revision)
    with pytest.raises(DraftElsewhere, match="edited in another tab, last at") as told:
        workbench.drafts.keep(TASK, {"a": "mine, changed"}, held=mine.revision)
    assert told.value.draft == theirs == workbench.drafts.open(TASK)
    with pytest.raises(DraftElsewhere):
        workbench.drafts.keep(TASK, {"a": "of a tab that knew of none"})
    workbench.drafts.replace(TASK, {"a": "mine, changed"})
    assert workbench.drafts.open(TASK).content == {"a": "mine, changed"}
    other = workbench.drafts.discarded(TASK)
    assert other.content == {"a": "mine and theirs"}
    workbench.drafts.reopen(TASK, other.id)
    assert workbench.drafts.open(TASK).content == {"a": "mine and theirs"}
    assert workbench.drafts.discarded(TASK).content == {"a": "mine, changed"}


def test_a_discarded_draft_comes_back_until_the_work_is_saved(workbench):
    workbench.drafts.keep(TASK, {"a": "1"}, base="b")
    workbench.drafts.discard(TASK)
    assert workbench.drafts.open(TASK) is None
    gone = workbench.drafts.discarded(TASK)
    workbench.drafts.reopen(TASK, gone.id)
    assert (workbench.drafts.open(TASK).content, workbench.drafts.open(TASK).base) == ({"a": "1"}, "b")
    workbench.drafts.saved(TASK)
    assert workbench.drafts.open(TASK) is None and workbench.drafts.discarded(TASK) is None


def test_typing_back_to_what_is_saved_leaves_another_tabs_draft_alone(workbench):
    mine = workbench.drafts.keep(TASK, {"a": "1"})
    workbench.drafts.undone(TASK, held=0)
    assert workbench.drafts.open(TASK) == mine
    workbench.drafts.undone(TASK, held=mine.revision)
    assert workbench.drafts.open(TASK) is None


def test_typing_back_to_what_is_saved_leaves_what_was_discarded_before(workbench):
    workbench.drafts.keep(TASK, {"a": "an hour's work"})
    workbench.drafts.discard(TASK)
    later = workbench.drafts.keep(TASK, {"a": "a letter too many"})
    workbench.drafts.undone(TASK, held=later.revision)
    assert workbench.drafts.open(TASK) is None
    assert workbench.drafts.discarded(TASK).content == {"a": "an hour's work"}


def test_only_the_last_few_discarded_drafts_are_kept(workbench):
    for number in range(15):
        workbench.drafts.keep(TASK, {"n": number})
        workbench.drafts.discard(TASK)
    with workbench.db.read() as conn:
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM drafts").scalar_one() == 10
    assert workbench.drafts.discarded(TASK).content == {"n": 14}


def test_half_a_character_in_a_draft_is_made_whole(workbench):
    kept = workbench.drafts.keep(TASK, {"a": ["\ud83d \x00"]})
    assert workbench.drafts.open(TASK).content == kept.content == {"a": ["\ufffd \ufffd"]}
