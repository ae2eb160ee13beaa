"""Trouble with the file and the clock: whatever was paid for is kept, and the run goes on by itself."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from core.model import RunStatus
from core.storage import runs
from core.workbench import open_workbench
from core.worker import Worker
from tests.fakes.host import Step, fails
from tests.fakes.trouble import Clock, configured, ended, locked_by_another_program, stored, under_way
from tests.fakes.waiting import finished, wait_for, work_off

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

HOUR = 3600.0
ROOMY = "PRAGMA max_page_count = 1073741823"
FULL = "PRAGMA max_page_count = 1"  # SQLite takes that as: not one page more than there are
LONG = Step("answer", content='{"label": "SPORTS"}' + " " * 9_000, delay=0.02)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def another(workbench):
    """A second program on the same file."""
    opened = open_workbench(workbench.settings)
    yield opened
    opened.close()


@pytest.fixture
def refusals(monkeypatch):
    """Grows by one with every transaction the file refuses."""
    from core.storage import errors

    refused, sentence_for = [], errors.sentence_for

    def counting(error, path):
        refused.append(error)
        return sentence_for(error, path)

    monkeypatch.setattr(errors, "sentence_for", counting)
    return refused


def every_connection(wb, act):
    """Do something to each connection whenever it is taken from the pool."""
    event.listen(wb.db._engine, "checkout", lambda connection, *_: act(connection))


def assert_each_asked_once(host):
    assert set(host.counts.values()) == {1}
    assert len(host.asked) == 60


def test_a_full_disk_stops_the_asking_and_the_run_goes_on_when_there_is_room(
    small_project, workbench, fake_host, refusals
):
    fake_host.always(LONG)
    limit = [ROOMY]
    every_connection(workbench, lambda connection: connection.execute(limit[0]))
    run = under_way(fake_host, small_project, 10, in_flight=4)
    limit[0] = FULL
    fake_host.release()
    wait_for(lambda: len(refusals) > 3, "the disk to be full a few times")
    fake_host.wait_until_idle()
    asked = len(fake_host.asked)
    wait_for(lambda: len(refusals) > 8, "the disk to be full a few times more")
    assert len(fake_host.asked) == asked < 60, "it asks what it cannot store"
    assert workbench.runs.get(run.id).status is RunStatus.RUNNING
    limit[0] = ROOMY
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert_each_asked_once(fake_host)


def test_a_file_locked_by_another_program_for_longer_than_we_wait_is_waited_for_again(
    small_project, workbench, fake_host, refusals
):
    fake_host.always(Step("answer", delay=0.02))
    every_connection(workbench, lambda connection: connection.execute("PRAGMA busy_timeout = 20"))
    run = under_way(fake_host, small_project, 10, in_flight=4)
    with locked_by_another_program(workbench.db.path):
        fake_host.release()
        wait_for(lambda: len(refusals) > 3, "the file to be refused a few times")
        fake_host.wait_until_idle()
        asked = len(fake_host.asked)
        wait_for(lambda: len(refusals) > 8, "the file to be refused a few times more")
        assert len(fake_host.asked) == asked < 60, "it asks what it cannot store"
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert_each_asked_once(fake_host)


def test_a_file_locked_by_another_program_for_a_while_is_nothing_but_a_wait(
    small_project, workbench, fake_host, refusals
):
    run = under_way(fake_host, small_project, 10, in_flight=4)
    with locked_by_another_program(workbench.db.path):
        fake_host.release()
        fake_host.wait_for_requests(15)
        assert workbench.runs.get(run.id).done == 10
    run = ended(workbench, run)
    assert (run.status, run.done, run.message) == (RunStatus.DONE, 60, "")
    assert refusals == []
    assert_each_asked_once(fake_host)


def test_what_a_host_turned_out_to_accept_does_not_end_the_run_where_it_cannot_be_stored(
    small_project, workbench, fake_host, refusals
):
    fake_host.refuse(lambda body: "logprobs" in body, fails(400, "logprobs are not supported", param="logprobs"))
    every_connection(workbench, lambda connection: connection.execute("PRAGMA busy_timeout = 20"))
    fake_host.hold(after=4)
    run = configured(small_project, {}, in_flight=4)
    workbench.worker.ensure_started()
    fake_host.wait_for_requests(8)
    with locked_by_another_program(workbench.db.path):
        fake_host.release()
        wait_for(lambda: not workbench.hosts.manner("openai", "fake-large").logprobs, "the host to be understood")
        refused = len(refusals)
        wait_for(lambda: len(refusals) > refused + 4, "the file to be refused a few times")
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert set(fake_host.served.values()) == {1}


@pytest.mark.parametrize("turn", [2 * HOUR, -2 * HOUR], ids=["forwards", "backwards"])
def test_a_clock_that_jumps_in_the_middle_costs_nothing(turn, small_project, workbench, fake_host, clock):
    run = under_way(fake_host, small_project, 10, in_flight=4)
    clock.turn(turn)
    fake_host.release()
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert set(stored(workbench, run).values()) == {1}
    assert_each_asked_once(fake_host)
    assert run.busy_seconds >= 0


@pytest.mark.parametrize("turn", [2 * HOUR, -2 * HOUR], ids=["forwards", "backwards"])
def test_a_clock_that_jumps_takes_the_run_from_no_living_worker(
    turn, small_project, workbench, another, fake_host, clock
):
    run = under_way(fake_host, small_project, 10, in_flight=4)
    for _ in range(5):
        # The other program may well look before the owner's next sign of life.
        clock.turn(turn)
        work_off(another)
        assert workbench.runs.get(run.id).status is RunStatus.RUNNING
    fake_host.release()
    assert ended(workbench, run).done == 60
    assert_each_asked_once(fake_host)


def test_a_worker_that_died_before_the_clock_was_set_back_is_found_dead(
    small_project, workbench, another, fake_host, clock
):
    run = small_project.start()
    with workbench.db.write() as conn:
        runs.claim(conn, "a program that is gone")
    clock.turn(-2 * HOUR)
    impatient = replace(another.settings, lease_seconds=0.02)
    watcher = Worker(another.db, another.hosts, impatient)
    watcher.ensure_started()
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.INTERRUPTED, "the lease to run out")
    watcher.stop()
    workbench.runs.resume(run.id)
    assert finished(workbench, run).done == 60
    assert_each_asked_once(fake_host)


def test_a_run_that_waits_for_its_hour_is_not_taken_by_a_clock_set_back(small_project, workbench, fake_host, clock):
    run = configured(small_project, {})
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET status = 'paused', resume_at = ?", (clock.now() + HOUR,))
    clock.turn(-2 * HOUR)
    work_off(workbench)
    assert (workbench.runs.get(run.id).status, fake_host.asked) == (RunStatus.PAUSED, [])
    clock.turn(3 * HOUR + 60)
    assert finished(workbench, run).done == 60
