"""An opened run that goes by batches or by file."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from core.model import RunStatus, Split
from core.services.asking.requests import Mode, ModelRef, RunRequest
from core.services.batching.handling import Batch, BatchStatus, ImportReport
from core.storage import batches, runs
from core.storage.engine import now
from pages._ui.runs.batch_words import command_for, report_in_words, waits_how_long
from tests.fakes.runs_of import run_with


def start(wb, small, mode):
    request = RunRequest(
        small.id, (small.version,), (ModelRef("embedded", "minilm-l6"),), split=Split.VALIDATION, mode=mode
    )
    return wb.runs.start(request)[0]


def at_host(wb, run, **facts):
    """As if the run were carried out somewhere else, with one batch at the host."""
    with wb.db.write() as conn:
        runs.claim(conn, "elsewhere")
        batch_id = batches.add(conn, run.id, tag="t", first_item_id=1, last_item_id=9, lines=9, manner="{}")
        batches.record(conn, batch_id, status=BatchStatus.SUBMITTED, submitted_at=now(), **facts)


def table(at, column):
    """A column of the table of batches."""
    return next(list(frame.value[column]) for frame in at.dataframe if "Lines" in frame.value.columns)


def words(at):
    return " ".join(element.value for element in [*at.caption, *at.markdown, *at.info, *at.success, *at.warning])


def test_a_batch_at_the_host_is_shown_with_the_hosts_own_word(wb, small, app):
    run = start(wb, small, Mode.BATCH)
    at_host(wb, run, host_status="finalizing", looked_at=now(), answered=4)
    at = app("runs", project=small.id, run=run.id)
    assert not at.exception
    assert table(at, "Status") == ["at the host"] and table(at, "The host says") == ["finalizing"]
    assert table(at, "Lines") == [9] and table(at, "Answered") == [4]
    assert "within 24 hours" in words(at)


def test_a_file_run_leads_through_its_three_steps(wb, small, app):
    run = start(wb, small, Mode.FILE)
    at = app("runs", project=small.id, run=run.id)
    assert not at.exception
    write = next(button for button in at.button if button.label.startswith("Write the file"))
    assert f"({run.total} items)" in write.label
    write.click().run()
    assert wb.batches.last_export(run.id).lines == run.total
    assert any(f"-i run-{run.id}.jsonl" in code.value and "--model minilm-l6" in code.value for code in at.code)
    assert f"{run.total} lines" in words(at)
    at.file_uploader[0].upload("answers.jsonl", answers(wb, run), "application/jsonl").run()
    assert not at.exception and not at.error
    assert f"{run.total} answered" in words(at) and wb.runs.get(run.id).status is RunStatus.DONE


def test_what_failed_in_a_file_can_be_written_once_more(wb, small, app):
    run = start(wb, small, Mode.FILE)
    wb.batches.export(run.id)
    refused = json.loads(answers(wb, run).splitlines()[0])
    refused["response"] = {"status_code": 400, "body": {"error": {"message": "too long"}}}
    lines = [json.dumps(refused).encode(), *answers(wb, run).splitlines()[1:]]
    wb.batches.import_results(run.id, lines)
    assert (wb.runs.get(run.id).status, wb.runs.get(run.id).errors) == (RunStatus.DONE, 1)
    at = app("runs", project=small.id, run=run.id)
    next(button for button in at.button if button.label == "Write the file with failed items (1 item)").click().run()
    assert not at.exception and not at.error
    assert wb.batches.last_export(run.id).lines == 1 and wb.runs.get(run.id).missing == 1


def test_a_cancelled_run_that_has_a_batch_at_its_host_says_that_it_is_being_stopped_there(wb, small, app):
    run = start(wb, small, Mode.BATCH)
    at_host(wb, run)
    with wb.db.write() as conn:
        runs.finish(conn, run.id, "elsewhere", RunStatus.PAUSED, "away", pause_seconds=3600.0)
    at = app("runs", project=small.id, run=run.id)
    next(button for button in at.button if button.label == "Cancel").click().run()
    assert not at.exception and wb.runs.get(run.id).cancel_requested
    (bar,) = at.get("progress")
    assert "its batches are cancelled at the host" in bar.proto.text
    assert next(button for button in at.button if button.label == "Stopping").disabled


def test_a_run_that_cannot_be_carried_out_from_here_says_why_it_waits(wb, small, app):
    run = start(wb, small, Mode.LIVE)
    with wb.db.write() as conn:
        runs.explain_waiting(conn, [])
    assert "cannot be used from here" in words(app("runs", project=small.id, run=run.id))


def test_a_file_that_is_not_ours_is_said_to_be_and_the_run_waits_on(wb, small, app):
    run = start(wb, small, Mode.FILE)
    at = app("runs", project=small.id, run=run.id)
    at.file_uploader[0].upload("answers.jsonl", b"label,text\n", "application/jsonl").run()
    assert not at.exception and "not a result file" in at.error[0].value
    assert wb.runs.get(run.id).status is RunStatus.PAUSED


def answers(wb, run):
    lines = []
    for line in wb.batches.last_export(run.id).path.read_text().splitlines():
        message = {"role": "assistant", "content": '{"label": "MONEY"}'}
        body = {"choices": [{"message": message, "finish_reason": "stop"}]}
        custom_id = json.loads(line)["custom_id"]
        lines.append(json.dumps({"custom_id": custom_id, "response": {"status_code": 200, "body": body}}))
    return "\n".join(lines).encode()


def batch(**facts):
    made = datetime(2026, 11, 21, 12, tzinfo=UTC)
    plain = Batch(1, 1, "t", BatchStatus.SUBMITTED, "", None, "b", 1, 9, 9, 0, 0, "", "{}", made)
    return Batch(**{**vars(plain), **facts})


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], ""),
        ([batch(status=BatchStatus.COLLECTED)], ""),
        ([batch()], "you can close the tab."),
        ([batch(looked_at=datetime(2026, 11, 21, 12, tzinfo=UTC))], "Checked 30 s ago."),
        ([batch(looked_at=datetime(2026, 11, 21, 12, 0, 29, tzinfo=UTC)), batch()], "Checked just now."),
    ],
)
def test_how_long_a_host_may_take_is_said_while_it_has_something(found, said):
    told = waits_how_long(found, datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(seconds=30))
    assert told.endswith(said) and bool(told) == bool(said)


def test_a_report_names_only_what_happened():
    assert report_in_words(ImportReport(12, 0, 0, 0, 0)) == "12 answered. Nothing is missing any more."
    said = report_in_words(ImportReport(8, 1, 2, 3, 4, refused=5, left=6, unreadable=7))
    assert said.startswith("8 answered, 1 failed. 3 lines answered before. 2 lines of another run. 5 lines refused")
    assert said.endswith("6 lines not carried out. 7 lines unreadable. 4 items still missing.")


def test_a_models_name_is_safe_in_the_command():
    assert command_for(run_with(config={"model": "a b; rm -rf /"})).endswith("--model 'a b; rm -rf /'")


def test_a_host_that_could_not_be_told_of_a_cancel_can_be_told_again(wb, small, app):
    run = start(wb, small, Mode.BATCH)
    at_host(wb, run)
    with wb.db.write() as conn:
        runs.finish(conn, run.id, "elsewhere", RunStatus.CANCELLED, "Cancelled here. The host could not be told.")
    at = app("runs", project=small.id, run=run.id)
    next(button for button in at.button if button.label == "Cancel at the host again").click().run()
    assert not at.exception
    again = wb.runs.get(run.id)
    assert (again.status, again.cancel_requested) == (RunStatus.QUEUED, True)


def test_a_cancelled_run_with_nothing_at_the_host_has_nothing_more_to_cancel(wb, small, app):
    run = start(wb, small, Mode.BATCH)
    wb.runs.cancel(run.id)
    at = app("runs", project=small.id, run=run.id)
    assert not any(button.label.startswith("Cancel") for button in at.button)
