"""Planning and queueing runs."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import Split
from core.services.running import RunRequest
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL


@pytest.fixture
def request_(small_project):
    return RunRequest(small_project.id, (small_project.version_id,), "openai", MODEL, Split.VALIDATION)


def test_a_plan_says_how_many_calls_and_starts_nothing(workbench, request_, fake_host):
    (plan,) = workbench.runs.plan(request_)
    assert (plan.calls, plan.already, plan.annotator_name) == (12, 0, "fake-large · v1")
    assert plan.tokens > 0
    assert workbench.runs.all(request_.project_id) == []
    assert not fake_host.asked


def test_a_larger_sample_of_the_same_seed_holds_the_smaller_one(workbench, request_):
    small, large, other = (
        set(workbench.runs.plan(replace(request_, split=None, n=n, seed=seed))[0].item_ids)
        for n, seed in ((10, 0), (20, 0), (10, 1))
    )
    assert len(small) == 10
    assert small < large
    assert small != other


def test_what_is_labelled_already_is_left_out_unless_it_is_wanted_again(small_project, workbench, request_):
    finished(workbench, workbench.runs.start(replace(request_, n=5))[0])
    (plan,) = workbench.runs.plan(request_)
    assert (plan.calls, plan.already) == (7, 5)
    (again,) = workbench.runs.plan(replace(request_, only_new=False))
    assert (again.calls, again.already) == (12, 0)


def test_several_prompt_versions_label_the_same_items(small_project, workbench, request_):
    second = workbench.prompts.save(small_project.id, "Other: {{labels}}", "{{text}}")
    both = replace(request_, version_ids=(small_project.version_id, second.id), n=6)
    first, other = workbench.runs.plan(both)
    assert first.item_ids == other.item_ids
    started = workbench.runs.start(both)
    work_off(workbench)
    assert [workbench.runs.get(run.id).done for run in started] == [6, 6]


def test_items_shown_as_examples_are_not_asked_about(small_project, workbench, request_):
    shown = list(small_project.items(Split.TRAIN))[:3]
    version = workbench.prompts.save(small_project.id, "{{labels}}", "{{text}}", "shots", shown)
    (plan,) = workbench.runs.plan(replace(request_, version_ids=(version.id,), split=None))
    assert plan.calls == 57
    assert set(plan.item_ids).isdisjoint(shown)


def test_a_run_keeps_the_prompt_it_was_started_with(small_project, workbench, request_):
    (run,) = workbench.runs.start(request_)
    workbench.prompts.save(small_project.id, "New: {{labels}}", "{{text}}")
    assert finished(workbench, run).config["system"] == "Choose one of:\n{{labels}}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version_ids": ()}, "No prompt version is chosen"),
        ({"model": ""}, "No model is chosen"),
        ({"host": "nowhere"}, "“nowhere” is not set up"),
        ({"version_ids": (99,)}, "no prompt version 99"),
        ({"n": 0}, "nothing to label"),
    ],
)
def test_a_run_that_lacks_a_choice_says_which(change, said, workbench, request_):
    with pytest.raises(WorkbenchError, match=said):
        workbench.runs.start(replace(request_, **change))
    assert workbench.runs.all(request_.project_id) == []


def test_the_details_count_answers_errors_and_times(workbench, request_):
    run = finished(workbench, workbench.runs.start(request_)[0])
    details = workbench.runs.details(run.id)
    assert details.answers == {"SPORTS": 6, "POLITICS": 6}
    assert (details.unclear, details.errors) == ({}, {})
    assert len(details.seconds) == len(details.confidences) == 12


def test_a_second_start_leaves_out_what_is_on_its_way(workbench, request_, fake_host):
    first = workbench.runs.start(replace(request_, n=5))[0]
    for only_new in (True, False):
        again = replace(request_, only_new=only_new)
        assert [(plan.calls, plan.on_the_way, plan.already) for plan in workbench.runs.plan(again)] == [(7, 5, 0)]
        assert [(e.calls, e.on_the_way) for e in workbench.runs.estimate(again)] == [(7, 5)]
    with pytest.raises(WorkbenchError, match="5 of these items are on their way"):
        workbench.runs.start(replace(request_, n=5))
    second = workbench.runs.start(request_)[0]
    work_off(workbench)
    assert [workbench.runs.get(run.id).done for run in (first, second)] == [5, 7]
    assert set(fake_host.counts.values()) == {1}


def test_items_of_a_cancelled_run_can_be_started_anew(workbench, request_):
    workbench.runs.cancel(workbench.runs.start(request_)[0].id)
    assert [(plan.calls, plan.on_the_way) for plan in workbench.runs.plan(request_)] == [(12, 0)]
