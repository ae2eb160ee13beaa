"""Runs of every kind of question: killed with SIGKILL, and over items that were answered before."""

import io
import json

import pytest

from core.model import QuestionKind, RunStatus
from core.services.asking.requests import Mode, Which
from core.services.common.values import Sayings
from core.storage import annotations
from core.tasks import TASKS
from tests.fakes.host import fails, says
from tests.fakes.kinds import RIGHT, project_of, right_answer
from tests.fakes.trouble import nobodys, stored, worker_process
from tests.fakes.waiting import finished, wait_on
from tests.hosts.test_confidence import token


def said_by(wb, project, annotator):
    with wb.db.read() as conn:
        items = list(project.items())
        entries = annotations.current_of(conn, items, Sayings(conn, project.id))
        return [entries[item][annotator].said for item in items]


@pytest.mark.parametrize("kind", TASKS)
def test_kill_9_repeats_nothing_but_what_was_in_flight_whatever_is_asked(kind, workbench, fake_host):
    project = project_of(workbench, kind)
    fake_host.always(says(right_answer(workbench, project)))
    fake_host.hold(after=5)
    run = project.start(in_flight=3)
    with worker_process() as worker:
        wait_on(worker, lambda: workbench.runs.get(run.id).done == 5 and len(fake_host.asked) == 8, "five answers")
        worker.kill()
        worker.wait(10)
    before = stored(workbench, run)
    in_flight = {asked.text for asked in fake_host.asked[5:]}
    fake_host.release()
    nobodys(workbench, run)
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors, len(before)) == (RunStatus.DONE, 12, 0, 5)
    assert set(stored(workbench, run).values()) == {1}
    assert {text for text, count in fake_host.counts.items() if count > 1} == in_flight and len(in_flight) == 3
    assert len(fake_host.counts) == 12 and max(fake_host.counts.values()) == 2
    assert said_by(workbench, project, run.annotator_id) == [RIGHT[kind]] * 12


@pytest.mark.parametrize("kind", TASKS)
def test_what_was_answered_is_never_asked_again_whatever_was_asked(kind, workbench, fake_host):
    project = project_of(workbench, kind)
    fake_host.always(says(right_answer(workbench, project)))
    assert finished(workbench, project.start()).done == 12
    fake_host.always(fails(400, "asked again"))
    again = finished(workbench, project.start(which=Which.ALL))
    assert (again.status, again.done, again.errors) == (RunStatus.DONE, 12, 0)
    assert set(fake_host.counts.values()) == {1}


def test_how_sure_a_model_is_of_each_mark_comes_with_answers_in_files_and_from_the_cache(workbench, fake_host):
    project = project_of(workbench, QuestionKind.SPANS, n=2)
    run = project.start(mode=Mode.FILE)
    lines = []
    for line in workbench.batches.export(run.id).path.read_text().splitlines():
        text = json.loads(line)["body"]["messages"][-1]["content"]
        pieces = [token("<A>", 0.75), token("word"), token("</A>"), token(text.removeprefix("word"))]
        content = "".join(one["token"] for one in pieces)
        message = {"role": "assistant", "content": content}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": {"content": pieces}}
        body = {"object": "chat.completion", "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}
        response = {"status_code": 200, "body": body}
        lines.append({"custom_id": json.loads(line)["custom_id"], "response": response, "error": None})
    workbench.batches.import_results(run.id, io.BytesIO("\n".join(map(json.dumps, lines)).encode()))
    again = finished(workbench, project.start(which=Which.ALL))
    assert (again.done, again.calls, again.from_cache) == (2, 0, 2)
    with workbench.db.read() as conn:
        stored = conn.exec_driver_sql("SELECT confidence, confidence_source, parts FROM annotations ORDER BY id")
        rows = [(row[0], row[1], json.loads(row[2])) for row in stored]
    assert rows == [(pytest.approx(0.75), "parts", [pytest.approx(0.75)])] * 4
