"""The product's promises, by their numbers in the design; those that can be proved without a screen."""

import asyncio
import io
import sys
import tomllib
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, Label, RunStatus, Split, TableData
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import Decision
from core.storage import annotations, runs
from core.workbench import open_workbench
from tests.fakes.host import fails
from tests.fakes.waiting import finished, wait_for, work_off
from tests.fakes.worlds import MODEL

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.labelling.storing._BEAT_SECONDS", 0.02)
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)


def whole_loop(wb, project):
    """Every verb that talks to a host or writes: try, run, review, merge and undo, tune, look, export."""
    wb.hosts.models("openai", project.id)
    trials = wb.prompts.trial_items(project.id, n=2)
    wb.prompts.try_on(wb.prompts.get(project.version_id), "openai", MODEL, trials)
    run = finished(wb, project.start())
    first = next(iter(project.items()))
    wb.review.store(project.id, "tab", "Ada", [Decision(1, first, "SPORTS"), Decision(2, first, "POLITICS")])
    labels = {label.name: label for label in wb.tasks.get(project.id).choices}
    wb.tasks.merge(project.id, labels["POLITICS"].id, labels["SPORTS"].id)
    wb.tasks.restore(project.id, labels["POLITICS"].id)
    request = TuneRequest(project.id, project.gold, project.version_id)
    job = wb.fine_tunes.start(request, host="openai", base_model=MODEL)
    work_off(wb)
    assert wb.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED
    wb.agreement.view(project.id, project.gold, [run.annotator_id], Split.TEST)
    out = io.BytesIO()
    wb.export.write(project.id, out, shape="long", file_format="csv", with_history=True)
    return run, out.getvalue().decode()


def test_1_a_call_is_not_repeated_by_cancel_stop_resume_or_a_second_program(
    small_project, workbench, fake_host, monkeypatch
):
    monkeypatch.setattr("core.services.labelling.run_executor._GRACE_SECONDS", 0.0)
    fake_host.hold(after=15)
    run = small_project.start(in_flight=3)
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.runs.get(run.id).done == 15, "fifteen labels")
    fake_host.wait_for_requests(18)
    workbench.runs.cancel(run.id)
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.CANCELLED, "the cancel")
    hung_up_on = {asked.text for asked in fake_host.asked[15:]}
    fake_host.release()
    workbench.runs.resume(run.id)
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.DONE, "the resumed run")
    second = open_workbench(workbench.settings)
    second.runs.resume(run.id)
    assert finished(second, run).done == 60
    second.close()
    # Three calls were hung up on, since nobody waited for them: only those were made twice.
    assert {text for text, n in fake_host.counts.items() if n > 1} == hung_up_on
    assert len(fake_host.asked) == 63


def test_2_nothing_the_product_does_updates_or_deletes_an_annotation(small_project, workbench, fake_host):
    with workbench.db.write() as conn:
        for act in ("UPDATE", "DELETE"):
            conn.exec_driver_sql(
                f"CREATE TRIGGER no_{act} BEFORE {act} ON annotations BEGIN SELECT RAISE(ABORT, '{act}'); END"
            )
    text = next(iter(small_project.items().values()))
    fake_host.for_item(text, fails(400))
    run, _ = whole_loop(workbench, small_project)
    workbench.runs.resume(run.id, retry_errors=True)
    assert finished(workbench, run).done == 60
    workbench.projects.remove(small_project.id)
    workbench.projects.restore(small_project.id)


def test_2_undoing_a_review_decision_is_a_new_entry(small_project, workbench):
    item = next(iter(small_project.items()))
    for seq, label in ((1, "SPORTS"), (2, "POLITICS"), (3, "SPORTS"), (4, None)):
        workbench.review.store(small_project.id, "tab", "Ada", [Decision(seq, item, label, takes_back=label is None)])
    ada = workbench.review.reviewer(small_project.id, "Ada")
    with workbench.db.read() as conn:
        past = annotations.history(conn, [item], Sayings(conn, small_project.id))[item]
    assert [entry.said for entry in past if entry.annotator_id == ada.id] == ["SPORTS", "POLITICS", "SPORTS", None]


def test_5_the_test_split_cannot_be_trained_on(small_project, workbench, fake_host):
    whole_loop(workbench, small_project)
    uploaded = "".join(fake_host.files.values())
    assert uploaded
    assert not [text for text in small_project.items(Split.TEST).values() if text in uploaded]
    with pytest.raises(WorkbenchError, match="train split"):
        workbench.prompts.save(
            small_project.id, "{{labels}}", "{{text}}", "shots", [next(iter(small_project.items(Split.TEST)))]
        )
    with pytest.raises(WorkbenchError, match="learned from these splits"):
        workbench.data.split(small_project.id, seed=7)


