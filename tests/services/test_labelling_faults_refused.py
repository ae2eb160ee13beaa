"""Runs on a host that refuses three in ten calls: caps, kill -9 and cancels while refused calls wait."""

import random

import pytest

from core.model import RunStatus
from tests.fakes.host import Step, fails
from tests.fakes.trouble import configured, ended, nobodys, stored, worker_process
from tests.fakes.waiting import finished, wait_for
from tests.fakes.worlds import make_project
from tests.services.test_labelling_faults_caps import CAPS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

REFUSED = fails(429, "slow down", headers={"retry-after-ms": "20"})
IN_FLIGHT = 4


@pytest.mark.parametrize(("config", "said"), CAPS.values(), ids=CAPS)
def test_a_cap_holds_while_calls_are_refused_and_refused_calls_cost_nothing(
    config, said, small_project, workbench, fake_host
):
    fake_host.disturb(7, (REFUSED, 0.3))
    run = finished(workbench, configured(small_project, config, in_flight=IN_FLIGHT))
    answered = sum(fake_host.served.values())
    assert run.status is RunStatus.PAUSED and said in run.message
    assert 20 <= answered <= 20 + IN_FLIGHT
    assert run.done == run.calls == answered == len(stored(workbench, run)) < len(fake_host.asked)


def test_kills_while_refused_calls_wait_repeat_nothing_but_what_was_in_flight(workbench, fake_host):
    project = make_project(workbench, 120)
    fake_host.always(Step("answer", delay=0.02))
    fake_host.disturb(7, (REFUSED, 0.3))
    run, moment, unstored = project.start(in_flight=IN_FLIGHT), random.Random(3), 0
    for _ in range(3):
        with worker_process() as worker:
            fake_host.wait_for_requests(len(fake_host.asked) + moment.randint(10, 30))
            worker.kill()
            worker.wait(10)
        fake_host.wait_until_idle()
        unstored += len(fake_host.served) - len(stored(workbench, run))
        nobodys(workbench, run)
        workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 120, 0)
    assert set(stored(workbench, run).values()) == {1}
    assert sum(fake_host.served.values()) - 120 <= unstored <= 3 * 3 * IN_FLIGHT


def test_a_run_whose_calls_all_wait_says_so_and_is_cancelled_at_once(small_project, workbench, fake_host):
    fake_host.always(fails(429, "slow down", headers={"retry-after": "60"}))
    run = small_project.start(in_flight=IN_FLIGHT)
    workbench.worker.ensure_started()
    wait_for(lambda: "the host asks to wait" in workbench.runs.get(run.id).message, "the run to say that all wait")
    asked = len(fake_host.asked)
    workbench.runs.cancel(run.id)
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors, run.missing) == (RunStatus.CANCELLED, 0, 0, 60)
    assert len(fake_host.asked) == asked
