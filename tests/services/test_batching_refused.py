"""Runs by batch at a host that says it is asked too often: whatever was refused waits, and nothing fails for it."""

import time

import pytest

from core.hosts.batches import BatchRules, HostBatches
from core.model import RunStatus
from core.services.batching.steps import Round, StepResult, Steps
from core.storage import batches
from tests.fakes.host import fails
from tests.fakes.waiting import finished, wait_for
from tests.services.test_batching import paid_once, start

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_batches")]

AT_ONCE = fails(429, "slow down", headers={"retry-after": "0"})
IN_TEN_MINUTES = fails(429, "slow down", headers={"retry-after": "600"})
LOOK = "GET /batches/{id}"


@pytest.mark.parametrize("route", ["POST /files", "POST /batches", LOOK, "GET /files/{id}/content"])
def test_no_step_of_a_batch_fails_because_it_was_refused_for_now(route, known, small_project, workbench, fake_host):
    fake_host.on(route, *[AT_ONCE] * 8)
    run = finished(workbench, start(small_project))
    assert (run.status, run.missing) == (RunStatus.DONE, 0)
    assert len(fake_host.batches.all) == 1
    assert paid_once(fake_host, small_project)


def test_a_batch_at_the_host_is_not_given_up_however_long_looks_are_refused(
    known, small_project, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.batching.steps.LONGEST_NOT_YET_SECONDS", 0.0)
    fake_host.on(LOOK, *[AT_ONCE] * 20)
    run = finished(workbench, start(small_project))
    assert (run.status, run.missing) == (RunStatus.DONE, 0)
    assert paid_once(fake_host, small_project)


def test_a_batch_told_to_wait_holds_no_other_and_says_for_how_long(
    known, small_project, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.batching.rounds.rules_of", lambda profile: BatchRules(lines=5))
    fake_host.on(LOOK, IN_TEN_MINUTES)
    run = start(small_project)
    workbench.worker.ensure_started()
    wait_for(lambda: "2 collected" in workbench.runs.get(run.id).message, "the other batches")
    seen = workbench.runs.get(run.id)
    assert seen.status is RunStatus.RUNNING
    assert seen.message.startswith("3 batches sent, 2 collected")
    assert "Waiting for the host: Could not read the batch: slow down" in seen.message
    assert seen.message.endswith("It asks us to wait 10 minutes.")


def test_the_question_asked_before_a_batch_waits_where_it_is_refused(small_project, workbench, fake_host):
    fake_host.next(AT_ONCE, AT_ONCE)
    run = finished(workbench, start(small_project))
    assert (run.status, run.missing) == (RunStatus.DONE, 0)
    assert (len(fake_host.asked), len(fake_host.batches.bodies)) == (3, 11)


def test_a_host_that_takes_no_single_call_for_long_is_sent_the_batch_all_the_same(small_project, workbench, fake_host):
    fake_host.next(IN_TEN_MINUTES)
    run = finished(workbench, start(small_project))
    assert (run.status, run.missing) == (RunStatus.DONE, 0)
    assert len(fake_host.asked) == 1


def test_a_cancel_is_told_to_every_batch_though_looks_are_refused(
    known, small_project, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.batching.rounds.rules_of", lambda profile: BatchRules(lines=5))
    fake_host.batches.hold()
    run = start(small_project)
    workbench.worker.ensure_started()
    wait_for(lambda: len(fake_host.batches.all) == 3 and fake_host.served[LOOK] >= 3, "three batches at the host")
    fake_host.on(LOOK, *[AT_ONCE] * 2)
    workbench.runs.cancel(run.id)
    wait_for(lambda: fake_host.served["POST /batches/{id}/cancel"] == 3, "three cancels")
    fake_host.batches.release()
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end of the run")
    assert workbench.runs.get(run.id).status is RunStatus.CANCELLED


def test_the_wait_a_host_asks_for_is_kept_also_where_another_batch_was_refused_for_good(
    known, small_project, workbench, fake_host, tmp_path
):
    fake_host.batches.hold()
    run = start(small_project)
    workbench.worker.ensure_started()
    wait_for(lambda: fake_host.served[LOOK] > 0, "the batch at the host")
    workbench.worker.stop()
    with workbench.db.read() as conn:
        [batch] = batches.open_of(conn, run.id)
    host = HostBatches(workbench.hosts.connection("openai"), BatchRules())
    steps = Steps(workbench.db, run, host, tmp_path, lambda *asked: "")
    told = Round(complaint="The host does not like the file.", not_before={batch.id: time.monotonic() + 600})
    before = fake_host.served[LOOK]
    assert steps.take(batch, told, cancel=False) is StepResult.WAITS
    assert fake_host.served[LOOK] == before
    steps.take(batch, told, cancel=True)
    assert fake_host.served[LOOK] == before + 1
