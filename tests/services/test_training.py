"""Fine-tunes carried out against a host: what is uploaded, found again, cancelled, said."""

import json
import os
import threading

import pytest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, RunStatus, Split
from core.services.learning.fine_tuning import TuneRequest
from core.storage import fine_tunes, tasks
from core.storage.engine import now
from tests.fakes import saying
from tests.fakes.host import Step, fails, garbage, reset
from tests.fakes.waiting import wait_for, work_off

pytestmark = pytest.mark.slow

JOBS = "POST /fine_tuning/jobs"
ONE_JOB = "GET /fine_tuning/jobs/{id}"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)


@pytest.fixture
def tune(small_project, workbench):
    def start(**choices):
        request = TuneRequest(small_project.id, small_project.gold, small_project.version_id, **choices)
        return workbench.fine_tunes.start(request, host="openai", base_model="fake-large", parameters={"n_epochs": 2})

    return start


def answers(told, *, after_doing=False):
    """Exactly this JSON, with `after_doing` once the work itself was done."""
    json_type = {"content-type": "application/json"}
    return Step("fail", 200, json.dumps(told).encode(), json_type, after_doing=after_doing)


def carried_out(wb, job):
    work_off(wb)
    return wb.fine_tunes.get(job.id)


def test_a_fine_tune_uploads_train_and_validation_and_ends_with_a_model(tune, small_project, workbench, fake_host):
    job = carried_out(workbench, tune())
    assert (job.status, job.host_status) == (FineTuneStatus.SUCCEEDED, "succeeded")
    assert job.fine_tuned_model == "ft:fake-large:ftjob-1"
    taught = [[json.loads(line)["messages"] for line in text.splitlines()] for text in fake_host.files.values()]
    assert [len(lines) for lines in taught] == [30, 12]
    asked = {turns[-2]["content"]: json.loads(turns[-1]["content"])["label"] for lines in taught for turns in lines}
    test_texts = set(small_project.items(Split.TEST).values())
    assert asked.keys() == set(small_project.items().values()) - test_texts
    assert all(label == ("SPORTS" if text.startswith("team") else "POLITICS") for text, label in asked.items())
    (made,) = fake_host.jobs.values()
    assert made.request["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2}


def test_the_row_is_there_before_the_host_hears_of_it(tune, workbench, fake_host):
    job = tune()
    assert workbench.fine_tunes.get(job.id).status is FineTuneStatus.QUEUED
    assert not fake_host.served


def test_the_tuned_model_can_be_picked_for_the_next_run(tune, small_project, workbench):
    job = carried_out(workbench, tune())
    names = [choice.name for choice in workbench.hosts.models("openai", small_project.id)]
    assert names == [job.fine_tuned_model, "fake-large", "fake-small"]


def test_events_are_stored_once_however_often_they_are_read(tune, workbench, fake_host):
    fake_host.course = ["running"] * 5 + ["succeeded"]
    fake_host.events = [
        {"id": f"e{i}", "object": "fine_tuning.job.event", "created_at": i, "level": "info", "message": f"step {i}",
         "type": "metrics", "data": {"step": i, "train_loss": 1 / i}}
        for i in (1, 2)
    ]  # fmt: skip
    job = carried_out(workbench, tune())
    assert fake_host.served["GET /fine_tuning/jobs/{id}/events"] == 6
    events = workbench.fine_tunes.events(job.id)
    assert [(event.message, event.data["train_loss"]) for event in events] == [("step 1", 1.0), ("step 2", 0.5)]


def test_a_job_is_found_again_by_its_mark_when_the_program_died_before_writing_it_down(tune, workbench, fake_host):
    job = tune()
    carried_out(workbench, job)
    with workbench.db.write() as conn:
        # As it was after the host made the job, and before its id was stored.
        fine_tunes.record(
            conn, job.id, status="uploading", host_job_id=None, owner="gone", heartbeat_at=now() - 60, finished_at=None
        )
    again = carried_out(workbench, job)
    assert again.status is FineTuneStatus.SUCCEEDED
    assert again.host_job_id == "ftjob-1"
    assert len(fake_host.jobs) == 1, "a second job would be paid for"
    assert len(fake_host.files) == 2


def test_a_job_of_a_dead_owner_is_followed_to_its_end(tune, workbench, fake_host):
    job = tune()
    fake_host.course = ["running", "succeeded"]
    carried_out(workbench, job)
    with workbench.db.write() as conn:
        fine_tunes.record(conn, job.id, status="running", owner="gone", heartbeat_at=now() - 60, fine_tuned_model=None)
    assert carried_out(workbench, job).fine_tuned_model == "ft:fake-large:ftjob-1"
    assert len(fake_host.jobs) == 1


@pytest.mark.parametrize("lost", [reset(after_doing=True), fails(500)], ids=["answer lost", "server error"])
def test_creating_a_job_is_never_repeated_blindly(lost, tune, workbench, fake_host):
    fake_host.on(JOBS, lost)
    job = carried_out(workbench, tune())
    assert fake_host.served[JOBS] == 1
    if lost.after_doing:
        assert (job.status, job.host_job_id, len(fake_host.jobs)) == (FineTuneStatus.SUCCEEDED, "ftjob-1", 1)
    else:
        assert (job.status, len(fake_host.jobs)) == (FineTuneStatus.FAILED, 0)
        assert "Could not start the fine-tune: trouble 500" in job.message


REFUSALS = {
    "key": (fails(401, "no"), "the host refused the key"),
    "training is over": (fails(403, "no", code="training_not_available"), "no longer offers fine-tuning"),
    "bad parameter": (fails(400, "n_epochs must be at most 1"), "n_epochs must be at most 1"),
    "unknown model": (fails(404, "no such model"), "no such model"),
}


@pytest.mark.parametrize(("step", "said"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_job_fails_with_what_the_host_said(step, said, tune, workbench, fake_host):
    fake_host.on(JOBS, step)
    job = carried_out(workbench, tune())
    assert job.status is FineTuneStatus.FAILED
    assert said in job.message
    assert job.finished_at is not None


def test_a_host_that_is_down_fails_the_job_with_a_sentence(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.001)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.002)
    fake_host.close()
    job = carried_out(workbench, tune())
    assert job.status is FineTuneStatus.FAILED
    assert "the host cannot be reached" in job.message


def test_a_failure_of_the_training_says_why(tune, workbench, fake_host):
    fake_host.course = ["running", "failed"]
    job = carried_out(workbench, tune())
    assert (job.status, job.message) == (
        FineTuneStatus.FAILED,
        "The host ended the fine-tune as “failed” without saying why.",
    )


def test_garbage_while_following_a_job_is_waited_out(tune, workbench, fake_host):
    fake_host.course = ["running", "running", "succeeded"]
    fake_host.on(ONE_JOB, garbage(), fails(404, "not yet"), garbage(b"[]"))
    assert carried_out(workbench, tune()).status is FineTuneStatus.SUCCEEDED


def said_waiting(workbench, job, *words):
    """Until the job is shown as live and waiting, with these words."""

    def is_said():
        now_ = workbench.fine_tunes.get(job.id)
        return now_.status.is_live and all(word in now_.message for word in ("Waiting for the host: ", *words))

    wait_for(is_said, "the job to wait for its host")


def test_a_job_whose_host_stays_silent_is_waited_for_and_then_followed(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._LONGEST_WAIT_SECONDS", 0.01)
    fake_host.on(ONE_JOB, *[fails(404, "gone")] * 10_000)
    job = tune()
    workbench.worker.ensure_started()
    said_waiting(workbench, job, "Could not read the fine-tune: gone")
    fake_host.recover(ONE_JOB)
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED, "the end")
    assert workbench.fine_tunes.get(job.id).message == ""
    assert len(fake_host.jobs) == 1


def test_a_job_at_the_host_outlives_a_restart_without_the_host_set_up(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._LONGEST_WAIT_SECONDS", 0.01)
    job = under_way(workbench, fake_host, tune)
    workbench.worker.stop()
    address = workbench.settings.environment.pop("OPENAI_BASE_URL")
    workbench.worker.ensure_started()
    said_waiting(workbench, job, "not set up here")
    fake_host.jobs["ftjob-1"].course.clear()
    fake_host.jobs["ftjob-1"].course.append("succeeded")
    workbench.settings.environment["OPENAI_BASE_URL"] = address
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED, "the end")


def test_a_job_that_may_be_at_the_host_is_looked_for_until_the_host_answers(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._LONGEST_WAIT_SECONDS", 0.01)
    fake_host.on(JOBS, reset(after_doing=True))
    fake_host.on("GET /fine_tuning/jobs", *[fails(403, "not now")] * 10_000)
    job = tune()
    workbench.worker.ensure_started()
    said_waiting(workbench, job, "Could not list the fine-tunes: not now")
    fake_host.recover("GET /fine_tuning/jobs")
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED, "the end")
    assert (fake_host.served[JOBS], len(fake_host.jobs)) == (1, 1)


def test_a_job_the_host_says_it_never_made_has_failed_and_is_not_made_again(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._LONGEST_WAIT_SECONDS", 0.01)
    fake_host.on(JOBS, reset())
    fake_host.on("GET /fine_tuning/jobs", fails(403, "not now"))
    job = carried_out(workbench, tune())
    assert (job.status, fake_host.served[JOBS], len(fake_host.jobs)) == (FineTuneStatus.FAILED, 1, 0)


def test_a_job_whose_host_is_gone_can_be_cancelled_here(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._LONGEST_WAIT_SECONDS", 0.01)
    job = under_way(workbench, fake_host, tune)
    workbench.settings.environment.pop("OPENAI_BASE_URL")
    workbench.worker.stop()
    workbench.worker.ensure_started()
    said_waiting(workbench, job)
    workbench.fine_tunes.cancel(job.id)
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.CANCELLED, "the cancel")
    assert "The host could not be notified and may continue training" in workbench.fine_tunes.get(job.id).message


def test_a_bug_while_following_does_not_end_a_job_that_is_paid_for(tune, workbench, fake_host, monkeypatch):
    from core.finetune.dialects.openai import OpenAIJobs

    monkeypatch.setattr("core.services.learning.training._LONGEST_WAIT_SECONDS", 0.01)
    look, bugs = OpenAIJobs.look, [RuntimeError("a bug")]
    monkeypatch.setattr(OpenAIJobs, "look", lambda *given: (_ for _ in ()).throw(bugs.pop()) if bugs else look(*given))
    assert carried_out(workbench, tune()).status is FineTuneStatus.SUCCEEDED


def under_way(workbench, fake_host, tune):
    fake_host.course = ["running"] * 100_000 + ["succeeded"]
    job = tune()
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.fine_tunes.get(job.id).host_status == "running", "the training")
    return job


def test_cancelling_tells_the_host(tune, workbench, fake_host):
    job = under_way(workbench, fake_host, tune)
    workbench.fine_tunes.cancel(job.id)
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.CANCELLED, "the cancel")
    assert fake_host.jobs["ftjob-1"].status == "cancelled"


def test_a_cancel_the_host_does_not_take_at_first_is_told_again(tune, workbench, fake_host):
    job = under_way(workbench, fake_host, tune)
    fake_host.on("POST /fine_tuning/jobs/{id}/cancel", fails(400, "not now"), fails(404, "not now either"))
    workbench.fine_tunes.cancel(job.id)
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.CANCELLED, "the cancel")
    assert fake_host.served["POST /fine_tuning/jobs/{id}/cancel"] == 3


