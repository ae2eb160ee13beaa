"""A run's requests out as a file, and its answers back in one, as `vllm run-batch` writes them."""

import io
import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.hosts.manner import Manner
from core.model import Masking, RunStatus, Split
from core.services.asking.requests import Mode, Which
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL, right_label


@pytest.fixture
def run(small_project):
    return start(small_project)


def start(project, **choices):
    return project.start(Split.VALIDATION, mode=Mode.FILE, **choices)


def run_batch(path, *, fails_on=()):
    """What `vllm run-batch` writes for this file: the answer, or the reason beside a response without a body."""
    out = []
    for line in path.read_text().splitlines():
        request = json.loads(line)
        assert request["method"] == "POST" and request["url"] == "/v1/chat/completions"
        text = request["body"]["messages"][-1]["content"]
        response = {"status_code": 200, "request_id": "vllm-batch-1", "body": None}
        error = None
        if text in fails_on:
            response["status_code"], error = 400, {"error": {"message": "too long", "type": "BadRequestError"}}
        else:
            message = {"role": "assistant", "content": json.dumps({"label": right_label(text)})}
            usage = {"prompt_tokens": 20, "completion_tokens": 6, "total_tokens": 26}
            choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
            response["body"] = {"id": "c", "object": "chat.completion", "choices": [choice], "usage": usage}
        entry = {"id": "vllm-1", "custom_id": request["custom_id"], "response": response, "error": error}
        out.append(json.dumps(entry).encode() + b"\n")
    return out


def brought(wb, run, lines):
    return wb.batches.import_results(run.id, io.BytesIO(b"".join(lines)))


def test_out_and_back_a_file_gives_what_a_live_run_would(workbench, fake_host, small_project, run):
    assert (run.status, run.resume_at) == (RunStatus.PAUSED, None)
    written = workbench.batches.export(run.id)
    assert (written.lines, written.bytes) == (12, written.path.stat().st_size)
    assert workbench.batches.last_export(run.id) == written
    lines = run_batch(written.path)
    random.Random(1).shuffle(lines)
    report = brought(workbench, run, lines)
    assert (report.answered, report.failed, report.missing) == (12, 0, 0)
    after = workbench.runs.get(run.id)
    assert (after.status, after.done, after.calls, after.prompt_tokens) == (RunStatus.DONE, 12, 12, 240)
    texts = small_project.items(Split.VALIDATION).values()
    assert workbench.runs.details(run.id).answers == Counter(map(right_label, texts))
    assert not fake_host.asked and not fake_host.files  # nothing was sent anywhere by us


def test_the_answers_count_for_a_live_run_of_the_same_requests(workbench, fake_host, small_project, run):
    brought(workbench, run, run_batch(workbench.batches.export(run.id).path))
    live = finished(workbench, small_project.start(Split.VALIDATION, which=Which.ALL))
    assert (live.from_cache, live.calls) == (12, 0) and not fake_host.asked


def test_what_a_live_run_was_answered_is_not_written_again(workbench, fake_host, small_project):
    finished(workbench, small_project.start(Split.VALIDATION, n=5))
    run = start(small_project, which=Which.ALL)
    assert workbench.batches.export(run.id).lines == 7
    assert workbench.runs.get(run.id).from_cache == 5


def test_a_run_the_cache_answers_in_full_is_done_without_a_file(workbench, fake_host, small_project):
    finished(workbench, small_project.start(Split.VALIDATION))
    run = start(small_project, which=Which.ALL)
    written = workbench.batches.export(run.id)
    assert written.lines == 0 and not written.path.exists() and workbench.batches.last_export(run.id) is None
    assert workbench.runs.get(run.id).status is RunStatus.DONE


def test_half_the_answers_leave_the_run_waiting_and_the_next_file_holds_the_rest(workbench, run):
    lines = run_batch(workbench.batches.export(run.id).path)
    report = brought(workbench, run, lines[:8])
    assert (report.answered, report.missing) == (8, 4)
    after = workbench.runs.get(run.id)
    assert after.status is RunStatus.PAUSED and "4 items are missing" in after.message
    assert workbench.batches.export(run.id).lines == 4
    assert brought(workbench, run, lines[8:]).missing == 0


def test_bringing_the_same_file_twice_changes_nothing(workbench, run):
    lines = run_batch(workbench.batches.export(run.id).path)
    brought(workbench, run, lines)
    before = workbench.runs.get(run.id)
    report = brought(workbench, run, lines + lines[:3])
    after = workbench.runs.get(run.id)
    assert (report.answered, report.duplicates, report.missing) == (0, 15, 0)
    assert (after.done, after.calls, after.prompt_tokens) == (before.done, before.calls, before.prompt_tokens)


