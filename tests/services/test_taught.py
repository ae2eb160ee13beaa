"""What a model was taught, here or elsewhere, is in no score of it, and is named."""

import sqlite3
from contextlib import closing

import pytest

from core.model import FineTuneStatus, Outcome, Split
from core.services.common.taught import left_out, taught_items
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.queues import QueueFilter
from core.services.runs.running import ModelRef, RunRequest
from core.storage import taught
from core.storage.engine import open_database
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import make_project
from tests.storage import lived_in

pytestmark = pytest.mark.slow
BASE = "fake-large"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    monkeypatch.setattr("core.services.labelling.storing._BEAT_SECONDS", 0.02)


def tuned(project, base=BASE):
    """The model that comes out of a fine-tune in the project."""
    wb = project.wb
    job = wb.fine_tunes.start(TuneRequest(project.id, project.gold, project.version_id), host="openai", base_model=base)
    work_off(wb)
    job = wb.fine_tunes.get(job.id)
    assert job.status is FineTuneStatus.SUCCEEDED, job.message
    return job.fine_tuned_model


def run_of(project, model, split=Split.TEST, version=None):
    """The annotator that a run of the model over the split makes."""
    request = RunRequest(project.id, (version or project.version_id,), (ModelRef("openai", model),), split)
    return finished(project.wb, project.wb.runs.start(request)[0]).annotator_id


def texts(project, split):
    return set(project.items(split).values())


@pytest.fixture
def again(small_project, workbench):
    """A project with the same items, dealt otherwise, and the model that was tuned in the first."""
    model = tuned(small_project)
    second = make_project(workbench, name="Again", seed=5)
    known = texts(small_project, Split.TRAIN) & texts(second, Split.TEST)
    assert 0 < len(known) < 18
    return second, model, len(known)


def test_a_model_tuned_in_another_project_is_not_scored_on_what_it_was_taught_there(again, workbench):
    project, model, known = again
    a, b = run_of(project, BASE), run_of(project, model)
    view = workbench.compare.view(project.id, project.gold, a, b, Split.TEST)
    said = f"{known} of 18 items left out: the model learned from them."
    assert (view.figures.n, view.taught, view.taught_sentence()) == (18 - known, known, said)
    assert said in workbench.export.report(project.id, view)
    assert workbench.compare.shared(project.id, project.gold, a, b)[Split.TEST] == 18 - known
    agreement = workbench.agreement.view(project.id, project.gold, [a, b], Split.TEST)
    # Both on the same items: what one of them was taught is left out for the other too.
    assert [(one.n, one.taught) for one in agreement.candidates] == [(18 - known, 0), (18 - known, known)]
    assert {
        row["left out"] for row in agreement.rows() if row["candidate"] == agreement.candidates[1].annotator.name
    } == {said}


def test_the_lists_behind_a_figure_hold_what_it_counts(again, workbench):
    project, model, known = again
    a, b = run_of(project, BASE), run_of(project, model)
    view = workbench.compare.view(project.id, project.hasty, a, b, Split.TEST)
    counts = {Outcome.STILL_WRONG: view.figures.still_wrong, Outcome.BOTH_RIGHT: view.figures.both_right}
    assert sum(counts.values()) == 18 - known
    for outcome, number in counts.items():
        where = QueueFilter(split=Split.TEST, outcome=(outcome, project.hasty, a, b))
        listed = workbench.compare.cases(project.id, project.hasty, a, b, Split.TEST, outcome)
        assert len(listed) == workbench.review.count(project.id, where) == number
        assert set(workbench.review.queue(project.id, where)) == {case.item.id for case in listed}
    cell = QueueFilter(split=Split.TEST, labelled_by=project.gold, also_by=b)
    assert len(workbench.review.queue(project.id, cell)) == 18 - known


def test_known_results_and_cards_leave_out_what_was_taught(again, workbench, small_project):
    project, model, _ = again
    known = texts(small_project, Split.TRAIN) & texts(project, Split.VALIDATION)
    run_of(project, model, Split.VALIDATION)
    (result,) = workbench.prompts.known_results(project.id)
    assert result.score.n == workbench.projects.card(project.id).best[1].n == 12 - len(known)


def test_a_model_made_from_a_tuned_one_knows_what_both_were_taught(again, workbench, small_project):
    project, model, _ = again
    twice = tuned(project, base=model)
    third = make_project(workbench, name="Third", seed=9)
    annotator = run_of(third, twice)
    both = texts(small_project, Split.TRAIN) | texts(project, Split.TRAIN)
    with workbench.db.read() as conn:
        found = taught_items(conn, annotator)
        assert {third.items()[item] for item in found} == both
        assert {third.items()[item] for item in left_out(conn, [annotator], Split.TEST)} == both & texts(
            third, Split.TEST
        )


def test_a_checkpoint_is_known_by_the_model_it_is_named_after(again, workbench):
    project, model, _ = again
    with workbench.db.read() as conn:
        assert taught.behind(conn, f"{model}:ckpt-step-40") == taught.behind(conn, model) != ()
        assert taught.behind(conn, BASE) == taught.behind(conn, "") == taught.behind(conn, f"{model}2") == ()


def test_on_train_a_model_is_shown_on_all_it_was_taught_and_on_all_items_on_none_of_it(small_project, workbench):
    model = tuned(small_project)
    annotator = run_of(small_project, model, None)
    views = {
        split: workbench.agreement.view(small_project.id, small_project.gold, [annotator], split).candidates[0]
        for split in (Split.TRAIN, Split.TEST, None)
    }
    assert {split: (one.n, one.taught) for split, one in views.items()} == {
        Split.TRAIN: (30, 0),
        Split.TEST: (18, 0),
        None: (30, 30),
    }


def test_an_item_that_reads_like_a_worked_example_of_the_prompt_is_left_out_of_its_scores(small_project, workbench):
    shown = next(iter(small_project.items(Split.TRAIN)))
    version = workbench.prompts.save(small_project.id, "{{labels}}", "{{text}}", "shots", [shown])
    twin = next(iter(small_project.items(Split.TEST)))
    with workbench.db.write() as conn:
        text = small_project.items()[shown].upper() + " !"
        conn.exec_driver_sql("UPDATE items SET text = ? WHERE id = ?", (text, twin))
    with_example = run_of(small_project, BASE, version=version.id)
    without = run_of(small_project, BASE)
    view = workbench.agreement.view(small_project.id, small_project.gold, [with_example, without], Split.TEST)
    assert [(one.n, one.taught) for one in view.candidates] == [(17, 1), (17, 0)]
    assert view.candidates[0].taught_sentence() == "1 of 18 items left out: the model learned from it."


def test_people_are_taught_nothing(small_project, workbench):
    tuned(small_project)
    with workbench.db.read() as conn:
        assert taught_items(conn, small_project.gold) == frozenset()


def test_a_fine_tune_of_before_this_was_kept_knows_what_it_was_taught(tmp_path, monkeypatch):
    path = tmp_path / "a.sqlite3"
    lived_in.write_at(path, "0006", monkeypatch)
    with closing(sqlite3.connect(path)) as file:
        kept = file.execute("SELECT * FROM taught ORDER BY 2").fetchall()
        file.execute("UPDATE fine_tunes SET created_at = 1e12")  # after its annotator had labelled
        file.execute("DROP TABLE taught")
        file.execute("UPDATE alembic_version SET version_num = '0005'")
        file.commit()
    database = open_database(path)
    with database.read() as conn:
        assert list(map(tuple, conn.exec_driver_sql("SELECT * FROM taught ORDER BY 2"))) == kept
    database.close()
    assert len(kept) == 20
