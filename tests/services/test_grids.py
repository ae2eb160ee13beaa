"""Three prompts with two models at once: each cell a run, one cap for all, and the probe before them."""

from dataclasses import replace

import pytest

from core.hosts.batches import HostBatches
from core.hosts.manner import Manner
from core.model import Budget, Price, RunStatus, Split
from core.services.asking.requests import Mode, ModelRef, RunRequest
from tests.fakes.host import Step, fails
from tests.fakes.trouble import stored
from tests.fakes.waiting import wait_for, work_off
from tests.fakes.worlds import MODEL, right_label
from tests.services.test_batching import carry_out, die, kill_at
from tests.services.test_labelling import labels_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

OTHER = "fake-small"
MODELS = (ModelRef("openai", MODEL), ModelRef("openai", OTHER))
PRICE = Price(input=1000.0, output=10_000.0, batch_factor=0.5)
"""10 tokens in and 3 out: 4 cents a call, 2 in a batch."""


@pytest.fixture
def grid(small_project, workbench, monkeypatch):
    """Three prompts with two models on the twelve validation items: six runs, 72 calls."""
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    for ref in MODELS:
        workbench.prices.set(*ref, PRICE)
    others = [workbench.prompts.save(small_project.id, f"{word}: {{{{labels}}}}", "{{text}}") for word in ("A", "B")]
    versions = (small_project.version_id, *(version.id for version in others))
    return RunRequest(small_project.id, versions, MODELS, Split.VALIDATION)


@pytest.fixture
def plainly(workbench):
    for ref in MODELS:
        workbench.hosts.remember(*ref, Manner(logprobs=False))


def now(workbench, started):
    return [workbench.runs.get(run.id) for run in started]


def is_of(model):
    return lambda body: body["model"] == model


def test_six_cells_end_as_six_runs_with_every_item_asked_once_in_each(small_project, workbench, fake_host, grid):
    started = workbench.runs.start(grid)
    work_off(workbench)
    for run in now(workbench, started):
        assert (run.status, run.done, run.calls) == (RunStatus.DONE, 12, 12)
        right = {i: right_label(text) for i, text in small_project.items(Split.VALIDATION).items()}
        assert labels_of(small_project, run.annotator_id) == right
    assert set(fake_host.served.values()) == {6}
    asked = [(asked.body["model"], asked.body["messages"][0]["content"], asked.text) for asked in fake_host.asked]
    assert len(asked) == len(set(asked)) == 72


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.BATCH])
def test_cells_of_a_model_the_host_does_not_have_hurt_no_others(workbench, fake_host, grid, mode):
    fake_host.refuse(is_of(OTHER), fails(404, "no such model", code="model_not_found"))
    fake_host.batches.refuse(is_of(OTHER), 404, "no such model")
    workbench.hosts.remember("openai", MODEL, Manner(logprobs=False))
    started = workbench.runs.start(replace(grid, mode=mode))
    work_off(workbench)
    by_model = {run.id: run for run in now(workbench, started)}.values()
    good = [run for run in by_model if run.config["model"] == MODEL]
    bad = [run for run in by_model if run.config["model"] == OTHER]
    assert [(run.status, run.done, run.errors) for run in good] == [(RunStatus.DONE, 12, 0)] * 3
    assert all(run.done == 0 and not stored(workbench, run) for run in bad)
    if mode is Mode.LIVE:
        assert all(run.status is RunStatus.FAILED and "no such model" in run.message for run in bad)
    else:
        assert all((run.status, run.errors) == (RunStatus.DONE, 12) for run in bad)


def test_cells_of_a_host_that_refuses_the_key_leave_those_of_another_alone(workbench, fake_host, grid):
    fake_host.refuse(is_of(OTHER), fails(401, "bad key"))
    started = workbench.runs.start(grid)
    work_off(workbench)
    statuses = {(run.config["model"], str(run.status), run.done) for run in now(workbench, started)}
    assert statuses == {(MODEL, "done", 12), (OTHER, "failed", 0)}


def test_all_of_a_grid_can_be_cancelled_those_that_wait_and_those_that_go(workbench, fake_host, grid):
    fake_host.hold(after=5)
    started = workbench.runs.start(replace(grid, in_flight=2))
    workbench.worker.ensure_started()
    fake_host.wait_for_requests(7)
    for run in workbench.runs.grid(started[3].id):
        workbench.runs.cancel(run.id)
    wait_for(lambda: not any(run.status.is_live for run in now(workbench, started)), "the end of all runs")
    ended = now(workbench, started)
    assert {run.status for run in ended} == {RunStatus.CANCELLED}
    assert sum(run.done for run in ended) == 5 and len(fake_host.asked) <= 5 + 3 * 2