def test_failed_lines_are_recorded_and_an_answer_that_comes_later_is_worth_more(workbench, small_project, run):
    text = min(small_project.items(Split.VALIDATION).values())
    path = workbench.batches.export(run.id).path
    report = brought(workbench, run, run_batch(path, fails_on={text}))
    assert (report.answered, report.failed, report.missing) == (11, 1, 0)
    (trouble,) = workbench.runs.troubles(run.id)
    assert trouble.item.text == text and "too long" in trouble.message
    report = brought(workbench, run, run_batch(path))
    after = workbench.runs.get(run.id)
    assert (report.answered, report.duplicates, after.done, after.errors) == (1, 11, 12, 0)


def test_what_failed_is_written_again_only_when_that_is_wanted(workbench, small_project, run):
    text = min(small_project.items(Split.VALIDATION).values())
    brought(workbench, run, run_batch(workbench.batches.export(run.id).path, fails_on={text}))
    assert workbench.batches.export(run.id).lines == 0
    assert workbench.runs.get(run.id).errors == 1
    written = workbench.batches.export(run.id, retry_errors=True)
    again = workbench.runs.get(run.id)
    assert (written.lines, again.status, again.errors, again.missing) == (1, RunStatus.PAUSED, 0, 1)
    assert brought(workbench, run, run_batch(written.path)).missing == 0


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(workbench, run):
    (workbench.db.path.parent / "batches").write_text("in the way")
    with pytest.raises(WorkbenchError, match="The file of requests cannot be written"):
        workbench.batches.export(run.id)


def test_bad_lines_are_reported_by_number_and_the_others_count(workbench, run):
    lines = run_batch(workbench.batches.export(run.id).path)
    stranger = b'{"custom_id": "request-1", "response": {"status_code": 200, "body": {}}}\n'
    report = brought(workbench, run, [lines[0], b"no json\n", b"\n", stranger, b"{}\n", *lines[1:]])
    assert (report.answered, report.unknown, report.unreadable, report.missing) == (12, 1, 2, 0)
    assert [problem.row for problem in report.problems] == [2, 5]


def test_a_last_line_that_was_cut_off_costs_no_other_line(workbench, run):
    content = b"".join(run_batch(workbench.batches.export(run.id).path))
    report = brought(workbench, run, [content[:-40]])
    assert (report.answered, report.unreadable, report.missing) == (11, 1, 1)
    assert [problem.row for problem in report.problems] == [12]
    assert brought(workbench, run, [content]).missing == 0


def test_a_file_that_an_editor_went_through_is_read_all_the_same(workbench, run):
    lines = run_batch(workbench.batches.export(run.id).path)
    edited = b"\xef\xbb\xbf" + b"".join(lines).replace(b"\n", b"\r\n")
    report = brought(workbench, run, [edited])
    assert (report.answered, report.unreadable, report.missing) == (12, 0, 0)


def test_everything_that_may_go_wrong_with_a_file_at_once_loses_no_answer_that_is_in_it(workbench, small_project, run):
    other = small_project.start(Split.TEST, mode=Mode.FILE)
    texts = sorted(small_project.items(Split.VALIDATION).values())
    ours = run_batch(workbench.batches.export(run.id).path, fails_on=set(texts[:2]))
    foreign = run_batch(workbench.batches.export(other.id).path)
    lines = [*ours, *ours[:5], *foreign, b"<html>\n", b'{"custom_id": "request-1"}\n']
    random.Random(3).shuffle(lines)
    report = brought(workbench, run, [*lines, ours[7][:-30]])
    assert (report.answered, report.missing) == (10, 0)
    assert (report.unknown, report.unreadable) == (len(foreign) + 1, 2)
    after = workbench.runs.get(run.id)
    assert (after.status, after.done, after.errors, after.calls) == (RunStatus.DONE, 10, 2, 10)


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "too long", "type": "BadRequestError", "param": None, "code": 400}},
        {"object": "error", "message": "too long", "type": "BadRequestError", "param": None, "code": 400},
        "too long",
    ],
    ids=["as vLLM writes it now", "as it wrote it before", "as text"],
)
def test_the_reason_vllm_gives_for_a_line_it_refused_is_kept(workbench, run, error):
    lines = run_batch(workbench.batches.export(run.id).path)
    refused = json.loads(lines[0])
    refused |= {"response": {"status_code": 400, "request_id": "v", "body": None}, "error": error}
    report = brought(workbench, run, [json.dumps(refused).encode() + b"\n", *lines[1:]])
    assert (report.answered, report.failed) == (11, 1)
    (trouble,) = workbench.runs.troubles(run.id)
    assert (trouble.kind, trouble.message) == ("bad_request", "too long")