def test_a_job_cancelled_before_it_started_reaches_no_host(tune, workbench, fake_host):
    job = tune()
    workbench.fine_tunes.cancel(job.id)
    assert carried_out(workbench, job).status is FineTuneStatus.CANCELLED
    assert not fake_host.served


def test_stopping_the_program_lets_the_host_train_on_and_the_next_start_follows(tune, workbench, fake_host):
    job = under_way(workbench, fake_host, tune)
    workbench.worker.stop()
    assert workbench.fine_tunes.get(job.id).status is FineTuneStatus.RUNNING
    with workbench.db.read() as conn:
        assert conn.exec_driver_sql("SELECT owner FROM fine_tunes").scalar() is None, "the lease was given back"
    fake_host.jobs["ftjob-1"].course.clear()
    fake_host.jobs["ftjob-1"].course.append("succeeded")
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED, "the end")
    assert len(fake_host.jobs) == 1


def test_an_upload_longer_than_the_lease_is_not_started_a_second_time(tune, workbench, fake_host, monkeypatch):
    from core.finetune.dialects.openai import OpenAIJobs

    upload, may_upload, uploads = OpenAIJobs.upload, threading.Event(), []

    def slowly(self, name, jsonl):
        uploads.append(name)
        assert may_upload.wait(30)
        return upload(self, name, jsonl)

    monkeypatch.setattr(OpenAIJobs, "upload", slowly)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 3600.0)  # not even if no beat gets through
    job = tune()
    workbench.worker.ensure_started()
    wait_for(lambda: uploads, "the upload")
    with workbench.db.write() as conn:
        fine_tunes.record(conn, job.id, heartbeat_at=now() - 3600)
    other = tune()
    wait_for(lambda: len(uploads) > 1, "the worker to look for more work")
    may_upload.set()
    both = [job.id, other.id]
    wait_for(lambda: all(workbench.fine_tunes.get(i).status is FineTuneStatus.SUCCEEDED for i in both), "the ends")
    assert len(fake_host.jobs) == 2


