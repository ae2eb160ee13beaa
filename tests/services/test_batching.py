"""A run through a host's batch API: every step against a real server on loopback."""

import asyncio
import json

import pytest

from core.hosts.batches import BatchRules, HostBatches
from core.model import Budget, ErrorKind, RunStatus, Split
from core.services.asking.requests import Mode, Which
from core.services.batching.batch_executor import BatchExecutor
from core.services.batching.handling import BatchStatus
from core.services.batching.results import Results
from core.storage import batches as stored_batches
from core.storage import runs
from tests.fakes.host import fails, reset, says
from tests.fakes.waiting import finished, wait_for, work_off
from tests.fakes.worlds import right_label

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_batches")]

OWNER = "me"


@pytest.fixture
def small_files(monkeypatch):
    monkeypatch.setattr("core.services.batching.rounds.rules_of", lambda profile: BatchRules(lines=5))


def start(project, **choices):
    return project.start(choices.pop("split", Split.VALIDATION), mode=Mode.BATCH, **choices)


def claimed(wb, run):
    with wb.db.write() as conn:
        taken = runs.claim(conn, OWNER)
    assert taken is not None and taken.id == run.id
    return taken


def carry_out(wb, run):
    asyncio.run(BatchExecutor(wb.db, wb.hosts, claimed(wb, run), OWNER).execute())
    return wb.runs.get(run.id)


def resumed(wb, run):
    wb.runs.resume(run.id)
    return carry_out(wb, run)


def answers(wb, run):
    """Label name by item text, of a run's own annotations."""
    with wb.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT i.text, l.name FROM annotations a JOIN items i ON i.id = a.item_id"
            " JOIN value_labels m USING (value_id) JOIN labels l ON l.id = m.label_id WHERE a.run_id = ?",
            (run.id,),
        ).all()
    assert len({text for text, _ in rows}) == len(rows)
    return dict(map(tuple, rows))


def right_answers(project, split=Split.VALIDATION):
    return {text: right_label(text) for text in project.items(split).values()}


def paid_once(host, project, split=Split.VALIDATION):
    """Each item was carried out once, live or in a batch, and never stood in two batches at the same time."""
    paid = host.batches.carried_out + host.counts
    return not host.batches.overlaps and paid == dict.fromkeys(project.items(split).values(), 1)


def test_a_run_by_batch_ends_as_a_live_one_would(workbench, fake_host, small_project, known):
    run = carry_out(workbench, start(small_project))
    assert (run.status, run.done, run.errors, run.calls) == (RunStatus.DONE, 12, 0, 12)
    assert answers(workbench, run) == right_answers(small_project)
    assert (run.prompt_tokens, run.completion_tokens) == (120, 36)
    assert paid_once(fake_host, small_project) and fake_host.batches.purposes == ["batch"]
    (batch,) = workbench.batches.of(run.id)
    assert (batch.status, batch.host_status) == (BatchStatus.COLLECTED, "completed")
    assert (batch.lines, batch.answered, batch.failed) == (12, 12, 0)
    assert list((workbench.db.path.parent / "batches" / str(run.id)).iterdir()) == []


def test_the_lines_ask_exactly_what_a_live_run_asks(workbench, fake_host, small_project, known):
    carry_out(workbench, start(small_project))
    finished(workbench, small_project.start(Split.VALIDATION, which=Which.ALL, use_cache=False))
    by_text = {body["messages"][-1]["content"]: body for body in fake_host.batches.bodies}
    assert {asked.text: asked.body for asked in fake_host.asked} == by_text


def test_where_the_manner_is_unknown_one_question_is_asked_live_and_kept(workbench, fake_host, small_project):
    fake_host.refuse(lambda body: "logprobs" in body, fails(400, "logprobs is not supported", param="logprobs"))
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.DONE and answers(workbench, run) == right_answers(small_project)
    assert len(fake_host.batches.bodies) == 11 and not any("logprobs" in body for body in fake_host.batches.bodies)
    assert sum(fake_host.served[text] for text in small_project.items(Split.VALIDATION).values()) == 12


