"""Every dialect against its host on loopback: started, watched, deployed, called, taken down; and what goes wrong."""

from datetime import timedelta

import pytest

from core.errors import NotAllowedYet, WorkbenchError
from core.finetune.dialects import DIALECTS
from core.finetune.dialects.dialect import Deploys
from core.finetune.parameters import parse_parameters
from core.hosts.profiles import PROFILES, Route
from core.model import DeploymentStatus, FineTuneStatus, RunStatus, Split
from core.services.hosts.drafts import HostDraft
from core.services.learning.deploying import in_all
from core.services.learning.fine_tuning import curves, follow_ups
from tests.fakes.host import Step, cut, fails, garbage, reset
from tests.fakes.vendors import VENDORS
from tests.fakes.vendors.used import Vendor
from tests.fakes.vendors.world import KEY, KEY_VARIABLE
from tests.fakes.waiting import finished, wait_for, work_off
from tests.fakes.worlds import right_label

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for module in ("training", "deployment_executor"):
        monkeypatch.setattr(f"core.services.learning.{module}._POLL_SECONDS", 0.005)
        monkeypatch.setattr(f"core.services.learning.{module}._LONGEST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr("core.services.learning.training.NOT_YET_SECONDS", 0.002)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.001)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.002)


@pytest.fixture(params=VENDORS)
def vendor(request, workbench, small_project):
    with VENDORS[request.param](right_label) as there:
        yield Vendor(workbench, small_project, there)


@pytest.fixture(params=[name for name in VENDORS if DIALECTS[name].deploys is Deploys.ASKED])
def deploying(request, workbench, small_project):
    with VENDORS[request.param](right_label) as there:
        yield Vendor(workbench, small_project, there)


# the dict


def test_every_host_that_can_fine_tune_has_a_dialect_and_every_dialect_a_host_to_test_it():
    trains = {key for key, profile in PROFILES.items() if Route.FINE_TUNE in profile.routes}
    assert DIALECTS.keys() == trains == VENDORS.keys() | {"embedded"}


@pytest.mark.parametrize("name", DIALECTS)
def test_parameters_describe_themselves_so_that_a_form_can_be_drawn_of_them(name):
    dialect = DIALECTS[name]
    assert len(dialect.parameters_by_key) == len(dialect.parameters)
    for method in ("supervised", "dpo") if name != "embedded" else ("supervised",):
        places = [one.place for one in dialect.parameters_of(method).values()]
        assert places and len(set(places)) == len(places)
    for one in dialect.parameters:
        assert one.title and (one.kind in ("bool", "choice") or one.low < one.high)
        assert (one.kind == "choice") == bool(one.choices)
        entries = {
            "int": f"{one.low:g}",
            "float": f"{(one.low + one.high) / 2}",
            "bool": "yes",
            "choice": (*one.choices, "")[0],
        }
        assert one.key in parse_parameters({one.key: entries[one.kind]}, dialect.parameters_by_key)


# the way there and back


def test_a_fine_tune_is_ordered_watched_deployed_called_and_taken_down(vendor):
    job = vendor.trained()
    assert (job.status, vendor.there.jobs_made) == (FineTuneStatus.SUCCEEDED, 1)
    assert job.fine_tuned_model and job.host_status and vendor.wb.fine_tunes.host_said(job.id)
    assert sorted(len(text.splitlines()) for text in vendor.there.files.values()) == [12, 30]
    if vendor.dialect.deploys is not Deploys.NOTHING:
        assert vendor.choices() == [], "a model that is not deployed cannot be called"
        with pytest.raises(WorkbenchError, match="is not deployed"):
            follow_ups(job, Split.VALIDATION)
    one = vendor.deployed(job, hourly=2.0)
    job = vendor.job(job.id)
    assert vendor.choices() == [job.called or job.fine_tuned_model]
    [asked] = follow_ups(job, Split.VALIDATION)
    [run] = vendor.wb.runs.start_missing([asked])
    run = finished(vendor.wb, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 12, 0)
    if one is not None:
        assert one.status is DeploymentStatus.READY and one.hourly == 2.0 and one.billed_from
        vendor.wb.deployments.take_down(one.id)
        work_off(vendor.wb)
        [one] = vendor.wb.deployments.of(job.id)
        assert (one.status, vendor.choices()) == (DeploymentStatus.GONE, []) and one.ended_at
        assert vendor.dialect.deploys is Deploys.BY_HAND or not vendor.there.callable


def test_the_curves_are_there_however_the_host_tells_them(vendor):
    job = vendor.trained()
    found = curves(vendor.wb.fine_tunes.events(job.id))
    if vendor.there.profile == "litellm":  # it tells none
        assert found == {}
        return
    assert [step for step, _ in found["train_loss"]][0] == 1
    assert all(0.3 < value < 1.8 for points in found.values() for _, value in points)


@pytest.mark.parametrize("kind", ["int", "float", "bool", "choice"])
def test_a_parameter_set_by_hand_reaches_the_host_at_its_place(kind, vendor):
    known = vendor.wb.fine_tunes.parameters(vendor.host.key, "supervised").values()
    one = next((one for one in known if one.kind == kind), None)
    if one is None:
        pytest.skip("no parameter of this kind")
    entry = {"int": "2", "float": "0.01", "bool": "no", "choice": (one.choices or ("",))[-1]}[kind]
    assert vendor.trained(**{one.key: entry}).status is FineTuneStatus.SUCCEEDED
    made = next(iter(getattr(vendor.there, "made", {}).values()), None)
    request = made or next(iter(vendor.there.jobs.values())).request
    within = request.get("method", {}).get("supervised", request) if one.place.startswith("hyper") else request
    for name in one.place.split("."):
        within = within[name]
    assert within == {"int": 2, "float": 0.01, "bool": False, "choice": entry}[kind]


def test_cancelling_ends_the_job_at_the_host(vendor):
    running = "JOB_STATE_RUNNING" if vendor.there.profile == "fireworks" else "running"
    vendor.there.course = [running] * 100_000
    job_id = vendor.start()
    vendor.wb.worker.ensure_started()
    wait_for(lambda: vendor.job(job_id).host_status == running, "the training")
    vendor.wb.fine_tunes.cancel(job_id)
    wait_for(lambda: vendor.job(job_id).status is FineTuneStatus.CANCELLED, "the cancel")


# trouble


@pytest.mark.parametrize("lost", [reset(after_doing=True), Step("cut", after_doing=True)], ids=["reset", "half JSON"])
def test_a_job_whose_creation_was_not_answered_is_found_and_not_made_again(lost, vendor):
    vendor.trained()  # what it refuses is known by now, so that it is the job whose answer is lost
    vendor.there.on(vendor.there.create, lost)
    job = vendor.trained()
    assert (job.status, vendor.there.jobs_made) == (FineTuneStatus.SUCCEEDED, 2)


def test_a_job_that_the_host_did_not_make_is_not_made_blindly(vendor):
    vendor.there.on(vendor.there.create, fails(500))
    job = vendor.trained()
    assert (job.status, vendor.there.jobs_made) == (FineTuneStatus.FAILED, 0)
    assert "trouble 500" in job.message


def test_a_proxy_that_wants_a_licence_for_it_has_refused_whatever_its_status(workbench, small_project):
    """The LiteLLM proxy, as the package index has it."""
    said = "Only premium users can use this endpoint + You must be a LiteLLM Enterprise user to use this feature."
    with VENDORS["litellm"](right_label) as there:
        there.on(there.create, fails(500, said))
        there.on(there.listing, *[fails(500, said)] * 100)
        job = Vendor(workbench, small_project, there).trained()
    assert (job.status, there.served[there.create]) == (FineTuneStatus.FAILED, 1)
    assert "Only premium users" in job.message


def test_a_lost_job_is_found_behind_hundreds_of_others(vendor):
    first = vendor.trained()
    everyone = vendor.there.made if hasattr(vendor.there, "made") else vendor.there.jobs
    (lost,) = everyone.values()
    with vendor.wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE fine_tunes SET host_job_id = NULL, status = 'uploading', finished_at = NULL")
    if vendor.there.profile not in ("fireworks", "together"):
        for at in range(130):
            other = type(lost)(f"ftjob-x{at}", {**lost.request, "metadata": {}, "training_file": f"f{at}"}, lost.course)
            everyone[other.id] = other
    elif vendor.there.profile == "together":
        everyone.update({f"x{at}": {**lost, "id": f"x{at}", "training_file": f"f{at}"} for at in range(130)})
    work_off(vendor.wb)
    again = vendor.job(first.id)
    assert (again.status, again.host_job_id) == (FineTuneStatus.SUCCEEDED, first.host_job_id)


TROUBLES = {
    "500": fails(500),
    "429": fails(429, "slow down", headers={"retry-after": "0"}),
    "half an answer": cut(),
    "no JSON": garbage(),
    "the connection gone": reset(),
    "late": Step("answer", delay=0.3),
}


@pytest.mark.parametrize("step", TROUBLES.values(), ids=TROUBLES)
def test_a_look_that_fails_changes_nothing(step, vendor):
    vendor.there.on(vendor.there.look, *[step] * 6)
    job = vendor.trained()
    assert (job.status, job.message, vendor.there.jobs_made) == (FineTuneStatus.SUCCEEDED, "", 1)


@pytest.mark.parametrize("word", ["dreaming", "JOB_STATE_UNHEARD_OF", "", "zzz running not quite"])
def test_a_word_nobody_knows_ends_nothing_and_hangs_nothing(word, vendor):
    usual = vendor.there.course
    vendor.there.course = [word, word, *usual]
    assert vendor.trained().status is FineTuneStatus.SUCCEEDED


def test_a_file_that_is_not_ready_is_waited_for_and_uploaded_once(vendor):
    vendor.there.on(vendor.there.create, fails(400, "file is not ready: pending"), fails(429, "wait"))
    job = vendor.trained()
    assert (job.status, vendor.there.jobs_made) == (FineTuneStatus.SUCCEEDED, 1)
    assert vendor.there.served[vendor.there.upload] == 2


def test_optional_fields_that_the_host_refuses_are_left_out_and_that_is_remembered(vendor):
    optional = {"fireworks": "displayName", "together": "random_seed"}.get(vendor.there.profile, "seed")
    vendor.there.on(vendor.there.create, fails(400, f"Unsupported parameter: {optional}", param=optional))
    assert vendor.trained().status is FineTuneStatus.SUCCEEDED
    before = vendor.there.served[vendor.there.create]
    assert vendor.trained().status is FineTuneStatus.SUCCEEDED
    assert vendor.there.served[vendor.there.create] == before + 1
    everyone = vendor.there.made if hasattr(vendor.there, "made") else vendor.there.jobs
    asked = [one if isinstance(one, dict) else one.request for one in everyone.values()]
    assert all(optional not in request for request in asked)


def test_a_parameter_that_was_set_by_hand_is_never_left_out_without_a_word(vendor):
    known = vendor.wb.fine_tunes.parameters(vendor.host.key, "supervised")
    key = next(name for name, one in known.items() if one.kind == "int")
    place = known[key].place.rpartition(".")[2]
    vendor.there.on(vendor.there.create, fails(400, f"Unsupported parameter: {place}", param=place))
    job = vendor.trained(**{key: "2"})
    assert (job.status, vendor.there.jobs_made) == (FineTuneStatus.FAILED, 0)
    assert place in job.message


def test_a_price_that_the_host_estimates_is_kept_and_one_too_high_stops_the_job(vendor):
    told = {"together": 4.5, "crusoe": 1.25}.get(vendor.there.profile)
    assert vendor.trained().config["estimate"] == told
    if vendor.there.profile == "together":
        vendor.there.may_spend = False
        job = vendor.trained()
        assert (job.status, vendor.there.jobs_made) == (FineTuneStatus.FAILED, 1)
        assert "estimates $4.50" in job.message


# deploying


def test_a_deployment_whose_making_was_not_answered_is_made_once(deploying):
    job = deploying.trained()
    deploying.there.on(deploying.there.deploy, reset(after_doing=True))
    one = deploying.deployed(job)
    assert (one.status, deploying.there.deployments_made) == (DeploymentStatus.READY, 1)


def test_a_deployment_that_the_host_refuses_has_failed_and_costs_nothing(deploying):
    job = deploying.trained()
    deploying.there.on(deploying.there.deploy, fails(403, "no hardware left"))
    one = deploying.deployed(job, hourly=3.0)
    assert (one.status, one.billed_from, deploying.there.deployments_made) == (DeploymentStatus.FAILED, None, 0)
    assert "no hardware left" in one.message and deploying.choices() == []


@pytest.mark.parametrize("step", [fails(500), cut(), garbage(), fails(429, "slow", headers={"retry-after": "0"})])
def test_a_look_at_a_deployment_that_fails_changes_nothing(step, deploying):
    job = deploying.trained()
    deploying.there.on(deploying.there.look_at_deployment, *[step] * 6)
    one = deploying.deployed(job)
    assert (one.status, one.message, deploying.there.deployments_made) == (DeploymentStatus.READY, "", 1)


def test_taking_it_down_is_tried_until_the_host_has_done_it(deploying):
    one = deploying.deployed(deploying.trained())
    deploying.there.on(deploying.there.undeploy, fails(500), fails(403, "not now"), reset())
    deploying.wb.deployments.take_down(one.id)
    work_off(deploying.wb)
    [one] = deploying.wb.deployments.of(one.fine_tune_id)
    assert one.status is DeploymentStatus.GONE and not deploying.there.callable


def test_one_that_was_taken_down_at_the_host_is_seen_to_be_gone(deploying, monkeypatch):
    job = deploying.trained()
    one = deploying.deployed(job)
    for things in ("deployments", "endpoints", "models_of_its_own"):
        getattr(deploying.there, things, {}).clear()
    monkeypatch.setattr("core.storage.deployments.LOOK_SECONDS", 0.0)
    work_off(deploying.wb)
    [one] = deploying.wb.deployments.of(job.id)
    assert (one.status, deploying.choices()) == (DeploymentStatus.GONE, [])


def test_what_a_tuned_model_was_taught_is_known_by_the_name_that_calls_it(vendor):
    job = vendor.trained()
    vendor.deployed(job)
    [asked] = follow_ups(vendor.job(job.id), Split.TRAIN)
    [run] = vendor.wb.runs.start_missing([asked])
    run = finished(vendor.wb, run)
    with vendor.wb.db.read() as conn:
        from core.services.common.taught import taught_items

        assert len(taught_items(conn, run.annotator_id)) == 30


def test_the_key_goes_to_the_host_and_into_no_file(vendor):
    vendor.deployed(vendor.trained())
    assert vendor.there.keys_seen <= {f"Bearer {KEY}", KEY} and vendor.there.keys_seen
    folder = vendor.wb.db.path.parent
    holding = [path for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert not holding


def test_a_job_is_paused_and_resumed_where_the_host_can(workbench, small_project):
    with VENDORS["openai"](right_label) as there:
        vendor = Vendor(workbench, small_project, there)
        there.course = ["running"] * 100_000
        job_id = vendor.start()
        workbench.worker.ensure_started()
        wait_for(lambda: vendor.job(job_id).host_status == "running", "the training")
        assert workbench.fine_tunes.can(vendor.job(job_id)) == ("pause",)
        workbench.fine_tunes.pause(job_id)
        wait_for(lambda: vendor.job(job_id).host_status == "paused", "the pause")
        assert vendor.job(job_id).status is FineTuneStatus.RUNNING
        assert workbench.fine_tunes.can(vendor.job(job_id)) == ("resume",)
        workbench.fine_tunes.resume(job_id)
        wait_for(lambda: vendor.job(job_id).host_status == "running", "the rest of it")
        next(iter(there.jobs.values())).course.clear()
        next(iter(there.jobs.values())).course.append("succeeded")
        wait_for(lambda: vendor.job(job_id).status is FineTuneStatus.SUCCEEDED, "the end")


def test_training_at_another_machine_than_the_host_s_own_asks_for_the_user_s_word(workbench, monkeypatch):
    monkeypatch.setitem(workbench.settings.environment, KEY_VARIABLE, KEY)
    address = PROFILES["crusoe"].base_url
    host = workbench.hosts.add("crusoe", HostDraft("Crusoe", address, KEY_VARIABLE))
    workbench.hosts.allow(host.key)
    assert workbench.hosts.connection(host.key).base_url == address
    trained_at = DIALECTS["crusoe"].address
    assert not workbench.hosts.is_allowed(host.key, address=trained_at)
    with pytest.raises(NotAllowedYet):
        workbench.hosts.connection(host.key, address=trained_at)
    workbench.hosts.allow(host.key, address=trained_at)
    assert workbench.hosts.connection(host.key, address=trained_at).base_url == trained_at(address) != address


def test_what_a_deployment_costs_is_counted_by_the_hour_from_when_it_was_asked_for(workbench, small_project):
    with VENDORS["together"](right_label) as there:
        vendor = Vendor(workbench, small_project, there)
        one = vendor.deployed(vendor.trained(), hourly=2.0)
        later = one.billed_from + timedelta(hours=3)
        assert (one.hours(later), one.dollars(later), in_all([one, one], later)) == (3.0, 6.0, (6.0, 12.0))
        workbench.deployments.set_price(one.id, None)
        [one] = workbench.deployments.of(one.fine_tune_id)
        assert one.dollars(later) is None and in_all([one], later) == (3.0, None)
        with pytest.raises(WorkbenchError, match="deployed already"):
            workbench.deployments.deploy(one.fine_tune_id)
        with pytest.raises(WorkbenchError, match="out of range"):
            workbench.deployments.set_price(one.id, -1.0)
