"""The whole way of a batch on a fresh machine: the worker, the real SDK, the built-in host's process."""

import pytest

from core.model import RunStatus, Split
from core.services.asking.requests import Mode, ModelRef, RunRequest, Which
from tests.fakes.waiting import finished

pytestmark = pytest.mark.encoder


def run_on_embedded(project, **choices):
    request = RunRequest(
        project.id, (project.version_id,), (ModelRef("embedded", "minilm-l6"),), split=Split.TEST, **choices
    )
    return finished(project.wb, project.wb.runs.start(request)[0])


def values(wb, run):
    with wb.db.read() as conn:
        return conn.exec_driver_sql(
            "SELECT item_id, value_id, ROUND(confidence, 5), confidence_source, prompt_tokens, completion_tokens, raw"
            " FROM annotations WHERE run_id = ? ORDER BY item_id",
            (run.id,),
        ).all()


def test_a_batch_run_gives_the_answers_confidences_and_tokens_of_a_live_one(workbench, small_project):
    batch = run_on_embedded(small_project, mode=Mode.BATCH)
    assert (batch.status, batch.done, batch.errors, batch.from_cache) == (RunStatus.DONE, 18, 0, 0)
    (sent,) = workbench.batches.of(batch.id)
    assert (sent.lines, sent.answered, sent.host_status) == (17, 17, "completed")  # one was asked live before
    live = run_on_embedded(small_project, which=Which.ALL, use_cache=False)
    assert values(workbench, batch) == values(workbench, live)
    assert {row[3] for row in values(workbench, batch)} == {"logprobs"}