def test_a_host_that_refuses_the_key_stops_the_run_before_anything_is_uploaded(workbench, fake_host, small_project):
    fake_host.always(fails(401, "bad key"))
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.FAILED and "bad key" in run.message and not fake_host.files


def test_a_file_that_would_be_too_large_is_split(workbench, fake_host, small_project, known, small_files):
    run = carry_out(workbench, start(small_project))
    batches = workbench.batches.of(run.id)
    assert [batch.lines for batch in batches] == [5, 5, 2] and len(fake_host.batches.all) == 3
    assert all(a.last_item_id < b.first_item_id for a, b in zip(batches, batches[1:], strict=False))
    assert run.status is RunStatus.DONE and paid_once(fake_host, small_project)


def test_the_limit_in_bytes_is_kept_too(workbench, fake_host, small_project, known, monkeypatch):
    monkeypatch.setattr("core.services.batching.rounds.rules_of", lambda profile: BatchRules(bytes=4000))
    run = carry_out(workbench, start(small_project))
    files = list(fake_host.files.values())
    inputs = [file for file in files if '"method":"POST"' in file]
    assert len(inputs) > 1 and all(len(file.encode()) <= 4000 for file in inputs)
    assert run.status is RunStatus.DONE and paid_once(fake_host, small_project)


def test_an_expired_batch_keeps_what_was_finished_and_resume_sends_only_the_rest(
    workbench, fake_host, small_project, known
):
    fake_host.batches.course, fake_host.batches.carries_out = ["in_progress", "expired"], 7
    run = carry_out(workbench, start(small_project))
    assert (run.status, run.done, run.missing, run.resume_at) == (RunStatus.PAUSED, 7, 5, None)
    assert "did not get to 5 lines" in run.message and "resume" in run.message
    fake_host.batches.course, fake_host.batches.carries_out = ["completed"], None
    assert resumed(workbench, run).status is RunStatus.DONE
    assert answers(workbench, run) == right_answers(small_project) and paid_once(fake_host, small_project)


def test_lines_that_are_not_ours_and_answers_told_twice_change_nothing(workbench, fake_host, small_project, known):
    stranger = json.dumps({"custom_id": "somebody-else", "response": {"status_code": 200, "body": {}}})
    fake_host.batches.says_twice, fake_host.batches.extra_output = True, [stranger, "no json"]
    run = carry_out(workbench, start(small_project))
    assert (run.status, run.done, run.calls, run.prompt_tokens) == (RunStatus.DONE, 12, 12, 120)
    (batch,) = workbench.batches.of(run.id)
    assert batch.answered == 12 and "2 lines that do not belong to this run" in batch.message


def test_failed_lines_are_errors_of_their_items_with_what_the_host_said(workbench, fake_host, small_project, known):
    text = min(small_project.items(Split.VALIDATION).values())
    fake_host.batches.refuse(lambda body: body["messages"][-1]["content"] == text, 400, "content policy")
    run = carry_out(workbench, start(small_project))
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 11, 1)
    (trouble,) = workbench.runs.troubles(run.id)
    assert (trouble.item.text, trouble.kind, trouble.message) == (text, ErrorKind.BAD_REQUEST, "content policy")
    assert "content policy" in trouble.raw
    assert workbench.batches.of(run.id)[0].failed == 1


def test_lines_whose_manner_is_refused_are_sent_again_in_a_humbler_one(workbench, fake_host, small_project, known):
    refused = {text for text in small_project.items(Split.VALIDATION).values() if text.startswith("law")}
    fake_host.batches.refuse(
        lambda body: body["messages"][-1]["content"] in refused and "json_schema" in str(body.get("response_format")),
        400,
        "response_format json_schema is not supported",
    )
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.DONE and run.errors == 0 and paid_once(fake_host, small_project)
    assert [batch.lines for batch in workbench.batches.of(run.id)][1:] == [len(refused)] * 2  # not strict, then object
    assert answers(workbench, run) == right_answers(small_project)