def test_5_looking_at_the_test_split_is_counted_once_a_figure(small_project, workbench):
    view, looks = workbench.agreement.view, lambda: workbench.agreement.looks(small_project.id)
    model = small_project.model("a model", Split.TEST, Split.VALIDATION)
    view(small_project.id, small_project.gold, [model], Split.VALIDATION)
    view(small_project.id, small_project.gold, [small_project.hasty], Split.TEST)
    assert looks() == 0, "neither is a model's answers on test"
    view(small_project.id, small_project.gold, [model], Split.TEST)
    view(small_project.id, small_project.gold, [model], Split.TEST)
    assert looks() == 1, "a redraw is no look"
    run = finished(workbench, small_project.start())
    view(small_project.id, small_project.gold, [run.annotator_id], Split.TEST)
    assert looks() == 2
    workbench.compare.view(small_project.id, small_project.gold, model, run.annotator_id, Split.TEST)
    view(small_project.id, small_project.gold, [model], None)
    assert looks() == 2, "the same answers on another page are the same look"
    view(small_project.id, small_project.gold, [small_project.model("another", Split.TEST)], None)
    assert looks() == 3, "all items hold the test items"


def test_6_bad_input_gets_one_sentence_with_the_place_and_imports_nothing(workbench):
    rows = [("1", "a text", "X"), ("2", "", "Y"), ("3", "c text", "X")]
    with pytest.raises(WorkbenchError) as caught:
        workbench.data.import_table(
            TableData(("id", "text", "label"), rows), ImportChoice("P", ("text",), ("label",), "id")
        )
    assert "3" in caught.value.message, "the second row of data is row 3 of the file"
    assert "text" in caught.value.message
    assert caught.value.hint
    assert workbench.projects.all() == []


def test_9_what_one_program_stored_the_next_one_finds(small_project, workbench):
    run, export = whole_loop(workbench, small_project)
    standing = workbench.progress.of(small_project.id)
    workbench.close()
    again = open_workbench(workbench.settings)
    out = io.BytesIO()
    again.export.write(small_project.id, out, shape="long", file_format="csv", with_history=True)
    assert out.getvalue().decode() == export
    assert again.runs.get(run.id) == run
    assert again.progress.of(small_project.id) == standing
    again.close()


def test_9_a_second_tab_sees_what_the_first_one_did_and_neither_undoes_the_other(small_project, workbench):
    first, second = list(small_project.items())[:2]
    workbench.review.store(small_project.id, "tab one", "Ada", [Decision(1, first, "SPORTS")])
    workbench.review.store(small_project.id, "tab two", "Ada", [Decision(1, second, "POLITICS")])
    ada = workbench.review.reviewer(small_project.id, "Ada")
    labels = workbench.data.labels_of(small_project.id, [first, second])
    assert [labels[item][ada.id] for item in (first, second)] == ["SPORTS", "POLITICS"]


def test_9_a_run_whose_program_was_killed_waits_to_be_resumed(small_project, workbench, fake_host):
    run = small_project.start()
    with workbench.db.write() as conn:
        runs.claim(conn, "killed")
        runs.mark_interrupted(conn, lease_seconds=-1)
    assert workbench.runs.get(run.id).status is RunStatus.INTERRUPTED
    workbench.runs.resume(run.id)
    assert finished(workbench, run).done == 60


CALLED: list[object] = []
WATCHING: list[bool] = []


def _watch(event, arguments):
    if WATCHING and event in ("socket.connect", "socket.sendto"):
        CALLED.append(arguments[1])
    if WATCHING and event == "socket.getaddrinfo":
        CALLED.append((arguments[0], arguments[1]))


def test_10_the_whole_loop_calls_nobody_but_the_host_of_the_user(small_project, workbench, fake_host):
    sys.addaudithook(_watch)
    CALLED.clear()
    WATCHING.append(True)
    try:
        whole_loop(workbench, small_project)
        asyncio.run(workbench.worker.serve(until_idle=True))
    finally:
        WATCHING.clear()
    assert {tuple(address[:2]) for address in CALLED} == {("127.0.0.1", fake_host.port)}


def test_10_the_app_listens_on_this_machine_only_and_reports_nothing():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] in ("127.0.0.1", "localhost")
    assert config["browser"]["gatherUsageStats"] is False


def test_8_text_that_looks_like_markup_is_stored_and_sent_as_it_is(workbench, fake_host):
    text = "<script>alert(1)</script> **bold** {{labels}} $x^2$"
    rows = [("1", text, "X"), ("2", "plain", "Y")]
    choice = ImportChoice("P", ("text",), ("label",), "id")
    project_id = workbench.data.import_table(TableData(("id", "text", "label"), rows), choice)
    version = workbench.prompts.save(project_id, "{{labels}}", "{{text}}")
    items = workbench.prompts.trial_items(project_id, split=None, n=2)
    workbench.prompts.try_on(version, "openai", MODEL, items)
    assert text in fake_host.counts
    assert Label("X").name in fake_host.asked[0].body["messages"][0]["content"]