def test_the_lease_is_kept_while_the_host_is_slow(tune, workbench, fake_host, monkeypatch):
    from core.finetune.dialects.openai import OpenAIJobs

    upload, may_upload, beats = OpenAIJobs.upload, threading.Event(), set()
    monkeypatch.setattr(OpenAIJobs, "upload", lambda *given: (may_upload.wait(30), upload(*given))[1])
    job = tune()
    workbench.worker.ensure_started()

    def renewed():
        with workbench.db.read() as conn:
            beats.add(conn.exec_driver_sql("SELECT heartbeat_at FROM fine_tunes").scalar())
        return len(beats - {None}) > 3

    wait_for(renewed, "the lease to be renewed during the upload")
    may_upload.set()
    wait_for(lambda: workbench.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED, "the end")


def test_a_project_with_too_few_labels_is_told_before_anything_is_sent(workbench, small_project, fake_host):
    person = workbench.review.reviewer(small_project.id, "Ada")
    request = TuneRequest(small_project.id, person.id, small_project.version_id)
    with pytest.raises(WorkbenchError, match="0 lines; hosts ask for at least 10"):
        workbench.fine_tunes.start(request, host="openai", base_model="fake-large")
    assert not fake_host.served


def test_test_items_are_in_no_training_set_whoever_labelled_them(small_project, workbench):
    test_items = small_project.items(Split.TEST)
    for annotator in (small_project.gold, small_project.hasty):
        ready = workbench.fine_tunes.preflight(TuneRequest(small_project.id, annotator, small_project.version_id))
        taught = {example.item_id for example in (*ready.training.train, *ready.training.validation)}
        assert len(taught) == 42
        assert taught.isdisjoint(test_items)
        assert not any(text in ready.jsonl() + ready.validation_jsonl() for text in test_items.values())


