"""The program is killed with SIGKILL at each step of a fine-tune and of a deployment, on every host: nothing is started
twice, nothing is lost."""

import pytest

from core.finetune.dialects import DIALECTS
from core.finetune.dialects.dialect import Deploys
from core.model import DeploymentStatus, FineTuneStatus
from tests.fakes.host import Step
from tests.fakes.trouble import worker_process
from tests.fakes.vendors import VENDORS
from tests.fakes.vendors.used import Vendor
from tests.fakes.vendors.world import KEY, KEY_VARIABLE
from tests.fakes.waiting import wait_on, work_off
from tests.fakes.worlds import right_label
from tests.services.test_labelling_faults_storms import integrity

pytestmark = pytest.mark.slow

DONE_BUT_NEVER_ANSWERED = Step("hang", after_doing=True)
HEARD_BUT_NOTHING_DONE = Step("hang")
OF_A_JOB = {
    "the file is uploaded": ("upload", DONE_BUT_NEVER_ANSWERED),
    "the job is asked for": ("create", HEARD_BUT_NOTHING_DONE),
    "the job is made": ("create", DONE_BUT_NEVER_ANSWERED),
    "the job is looked at": ("look", DONE_BUT_NEVER_ANSWERED),
}
OF_A_DEPLOYMENT = {
    "it is asked for": ("deploy", HEARD_BUT_NOTHING_DONE),
    "it is made": ("deploy", DONE_BUT_NEVER_ANSWERED),
    "it is looked at": ("look_at_deployment", DONE_BUT_NEVER_ANSWERED),
}
OF_AN_END = {
    "it is to be taken down": ("undeploy", HEARD_BUT_NOTHING_DONE),
    "it is taken down": ("undeploy", DONE_BUT_NEVER_ANSWERED),
}
DEPLOYING = [name for name in VENDORS if DIALECTS[name].deploys is Deploys.ASKED]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    for module in ("training", "deployment_executor"):
        monkeypatch.setattr(f"core.services.learning.{module}._POLL_SECONDS", 0.005)


@pytest.fixture
def vendor(request, workbench, small_project):
    with VENDORS[request.param](right_label) as there:
        yield Vendor(workbench, small_project, there)


def killed_at(vendor, moment):
    """A worker in a process of its own, killed while the host is asked this; its lease has run out then."""
    route, step = moment
    there = getattr(vendor.there, route)
    vendor.there.on(there, step)
    with worker_process() as worker:
        wait_on(worker, lambda: not vendor.there.steps_of(there), "it got there")
        worker.kill()
        worker.wait(10)
    assert integrity(vendor.wb) == ["ok"]
    with vendor.wb.db.write() as conn:
        for table in ("fine_tunes", "deployments"):
            conn.exec_driver_sql(f"UPDATE {table} SET heartbeat_at = heartbeat_at - 3600 WHERE owner IS NOT NULL")


@pytest.mark.parametrize("moment", OF_A_JOB.values(), ids=OF_A_JOB)
@pytest.mark.parametrize("vendor", VENDORS, indirect=True)
def test_killed_during_a_fine_tune_one_job_is_made_and_followed_to_its_end(vendor, moment):
    job_id = vendor.start()
    killed_at(vendor, moment)
    work_off(vendor.wb)
    job = vendor.job(job_id)
    assert (job.status, vendor.there.jobs_made) == (FineTuneStatus.SUCCEEDED, 1)
    assert job.fine_tuned_model and job.n_train == 30


@pytest.mark.parametrize("moment", OF_A_DEPLOYMENT.values(), ids=OF_A_DEPLOYMENT)
@pytest.mark.parametrize("vendor", DEPLOYING, indirect=True)
def test_killed_while_a_model_is_deployed_it_is_deployed_once(vendor, moment):
    one = vendor.wb.deployments.deploy(vendor.trained().id, hourly=1.0)
    killed_at(vendor, moment)
    [one] = vendor.wb.deployments.of(one.fine_tune_id)
    assert one.billed_from or moment[0] == "look_at_deployment", "it may cost money by now"
    work_off(vendor.wb)
    [one] = vendor.wb.deployments.of(one.fine_tune_id)
    assert (one.status, vendor.there.deployments_made) == (DeploymentStatus.READY, 1)
    assert one.called in vendor.there.callable and one.billed_from


@pytest.mark.parametrize("moment", OF_AN_END.values(), ids=OF_AN_END)
@pytest.mark.parametrize("vendor", DEPLOYING, indirect=True)
def test_killed_while_it_is_taken_down_it_is_gone_in_the_end(vendor, moment):
    one = vendor.deployed(vendor.trained())
    vendor.wb.deployments.take_down(one.id)
    killed_at(vendor, moment)
    work_off(vendor.wb)
    [one] = vendor.wb.deployments.of(one.fine_tune_id)
    assert (one.status, vendor.there.callable) == (DeploymentStatus.GONE, set())
