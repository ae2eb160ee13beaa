"""Caps where several have a part in them, and answers that nobody should pay for twice."""

import pytest

from core.model import Budget, RunStatus
from core.services.runs.running import ModelRef, RunRequest
from tests.fakes.host import fails, garbage
from tests.fakes.trouble import configured, stored
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL, make_project
from tests.services.test_labelling import entries_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

CAPPED = {"budget": {"dollars": None, "tokens": None, "calls": 20}, "use_cache": False}
UNTOLD = b'{"choices": [{"message": {"content": "SPORTS"}, "finish_reason": "stop"}]}'
DEAR = {"input": 10_000.0, "output": 10_000.0}


def together(wb, runs):
    with wb.db.write() as conn:
        for run in runs:
            conn.exec_driver_sql("UPDATE runs SET grid_id = ? WHERE id = ?", (runs[0].id, run.id))


def with_text(wb, project, text, n):
    """Let the first `n` items of a project have the same text."""
    with wb.db.write() as conn:
        for item in list(project.items())[:n]:
            conn.exec_driver_sql("UPDATE items SET text = ? WHERE id = ?", (text, item))


def test_a_run_whose_companions_have_spent_the_cap_asks_nothing_however_often_it_is_resumed(workbench, fake_host):
    first = configured(make_project(workbench, 60, "First"), CAPPED, in_flight=4)
    work_off(workbench)
    second = configured(make_project(workbench, 60, "Second"), CAPPED, in_flight=4)
    together(workbench, [first, second])
    for _ in range(3):
        second = finished(workbench, second)
        assert (second.status, second.calls) == (RunStatus.PAUSED, 0)
        workbench.runs.resume(second.id)
    assert len(fake_host.asked) == 20


@pytest.mark.parametrize("budget", [{"tokens": 100}, {"dollars": 1.0}], ids=["tokens", "dollars"])
def test_a_cap_that_cannot_be_kept_since_the_host_counts_no_tokens_pauses_the_run(
    budget, small_project, workbench, fake_host
):
    fake_host.always(garbage(UNTOLD))
    run = finished(workbench, configured(small_project, {"budget": budget, "price": DEAR}, in_flight=4))
    assert run.status is RunStatus.PAUSED
    assert "does not say how many tokens" in run.message
    assert run.done == run.calls == len(fake_host.asked) < 15
    asked = len(fake_host.asked)
    workbench.runs.resume(run.id)
    finished(workbench, run)
    assert len(fake_host.asked) == asked


@pytest.mark.parametrize(
    "config",
    [{"budget": {"calls": 60}, "price": DEAR}, {"budget": {"dollars": 1.0}, "price": {"input": 0.0, "output": 0.0}}],
    ids=["calls", "dollars, free of charge"],
)
def test_a_cap_that_can_be_kept_without_counting_tokens_is(config, small_project, workbench, fake_host):
    fake_host.always(garbage(UNTOLD))
    run = finished(workbench, configured(small_project, config))
    assert (run.status, run.done) == (RunStatus.DONE, 60)


def test_items_whose_requests_are_the_same_share_their_several_answers(small_project, workbench, fake_host):
    with_text(workbench, small_project, "team one", 5)
    run = finished(workbench, configured(small_project, {"repeats": 3}))
    assert fake_host.counts["team one"] == 3
    assert (run.status, run.done, run.calls, run.from_cache) == (RunStatus.DONE, 60, 56 * 3, 4)
    assert {sum(entry.votes.values()) for (entry,) in entries_of(small_project, run).values()} == {3}
    assert run.prompt_tokens == 56 * 3 * 10


@pytest.mark.parametrize("repeats", [1, 3])
def test_items_of_one_text_that_is_told_to_wait_an_hour_let_the_run_pause_when_all_else_is_done(
    repeats, small_project, workbench, fake_host
):
    with_text(workbench, small_project, "team one", 3)
    fake_host.for_item("team one", *[fails(429, headers={"retry-after": "3600"})] * 3 * repeats)
    run = finished(workbench, configured(small_project, {"repeats": repeats}, in_flight=4))
    assert (run.status, run.done, run.errors, run.missing) == (RunStatus.PAUSED, 57, 0, 3)


def test_where_one_of_several_answers_fails_the_same_request_of_another_item_is_asked(
    small_project, workbench, fake_host
):
    with_text(workbench, small_project, "team one", 2)
    fake_host.for_item("team one", fails(400, "too odd"))
    run = finished(workbench, configured(small_project, {"repeats": 3}))
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert fake_host.counts["team one"] == 4
    assert run.calls == 58 * 3 + 3


def test_several_answers_asked_afresh_are_not_shared(small_project, workbench, fake_host):
    with_text(workbench, small_project, "team one", 2)
    run = finished(workbench, configured(small_project, {"repeats": 2, "use_cache": False}))
    assert (run.done, fake_host.counts["team one"]) == (60, 4)


def request_for(project, **choices):
    return RunRequest(project.id, (project.version_id,), (ModelRef("openai", MODEL),), split=None, **choices)


def test_what_a_probe_spent_counts_under_the_cap_of_the_run_that_follows(small_project, workbench, fake_host):
    capped = request_for(small_project, budget=Budget(calls=30), in_flight=4)
    (probe,) = workbench.runs.probe(capped)
    assert finished(workbench, probe).calls == 20
    (full,) = workbench.runs.start(capped)
    full = finished(workbench, full)
    assert (full.status, full.calls) == (RunStatus.PAUSED, 10)
    assert len(fake_host.asked) == 30
    assert len(stored(workbench, full)) == 10


def test_a_probe_counts_once_and_not_for_runs_after_the_one_it_was_for(small_project, workbench, fake_host):
    workbench.runs.probe(request_for(small_project, budget=Budget(calls=30)))
    work_off(workbench)
    (first,) = workbench.runs.start(request_for(small_project, n=30, budget=Budget(calls=100)))
    work_off(workbench)
    (second,) = workbench.runs.start(request_for(small_project, budget=Budget(calls=35)))
    second = finished(workbench, second)
    assert (second.status, second.calls) == (RunStatus.DONE, 60 - 20 - workbench.runs.get(first.id).calls)