def test_the_lines_shown_and_the_file_are_those_of_the_examples_in_order(small_project, workbench):
    ready = workbench.fine_tunes.preflight(TuneRequest(small_project.id, small_project.gold, small_project.version_id))
    lines = ready.jsonl().splitlines()
    assert len(lines) == len(ready.training.train) == len(list(ready.training.train))
    assert ready.sample(3) == lines[:3]
    assert ready.training.train[-1] == list(ready.training.train)[-1]


def test_worked_examples_of_the_prompt_are_not_taught(small_project, workbench):
    shown = list(small_project.items(Split.TRAIN))[:3]
    version = workbench.prompts.save(small_project.id, "{{labels}}", "{{text}}", "shots", shown)
    request = TuneRequest(small_project.id, small_project.gold, version.id, with_validation=False)
    ready = workbench.fine_tunes.preflight(request)
    assert len(ready.training.train) == 27
    assert {example.item_id for example in ready.training.train}.isdisjoint(shown)
    assert not ready.training.validation


def say(project, annotator_id, item_ids, label):
    """The annotator labels these items anew."""
    with project.wb.db.write() as conn:
        by_name = {name: label_id for label_id, name in tasks.label_names(conn, project.id).items()}
        saying.append_labels(conn, annotator_id, [(item, by_name[label]) for item in item_ids])


