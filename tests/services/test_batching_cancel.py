"""Cancelling runs by batch, whoever has what of them: nothing goes on at a host unseen, and nothing is paid twice."""

import pytest

from core.errors import WorkbenchError
from core.hosts.batches import HostBatches
from core.hosts.manner import Manner
from core.model import Budget, RunStatus, Split
from core.services.asking.requests import Which
from core.services.batching.batch_executor import BatchExecutor
from core.services.batching.files import Missing
from core.services.batching.handling import BatchStatus
from core.storage import runs
from tests.fakes.host import reset
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL
from tests.services.test_batching import OWNER, carry_out, claimed, die, kill_at, paid_once, start

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quick(workbench, monkeypatch):
    """Batches are looked at every few milliseconds; how the model is asked is known."""
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    workbench.hosts.remember("openai", MODEL, Manner(logprobs=False))


@pytest.fixture
def at_host(workbench, fake_host, small_project, monkeypatch):
    """A run whose batch the host holds, and whose program is gone: it would go on by itself."""
    fake_host.batches.hold()
    fake_host.batches.carries_out = 4
    run = start(small_project)
    with monkeypatch.context() as killing:
        kill_at(killing, HostBatches, "look", 0, "after")
        die(workbench, run)
    with workbench.db.write() as conn:
        runs.finish(conn, run.id, OWNER, RunStatus.PAUSED, "away", pause_seconds=3600.0)
    return workbench.runs.get(run.id)


def released(host):
    """From now on batches end."""
    host.batches.release()


def test_a_paused_run_that_is_cancelled_has_its_batch_cancelled_at_the_host(workbench, fake_host, at_host):
    workbench.runs.cancel(at_host.id)
    waiting = workbench.runs.get(at_host.id)
    assert (waiting.status, waiting.cancel_requested) == (RunStatus.QUEUED, True)
    released(fake_host)
    run = finished(workbench, at_host)
    assert fake_host.served["POST /batches/{id}/cancel"] == 1
    assert (run.status, run.done, run.missing, run.cancel_requested) == (RunStatus.CANCELLED, 4, 8, False)
    (batch,) = workbench.batches.of(run.id)
    assert (batch.status, batch.host_status) == (BatchStatus.COLLECTED, "cancelled")


def test_cancelled_again_before_a_worker_has_come_the_host_is_told_all_the_same(workbench, fake_host, at_host):
    workbench.runs.cancel(at_host.id)
    workbench.runs.cancel(at_host.id)
    released(fake_host)
    assert finished(workbench, at_host).status is RunStatus.CANCELLED
    assert fake_host.served["POST /batches/{id}/cancel"] == 1


def test_resumed_and_cancelled_before_a_worker_has_come_the_host_is_told(workbench, fake_host, at_host):
    workbench.runs.resume(at_host.id)
    workbench.runs.cancel(at_host.id)
    released(fake_host)
    assert finished(workbench, at_host).status is RunStatus.CANCELLED
    assert fake_host.served["POST /batches/{id}/cancel"] == 1


def test_what_a_cancelled_batch_had_not_got_to_can_be_resumed_and_nothing_is_paid_twice(
    workbench, fake_host, small_project, at_host
):
    workbench.runs.cancel(at_host.id)
    released(fake_host)
    work_off(workbench)
    fake_host.batches.carries_out = None
    workbench.runs.resume(at_host.id)
    assert finished(workbench, at_host).status is RunStatus.DONE
    assert paid_once(fake_host, small_project)


def test_a_project_taken_off_the_list_lets_no_batch_go_on_at_the_host(workbench, fake_host, small_project, at_host):
    assert workbench.projects.remove(small_project.id) == 1
    released(fake_host)
    work_off(workbench)
    assert fake_host.served["POST /batches/{id}/cancel"] == 1
    assert workbench.runs.get(at_host.id).status is RunStatus.CANCELLED


