"""A grid beside each other: which model with which prompt, how right, at what price; and what is done to all of it."""

from dataclasses import replace

import pytest

from core.model import Budget, Price, RunStatus, Split
from core.services.runs.caps import CapState
from core.services.runs.running import ModelRef, RunRequest, Which
from core.storage import runs
from tests.fakes.host import says
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL, right_label

OTHER = "fake-small"
PRICE = Price(input=1.0, output=10.0)  # 10 tokens in and 3 out: 40 millionths a call


@pytest.fixture
def grid(small_project, workbench):
    """Two prompts with two models on the twelve validation items."""
    second = workbench.prompts.save(small_project.id, "Again: {{labels}}", "{{text}}", "again")
    models = (ModelRef("openai", MODEL), ModelRef("openai", OTHER))
    workbench.prices.set("openai", MODEL, PRICE)
    return RunRequest(small_project.id, (small_project.version_id, second.id), models, Split.VALIDATION)


def never_right(fake_host, small_project):
    """The other model answers a label that is not the right one, whatever the item."""
    wrong = {"SPORTS": "POLITICS"}
    for text in small_project.items(Split.VALIDATION).values():
        label = wrong.get(right_label(text), "SPORTS")
        fake_host.refuse(
            lambda body, text=text: body["model"] == OTHER and text in body["messages"][-1]["content"],
            says(f'{{"label": "{label}"}}'),
        )


def test_cells_stand_by_accuracy_each_with_its_items_interval_cost_and_tokens(
    workbench, small_project, fake_host, grid
):
    never_right(fake_host, small_project)
    started = workbench.runs.start(grid)
    work_off(workbench)
    found = workbench.runs.side_by_side(started[3].id)
    assert [cell.run.config["model"] for cell in found.cells] == [MODEL, MODEL, OTHER, OTHER]
    best, worst = found.cells[0], found.cells[3]
    assert (best.accuracy.value, best.accuracy.n, worst.accuracy.value) == (1.0, 12, 0.0)
    # Wilson for 12 of 12: 1 / (1 + 1.96² / 12).
    assert best.accuracy.low == pytest.approx(0.7575, abs=1e-4)
    assert best.cost.per_1000_right.value == pytest.approx(0.04)
    assert worst.cost.dollars is None and worst.cost.per_1000_right.value is None
    assert (best.tokens, best.labelled, best.chosen, best.model) == (12 * 13, 12, 12, MODEL)
    assert {cell.prompt for cell in found.cells} == {workbench.prompts.get(v).title for v in grid.version_ids}
    assert best.seconds is not None and best.seconds > 0
    assert found.reference.name == "gold"


def test_a_probe_is_part_of_the_cell_it_was_made_for(workbench, grid):
    workbench.runs.probe(replace(grid, n=4))
    work_off(workbench)
    started = workbench.runs.start(grid)
    work_off(workbench)
    cells = workbench.runs.side_by_side(started[0].id).cells
    assert len(cells) == 4 and {cell.run.id for cell in cells} == {run.id for run in started}
    assert {(len(cell.runs), cell.labelled, cell.chosen, cell.accuracy.n, cell.tokens) for cell in cells} == {
        (2, 12, 12, 12, 12 * 13)
    }


def test_an_item_labelled_twice_in_a_cell_counts_once_by_its_newest_label(workbench, small_project, fake_host, grid):
    workbench.runs.probe(replace(grid, n=4))
    work_off(workbench)
    never_right(fake_host, small_project)
    started = workbench.runs.start(replace(grid, which=Which.ALL, use_cache=False))
    work_off(workbench)
    by_model = {cell.model: cell for cell in workbench.runs.side_by_side(started[0].id).cells}
    assert (by_model[OTHER].accuracy.value, by_model[OTHER].accuracy.n, by_model[OTHER].labelled) == (0.0, 12, 12)