def test_a_batch_the_host_refuses_as_a_whole_ends_the_run_with_its_words(workbench, fake_host, small_project, known):
    fake_host.batches.refuses_file = {"code": "model_not_found", "message": "no such batch model", "line": 1}
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.FAILED and "line 1: no such batch model" in run.message
    assert resumed(workbench, run).status is RunStatus.DONE and paid_once(fake_host, small_project)


def test_a_host_that_takes_no_more_at_once_gets_the_next_batch_later(
    workbench, fake_host, small_project, known, small_files
):
    fake_host.batches.refuses_file = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.DONE and paid_once(fake_host, small_project)
    assert len(fake_host.batches.all) == 4  # the first was refused and made again from the same upload
    assert fake_host.served["POST /files"] == 3


def test_a_host_that_is_down_while_it_is_asked_is_waited_for(workbench, fake_host, small_project, known):
    fake_host.on("GET /batches/{id}", *[reset()] * 9, fails(500))
    fake_host.on("GET /files/{id}/content", *[fails(503)] * 3)
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.DONE and paid_once(fake_host, small_project)


def test_results_the_host_no_longer_has_are_not_paid_for_again_by_themselves(
    workbench, fake_host, small_project, known
):
    fake_host.on("GET /files/{id}/content", *[fails(404, "No such File object")] * 3)
    run = carry_out(workbench, start(small_project))
    assert (run.status, run.done) == (RunStatus.PAUSED, 0) and "resume" in run.message
    assert workbench.batches.of(run.id)[0].status is BatchStatus.FAILED and len(fake_host.batches.all) == 1


def test_a_full_disk_while_results_are_fetched_is_waited_for(workbench, fake_host, small_project, known, monkeypatch):
    folder = workbench.db.path.parent / "batches"
    download, tries = HostBatches.download, []

    def on_a_full_disk(self, file_id, path):
        tries.append(path)
        if len(tries) < 3:
            path = folder / "no such folder" / path.name  # as the system refuses to write
        return download(self, file_id, path)

    monkeypatch.setattr(HostBatches, "download", on_a_full_disk)
    run = carry_out(workbench, start(small_project))
    assert len(tries) == 3 and run.status is RunStatus.DONE and paid_once(fake_host, small_project)


def test_together_is_spoken_to_in_its_own_way(workbench, fake_host, small_project, known, monkeypatch):
    rules = BatchRules("batch-api", "/files/upload")
    monkeypatch.setattr("core.services.batching.rounds.rules_of", lambda profile: rules)
    fake_host.batches.dialect = "together"
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.DONE and paid_once(fake_host, small_project)
    assert fake_host.batches.purposes == ["batch-api"] and workbench.batches.of(run.id)[0].host_status == "COMPLETED"


# never paid twice


# What is called in this order for each batch; a step is over once the record of it is.
STEPS = [
    (HostBatches, "upload"),
    (HostBatches, "create"),
    (HostBatches, "look"),
    (HostBatches, "download"),
    (Results, "take"),
    (stored_batches, "add"),
]


class Killed(BaseException):
    """As if the process had been killed here: no handler of ours may run after it."""


def kill_at(monkeypatch, holder, name, call, when):
    """Be killed before or after the `call`-th call of this function, counted from 0."""
    real, calls = getattr(holder, name), []

    def stand_in(*args, **kwargs):
        calls.append(name)
        if len(calls) == call + 1 and when == "before":
            raise Killed
        outcome = real(*args, **kwargs)
        if len(calls) == call + 1:
            raise Killed
        return outcome

    monkeypatch.setattr(holder, name, stand_in)


