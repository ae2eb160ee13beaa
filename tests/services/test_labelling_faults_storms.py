"""Runs through storms: a bad network, a host that goes away, kill -9 over and over, several programs at once."""

import random

import pytest

from core.model import RunStatus
from tests.fakes.host import Step, cut, fails, garbage, hang, reset
from tests.fakes.trouble import (
    accounted_for,
    configured,
    ended,
    locked_by_another_program,
    nobodys,
    stored,
    under_way,
    worker_process,
)
from tests.fakes.waiting import finished, wait_for, wait_on
from tests.fakes.worlds import make_project, right_label
from tests.services.test_labelling import labels_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

SLOWLY = Step("answer", delay=0.01)


def integrity(wb):
    with wb.db.read() as conn:
        return [row[0] for row in conn.exec_driver_sql("PRAGMA integrity_check")]


BAD_NETWORK = (
    (fails(429, headers={"retry-after-ms": "2"}), 0.02),
    (fails(500), 0.01),
    (reset(), 0.01),
    (cut(), 0.01),
    (garbage(), 0.01),
)


@pytest.mark.parametrize("seed", [4, 5])
def test_a_storm_of_faults_loses_and_doubles_nothing(seed, workbench, fake_host):
    project = make_project(workbench, 400)
    fake_host.disturb(seed, *BAD_NETWORK)
    run = finished(workbench, project.start(in_flight=32))
    assert (run.status, run.total, run.done, run.errors) == (RunStatus.DONE, 400, 400, 0)
    assert set(stored(workbench, run).values()) == {1}
    assert labels_of(project, run.annotator_id) == {i: right_label(text) for i, text in project.items().items()}
    assert set(fake_host.served.values()) == {1}, "an item was answered, and so paid for, twice"
    assert len(fake_host.asked) > 400


def test_a_storm_in_which_calls_also_hang_loses_and_doubles_nothing(workbench, fake_host):
    project = make_project(workbench, 400)
    fake_host.disturb(4, *BAD_NETWORK, (hang(), 0.005))
    # A short patience: what a busy machine makes late is then asked again, which no annotation shows.
    run = finished(workbench, configured(project, {"timeout_seconds": 1.0}, in_flight=32))
    assert (run.status, run.total, run.errors) == (RunStatus.DONE, 400, 0)
    assert accounted_for(workbench, run) == sorted(project.items())
    assert labels_of(project, run.annotator_id) == {i: right_label(text) for i, text in project.items().items()}


def test_in_a_storm_that_never_ends_every_item_has_an_answer_or_an_error(workbench, fake_host):
    project = make_project(workbench, 200)
    fake_host.disturb(6, (fails(500), 0.2), (garbage(), 0.2), (cut(), 0.2))
    run = finished(workbench, project.start(in_flight=16))
    assert run.status is RunStatus.DONE
    assert run.errors > 0, "with this seed some item fails every time"
    assert accounted_for(workbench, run) == sorted(project.items())
    assert (run.done, run.errors) == (len(stored(workbench, run)), 200 - len(stored(workbench, run)))
    assert set(fake_host.served.values()) == {1}


def test_a_host_that_goes_away_in_the_middle_is_waited_for(small_project, workbench, fake_host):
    run = under_way(fake_host, small_project, 20, in_flight=4)
    in_flight = {asked.text for asked in fake_host.asked[20:]}
    fake_host.close()
    wait_for(lambda: "does not answer" in workbench.runs.get(run.id).message, "the run to say that the host is away")
    assert workbench.runs.get(run.id).status is RunStatus.RUNNING
    fake_host.release()
    fake_host.start()
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert set(stored(workbench, run).values()) == {1}
    assert {text for text, n in fake_host.counts.items() if n > 1} <= in_flight


def test_a_host_that_fails_for_a_while_costs_no_item_an_attempt(small_project, workbench, fake_host):
    run = under_way(fake_host, small_project, 20, in_flight=4)
    fake_host.always(fails(503, "overloaded"))
    fake_host.release()
    wait_for(lambda: "does not answer" in workbench.runs.get(run.id).message, "the run to say that the host is away")
    fake_host.always(None)
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert set(fake_host.served.values()) == {1}


def test_ten_kills_at_random_moments_repeat_nothing_that_was_stored(workbench, fake_host):
    project = make_project(workbench, 240)
    texts = project.items()
    fake_host.always(SLOWLY)
    run = project.start(in_flight=4)
    moment = random.Random(9)
    unstored = 0
    for _ in range(10):
        with worker_process() as worker:
            n = len(fake_host.asked) + moment.randint(1, 20)
            wait_on(worker, lambda n=n: len(fake_host.asked) >= n, f"request {n}")
            worker.kill()
            worker.wait(10)
        fake_host.wait_until_idle()
        assert integrity(workbench) == ["ok"]
        kept = {texts[item]: fake_host.counts[texts[item]] for item in stored(workbench, run)}
        unstored += len(fake_host.counts) - len(kept)
        nobodys(workbench, run)
        workbench.runs.resume(run.id)
        # What is stored by now must never be asked about again.
        for text in kept:
            fake_host.for_item(text, fails(400, "asked again"))
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 240, 0)
    assert set(stored(workbench, run).values()) == {1}
    assert len(fake_host.asked) - 240 <= unstored
    assert unstored <= 10 * 4 * 3, "answers lie about for longer than two more round trips before they are stored"


def test_a_kill_repeats_no_more_than_may_be_in_flight_and_as_many_that_could_not_be_stored(workbench, fake_host):
    project = make_project(workbench, 240)
    fake_host.hold(after=16)
    run = project.start(in_flight=20)
    with worker_process() as worker:
        wait_on(worker, lambda: len(fake_host.asked) >= 36, "thirty-six requests")
        wait_on(worker, lambda: workbench.runs.get(run.id).done == 16, "sixteen labels")
        with locked_by_another_program(workbench.db.path):
            fake_host.release()
            fake_host.wait_for_requests(56)
            fake_host.wait_until_idle()
            worker.kill()
            worker.wait(10)
    assert len(fake_host.asked) == 16 + 20 + 20
    nobodys(workbench, run)
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 240, 0)
    assert set(stored(workbench, run).values()) == {1}
    assert len(fake_host.asked) - 240 == 20 + 20


def test_two_worker_processes_share_the_runs_and_never_do_an_item_twice(workbench, fake_host):
    fake_host.always(SLOWLY)
    projects = [make_project(workbench, 60, f"Project {i}") for i in range(4)]
    started = [configured(project, {"use_cache": False}, in_flight=4) for project in projects]
    with worker_process() as worker, worker_process():
        for run in started:
            wait_on(worker, lambda run=run: not workbench.runs.get(run.id).status.is_live, "the runs")
    for run in started:
        assert workbench.runs.get(run.id).status is RunStatus.DONE
        assert set(stored(workbench, run).values()) == {1}
    # The four projects hold the same sixty texts.
    assert set(fake_host.counts.values()) == {4}
