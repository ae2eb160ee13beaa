"""The states of a training that a host kept, each asked about validation items."""

from dataclasses import replace

import pytest

from core.model import GOLDEN, AnnotatorKind, FineTuneEvent, FineTuneStatus, Split
from core.services.common.lookup import ensure_annotator
from core.services.learning.checkpoints import asking
from core.services.learning.fine_tuning import TuneRequest
from core.storage import tasks
from core.storage.engine import moment, now
from tests.fakes import saying
from tests.fakes.waiting import work_off


def checkpoint(step, model):
    return FineTuneEvent(moment(now()), "info", "", "checkpoint", {"step": step, "model": model, "valid_loss": 0.5})


@pytest.fixture
def job(small_project):
    wb = small_project.wb
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    started = wb.fine_tunes.start(request, host="openai", base_model="fake-large")
    return replace(started, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:m")


def labelled(project, model, *, right):
    """A model that has labelled the validation items, so many of them right."""
    with project.wb.db.write() as conn:
        facts = {"host": "openai", "model": model, "prompt_version_id": project.version_id}
        one = ensure_annotator(conn, project.id, AnnotatorKind.MODEL, model, **facts)
        ids = {label.name: label.id for label in tasks.task(conn, project.id).labels}
        said = []
        for place, (item, text) in enumerate(project.items(Split.VALIDATION).items()):
            is_sports = text.startswith("team") == (place < right)
            said.append((item, ids["SPORTS" if is_sports else "POLITICS"]))
        saying.append_labels(conn, one, said)


def test_each_checkpoint_is_scored_by_what_it_said_and_the_one_that_is_the_model_is_known(small_project, job):
    events = [checkpoint(20, "ft:m"), checkpoint(10, "ft:m:10"), checkpoint(30, "ft:m:30")]
    labelled(small_project, "ft:m:10", right=12)
    labelled(small_project, "ft:m", right=9)
    found = small_project.wb.fine_tunes.checkpoints(job, events)
    assert [(one.step, one.is_kept) for one in found.all] == [(10, False), (20, True), (30, False)]
    assert [one.score.value for one in found.scored] == [1.0, 0.75] and found.all[2].score is None
    assert [one.score.n for one in found.scored] == [12, 12]
    assert found.best.step == 10
    runs = asking(job, found)
    assert [run.models[0].model for run in runs] == ["ft:m:10", "ft:m", "ft:m:30"]
    assert {(run.split, run.as_taught, run.version_ids) for run in runs} == {
        (Split.VALIDATION, job.id, (small_project.version_id,))
    }


def test_nothing_is_told_while_it_learns_nor_of_what_is_no_checkpoint(small_project, job):
    wb = small_project.wb
    events = [checkpoint(10, "ft:m:10"), checkpoint(20, ""), checkpoint("last", "ft:m")]
    assert [one.model for one in wb.fine_tunes.checkpoints(job, events).all] == ["ft:m:10"]
    assert not wb.fine_tunes.checkpoints(replace(job, status=FineTuneStatus.RUNNING), events).all
    assert not wb.fine_tunes.checkpoints(job, []).all


def test_the_same_model_asked_with_another_prompt_is_no_score_of_the_checkpoint(small_project, job):
    wb = small_project.wb
    other = wb.prompts.save(small_project.id, "Another one of:\n{{labels}}", "{{text}}", "other")
    labelled(replace(small_project, version_id=other.id), "ft:m", right=12)
    assert wb.fine_tunes.checkpoints(job, [checkpoint(20, "ft:m")]).scored == ()


def test_golden_answers_of_the_model_stand_in_for_no_score(small_project, job):
    labelled(small_project, "ft:m", right=9)
    with small_project.wb.db.write() as conn:
        facts = {"host": "openai", "model": "ft:m", "prompt_version_id": small_project.version_id}
        ensure_annotator(conn, small_project.id, AnnotatorKind.MODEL, "ft:m", variant=f"{GOLDEN} 1", **facts)
    (found,) = small_project.wb.fine_tunes.checkpoints(job, [checkpoint(20, "ft:m")]).scored
    assert (found.score.value, found.score.n) == (0.75, 12)


@pytest.mark.encoder
@pytest.mark.slow
def test_the_embedded_hosts_checkpoints_are_asked_like_any_model(small_project):
    wb = small_project.wb
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    parameters = {"n_epochs": 6}
    job = wb.fine_tunes.start(request, host="embedded", base_model="minilm-l6", parameters=parameters)
    work_off(wb)
    job = wb.fine_tunes.get(job.id)
    assert job.status is FineTuneStatus.SUCCEEDED, job.message
    found = wb.fine_tunes.checkpoints(job, wb.fine_tunes.events(job.id))
    assert 3 <= len(found.all) <= 4 and sum(one.is_kept for one in found.all) == 1
    wb.runs.start_missing(asking(job, found))
    work_off(wb)
    scored = wb.fine_tunes.checkpoints(job, wb.fine_tunes.events(job.id)).scored
    assert len(scored) == len(found.all) and all(one.score.n == 12 for one in scored)
    assert wb.runs.start_missing(asking(job, found)) == []