def test_items_labelled_with_the_fallback_are_taught_unless_the_user_says_no(tune, small_project, workbench, fake_host):
    unclear = list(small_project.items(Split.TRAIN))[:4]
    say(small_project, small_project.gold, unclear, "UNABLE_TO_CLASSIFY")
    assert workbench.fine_tunes.fallbacks(small_project.id, small_project.gold) == 4
    carried_out(workbench, tune())
    carried_out(workbench, tune(with_fallback=False))
    answers = [
        [json.loads(json.loads(line)["messages"][-1]["content"])["label"] for line in text.splitlines()]
        for text in fake_host.files.values()
    ]
    train, without = answers[0], answers[2]
    assert (len(train), train.count("UNABLE_TO_CLASSIFY")) == (30, 4)
    assert (len(without), without.count("UNABLE_TO_CLASSIFY")) == (26, 0)
    newest, first = workbench.fine_tunes.all(small_project.id)
    assert first.config["per_label"]["UNABLE_TO_CLASSIFY"] == 4
    assert "UNABLE_TO_CLASSIFY" not in newest.config["per_label"]


def test_validation_items_of_labels_that_are_not_taught_are_left_out(small_project, workbench):
    say(small_project, small_project.gold, list(small_project.items(Split.VALIDATION))[:3], "UNABLE_TO_CLASSIFY")
    ready = workbench.fine_tunes.preflight(TuneRequest(small_project.id, small_project.gold, small_project.version_id))
    assert (len(ready.training.train), len(ready.training.validation)) == (30, 9)


def test_the_same_key_that_calls_the_host_is_in_no_message_it_sends_back(tune, workbench, fake_host, monkeypatch):
    key = "sk-planted-0123456789"
    monkeypatch.setitem(workbench.settings.environment, "OPENAI_API_KEY", key)
    fake_host.on(JOBS, fails(400, f"the key {key} may not do that"))
    job = carried_out(workbench, tune())
    assert job.message == "Could not start the fine-tune: the key [key] may not do that"


def during_upload(monkeypatch, act):
    """Do something once the training file is at the host and before the job is created."""
    from core.finetune.dialects.openai import OpenAIJobs

    upload = OpenAIJobs.upload
    monkeypatch.setattr(OpenAIJobs, "upload", lambda *given: (upload(*given), act())[0])


def test_a_job_cancelled_during_the_upload_is_not_created(tune, workbench, fake_host, monkeypatch):
    job = tune()
    during_upload(monkeypatch, lambda: workbench.fine_tunes.cancel(job.id))
    assert carried_out(workbench, job).status is FineTuneStatus.CANCELLED
    assert (len(fake_host.files), len(fake_host.jobs)) == (2, 0)


