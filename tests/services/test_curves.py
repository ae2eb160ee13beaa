"""Learning curves carried out against a host: dealt, trained, measured on validation, taken up again after a kill."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.finetune.subset import Subset
from core.model import FineTuneStatus, RunStatus, Split, StudyStatus, TrialStatus
from core.services.learning.fine_tuning import TuneRequest
from core.services.studies.planning import CurvePlan, read_sizes
from core.storage import studies
from core.storage.engine import now
from tests.fakes.host import Step, fails
from tests.fakes.trouble import worker_process
from tests.fakes.waiting import wait_on, work_off
from tests.fakes.worlds import right_label
from tests.services.test_joint_tunes import World

pytestmark = pytest.mark.slow

JOBS = "POST /fine_tuning/jobs"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    monkeypatch.setattr("core.services.studies.study_executor.LOOK_SECONDS", 0.01)


@pytest.fixture
def curve(small_project, workbench):
    def start(sizes=(10, 20, 30), deals=2, **choices):
        request = TuneRequest(small_project.id, small_project.gold, small_project.version_id, **choices)
        plan = CurvePlan("openai", "fake-large", tuple(sizes), deals, {"n_epochs": 2})
        return workbench.studies.start_curve(request, plan)

    return start


def carried_out(wb, study):
    work_off(wb)
    return wb.studies.curve(study.id)


def taught_texts(wb, fake_host, study):
    """The texts of the training file of each trial, in the order of the trials."""
    jobs = [wb.fine_tunes.get(one.fine_tune_id) for one in wb.studies.trials(study.id)]
    files = [fake_host.files[fake_host.jobs[job.host_job_id].request["training_file"]] for job in jobs]
    return [{json.loads(line)["messages"][-2]["content"] for line in text.splitlines()} for text in files]


def test_each_size_is_taught_and_measured_on_validation_alone(curve, small_project, workbench, fake_host):
    found = carried_out(workbench, curve())
    assert found.study.status is StudyStatus.DONE
    assert [(one.config["subset"]["n"], one.status) for one in found.trials] == [
        (n, TrialStatus.DONE) for n in (10, 20, 30, 10, 20, 30)
    ]
    assert [len(texts) for texts in taught_texts(workbench, fake_host, found.study)] == [10, 20, 30, 10, 20, 30]
    runs = [workbench.runs.get(one.run_id) for one in found.trials]
    assert {(run.status, run.config["split"], run.total) for run in runs} == {(RunStatus.DONE, "validation", 12)}
    assert [(one.score.value, one.score.n) for one in found.trials] == [(1.0, 12)] * 6
    test_texts = set(small_project.items(Split.TEST).values())
    assert not test_texts & {one.text for one in fake_host.asked}
    assert workbench.compare.looks(small_project.id) == 0


def test_the_parts_of_a_deal_are_nested_and_hold_each_label_by_its_share(curve, workbench, fake_host):
    texts = taught_texts(workbench, fake_host, carried_out(workbench, curve()).study)
    first, second = texts[:3], texts[3:]
    for deal in (first, second):
        assert deal[0] < deal[1] < deal[2]
    assert first[0] != second[0]
    whole = Counter(map(right_label, first[2]))
    for texts in (first[0], first[1], second[0], second[1]):
        here = Counter(map(right_label, texts))
        assert all(abs(here[label] - whole[label] * len(texts) / 30) <= 1 for label in whole)


def test_trials_are_nobodys_first_choice_and_named_by_what_is_varied(curve, small_project, workbench):
    before = workbench.progress.of(small_project.id).models
    found = carried_out(workbench, curve(sizes=(10, 20, 30), deals=1))
    names = {one.name for one in workbench.projects.annotators(small_project.id) if one.fine_tune_id}
    assert names == {f"curve 1: {n} examples, deal 1 · v1" for n in (10, 20, 30)}
    assert workbench.progress.of(small_project.id).models == before
    trials = {one.id for one in workbench.projects.annotators(small_project.id) if one.fine_tune_id}
    assert not trials & set(workbench.agreement.defaults(small_project.id, None)[1])
    assert not trials & set(workbench.compare.defaults(small_project.id))
    assert [one.name for one in workbench.hosts.models("openai", small_project.id)] == ["fake-large", "fake-small"]
    assert len(found.trials) == 3


def test_a_trial_that_fails_leaves_the_others_and_says_why(curve, workbench, fake_host):
    fake_host.on(JOBS, fails(400, {"error": {"message": "This file is odd."}}))
    found = carried_out(workbench, curve(deals=1))
    # Two go at a time: which of them reaches the host first is chance.
    assert Counter(one.status for one in found.trials) == {TrialStatus.FAILED: 1, TrialStatus.DONE: 2}
    (failed,) = [one for one in found.trials if one.status is TrialStatus.FAILED]
    assert "This file is odd." in failed.message and found.study.status is StudyStatus.DONE


def test_where_the_first_ones_all_fail_no_more_are_begun(curve, workbench, fake_host):
    fake_host.on(JOBS, *[fails(400, {"error": {"message": "No fine-tuning here."}})] * 20)
    found = carried_out(workbench, curve(deals=3))
    assert found.study.status is StudyStatus.FAILED and "No fine-tuning here." in found.study.message
    statuses = Counter(one.status for one in found.trials)
    assert (
        statuses[TrialStatus.FAILED] in (3, 4) and statuses[TrialStatus.CANCELLED] == 9 - statuses[TrialStatus.FAILED]
    )


def test_cancel_stops_what_is_under_way_and_keeps_what_is_measured(curve, workbench, fake_host):
    study = curve(deals=1)
    workbench.studies.cancel(study.id)
    found = carried_out(workbench, study)
    assert found.study.status is StudyStatus.CANCELLED and not fake_host.jobs
    study = curve(deals=1)
    with workbench.db.write() as conn:
        studies.claim(conn, "me", 10.0)
        studies.record(conn, study.id, "me", owner=None)
        studies.request_cancel(conn, study.id)
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE studies SET status = 'running', cancel_requested = 1 WHERE id = ?", (study.id,))
    found = carried_out(workbench, study)
    assert found.study.status is StudyStatus.CANCELLED
    assert {one.status for one in found.trials} == {TrialStatus.CANCELLED}


MOMENTS = {
    "a file is uploaded": ("POST /files", Step("hang", after_doing=True)),
    "a job is asked for": (JOBS, Step("hang")),
    "a job is made": (JOBS, Step("hang", after_doing=True)),
    "a job is looked at": ("GET /fine_tuning/jobs/{id}", Step("hang", after_doing=True)),
}


def leases_have_run_out(wb):
    with wb.db.write() as conn:
        for table in ("studies", "fine_tunes"):
            conn.exec_driver_sql(f"UPDATE {table} SET heartbeat_at = ? WHERE owner IS NOT NULL", (now() - 3600,))
        conn.exec_driver_sql("UPDATE runs SET heartbeat_at = 1 WHERE status = 'running'")


@pytest.mark.parametrize(("route", "step"), MOMENTS.values(), ids=MOMENTS)
def test_killed_while_a_host_is_asked_nothing_is_begun_twice(route, step, curve, workbench, fake_host):
    study = curve(deals=1)
    fake_host.on(route, step)
    with worker_process() as worker:
        wait_on(worker, lambda: not fake_host.steps_of(route) and fake_host.served, "it got there")
        worker.kill()
        worker.wait(10)
    leases_have_run_out(workbench)
    found = carried_out(workbench, study)
    assert [one.status for one in found.trials] == [TrialStatus.DONE] * 3
    assert [len(texts) for texts in taught_texts(workbench, fake_host, study)] == [10, 20, 30]
    jobs = workbench.fine_tunes.all(study.project_id)
    assert len(jobs) == 3 and {job.status for job in jobs} == {FineTuneStatus.SUCCEEDED}
    assert len(workbench.runs.all(study.project_id)) == 3


def test_killed_before_a_step_is_written_down_it_is_taken_once(curve, workbench, fake_host):
    """A kill between a step and the note of it: the fine-tune and the run are there, and the trial does not know."""
    study = curve(sizes=(10, 20), deals=1)
    found = carried_out(workbench, study)
    with workbench.db.write() as conn:
        for trial, status in zip(found.trials, (TrialStatus.WAITING, TrialStatus.TRAINING), strict=True):
            fine_tune = None if status is TrialStatus.WAITING else trial.fine_tune_id
            studies.set_trial(conn, trial.id, status=status, fine_tune_id=fine_tune, run_id=None)
        conn.exec_driver_sql("UPDATE studies SET status = 'running', finished_at = NULL")
        conn.exec_driver_sql("UPDATE trials SET score = NULL")
    asked = len(fake_host.asked)
    again = carried_out(workbench, study)
    assert [(one.fine_tune_id, one.run_id, one.score) for one in again.trials] == [
        (one.fine_tune_id, one.run_id, one.score) for one in found.trials
    ]
    assert len(fake_host.jobs) == 2 and len(fake_host.asked) == asked


@pytest.mark.parametrize(
    ("sizes", "deals", "said"),
    [((10, 31), 1, "30 examples"), ((), 1, "30 examples"), ((10,), 0, "1 to 20 deals"), (range(10, 25), 20, "300")],
)
def test_what_cannot_be_started_is_said_and_nothing_is(sizes, deals, said, curve, workbench, small_project):
    with pytest.raises(WorkbenchError, match=said):
        curve(tuple(sizes), deals)
    assert workbench.studies.all(small_project.id) == []


def test_without_validation_labels_there_is_no_curve(curve, workbench):
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'train' WHERE split = 'validation'")
    with pytest.raises(WorkbenchError, match="labelled no validation item"):
        curve()


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "No size"), ("25, x", "“x”"), ("5, 25", "5 examples are too few"), ("25; 99", "30 examples")],
)
def test_sizes_that_cannot_be_are_named(text, said):
    with pytest.raises(WorkbenchError, match=said):
        read_sizes(text, 30)


def test_sizes_are_read_in_any_spelling():
    assert read_sizes("20 10;30, 20", 30) == [10, 20, 30]


def test_with_a_prompt_that_asks_all_questions_a_part_is_of_its_lines(workbench):
    world = World(workbench)
    request = TuneRequest(world.topic, world.small.gold, world.version.id)
    whole = workbench.fine_tunes.preflight(request).training.train
    parts = [workbench.fine_tunes.preflight(replace(request, subset=Subset(n, 1))).training.train for n in (10, 20)]
    assert [len(part) for part in parts] == [10, 20] and len(whole) == 30
    small, large = ({one.item_id for one in part} for part in parts)
    assert small < large < {one.item_id for one in whole}