def die(wb, run):
    """Carry the run out in a process that is killed on the way: it neither finishes its run nor gives it back."""
    executor = BatchExecutor(wb.db, wb.hosts, claimed(wb, run), OWNER)
    executor._finish = lambda *_: None
    with pytest.raises(Killed):
        asyncio.run(executor.execute())


def nothing_is_paid_twice_after_a_kill(workbench, fake_host, small_project):
    run = start(small_project)
    die(workbench, run)
    with workbench.db.write() as conn:
        runs.mark_interrupted(conn, -1.0)
    assert workbench.runs.get(run.id).status is RunStatus.INTERRUPTED
    run = resumed(workbench, run)
    assert (run.status, run.done, run.calls, run.prompt_tokens) == (RunStatus.DONE, 12, 12, 120)
    assert answers(workbench, run) == right_answers(small_project) and paid_once(fake_host, small_project)
    assert len(fake_host.batches.all) == 3
    assert list((workbench.db.path.parent / "batches" / str(run.id)).iterdir()) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("holder", "name"), STEPS, ids=lambda value: value if isinstance(value, str) else "")
def test_killed_at_any_step_nothing_is_paid_twice(
    workbench, fake_host, small_project, known, small_files, monkeypatch, holder, name, when
):
    kill_at(monkeypatch, holder, name, 1, when)
    nothing_is_paid_twice_after_a_kill(workbench, fake_host, small_project)


def test_killed_before_the_id_is_noted_a_batch_is_found_by_its_file_where_the_host_keeps_no_tags(
    workbench, fake_host, small_project, known, small_files, monkeypatch
):
    fake_host.batches.keeps_metadata = False
    kill_at(monkeypatch, HostBatches, "create", 1, "after")
    nothing_is_paid_twice_after_a_kill(workbench, fake_host, small_project)


@pytest.mark.parametrize("call", range(12))
def test_killed_once_a_step_is_noted_nothing_is_paid_twice(
    workbench, fake_host, small_project, known, small_files, monkeypatch, call
):
    kill_at(monkeypatch, stored_batches, "record", call, "after")
    nothing_is_paid_twice_after_a_kill(workbench, fake_host, small_project)


def test_the_next_worker_takes_up_what_is_at_the_host_without_being_asked(
    workbench, fake_host, small_project, known, monkeypatch
):
    run = start(small_project)
    kill_at(monkeypatch, HostBatches, "look", 0, "after")
    die(workbench, run)
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET heartbeat_at = heartbeat_at - 3600")
    monkeypatch.setattr("core.services.common.leases.SUSPECT_SECONDS", 0.01)
    work_off(workbench)
    assert workbench.runs.get(run.id).status is RunStatus.DONE
    assert len(fake_host.batches.all) == 1 and paid_once(fake_host, small_project)


def test_a_batch_whose_creation_was_answered_by_nobody_is_found_and_not_made_again(
    workbench, fake_host, small_project, known
):
    fake_host.on("POST /batches", reset(after_doing=True))
    run = carry_out(workbench, start(small_project))
    assert run.status is RunStatus.DONE and len(fake_host.batches.all) == 1 and paid_once(fake_host, small_project)


def test_a_program_that_ends_leaves_the_batches_at_the_host_and_goes_on_by_itself(
    workbench, fake_host, small_project, known
):
    fake_host.batches.hold()
    run = start(small_project)
    executor = BatchExecutor(workbench.db, workbench.hosts, claimed(workbench, run), OWNER)

    async def until_submitted():
        task = asyncio.create_task(executor.execute())
        while not any(b.status is BatchStatus.SUBMITTED for b in workbench.batches.of(run.id)):
            await asyncio.sleep(0.002)
        executor.interrupt()
        await task

    asyncio.run(until_submitted())
    paused = workbench.runs.get(run.id)
    assert paused.status is RunStatus.PAUSED and paused.resume_at is not None
    fake_host.batches.release()
    assert carry_out(workbench, run).status is RunStatus.DONE  # claimed without anybody resuming it
    assert len(fake_host.batches.all) == 1 and paid_once(fake_host, small_project)


