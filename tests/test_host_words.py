"""How a job or a batch stands, in the words of many hosts: read at the wire, through the SDK, on a real server."""

import json
from collections import deque

import pytest

from core.finetune.dialects import DIALECTS
from core.finetune.dialects.openai import OpenAIJobs
from core.finetune.dialects.wire import Wire
from core.host_words import End, end_of, goes_on
from core.hosts.addresses import Connection
from core.hosts.batches import BatchProgress, BatchRules, HostBatches
from core.hosts.control import sdk_client
from core.hosts.explaining import Explaining
from core.model import FineTuneStatus
from tests.fakes.host import FakeHost, Job, Step

WORDS = {
    End.WELL: [
        "succeeded", "SUCCESS", "Succeeded", "completed", "COMPLETE", "finished", "JOB_STATE_SUCCEEDED", "done", "ok",
        "STATUS_COMPLETED", "Fine-tuning succeeded", "training_completed", "TrainingDone", "early_stopped", "deployed",
        "completed_without_errors", "ready",
    ],
    End.BADLY: [
        "failed", "FAILED_VALIDATION", "error", "Error", "expired", "JOB_STATE_EXPIRED", "rejected", "timeout",
        "TimedOut", "timed_out", "validation_failed", "VALIDATION_ERROR", "training_failed", "TrainingFailed",
        "Training failed.", "job_failed", "server_error", "user_error", "invalid_file", "unsuccessful",
        "unsuccessfully_ended", "not_succeeded", "crashed", "killed", "missing", "not_found", "quota_exceeded",
        "out_of_credit", "insufficient_credits", "failed_not_enough_memory", "processing_failed", "partially_failed",
    ],
    End.CANCELLED: [
        "cancelled", "canceled", "CANCELED", "Stopped", "aborted", "cancelled_by_user", "user_canceled",
        "UserCancelled", "usercancelled", "terminated", "cancelled_after_error",
    ],
    End.OVER: [
        "ended", "processed", "closed", "completed_with_errors", "partially_completed", "PartiallySucceeded",
    ],
}  # fmt: skip
GOING_ON = [
    "running", "Validating_Files", "queued", "IN-QUEUE", "cancelling", "canceling", "in-progress", "In Progress",
    "inprogress", "finalizing", "paused", "completing", "STATUS_RUNNING", "JOB_STATE_PENDING", "not_started",
    "NotYetStarted", "cancel_requested", "CANCELLATION_REQUESTED", "pending_cancellation", "failed_retrying",
    "stopping", "expiring", "waiting_for_capacity", "pending_completion",
]  # fmt: skip
UNKNOWN = [
    "blue", "", "not_running", "notRunning", "incomplete", "not_completed", "cancel_failed", "validation_completed",
    "files_processed", "interrupted",
]  # fmt: skip
JOB = {
    End.WELL: FineTuneStatus.SUCCEEDED,
    End.OVER: FineTuneStatus.FAILED,  # without a model
    End.BADLY: FineTuneStatus.FAILED,
    End.CANCELLED: FineTuneStatus.CANCELLED,
}
MODEL, ERROR = {"fine_tuned_model": "ft:x"}, {"error": {"code": "x", "message": "out of memory"}}


@pytest.fixture(scope="module")
def host():
    """A host with a job and a batch; the clients on it are made once, as making one takes longer than all the rest."""
    with FakeHost() as fake:
        fake.jobs["j"] = Job("j", {"model": "m"}, deque())
        connection = Connection(fake.base_url, "")
        client = sdk_client(connection, timeout=10.0, max_retries=0)
        fake.as_jobs = OpenAIJobs(Wire(client, str, Explaining(str)), DIALECTS["openai"])
        fake.as_batches = HostBatches(connection, BatchRules(), timeout=10.0)
        yield fake


def told(**facts):
    return Step("fail", 200, json.dumps({"id": "j", **facts}).encode(), {"content-type": "application/json"})


def job_of(host, status, named_early=None, **facts):
    host.on("GET /fine_tuning/jobs/{id}", told(status=status, **facts))
    return host.as_jobs.look("j", named_early)


def batch_of(host, status, **facts):
    host.on("GET /batches/{id}", told(status=status, **facts))
    return host.as_batches.look("j")