def test_a_job_taken_over_during_the_upload_is_left_to_the_other_owner(tune, workbench, fake_host, monkeypatch):
    job = tune()

    def take_over():
        with workbench.db.write() as conn:
            fine_tunes.record(conn, job.id, owner="another", heartbeat_at=now() + 3600, message="mine now")

    during_upload(monkeypatch, take_over)
    workbench.worker.ensure_started()
    wait_for(lambda: len(fake_host.files) == 2, "the upload")
    workbench.worker.stop()
    job = workbench.fine_tunes.get(job.id)
    assert (job.status, job.message, len(fake_host.jobs)) == (FineTuneStatus.UPLOADING, "mine now", 0)


def test_facts_and_the_end_are_written_by_the_holder_of_the_lease_alone(tune, workbench):
    job = tune()
    with workbench.db.write() as conn:
        fine_tunes.claim(conn, "one", 15.0)
        assert not fine_tunes.record(conn, job.id, held_by="two", message="not mine")
        fine_tunes.finish(conn, job.id, FineTuneStatus.FAILED, held_by="two")
    assert (workbench.fine_tunes.get(job.id).status, workbench.fine_tunes.get(job.id).message) == ("queued", "")


def test_labels_changed_before_the_upload_are_checked_again_and_nothing_is_sent(
    tune, small_project, workbench, fake_host
):
    job = tune()
    labels = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}
    with pytest.raises(WorkbenchError, match="Labels cannot be merged while a model is being trained"):
        workbench.tasks.merge(small_project.id, labels["POLITICS"], labels["SPORTS"])
    with workbench.db.write() as conn:
        saying.append_labels(conn, small_project.gold, [(item, labels["SPORTS"]) for item in small_project.items()])
    job = carried_out(workbench, job)
    assert job.status is FineTuneStatus.FAILED
    assert "fewer than two labels" in job.message
    assert not fake_host.files


def test_the_counts_are_those_of_what_was_uploaded(tune, small_project, workbench, fake_host):
    job = tune()
    taken_back = list(small_project.items(Split.TRAIN))[:4]
    with workbench.db.write() as conn:
        saying.append_labels(conn, small_project.gold, [(item, None) for item in taken_back])
    job = carried_out(workbench, job)
    assert (job.n_train, sum(job.config["per_label"].values())) == (26, 26)
    assert len(fake_host.files["file-1"].splitlines()) == 26


def test_many_fine_tunes_at_once_do_not_hold_up_a_run(tune, small_project, workbench, monkeypatch):
    from core.finetune.dialects.openai import OpenAIJobs

    upload, may_upload, uploads = OpenAIJobs.upload, threading.Event(), []
    monkeypatch.setattr(
        OpenAIJobs, "upload", lambda *given: (uploads.append(1), may_upload.wait(60), upload(*given))[2]
    )
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 3600.0)
    # More than the threads an asyncio loop shares by default.
    jobs = [tune() for _ in range(min(32, (os.cpu_count() or 1) + 4) + 1)]
    try:
        workbench.worker.ensure_started()
        wait_for(lambda: len(uploads) == len(jobs), "all uploads to have begun")
        run = small_project.start()
        wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.DONE, "the run beside them")
    finally:
        may_upload.set()
    wait_for(lambda: not any(workbench.fine_tunes.get(job.id).status.is_live for job in jobs), "the ends")


def test_the_key_is_in_no_event_the_host_sends(tune, workbench, fake_host, monkeypatch):
    key = "sk-planted-0123456789"
    monkeypatch.setitem(workbench.settings.environment, "OPENAI_API_KEY", f" {key}\n")
    fake_host.events = [
        {"id": "e1", "object": "fine_tuning.job.event", "created_at": 1, "level": "info", "message": f"{key} pays"}
    ]
    job = carried_out(workbench, tune())
    assert [event.message for event in workbench.fine_tunes.events(job.id)] == ["[key] pays"]


