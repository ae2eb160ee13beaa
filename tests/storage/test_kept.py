"""Answers kept until news."""

import shutil
from pathlib import Path

import pytest

from core.model import Split
from core.splits import Shares
from core.storage.annotations import NewAnnotation
from core.storage.engine import open_database
from core.storage.kept import until_news
from tests.fakes import saying
from tests.fakes.worlds import make_project


def asker(db):
    """Asks "how often was I asked?" and gives the answer, kept or new."""
    asked = []

    def ask(question=("q",), **more):
        with db.read() as conn:
            return until_news(conn, question, lambda: asked.append(1) or len(asked), **more)

    return ask


def test_the_same_question_is_answered_once(small_project, workbench):
    ask = asker(workbench.db)
    assert [ask(("q", 1)), ask(("q", 1)), ask(("q", 2)), ask(("q", 1))] == [1, 1, 2, 1]


def test_an_annotation_of_anybody_is_news(small_project, workbench):
    ask = asker(workbench.db)
    assert ask() == 1
    with workbench.db.write() as conn:
        saying.append(conn, [NewAnnotation(next(iter(small_project.items())), small_project.gold, None)])
    assert ask() == 2


def annotate(wb, project):
    with wb.db.write() as conn:
        saying.append(conn, [NewAnnotation(next(iter(project.items())), project.gold, None)])


def test_what_is_kept_of_one_project_outlives_what_is_annotated_in_another(small_project, workbench):
    other, ask = make_project(workbench, name="Other"), asker(workbench.db)
    mine = lambda: (ask(("here",), dealt_in=small_project.id), ask(("here too",), within=small_project.id))  # noqa: E731
    assert mine() == (1, 2)
    annotate(workbench, other)
    assert mine() == (1, 2)
    assert ask(("there",), within=other.id) == 3
    annotate(workbench, small_project)
    assert mine() == (4, 5)
    assert ask(("there",), within=other.id) == 3


def test_after_a_project_was_removed_everything_is_asked_again(small_project, workbench):
    other, ask = make_project(workbench, name="Other"), asker(workbench.db)
    assert ask(("here",), within=small_project.id) == 1
    with workbench.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM current WHERE annotator_id IN (?, ?)", (other.gold, other.hasty))
        conn.exec_driver_sql("DELETE FROM annotations WHERE annotator_id IN (?, ?)", (other.gold, other.hasty))
    annotate(workbench, small_project)  # which takes an id that was another's
    assert ask(("here",), within=small_project.id) == 2


def test_dealing_anew_is_news_to_what_depends_on_splits(small_project, workbench):
    ask = asker(workbench.db)
    assert (ask(), ask(("in split",), dealt_in=small_project.id)) == (1, 2)
    workbench.data.split(small_project.id, Shares(0.5, 0.2, 0.3), seed=2)
    assert (ask(), ask(("in split",), dealt_in=small_project.id)) == (1, 3)


def test_what_a_transaction_has_written_is_not_kept(small_project, workbench):
    with workbench.db.write() as conn:
        assert [until_news(conn, ("q",), lambda n=n: n) for n in (1, 2)] == [1, 2]


def test_labels_teachers_and_cards_follow_the_newest_annotation_and_dealing(small_project, workbench):
    item = next(iter(small_project.items(Split.TRAIN)))
    before = workbench.tasks.usage(small_project.id), workbench.fine_tunes.teachers(small_project.id)
    assert sum(before[0].values()) == 120 and before[1][small_project.gold] == 30
    with workbench.db.write() as conn:
        saying.append(conn, [NewAnnotation(item, small_project.gold, None)])
    assert sum(workbench.tasks.usage(small_project.id).values()) == 119
    assert workbench.fine_tunes.teachers(small_project.id)[small_project.gold] == 29
    workbench.data.split(small_project.id, Shares(0.2, 0.2, 0.6), seed=1)
    assert workbench.fine_tunes.teachers(small_project.id)[small_project.hasty] == 12


def test_a_merge_says_beforehand_what_it_touches(small_project, workbench):
    sports = next(label.id for label in workbench.tasks.get(small_project.id).labels if label.name == "SPORTS")
    found = workbench.tasks.merge_count(small_project.id, sports)
    # 30 by gold, all but one by hasty.
    assert (found.annotations, found.annotators) == (89, 2)


def test_many_other_questions_push_out_the_oldest_answer_alone(small_project, workbench, monkeypatch):
    monkeypatch.setattr("core.storage.kept._answers", {})
    monkeypatch.setattr("core.storage.kept._MOST", 3)
    ask = asker(workbench.db)
    assert [ask((name,)) for name in ("a", "b", "c", "d")] == [1, 2, 3, 4]
    assert [ask((name,)) for name in ("b", "c", "d")] == [2, 3, 4]
    assert ask(("a",)) == 5


@pytest.mark.parametrize("more", [{}, {"within": 1}, {"dealt_in": 1}], ids=str)
def test_another_file_in_the_same_place_is_asked_anew_and_so_is_the_first_put_back(more, tmp_path, fresh_file):
    folder, other = tmp_path / "data", tmp_path / "other"
    for one in (folder, other):
        one.mkdir()
        shutil.copy(fresh_file, one / "labelloop.sqlite3")
    database = open_database(Path(folder / "labelloop.sqlite3"))
    ask = asker(database)
    assert [ask(**more), ask(**more)] == [1, 1]
    folder.rename(tmp_path / "first")
    other.rename(folder)
    assert [ask(**more), ask(**more)] == [2, 2]
    folder.rename(other)
    (tmp_path / "first").rename(folder)
    assert ask(**more) == 3
    database.close()