@pytest.mark.parametrize(("end", "word"), [(end, word) for end, words in WORDS.items() for word in words])
def test_a_word_that_ends_a_job_ends_it_in_whatever_spelling(end, word, host):
    assert (end_of(word), goes_on(word)) == (end, False)
    assert job_of(host, word).status is JOB[end]
    is_refused = end is End.BADLY and "expired" not in word.lower()
    assert batch_of(host, word).progress is (BatchProgress.REFUSED if is_refused else BatchProgress.ENDED)


@pytest.mark.parametrize("word", GOING_ON)
def test_a_word_for_what_goes_on_goes_on_whatever_model_or_result_is_named_beforehand(word, host):
    assert (end_of(word), goes_on(word)) == (None, True)
    assert job_of(host, word, **MODEL).status is FineTuneStatus.RUNNING
    assert batch_of(host, word, output_file_id="f").progress is BatchProgress.UNDER_WAY


@pytest.mark.parametrize("word", [*GOING_ON, *UNKNOWN])
def test_an_error_or_an_end_is_the_end_whatever_word_stands_beside_it(word, host):
    assert job_of(host, word, **ERROR, **MODEL).status is FineTuneStatus.FAILED
    assert job_of(host, word, finished_at=1_700_000_000).status is FineTuneStatus.FAILED
    assert job_of(host, word, finished_at=1_700_000_000, **MODEL).status is FineTuneStatus.SUCCEEDED
    assert batch_of(host, word, errors={"data": [{"message": "bad line"}]}).progress is BatchProgress.REFUSED
    assert batch_of(host, word, failed_at=1_700_000_000).progress is BatchProgress.REFUSED
    assert batch_of(host, word, completed_at=1_700_000_000).progress is BatchProgress.ENDED


@pytest.mark.parametrize("word", UNKNOWN)
def test_a_word_nobody_knows_leaves_it_to_the_rest_and_says_what_to_do_where_that_says_nothing(word, host):
    assert (end_of(word), goes_on(word)) == (None, False)
    assert job_of(host, word, **MODEL).status is FineTuneStatus.SUCCEEDED
    assert batch_of(host, word, output_file_id="f").progress is BatchProgress.ENDED
    job, batch = job_of(host, word), batch_of(host, word)
    assert (job.status, batch.progress) == (FineTuneStatus.RUNNING, BatchProgress.UNDER_WAY)
    for said in (job.message, batch.message):
        assert (f"“{word}”" if word else "reports no state") in said and said.endswith("if it is over, stop following.")


def test_a_model_named_from_the_start_is_no_end_and_another_one_is(host):
    assert job_of(host, "blue", "ft:x", **MODEL).status is FineTuneStatus.RUNNING
    assert job_of(host, "blue", "ft:early", **MODEL).status is FineTuneStatus.SUCCEEDED


def test_an_error_beats_a_model_but_not_a_host_that_says_it_went_well(host):
    assert job_of(host, "ended", **MODEL, **ERROR).status is FineTuneStatus.FAILED
    assert job_of(host, "ended", **MODEL).status is FineTuneStatus.SUCCEEDED
    assert job_of(host, "succeeded", **MODEL, **ERROR).status is FineTuneStatus.SUCCEEDED
    assert job_of(host, "succeeded", **ERROR).status is FineTuneStatus.FAILED
    assert job_of(host, "succeeded", error={"code": None, "message": None}).status is FineTuneStatus.SUCCEEDED


def test_what_is_missing_beside_the_word_is_said(host):
    assert job_of(host, "training_failed").message == (
        "The host ended the fine-tune as “training_failed” without saying why."
    )
    assert job_of(host, "succeeded").message.startswith("The host does not say what the model is called.")
    assert job_of(host, "paused").message == "Paused at the host: it continues once it is resumed there."
    assert job_of(host, "running").message == batch_of(host, "in_progress").message == ""
    said = batch_of(host, "validation_failed").message
    assert said == "The host ended the batch as “validation_failed” without saying why."


def test_a_batch_that_is_seen_to_count_on_is_not_over(host):
    counting = {"request_counts": {"total": 9, "completed": 3, "failed": 1}, "output_file_id": "f"}
    errors = {"errors": {"data": [{"message": "line 3 failed"}]}}
    for word in ("blue", "in_progress"):
        assert batch_of(host, word, **counting, **errors).progress is BatchProgress.UNDER_WAY
    counted = {"request_counts": {"total": 4, "completed": 3, "failed": 1}, "output_file_id": "f"}
    assert batch_of(host, "blue", **counted).progress is BatchProgress.ENDED
