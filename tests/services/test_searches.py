"""Searches carried out against a host: what is tried, what is ended early, budgets, the best, and kills."""

import pytest

from core.errors import WorkbenchError
from core.finetune.search import Dimension
from core.model import FineTuneStatus, Split, StudyStatus, TrialStatus
from core.services.learning.fine_tuning import TuneRequest, chosen_among, measuring
from core.services.studies.courses import Searching, validation_path
from core.services.studies.planning import SearchPlan
from core.services.studies.trials import BEHIND
from core.storage import studies
from tests.fakes.host import Step
from tests.fakes.trouble import worker_process
from tests.fakes.waiting import wait_on, work_off
from tests.services.test_curves import leases_have_run_out

pytestmark = pytest.mark.slow

JOBS = "POST /fine_tuning/jobs"
SPACE = (
    Dimension("n_epochs", "Epochs", "int", 1, 20),
    Dimension("learning_rate_multiplier", "Learning rate ×", "float", 0.1, 10.0),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    monkeypatch.setattr("core.services.studies.study_executor.LOOK_SECONDS", 0.02)


@pytest.fixture
def search(small_project, workbench):
    def start(jobs=4, space=SPACE, dollars=None, **choices):
        request = TuneRequest(small_project.id, small_project.gold, small_project.version_id, **choices)
        return workbench.studies.start_search(request, SearchPlan("openai", "fake-large", space, jobs, dollars))

    return start


def carried_out(wb, study):
    work_off(wb)
    return wb.studies.search(study.id)


def asked_for(fake_host):
    """The parameters of each job, as the host heard them."""
    return [job.request["method"]["supervised"].get("hyperparameters", {}) for job in fake_host.jobs.values()]


def test_the_first_is_the_hosts_own_choice_and_the_others_differ(search, workbench, fake_host, small_project):
    found = carried_out(workbench, search())
    assert found.study.status is StudyStatus.DONE and found.tried == 4
    assert [one.status for one in found.trials] == [TrialStatus.DONE] * 4
    tried = [one.config["parameters"] for one in found.trials]
    assert tried[0] == {} and len({str(one) for one in tried}) == 4
    assert sorted(map(str, asked_for(fake_host))) == sorted(map(str, tried))
    for one in tried[1:]:
        assert 1 <= one["n_epochs"] <= 20 and 0.1 <= one["learning_rate_multiplier"] <= 10
    runs = [workbench.runs.get(one.run_id) for one in found.trials]
    assert {run.config["split"] for run in runs} == {"validation"}
    assert not set(small_project.items(Split.TEST).values()) & {one.text for one in fake_host.asked}


def test_the_best_becomes_a_model_like_any_other_and_is_measured_once_on_test(search, workbench, small_project):
    found = carried_out(workbench, search(jobs=3))
    job = workbench.fine_tunes.get(found.best.fine_tune_id)
    assert not job.is_trial and chosen_among(job) == 3
    assert sum(one.is_trial for one in workbench.fine_tunes.all(small_project.id)) == 2
    offered = [one.name for one in workbench.hosts.models("openai", small_project.id)]
    assert job.fine_tuned_model in offered and len(offered) == 3
    assert not found.is_tested and "Measure it once on test." in found.warning()
    assert "best of 3 on these very items" in found.warning()
    workbench.runs.start_missing(measuring(job))
    found = carried_out(workbench, found.study)
    assert found.is_tested and "Measure it once" not in found.warning()
    assert workbench.runs.start_missing(measuring(job)) == []


def test_what_was_searched_says_what_is_best_and_beside_what(search, workbench):
    found = carried_out(workbench, search(jobs=3))
    said = found.sentence()
    assert said.startswith("Best of 3 tried: Accuracy 1.00 [") and "on 12 validation items" in said
    assert "with the host’s own choice." in said, "all are alike, and the first is the simplest"


def test_a_budget_in_dollars_ends_a_search_before_it_is_overdrawn(search, workbench):
    workbench.prices.set("openai", "fake-large", _price(training=1000.0))
    study = search(jobs=20, dollars=20.0, space=SPACE[1:])
    found = carried_out(workbench, study)
    assert found.study.status is StudyStatus.DONE and 1 <= len(found.trials) < 20
    assert f"Ended after {len(found.trials)}: the next would go beyond the budget of $20." == found.study.message
    assert found.dollars is not None and found.dollars <= 20


def test_a_budget_that_cannot_be_kept_is_refused(search, workbench, small_project):
    with pytest.raises(WorkbenchError, match="a budget in dollars cannot be kept"):
        search(dollars=5.0)
    assert workbench.studies.all(small_project.id) == []


def _price(training):
    from core.model import Price

    return Price(1.0, 1.0, training=training, source="typed")


@pytest.mark.parametrize(
    ("jobs", "space", "said"), [(4, (), "No parameter"), (1, SPACE, "two fine-tunes"), (500, SPACE, "500 fine-tunes")]
)
def test_what_cannot_be_searched_is_said_and_nothing_is(jobs, space, said, search, workbench, small_project):
    with pytest.raises(WorkbenchError, match=said):
        search(jobs=jobs, space=space)
    assert workbench.studies.all(small_project.id) == []


def test_where_everything_has_been_tried_it_ends(search, workbench):
    found = carried_out(workbench, search(jobs=10, space=(Dimension("n_epochs", "Epochs", "int", 2, 3),)))
    assert [one.config["parameters"] for one in found.trials[:1]] == [{}] and len(found.trials) == 3
    assert found.study.message == "Everything that can be tried has been."


def events(score, steps=(2, 4, 6), total=10):
    return [
        {"id": f"e{step}-{score}", "object": "fine_tuning.job.event", "created_at": step, "level": "info",
         "message": f"step {step}", "type": "metrics",
         "data": {"step": step, "total_steps": total, "full_valid_mean_token_accuracy": score}}
        for step in steps
    ]  # fmt: skip


def test_what_falls_behind_is_ended_early_and_another_is_begun(search, workbench, fake_host):
    fake_host.events = events(0.8)
    study = search(jobs=6)
    with workbench.db.write() as conn:
        studies.note(conn, study.id, {**study.config, "jobs": 5})
    assert len(carried_out(workbench, study).trials) == 5
    with workbench.db.write() as conn:
        studies.note(conn, study.id, study.config)
        conn.exec_driver_sql("UPDATE studies SET status = 'running', finished_at = NULL")
    fake_host.events, fake_host.course = events(0.3), ["running"] * 10_000
    found = carried_out(workbench, study)
    last = found.trials[-1]
    assert (last.status, last.message, last.score) == (TrialStatus.PRUNED, BEHIND, None)
    assert workbench.fine_tunes.get(last.fine_tune_id).status is FineTuneStatus.CANCELLED
    assert found.study.status is StudyStatus.DONE and found.tried == 6 and found.best.score is not None


def test_the_way_of_a_host_that_says_no_total_is_not_judged(workbench, search, fake_host):
    found = carried_out(workbench, search(jobs=2))
    assert validation_path(workbench.fine_tunes.events(found.trials[0].fine_tune_id)) == []


@pytest.mark.parametrize("step", [Step("hang"), Step("hang", after_doing=True)], ids=["not made", "made"])
def test_killed_while_a_job_is_asked_for_nothing_is_begun_twice(step, search, workbench, fake_host):
    study = search(jobs=3)
    fake_host.on(JOBS, step)
    with worker_process() as worker:
        wait_on(worker, lambda: not fake_host.steps_of(JOBS), "it got there")
        worker.kill()
        worker.wait(10)
    leases_have_run_out(workbench)
    found = carried_out(workbench, study)
    assert [one.status for one in found.trials] == [TrialStatus.DONE] * 3
    jobs = workbench.fine_tunes.all(study.project_id)
    assert len(jobs) == 3 and {job.status for job in jobs} == {FineTuneStatus.SUCCEEDED}
    assert len(workbench.runs.all(study.project_id)) == 3


def test_killed_between_what_was_told_and_what_is_asked_next_the_same_is_asked(search, workbench):
    """With the same trials told, whoever takes the search over proposes what would have been proposed."""
    study = search(jobs=6)
    with workbench.db.write() as conn:
        studies.note(conn, study.id, {**study.config, "jobs": 4})
    trials = carried_out(workbench, study).trials
    proposed = []
    for _ in range(2):
        one = Searching(study, workbench.db, workbench.hosts).next_trial(trials)
        proposed.append(one.config["parameters"])
        with workbench.db.write() as conn:
            conn.exec_driver_sql("DELETE FROM trials WHERE id = ?", (one.id,))
    assert proposed[0] == proposed[1]


def test_a_proposal_that_was_written_down_is_begun_and_not_asked_for_anew(search, workbench, fake_host):
    study = search(jobs=2)
    with workbench.db.write() as conn:
        studies.add_trial(conn, study.id, {"parameters": {}})
        studies.add_trial(conn, study.id, {"parameters": {"n_epochs": 7, "learning_rate_multiplier": 0.5}})
    found = carried_out(workbench, study)
    assert [one.config["parameters"].get("n_epochs") for one in found.trials] == [None, 7]
    assert len(fake_host.jobs) == 2
