"""How a run ends when several things want it to end, and what must not end it."""

import pytest

from core.model import RunStatus
from tests.fakes.host import Step, fails, hang
from tests.fakes.trouble import configured, ended, nobodys, stored, under_way
from tests.fakes.waiting import finished, wait_for
from tests.fakes.worlds import make_project

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]


def test_a_run_cancelled_while_it_comes_to_a_pause_does_not_go_on_by_itself(
    small_project, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.labelling.run_executor._GRACE_SECONDS", 20.0)
    fake_host.next(hang(), *[fails(429, headers={"retry-after": "3600"})] * 10)
    run = configured(small_project, {}, in_flight=2)
    workbench.worker.ensure_started()
    wait_for(lambda: "asks us to wait" in workbench.runs.get(run.id).message, "the host's wish to be heard")
    assert workbench.runs.get(run.id).status is RunStatus.RUNNING, "one call is still on its way"
    workbench.runs.cancel(run.id)
    fake_host.close()  # which ends the call
    run = ended(workbench, run)
    assert (run.status, run.resume_at) == (RunStatus.CANCELLED, None)
    assert "Cancelled" in run.message


@pytest.mark.parametrize("seconds", ["1e12", "99999999999", "-5", "inf"])
def test_a_wish_to_wait_that_makes_no_sense_is_not_obeyed(seconds, small_project, workbench, fake_host):
    fake_host.next(fails(429, headers={"retry-after": seconds}))
    run = finished(workbench, configured(small_project, {}, in_flight=4))
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)


def test_a_run_that_was_lost_and_claimed_again_by_the_same_worker_is_not_carried_out_twice(
    small_project, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.labelling.storing._BEAT_SECONDS", 3600.0)
    fake_host.always(Step("answer", delay=0.1))
    run = under_way(fake_host, small_project, 10, in_flight=4)
    nobodys(workbench, run)  # which its worker is not told before it stores again
    workbench.runs.resume(run.id)
    fake_host.wait_for_requests(18)
    fake_host.release()
    run = ended(workbench, run)
    fake_host.wait_until_idle()
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert set(stored(workbench, run).values()) == {1}
    assert len(fake_host.asked) <= 60 + 4 + 16, "what was in flight, and asked before the loss was noticed"


def test_a_run_of_a_host_whose_address_was_mended_keeps_its_answers_as_those_of_the_new_address(
    small_project, workbench, fake_host
):
    run = finished(workbench, configured(small_project, {"base_url": "http://mistyped.invalid/v1"}))
    assert (run.done, run.calls) == (60, 60)
    there = configured(make_project(workbench, 60, "There"), {})
    assert finished(workbench, there).from_cache == 60