def test_cancelled_the_host_is_told_and_what_it_had_finished_is_kept(workbench, fake_host, small_project, known):
    fake_host.batches.hold()
    fake_host.batches.carries_out = 4
    run = start(small_project)
    executor = BatchExecutor(workbench.db, workbench.hosts, claimed(workbench, run), OWNER)

    async def cancel_when_submitted():
        task = asyncio.create_task(executor.execute())
        while not any(b.status is BatchStatus.SUBMITTED for b in workbench.batches.of(run.id)):
            await asyncio.sleep(0.002)
        workbench.runs.cancel(run.id)
        while not fake_host.served["POST /batches/{id}/cancel"]:
            await asyncio.sleep(0.002)
        fake_host.batches.release()
        await task

    asyncio.run(cancel_when_submitted())
    run = workbench.runs.get(run.id)
    (batch,) = workbench.batches.of(run.id)
    assert (batch.status, batch.host_status) == (BatchStatus.COLLECTED, "cancelled")
    assert (run.status, run.done, run.missing) == (RunStatus.CANCELLED, 4, 8)
    assert fake_host.served["POST /batches/{id}/cancel"] == 1


def test_the_lease_is_lost_and_nothing_is_submitted(workbench, fake_host, small_project, known):
    run = start(small_project)
    executor = BatchExecutor(workbench.db, workbench.hosts, claimed(workbench, run), OWNER)
    with workbench.db.write() as conn:
        runs.mark_interrupted(conn, -1.0)
    asyncio.run(executor.execute())
    assert not fake_host.batches.all


# what it costs


def test_what_the_cache_knows_is_not_sent(workbench, fake_host, small_project, known):
    carry_out(workbench, start(small_project, n=5))
    run = carry_out(workbench, start(small_project, which=Which.ALL))
    assert (run.done, run.from_cache, run.calls) == (12, 5, 7) and paid_once(fake_host, small_project)


def test_a_batch_that_would_break_the_cap_is_not_submitted_until_it_is_raised(
    workbench, fake_host, small_project, known
):
    run = carry_out(workbench, start(small_project, budget=Budget(calls=10)))
    assert run.status is RunStatus.PAUSED and "cap is 10 calls" in run.message and not fake_host.batches.all
    with workbench.db.write() as conn:
        runs.set_budget(conn, run.id, Budget(calls=12))
    assert resumed(workbench, run).status is RunStatus.DONE and paid_once(fake_host, small_project)


def test_batches_that_fit_are_carried_out_before_the_cap_holds_the_next(
    workbench, fake_host, small_project, known, small_files
):
    run = carry_out(workbench, start(small_project, budget=Budget(calls=11)))
    assert (run.status, run.done) == (RunStatus.PAUSED, 10) and len(fake_host.batches.all) == 2
    assert "2 requests" in run.message and "10 spent" in run.message


# several answers per item


def test_repeats_are_voted_on_and_a_failed_one_does_not_stop_the_majority(workbench, fake_host, small_project, known):
    run = carry_out(workbench, start(small_project, n=4, repeats=3))
    assert (run.status, run.done, run.calls) == (RunStatus.DONE, 4, 12)
    with workbench.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT confidence, confidence_source, votes FROM annotations WHERE run_id = ?", (run.id,)
        )
        assert [(row[0], row[1]) for row in rows] == [(1.0, "repeats")] * 4


def test_the_question_asked_live_is_one_that_is_missing(workbench, fake_host, small_project):
    fake_host.batches.course, fake_host.batches.carries_out = ["expired"], 1
    run = carry_out(workbench, start(small_project, n=2, repeats=3))
    assert (run.status, run.done, run.calls) == (RunStatus.PAUSED, 0, 2)
    fake_host.batches.course, fake_host.batches.carries_out = ["completed"], None
    run = resumed(workbench, run)
    assert (run.status, run.done, run.calls) == (RunStatus.DONE, 2, 6)
    assert sum((fake_host.batches.carried_out + fake_host.counts).values()) == 6