@pytest.mark.parametrize("content", [b"label,text\nA,b\n", b'{"custom_id": "request-1"}\n', b""])
def test_a_file_with_nothing_of_the_run_is_refused_and_nothing_is_stored(workbench, run, content):
    with pytest.raises(WorkbenchError):
        workbench.batches.import_results(run.id, io.BytesIO(content))
    assert workbench.runs.get(run.id).done == 0


def test_the_results_of_another_run_are_told_from_ours(workbench, small_project, run):
    other = small_project.start(Split.TEST, mode=Mode.FILE)
    lines = run_batch(workbench.batches.export(other.id).path)
    with pytest.raises(WorkbenchError, match=f"None of the {len(lines)} lines belongs to run {run.id}"):
        brought(workbench, run, lines)


def test_a_line_that_claims_an_item_outside_the_selection_is_unknown(workbench, small_project, run):
    lines = run_batch(workbench.batches.export(run.id).path)
    outside = min(small_project.items(Split.TEST))
    forged = json.loads(lines[0])
    parts = forged["custom_id"].split("-")
    forged["custom_id"] = "-".join([parts[0], str(outside), *parts[2:]])
    report = brought(workbench, run, [json.dumps(forged).encode() + b"\n", *lines])
    assert (report.answered, report.unknown) == (12, 1)


def test_a_live_run_is_neither_written_nor_filled(workbench, small_project):
    live = small_project.start(Split.VALIDATION)
    with pytest.raises(WorkbenchError, match="still in progress"):
        workbench.batches.export(live.id)
    with pytest.raises(WorkbenchError, match="still in progress"):
        workbench.batches.import_results(live.id, io.BytesIO(b""))


def test_what_any_ended_run_misses_can_be_taken_elsewhere(workbench, fake_host, small_project):
    live = small_project.start(Split.VALIDATION)
    workbench.runs.cancel(live.id)
    lines = run_batch(workbench.batches.export(live.id).path)
    work_off(workbench)
    assert not fake_host.asked  # it waits for its file now, and goes on by nothing else
    assert brought(workbench, live, lines).missing == 0
    assert workbench.runs.get(live.id).status is RunStatus.DONE


def test_what_is_masked_on_the_wire_is_masked_in_the_file(workbench, small_project, monkeypatch):
    name = min(small_project.items(Split.VALIDATION).values()).split()[1]
    masked = replace(workbench.hosts.get("openai"), masking=Masking(names=(name,)))
    monkeypatch.setattr(workbench.hosts, "get", lambda key: masked)
    content = workbench.batches.export(start(small_project).id).path.read_text()
    assert f" {name} " not in content and content.count("[NAME_") == 1


def test_lines_refused_for_their_manner_are_written_in_a_humbler_one_next_time(workbench, run):
    lines = []
    for line in run_batch(workbench.batches.export(run.id).path):
        entry = json.loads(line)
        entry["response"] = {"status_code": 400, "request_id": "v", "body": None}
        entry["error"] = {"error": {"message": "logprobs is not supported"}}
        lines.append(json.dumps(entry).encode() + b"\n")
    report = brought(workbench, run, lines)
    assert (report.refused, report.failed, report.missing) == (12, 0, 12)
    assert workbench.hosts.manner("openai", MODEL) == Manner(logprobs=False)
    again = workbench.batches.export(run.id).path
    assert "logprobs" not in again.read_text()
    assert brought(workbench, run, run_batch(again)).missing == 0


def test_three_answers_an_item_are_three_lines_and_one_majority(workbench, small_project):
    run = start(small_project, n=2, repeats=3)
    written = workbench.batches.export(run.id)
    assert written.lines == 6
    lines = run_batch(written.path)
    assert brought(workbench, run, lines[:4]).missing == 1
    assert workbench.batches.export(run.id).lines == 2
    assert brought(workbench, run, lines).missing == 0
    with workbench.db.read() as conn:
        votes = conn.exec_driver_sql("SELECT confidence_source, votes FROM annotations WHERE run_id = ?", (run.id,))
        assert [(source, sum(json.loads(said).values())) for source, said in votes] == [("repeats", 3)] * 2