def followed(workbench, fake_host, tune, *course, **ends):
    """A job that goes through these words at its host, and has these facts with the last."""
    fake_host.course, fake_host.ends = list(course), ends
    return carried_out(workbench, tune())


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("SUCCESS", FineTuneStatus.SUCCEEDED),
        ("Succeeded", FineTuneStatus.SUCCEEDED),
        ("canceled", FineTuneStatus.CANCELLED),
        ("FAILED_VALIDATION", FineTuneStatus.FAILED),
        ("expired", FineTuneStatus.FAILED),
    ],
)
def test_a_job_ends_with_the_host_s_word_in_whatever_spelling(word, status, tune, workbench, fake_host):
    job = followed(workbench, fake_host, tune, "running", word)
    assert (job.status, job.host_status) == (status, word)


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ({"fine_tuned_model": "ft:x"}, FineTuneStatus.SUCCEEDED),
        ({"error": {"code": "x", "message": "no"}}, FineTuneStatus.FAILED),
        ({"finished_at": 1_700_000_000}, FineTuneStatus.FAILED),
    ],
    ids=lambda ends: str(ends)[:20],
)
def test_a_job_with_a_word_nobody_knows_is_over_when_a_model_an_error_or_an_end_is_there(
    ends, status, tune, workbench, fake_host
):
    job = followed(workbench, fake_host, tune, "brewing", "dreambound", **ends)
    assert (job.status, job.host_status) == (status, "dreambound")