def test_only_the_missing_repeats_are_asked_again(workbench, fake_host, small_project, known):
    fake_host.batches.course, fake_host.batches.carries_out = ["expired"], 5
    run = carry_out(workbench, start(small_project, n=4, repeats=3))
    assert (run.status, run.done, run.calls) == (RunStatus.PAUSED, 1, 5)
    fake_host.batches.course, fake_host.batches.carries_out = ["completed"], None
    run = resumed(workbench, run)
    assert (run.status, run.done, run.calls) == (RunStatus.DONE, 4, 12)
    assert [batch.lines for batch in workbench.batches.of(run.id)] == [12, 7]


@pytest.mark.parametrize("word", ["COMPLETED", "Succeeded", "SUCCESS", "finished"])
def test_a_batch_is_collected_with_the_host_s_word_in_whatever_spelling(
    word, known, small_project, workbench, fake_host
):
    fake_host.batches.course = ["in_progress", word]
    run = finished(workbench, start(small_project))
    assert (run.status, run.missing) == (RunStatus.DONE, 0)
    assert workbench.batches.of(run.id)[0].host_status == word


@pytest.mark.parametrize(
    "step",
    [
        fails(400, "file is not ready: pending"),
        fails(409, "conflict"),
        fails(429, "slow", headers={"retry-after": "0"}),
    ],
    ids=lambda step: str(step.status),
)
def test_a_batch_whose_file_is_not_ready_is_asked_for_again(step, known, small_project, workbench, fake_host):
    fake_host.on("POST /batches", step, step)
    run = finished(workbench, start(small_project))
    assert (run.status, run.missing) == (RunStatus.DONE, 0)
    assert (fake_host.served["POST /batches"], len(fake_host.batches.all)) == (3, 1)


def test_a_batch_whose_file_never_gets_ready_ends_at_a_limit(known, small_project, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.batching.steps.LONGEST_NOT_YET_SECONDS", 0.02)
    fake_host.on("POST /batches", *[fails(400, "file is not ready: pending")] * 200)
    run = finished(workbench, start(small_project))
    assert run.status is RunStatus.FAILED
    assert "file is not ready: pending" in run.message


def test_batches_that_never_end_can_be_left_alone(known, small_project, workbench, fake_host):
    fake_host.batches.course = ["dreaming"]
    run = start(small_project)
    workbench.worker.ensure_started()
    wait_for(
        lambda: [batch.host_status for batch in workbench.batches.of(run.id)] == ["dreaming"], "a look at the batch"
    )
    workbench.batches.stop_following(run.id)
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end of the run")
    assert workbench.runs.get(run.id).status is RunStatus.CANCELLED
    (batch,) = workbench.batches.of(run.id)
    assert batch.message == "No longer followed; the last status was “dreaming”. It may continue there and cost money."


def test_no_batch_is_sent_where_the_first_answer_is_empty_in_plain_text_too(small_project, workbench, fake_host):
    fake_host.always(says("", reasoning_content="hm"))
    run = finished(workbench, start(small_project))
    assert run.status is RunStatus.FAILED and "is empty, also when asked for plain text" in run.message
    assert (len(fake_host.batches.all), len(fake_host.asked)) == (0, 2)


def test_a_batch_is_sent_in_plain_text_where_answers_in_a_shape_are_empty(small_project, workbench, fake_host):
    fake_host.refuse(lambda body: "response_format" in body, says("", reasoning_content="hm"))
    run = finished(workbench, start(small_project))
    assert (run.status, run.missing) == (RunStatus.DONE, 0)
    assert all(
        "response_format" not in line["body"] for batch in fake_host.batches.all.values() for line in batch.lines
    )