@pytest.mark.parametrize(
    ("budget", "calls"), [(Budget(calls=30), 30), (Budget(tokens=390), 30), (Budget(dollars=1.2), 30)]
)
def test_live_cells_share_one_cap_to_within_what_is_in_flight(workbench, fake_host, grid, budget, calls):
    fake_host.always(Step("answer", delay=0.01))
    started = workbench.runs.start(replace(grid, budget=budget, in_flight=2))
    work_off(workbench)
    ended = now(workbench, started)
    assert calls <= len(fake_host.asked) <= calls + 6 * 2
    assert sum(run.calls for run in ended) == len(fake_host.asked)
    assert RunStatus.PAUSED in {run.status for run in ended} <= {RunStatus.PAUSED, RunStatus.DONE}


# by batch


@pytest.mark.usefixtures("plainly")
def test_cells_by_batch_send_no_more_than_the_cap_they_share(workbench, fake_host, grid):
    started = workbench.runs.start(replace(grid, mode=Mode.BATCH, budget=Budget(calls=30)))
    work_off(workbench)
    assert sum(run.calls for run in now(workbench, started)) == 24 and len(fake_host.batches.all) == 2
    assert sorted(str(run.status) for run in now(workbench, started)) == ["done"] * 2 + ["paused"] * 4


@pytest.mark.usefixtures("plainly")
def test_what_is_at_the_host_counts_at_the_price_of_its_own_model(workbench, fake_host, grid, monkeypatch):
    workbench.prices.set("openai", MODEL, Price(input=100_000.0, output=0.0, batch_factor=0.5))
    grid = replace(grid, version_ids=grid.version_ids[:1])
    workbench.runs.probe(replace(grid, n=8))  # 8 × $1 and 8 × 4 cents, and it is known what a call takes
    work_off(workbench)
    # 4 items are left in each: $2.00 and 8 cents by batch.
    dear, cheap = workbench.runs.start(replace(grid, mode=Mode.BATCH, budget=Budget(dollars=8.32 + 2.05)))
    with monkeypatch.context() as killing:
        kill_at(killing, HostBatches, "look", 0, "after")
        die(workbench, dear)
    run = carry_out(workbench, cheap)
    assert run.status is RunStatus.PAUSED and "about $0.08, and the cap is $10.37" in run.message
    assert len(fake_host.batches.all) == 1


# the probe before them


def test_a_probe_counts_against_the_cap_of_the_runs_it_was_made_for(workbench, fake_host, grid):
    grid = replace(grid, version_ids=grid.version_ids[:1])
    probes = workbench.runs.probe(replace(grid, n=8))
    work_off(workbench)
    started = workbench.runs.start(replace(grid, budget=Budget(calls=20), in_flight=1))
    assert [run.id for run in workbench.runs.grid(started[0].id)] == [run.id for run in (*probes, *started)]
    work_off(workbench)
    assert 20 <= len(fake_host.asked) <= 20 + 2
    assert {run.status for run in now(workbench, started)} <= {RunStatus.PAUSED, RunStatus.DONE}


def test_a_probe_of_everything_belongs_to_what_follows_it_even_if_that_is_less(workbench, grid):
    probes = workbench.runs.probe(grid)
    work_off(workbench)
    (run,) = workbench.runs.start(replace(grid, version_ids=grid.version_ids[:1], models=MODELS[:1], split=Split.TEST))
    assert len(workbench.runs.grid(run.id)) == len(probes) + 1
    assert {one.config["budget"]["calls"] for one in workbench.runs.grid(run.id)} == {None}


def test_a_probe_belongs_to_the_first_runs_that_follow_it_and_to_no_later_ones(workbench, grid):
    grid = replace(grid, version_ids=grid.version_ids[:1], models=MODELS[:1])
    (probe,) = workbench.runs.probe(replace(grid, n=4))
    work_off(workbench)
    (first,) = workbench.runs.start(replace(grid, n=8))
    work_off(workbench)
    (second,) = workbench.runs.start(grid)
    assert {run.id for run in workbench.runs.grid(probe.id)} == {probe.id, first.id}
    assert [run.id for run in workbench.runs.grid(second.id)] == [second.id]


def test_two_probes_of_the_same_are_both_counted(workbench, grid):
    grid = replace(grid, version_ids=grid.version_ids[:1], models=MODELS[:1])
    for n in (4, 8):
        workbench.runs.probe(replace(grid, n=n))
        work_off(workbench)
    (run,) = workbench.runs.start(replace(grid, budget=Budget(calls=9)))
    assert [(one.calls, one.config["budget"]["calls"]) for one in workbench.runs.grid(run.id)] == [
        (4, 9),
        (4, 9),
        (0, 9),
    ]
    work_off(workbench)
    assert sum(one.calls for one in workbench.runs.grid(run.id)) == 9