@pytest.mark.parametrize(
    "step",
    [
        fails(400, "file is not ready: pending"),
        fails(409, "conflict"),
        fails(429, "slow", headers={"retry-after": "0"}),
        fails(400, "The file is still being processed"),
    ],
    ids=lambda step: str(step.status),
)
def test_a_host_whose_file_is_not_ready_is_asked_again_and_nothing_is_uploaded_twice(
    step, tune, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.learning.training.NOT_YET_SECONDS", 0.001)
    fake_host.on("POST /fine_tuning/jobs", step, step)
    job = carried_out(workbench, tune())
    assert job.status is FineTuneStatus.SUCCEEDED
    assert (fake_host.served["POST /fine_tuning/jobs"], fake_host.served["POST /files"], len(fake_host.jobs)) == (
        3,
        2,
        1,
    )


def test_a_file_that_never_gets_ready_ends_the_job_at_a_limit_that_is_said(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training.NOT_YET_SECONDS", 0.001)
    monkeypatch.setattr("core.services.learning.training.LONGEST_NOT_YET_SECONDS", 0.05)
    fake_host.on("POST /fine_tuning/jobs", *[fails(400, "file is not ready: pending")] * 200)
    job = carried_out(workbench, tune())
    assert job.status is FineTuneStatus.FAILED
    assert "file is not ready: pending" in job.message and "minutes" in job.message


def test_a_job_at_the_host_is_never_given_up_because_looks_are_refused(tune, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training.LONGEST_NOT_YET_SECONDS", 0.0)
    monkeypatch.setattr("core.services.learning.training._LONGEST_WAIT_SECONDS", 0.02)
    fake_host.course = ["running"] * 3 + ["succeeded"]
    fake_host.on(ONE_JOB, *[fails(429, "slow", headers={"retry-after": "0"})] * 12)
    job = carried_out(workbench, tune())
    assert (job.status, len(fake_host.jobs)) == (FineTuneStatus.SUCCEEDED, 1)


def test_a_job_whose_looks_are_refused_says_for_how_long_the_host_asks_to_wait(tune, workbench, fake_host):
    fake_host.on(ONE_JOB, *[fails(429, "slow", headers={"retry-after": "600"})] * 20)
    job = tune()
    workbench.worker.ensure_started()
    wait_for(lambda: "slow" in (workbench.fine_tunes.get(job.id).message or ""), "the refusal")
    seen = workbench.fine_tunes.get(job.id)
    assert seen.status is FineTuneStatus.RUNNING
    assert seen.message == "Waiting for the host: Could not read the fine-tune: slow. It asks us to wait 10 minutes."


def test_optional_fields_a_host_refuses_are_left_out_and_that_is_remembered(tune, workbench, fake_host):
    refusals = [
        fails(400, "Unknown parameter: 'method'.", param="method"),
        fails(422, "metadata: extra fields not permitted"),
        fails(400, "seed is not supported"),
        fails(400, "Unsupported parameter", param="suffix"),
    ]
    fake_host.on("POST /fine_tuning/jobs", *refusals)
    assert carried_out(workbench, tune()).status is FineTuneStatus.SUCCEEDED
    (first,) = fake_host.jobs.values()
    assert set(first.request) == {"model", "training_file", "validation_file", "hyperparameters"}
    before = fake_host.served["POST /fine_tuning/jobs"]
    assert carried_out(workbench, tune()).status is FineTuneStatus.SUCCEEDED
    assert fake_host.served["POST /fine_tuning/jobs"] == before + 1


def test_a_refusal_about_the_model_leaves_nothing_out(tune, workbench, fake_host):
    fake_host.on(
        "POST /fine_tuning/jobs", fails(400, "model fake-large is not available for fine-tuning", param="model")
    )
    job = carried_out(workbench, tune())
    assert job.status is FineTuneStatus.FAILED
    assert fake_host.served["POST /fine_tuning/jobs"] == 1


def test_events_without_ids_and_levels_are_kept_once_and_in_the_host_s_order(tune, workbench, fake_host):
    fake_host.events = [{"created_at": 1_700_000_000, "message": f"line {n}"} for n in (3, 2, 2, 1)]
    job = carried_out(workbench, tune())
    said = [event.message for event in workbench.fine_tunes.events(job.id) if event.message.startswith("line")]
    assert said == ["line 1", "line 2", "line 2", "line 3"]


def test_a_job_whose_model_is_named_from_the_start_is_followed_to_its_end(tune, workbench, fake_host):
    named = {"id": "ftjob-1", "fine_tuned_model": "ft:x"}
    fake_host.on("POST /fine_tuning/jobs", answers(named, after_doing=True))
    looks = [answers({**named, "status": word}) for word in ("phase one", "phase two", "running", "phase three")]
    failed = answers({**named, "status": "training_failed", "error": {"code": "oom", "message": "out of memory"}})
    fake_host.on("GET /fine_tuning/jobs/{id}", *looks, failed)
    job = carried_out(workbench, tune())
    assert (job.status, job.message) == (FineTuneStatus.FAILED, "out of memory")


def test_a_job_in_a_state_nobody_knows_says_what_is_waited_for_and_what_to_do(tune, workbench, fake_host):
    fake_host.course = ["dreaming of electric sheep", "blue"]
    job = tune()
    workbench.worker.ensure_started()
    wait_for(lambda: "“blue”" in workbench.fine_tunes.get(job.id).message, "a look at the job")
    assert workbench.fine_tunes.get(job.id).message == (
        "The host reports the state “blue”, which LabelLoop does not know. LabelLoop keeps checking until the host "
        "reports a result, an error or an end; if it is over, stop following."
    )
    workbench.fine_tunes.stop_following(job.id)
    wait_for(lambda: not workbench.fine_tunes.get(job.id).status.is_live, "the end of the job")


def test_a_job_that_never_ends_can_be_left_alone(tune, workbench, fake_host):
    fake_host.course = ["dreaming"]
    job = tune()
    workbench.fine_tunes.stop_following(job.id)
    left = carried_out(workbench, job)
    assert left.status is FineTuneStatus.CANCELLED
    assert left.message == "No longer followed. It may continue at the host and cost money."
