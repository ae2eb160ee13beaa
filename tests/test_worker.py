"""Workers: several on one database, stopped, killed, with the file locked, full or gone silent."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import event

from core.embedded.process import EmbeddedHost
from core.model import RunStatus
from core.services.labelling.feeding import Feeder
from core.services.labelling.run_executor import RunExecutor
from core.storage import runs
from core.storage.engine import now
from core.workbench import open_workbench
from core.worker import Worker
from tests.fakes.host import fails, says
from tests.fakes.waiting import finished, wait_for, wait_on, work_off
from tests.fakes.worlds import make_project

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.labelling.storing._BEAT_SECONDS", 0.02)
    monkeypatch.setattr("core.services.labelling.storing._STORE_WAIT_SECONDS", 0.01)
    monkeypatch.setattr("core.services.common.leases.SUSPECT_SECONDS", 0.05)


@pytest.fixture
def another(workbench):
    """A second program on the same file."""
    opened = open_workbench(workbench.settings)
    yield opened
    opened.close()


def stored(wb, run):
    """Entries of the run by item id."""
    with wb.db.read() as conn:
        rows = conn.exec_driver_sql("SELECT item_id, COUNT(*) FROM annotations WHERE run_id = ? GROUP BY 1", (run.id,))
        return {row[0]: row[1] for row in rows}


def held_after(host, wb, project, n, **choices):
    """A run under way: `n` labels stored, as many calls in flight as it has slots."""
    host.hold(after=n)
    run = project.start(**choices)
    wb.worker.ensure_started()
    wait_for(lambda: wb.runs.get(run.id).done == n, f"{n} labels")
    host.wait_for_requests(n + choices["in_flight"])
    return run


@pytest.mark.slow
def test_two_programs_on_one_file_label_each_item_once(workbench, another, fake_host):
    projects = [make_project(workbench, 60, f"Project {i}") for i in range(3)]
    started = [project.start(in_flight=4, use_cache=False) for project in projects]
    threads = [threading.Thread(target=work_off, args=(wb,)) for wb in (workbench, another)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # Three projects hold the same sixty texts.
    assert set(fake_host.counts.values()) == {3}
    for run in started:
        assert workbench.runs.get(run.id).status is RunStatus.DONE
        assert set(stored(workbench, run).values()) == {1}


def test_two_workers_that_reach_for_one_run_do_not_both_get_it(workbench, another, small_project):
    small_project.start()
    with workbench.db.write() as conn:
        first = runs.claim(conn, "one")
    with another.db.write() as conn:
        second = runs.claim(conn, "two")
    assert first is not None
    assert second is None


def test_a_run_whose_host_a_worker_cannot_reach_waits_for_one_that_can(
    workbench, another, small_project, fake_host, monkeypatch
):
    monkeypatch.setattr(workbench.hosts, "usable", lambda: {"embedded"})
    run = finished(workbench, small_project.start())
    assert (run.status, fake_host.asked) == (RunStatus.QUEUED, [])
    assert "cannot be used from here" in run.message
    work_off(another)
    run = workbench.runs.get(run.id)
    assert (run.status, run.done, run.message) == (RunStatus.DONE, 60, "")


def test_a_run_that_goes_as_a_batch_or_a_file_is_not_asked_one_by_one(workbench, fake_host, monkeypatch):
    carried_out = []

    class Batch:
        def __init__(self, db, hosts, run, owner):
            self.run_id, self._finish = run.id, lambda: self.finish(db, owner)

        def finish(self, db, owner):
            with db.write() as conn:
                runs.finish(conn, self.run_id, owner, RunStatus.PAUSED, "sent")

        async def execute(self):
            carried_out.append(self.run_id)
            self._finish()

        def interrupt(self):
            pass

    monkeypatch.setattr("core.services.batching.batch_executor.BatchExecutor", Batch)
    run, file = (make_project(workbench, 10, name).start() for name in ("As a batch", "As a file"))
    with workbench.db.write() as conn:
        for run_id, mode in ((run.id, "batch"), (file.id, "file")):
            conn.exec_driver_sql("UPDATE runs SET config = json_set(config, '$.mode', ?) WHERE id = ?", (mode, run_id))
    work_off(workbench)
    assert (carried_out, fake_host.asked) == ([run.id], [])
    assert workbench.runs.get(file.id).status is RunStatus.QUEUED


def test_stopping_the_worker_leaves_the_run_interrupted_with_what_was_in_flight(
    small_project, workbench, fake_host, monkeypatch
):
    interrupt = RunExecutor.interrupt
    monkeypatch.setattr(RunExecutor, "interrupt", lambda self: (interrupt(self), fake_host.release()))
    run = held_after(fake_host, workbench, small_project, 10, in_flight=4)
    workbench.worker.stop()
    run = workbench.runs.get(run.id)
    assert run.status is RunStatus.INTERRUPTED
    assert "resume" in run.message
    assert run.done == len(fake_host.asked) == 14
    workbench.runs.resume(run.id)
    run = finished(Reopened(workbench), run)
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert set(fake_host.counts.values()) == {1}


class Reopened:
    """The same workbench with a worker that was not stopped."""

    def __init__(self, wb):
        self.worker, self.runs = Worker(wb.db, wb.hosts, wb.settings), wb.runs


def test_a_worker_that_died_is_started_again_when_next_needed(small_project, workbench):
    workbench.worker.ensure_started()
    workbench.worker.stop()
    run = small_project.start()
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.DONE, "the run")


def test_a_run_whose_owner_died_is_shown_as_interrupted_and_labels_the_rest(small_project, workbench, fake_host):
    run = small_project.start()
    with workbench.db.write() as conn:
        runs.claim(conn, "a program that is gone")
        conn.exec_driver_sql("UPDATE runs SET heartbeat_at = ?", (now() - 60,))
    work_off(workbench)
    run = workbench.runs.get(run.id)
    assert run.status is RunStatus.INTERRUPTED
    assert fake_host.asked == []
    workbench.runs.resume(run.id)
    assert finished(workbench, run).done == 60


def test_a_machine_that_slept_longer_than_the_lease_goes_on_with_its_run(small_project, workbench, fake_host):
    run = held_after(fake_host, workbench, small_project, 10, in_flight=4)
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET heartbeat_at = ?", (now() - 3600,))
        assert runs.mark_interrupted(conn, 15.0, but=[run.id]) == 0
    fake_host.release()
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    assert workbench.runs.get(run.id).status is RunStatus.DONE


def test_answers_that_come_after_the_lease_was_lost_are_kept(small_project, workbench, fake_host):
    run = held_after(fake_host, workbench, small_project, 10, in_flight=4)
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET owner = NULL, status = 'interrupted'")
        fake_host.release()
        fake_host.wait_until_idle()
    wait_for(lambda: len(stored(workbench, run)) >= 14, "what was in flight")
    workbench.worker.stop()
    run = workbench.runs.get(run.id)
    assert run.status is RunStatus.INTERRUPTED, "somebody who holds no lease must not end a run"
    workbench.runs.resume(run.id)
    assert finished(Reopened(workbench), run).done == 60
    assert set(stored(workbench, run).values()) == {1}


def test_a_host_that_takes_longer_to_start_than_the_lease_keeps_its_run(
    small_project, workbench, fake_host, monkeypatch
):
    connect, may_connect = workbench.hosts.connection, threading.Event()

    def slowly(key):
        assert may_connect.wait(30)
        return connect(key)

    monkeypatch.setattr(workbench.hosts, "connection", slowly)
    run = small_project.start()
    workbench.worker.ensure_started()
    beats = set()

    def heartbeat():
        with workbench.db.read() as conn:
            beats.add(conn.exec_driver_sql("SELECT heartbeat_at FROM runs").scalar())
        return len(beats) > 3

    wait_for(heartbeat, "the lease to be renewed while the host starts")
    may_connect.set()
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.DONE, "the run")


def test_a_run_can_be_cancelled_while_its_host_is_still_starting(small_project, workbench, fake_host, monkeypatch):
    connect, may_connect = workbench.hosts.connection, threading.Event()
    monkeypatch.setattr(workbench.hosts, "connection", lambda key: (may_connect.wait(30), connect(key))[1])
    run = small_project.start()
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.RUNNING, "the claim")
    workbench.runs.cancel(run.id)
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.CANCELLED, "the end")
    may_connect.set()
    assert fake_host.asked == []


def test_an_embedded_host_that_cannot_start_fails_the_run_with_a_sentence(small_project, workbench, monkeypatch):
    from core.errors import WorkbenchError

    def refuse(self):
        raise WorkbenchError("The embedded host did not start: no weights.")

    monkeypatch.setattr(EmbeddedHost, "ensure_started", refuse)
    run = small_project.start()
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET config = json_set(config, '$.host', 'embedded')")
    run = finished(workbench, run)
    assert (run.status, run.message) == (RunStatus.FAILED, "The embedded host did not start: no weights.")


# trouble with the file


def test_a_file_locked_for_a_moment_costs_nothing(small_project, workbench, fake_host):
    run = held_after(fake_host, workbench, small_project, 10, in_flight=4)
    with sqlite3.connect(workbench.db.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        fake_host.release()
        fake_host.wait_for_requests(30)
        other.execute("COMMIT")
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    assert (workbench.runs.get(run.id).status, workbench.runs.get(run.id).done) == (RunStatus.DONE, 60)
    assert set(fake_host.counts.values()) == {1}


def test_a_file_locked_for_longer_stops_asking_until_it_is_free_and_keeps_every_answer(
    small_project, workbench, fake_host, monkeypatch
):
    fake_host.always(says('{"label": "SPORTS"}', delay=0.02))
    every_connection(workbench, lambda connection: connection.execute("PRAGMA busy_timeout = 20"))
    run = held_after(fake_host, workbench, small_project, 10, in_flight=4)
    refused = count_refusals(monkeypatch)
    with sqlite3.connect(workbench.db.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        fake_host.release()
        wait_for(lambda: len(refused) > 3, "the file to be refused a few times")
        fake_host.wait_until_idle()
        asked = len(fake_host.asked)
        seen = len(refused)
        wait_for(lambda: len(refused) > seen + 3, "the file to be refused some more")
        assert len(fake_host.asked) == asked < 60, "it went on asking"
        other.execute("COMMIT")
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    run = workbench.runs.get(run.id)
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert set(fake_host.counts.values()) == {1}


def test_a_full_disk_holds_the_run_up_until_there_is_room_and_loses_nothing(
    small_project, workbench, fake_host, monkeypatch
):
    fake_host.always(says('{"label": "SPORTS"}' + " " * 9_000, delay=0.02))
    limit = ["PRAGMA max_page_count = 1073741823"]
    every_connection(workbench, lambda connection: connection.execute(limit[0]))
    run = held_after(fake_host, workbench, small_project, 10, in_flight=4)
    refused = count_refusals(monkeypatch)
    limit[0] = "PRAGMA max_page_count = 1"  # SQLite takes that as: not one page more than there are
    fake_host.release()
    wait_for(lambda: len(refused) > 3, "the disk to be full a few times")
    fake_host.wait_until_idle()
    asked = len(fake_host.asked)
    seen = len(refused)
    wait_for(lambda: len(refused) > seen + 3, "the disk to be full some more")
    assert len(fake_host.asked) == asked < 60, "it went on asking"
    limit[0] = "PRAGMA max_page_count = 1073741823"
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    run = workbench.runs.get(run.id)
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert set(fake_host.counts.values()) == {1}


def every_connection(wb, act):
    """Do something to each connection whenever it is taken from the pool."""
    event.listen(wb.db._engine, "checkout", lambda connection, *_: act(connection))


def count_refusals(monkeypatch):
    """Grows by one with every transaction the file refuses."""
    from core.storage import errors

    refused, sentence_for = [], errors.sentence_for

    def counting(error, path):
        refused.append(error)
        return sentence_for(error, path)

    monkeypatch.setattr(errors, "sentence_for", counting)
    return refused


# killing


@pytest.mark.slow
def test_kill_9_repeats_nothing_but_what_was_in_flight(small_project, workbench, fake_host):
    fake_host.hold(after=20)
    run = small_project.start(in_flight=4)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen([sys.executable, "-m", "core.worker"], cwd=ROOT, env=environment)
    try:
        wait_on(worker, lambda: workbench.runs.get(run.id).done == 20, "twenty labels")
        fake_host.wait_for_requests(24)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    before = stored(workbench, run)
    in_flight = {asked.text for asked in fake_host.asked[20:]}
    fake_host.release()
    with workbench.db.write() as conn:
        assert runs.mark_interrupted(conn, 0.0) == 1
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert set(stored(workbench, run).values()) == {1}
    texts = small_project.items()
    assert {texts[item] for item in before}.isdisjoint(in_flight)
    assert {text for text, count in fake_host.counts.items() if count > 1} == in_flight
    assert {fake_host.counts[texts[item]] for item in before} == {1}


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_process_told_to_end_leaves_its_run_ready_to_resume(sent, small_project, workbench, fake_host):
    fake_host.always(says('{"label": "SPORTS"}', delay=0.1))
    fake_host.hold(after=20)
    run = small_project.start(in_flight=4)
    worker = subprocess.Popen(
        [sys.executable, "-m", "core.worker"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        # As from a terminal: what a shell starts in the background begins deaf to an interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        wait_on(worker, lambda: workbench.runs.get(run.id).done == 20, "twenty labels")
        fake_host.wait_for_requests(24)
        worker.send_signal(sent)
        fake_host.release()
        _, log = worker.communicate(timeout=30)
    finally:
        worker.kill()
    run = workbench.runs.get(run.id)
    assert run.status is RunStatus.INTERRUPTED
    assert run.done == len(fake_host.asked)
    assert b"Traceback" not in log


def test_a_bug_ends_the_run_with_a_sentence_and_the_worker_goes_on(small_project, workbench, fake_host, monkeypatch):
    def broken(self, after):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Feeder, "page", broken)
    run = finished(workbench, small_project.start())
    assert run.status is RunStatus.FAILED
    assert "An error in LabelLoop stopped this" in run.message
    monkeypatch.undo()
    workbench.runs.resume(run.id)
    assert finished(workbench, run).done == 60


def test_a_failed_run_does_not_hold_up_the_next_one(workbench, fake_host):
    first, second = (make_project(workbench, 30, name) for name in ("First", "Second"))
    fake_host.next(fails(404))
    runs_ = [first.start(in_flight=1), second.start(in_flight=1)]
    work_off(workbench)
    statuses = sorted(workbench.runs.get(run.id).status for run in runs_)
    assert statuses == [RunStatus.DONE, RunStatus.FAILED]


_ENDS_WHILE_IT_WORKS = """
import threading
from core.workbench import open_workbench

workbench = open_workbench()
workbench.worker.ensure_started()
last = threading.Thread(target=workbench.worker._thread.join, args=(2,))
last.start()
"""


@pytest.mark.slow
def test_a_program_that_ends_with_its_worker_at_work_says_nothing_of_it(workbench):
    """Other threads may outlive the main one for a moment, and the worker notices that the program is ending."""
    program = [sys.executable, "-c", _ENDS_WHILE_IT_WORKS]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ})
    assert (ended.returncode, ended.stderr) == (0, "")