def test_scores_on_test_are_not_told_beside_each_other_and_no_look_is_counted(workbench, grid):
    started = workbench.runs.start(replace(grid, split=Split.TEST))
    work_off(workbench)
    cells = workbench.runs.side_by_side(started[0].id).cells
    assert all(cell.accuracy.value is None and cell.cost.compared == 0 for cell in cells)
    assert workbench.agreement.looks(grid.project_id) == 0


def test_the_reference_is_not_compared_with_itself(workbench, grid):
    started = workbench.runs.start(grid)
    work_off(workbench)
    workbench.projects.set_reference(grid.project_id, started[0].annotator_id)
    found = workbench.runs.side_by_side(started[0].id)
    own = next(cell for cell in found.cells if cell.run.id == started[0].id)
    assert own.accuracy.undefined == "it is the reference itself" and found.cells[-1] == own


# all of a grid


def test_all_that_go_or_wait_are_cancelled_at_once_and_what_is_done_stays_done(workbench, grid):
    done = workbench.runs.start(replace(grid, version_ids=grid.version_ids[:1], models=grid.models[:1]))
    work_off(workbench)
    started = workbench.runs.start(replace(grid, which=Which.ALL))
    with workbench.db.write() as conn:
        runs.claim(conn, "somebody")
        runs.put_together(conn, [done[0].id, *(run.id for run in started)])
    workbench.runs.cancel_all(started[2].id)
    found = [workbench.runs.get(run.id) for run in (*done, *started)]
    assert [str(run.status) for run in found] == ["done", "running", "cancelled", "cancelled", "cancelled"]
    assert found[1].cancel_requested


def test_all_that_ended_early_are_resumed_at_once(workbench, grid):
    started = workbench.runs.start(grid)
    workbench.runs.cancel_all(started[0].id)
    assert [run.id for run in workbench.runs.resumable(started[0].id)] == [run.id for run in started]
    workbench.runs.resume_all(started[1].id)
    work_off(workbench)
    assert {(str(run.status), run.done) for run in workbench.runs.grid(started[0].id)} == {("done", 12)}
    assert workbench.runs.resumable(started[0].id) == []


# caps


def test_a_cap_is_reached_where_not_one_more_call_fits_and_not_before(workbench, grid, fake_host):
    capped = replace(grid, version_ids=grid.version_ids[:1], models=grid.models[:1], split=None, in_flight=1)
    run = finished(workbench, workbench.runs.start(replace(capped, budget=Budget(calls=50)))[0])
    assert run.status is RunStatus.PAUSED and workbench.runs.cap_state(run) is CapState.REACHED
    for calls, state in ((51, CapState.OPEN), (50, CapState.REACHED)):
        with workbench.db.write() as conn:
            runs.set_budget(conn, run.id, Budget(calls=calls))
        # 50 of 51 is 98 %, and yet the run would go on.
        assert workbench.runs.cap_state(workbench.runs.get(run.id)) is state


def test_what_others_of_the_grid_have_spent_counts_towards_the_cap(workbench, grid):
    started = workbench.runs.start(replace(grid, budget=Budget(tokens=12 * 13), in_flight=1))
    work_off(workbench)
    waiting = [run for run in map(workbench.runs.get, (one.id for one in started)) if run.status is RunStatus.PAUSED]
    assert waiting and all(workbench.runs.cap_state(run) is CapState.REACHED for run in waiting)
    assert workbench.runs.resumable(started[0].id) == []


def test_under_a_cap_a_host_cannot_keep_calls_can_be_capped_instead(workbench, grid, fake_host):
    fake_host.tokens = lambda text: (0, 0)
    one = replace(grid, version_ids=grid.version_ids[:1], models=grid.models[:1], in_flight=1)
    run = finished(workbench, workbench.runs.start(replace(one, budget=Budget(tokens=1000)))[0])
    assert (run.status, workbench.runs.cap_state(run)) == (RunStatus.PAUSED, CapState.BLIND)
    assert "cap calls instead" in run.message
    workbench.runs.raise_cap(run.id, Budget(calls=12))
    assert finished(workbench, run).done == 12