def test_a_host_that_cannot_be_told_is_said_to_still_have_it_and_is_told_at_the_next_cancel(
    workbench, fake_host, small_project, at_host
):
    fake_host.on("POST /batches/{id}/cancel", *[reset()] * 9)
    fake_host.on("GET /batches/{id}", *[reset()] * 9)
    workbench.runs.cancel(at_host.id)
    run = finished(workbench, at_host)
    assert run.status is RunStatus.CANCELLED and "could not be notified: it may continue" in run.message
    workbench.runs.cancel(at_host.id)
    released(fake_host)
    assert finished(workbench, at_host).done == 4
    assert workbench.batches.of(run.id)[0].host_status == "cancelled"


# what is not at a host


def held_by_the_cap(workbench, project):
    """A run whose batch is uploaded, and waits for a higher cap."""
    run = carry_out(workbench, start(project, budget=Budget(calls=5)))
    assert run.status is RunStatus.PAUSED
    return run


def files_of(workbench, run):
    return [path.name for path in (workbench.db.path.parent / "batches" / str(run.id)).iterdir()]


def test_batches_no_host_has_heard_of_are_given_up_at_once(workbench, fake_host, small_project):
    run = held_by_the_cap(workbench, small_project)
    workbench.runs.cancel(run.id)
    assert workbench.runs.get(run.id).status is RunStatus.CANCELLED
    assert [batch.status for batch in workbench.batches.of(run.id)] == [BatchStatus.FAILED]
    assert files_of(workbench, run) == [] and not fake_host.batches.all


def test_a_run_held_by_its_cap_can_go_another_way_by_file_and_its_batch_is_not_sent_too(
    workbench, fake_host, small_project
):
    run = held_by_the_cap(workbench, small_project)
    assert workbench.batches.export(run.id).lines == 12
    assert files_of(workbench, run) == [f"run-{run.id}.jsonl", f"run-{run.id}.lines"]
    with workbench.db.write() as conn:
        runs.set_budget(conn, run.id, Budget())
    workbench.runs.resume(run.id)
    assert finished(workbench, run).status is RunStatus.DONE
    assert len(fake_host.batches.all) == 1 and paid_once(fake_host, small_project)


def test_what_is_at_the_host_cannot_go_another_way(workbench, at_host):
    with pytest.raises(WorkbenchError, match="still at the host"):
        workbench.batches.export(at_host.id)
    assert workbench.batches.of(at_host.id)[0].status.is_open


def test_cancelled_while_its_first_file_is_written_a_run_is_not_said_to_be_done(
    workbench, fake_host, small_project, monkeypatch
):
    run = start(small_project)
    write = Missing.write

    def cancelled_meanwhile(*args):
        workbench.runs.cancel(run.id)
        return write(*args)

    monkeypatch.setattr(Missing, "write", cancelled_meanwhile)
    run = carry_out(workbench, run)
    assert (run.status, run.missing) == (RunStatus.CANCELLED, 12)
    assert workbench.batches.of(run.id) == [] and files_of(workbench, run) == [] and not fake_host.files


def test_a_lease_lost_while_a_file_was_written_writes_no_second_batch_beside_the_new_owners(
    workbench, fake_host, small_project, monkeypatch
):
    run = start(small_project)
    executor = BatchExecutor(workbench.db, workbench.hosts, claimed(workbench, run), OWNER)
    write = Missing.write

    def taken_over_meanwhile(*args):
        written = write(*args)
        with workbench.db.write() as conn:
            runs.mark_interrupted(conn, -1.0)
        return written

    monkeypatch.setattr(Missing, "write", taken_over_meanwhile)
    executor._carry_out()
    assert workbench.batches.of(run.id) == [] and files_of(workbench, run) == []


# other runs meanwhile


@pytest.mark.parametrize("which", list(Which))
def test_items_a_host_may_still_answer_are_not_asked_about_in_another_run(
    workbench, fake_host, small_project, at_host, which
):
    with pytest.raises(WorkbenchError, match="12 of these items are already being labelled"):
        small_project.start(Split.VALIDATION, which=which)
    assert small_project.start(n=None, which=which).total == 48
