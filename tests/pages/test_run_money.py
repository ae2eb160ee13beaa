"""What runs that belong together have spent, the probe before them included."""

from core.model import Budget, RunStatus, Split
from core.services.asking.requests import ModelRef, RunRequest
from core.storage import runs


def ended(wb, run, calls):
    """As if a worker had carried it out with so many calls of 13 tokens."""
    with wb.db.write() as conn:
        runs.claim(conn, "elsewhere")
        runs.add_progress(conn, run.id, 0, 0, 10 * calls, 3 * calls, calls=calls)
        runs.finish(conn, run.id, "elsewhere", RunStatus.PAUSED, "The cap is reached.")


def test_a_probe_is_named_beside_the_run_it_was_made_for_and_its_spend_counted(wb, small, app):
    request = RunRequest(
        small.id, (small.version,), (ModelRef("embedded", "minilm-l6"),), Split.TRAIN, budget=Budget(calls=500)
    )
    (probe,) = wb.runs.probe(request)
    ended(wb, probe, 20)
    with wb.db.write() as conn:  # its items are missing still, and nobody's
        runs.request_cancel(conn, probe.id)
    (run,) = wb.runs.start(request)
    ended(wb, run, 30)
    at = app("runs", project=small.id, run=run.id)
    assert not at.exception
    (said,) = [element.value for element in at.caption if "and its probe" in element.value]
    assert "1 run and its probe" in said and "(probe, cancelled)" in said
    assert "50 of at most 500 calls" in said and "650 tokens" in said
