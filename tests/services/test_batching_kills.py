"""Runs by batch whose program is killed with SIGKILL: at each step it takes, and at random moments, over and over."""

import random

import pytest

from core.hosts.manner import Manner
from core.model import RunStatus, Split
from tests.fakes.host import Step
from tests.fakes.trouble import nobodys, worker_process
from tests.fakes.waiting import finished, wait_on
from tests.fakes.worlds import MODEL, make_project
from tests.services.test_batching import answers, paid_once, right_answers, start
from tests.services.test_labelling_faults_storms import integrity

pytestmark = pytest.mark.slow

DONE_BUT_NEVER_ANSWERED = Step("hang", after_doing=True)
HEARD_BUT_NOTHING_DONE = Step("hang")
MOMENTS = {
    "the file is uploaded": ("POST /files", DONE_BUT_NEVER_ANSWERED),
    "the batch is asked for": ("POST /batches", HEARD_BUT_NOTHING_DONE),
    "the batch is made": ("POST /batches", DONE_BUT_NEVER_ANSWERED),
    "the batch is looked at": ("GET /batches/{id}", DONE_BUT_NEVER_ANSWERED),
    "the results are fetched": ("GET /files/{id}/content", HEARD_BUT_NOTHING_DONE),
}


@pytest.fixture(autouse=True)
def known(workbench, monkeypatch):
    """Ask plainly, and know it: no question is asked live then, in no process."""
    workbench.hosts.remember("openai", MODEL, Manner(logprobs=False))
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)


def requests_to(host):
    """How many requests about files and batches the host has got by now."""
    return sum(number for route, number in host.served.items() if route.startswith(("GET ", "POST ")))


def killed_once(workbench, run, moment):
    """A worker in a process of its own, killed as soon as `moment` has come; its lease has run out then."""
    with worker_process() as worker:
        wait_on(worker, moment, "it got there")
        worker.kill()
        worker.wait(10)
    assert integrity(workbench) == ["ok"]
    if workbench.runs.get(run.id).status is RunStatus.RUNNING:
        nobodys(workbench, run)
    if workbench.runs.get(run.id).status is RunStatus.INTERRUPTED:
        workbench.runs.resume(run.id)


@pytest.mark.parametrize(("route", "step"), MOMENTS.values(), ids=MOMENTS)
def test_killed_while_the_host_is_asked_nothing_is_lost_or_paid_twice(route, step, workbench, fake_host, small_project):
    run = start(small_project)
    fake_host.on(route, step)
    killed_once(workbench, run, lambda: not fake_host.steps_of(route) and requests_to(fake_host))
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors, run.calls) == (RunStatus.DONE, 12, 0, 12)
    assert answers(workbench, run) == right_answers(small_project)
    assert len(fake_host.batches.all) == 1 and paid_once(fake_host, small_project)
    assert list((workbench.db.path.parent / "batches" / str(run.id)).iterdir()) == []


def test_eight_kills_at_random_moments_lose_and_double_nothing(workbench, fake_host):
    project = make_project(workbench, 240)
    run = start(project, split=None)
    fake_host.batches.course = ["validating", *["in_progress"] * 12, "finalizing", "completed"]
    moment = random.Random(11)
    for _ in range(8):
        seen, wanted = requests_to(fake_host), moment.randint(1, 3)
        killed_once(
            workbench,
            run,
            lambda goal=seen + wanted: requests_to(fake_host) >= goal or not workbench.runs.get(run.id).status.is_live,
        )
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors, run.calls) == (RunStatus.DONE, 240, 0, 240)
    assert answers(workbench, run) == right_answers(project, None)
    assert len(fake_host.batches.all) == 1 and paid_once(fake_host, project, None)


def test_killed_while_answers_are_stored_each_is_stored_and_counted_once(workbench, fake_host):
    project = make_project(workbench, 3000)
    run = start(project, split=Split.TRAIN)
    with_answers = f"SELECT COUNT(*) FROM annotations WHERE run_id = {run.id}"

    def some_are_stored():
        with workbench.db.read() as conn:
            return conn.exec_driver_sql(with_answers).scalar_one() > 0

    killed_once(workbench, run, some_are_stored)
    run = finished(workbench, run)
    assert (run.status, run.done, run.calls, run.prompt_tokens) == (RunStatus.DONE, 1500, 1500, 15_000)
    assert paid_once(fake_host, project, Split.TRAIN)
