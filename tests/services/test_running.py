"""Planning and queueing runs."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import Budget, Price, RunStatus, Split
from core.services.hosts.drafts import HostDraft
from core.services.runs.running import Mode, ModelRef, RunRequest, Which
from core.storage import tasks
from tests.fakes.host import fails
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL

OTHER = "fake-small"


@pytest.fixture
def request_(small_project):
    return RunRequest(small_project.id, (small_project.version_id,), (ModelRef("openai", MODEL),), Split.VALIDATION)


def test_a_plan_says_how_many_calls_and_starts_nothing(workbench, request_, fake_host):
    (plan,) = workbench.runs.plan(request_)
    assert (plan.calls, plan.already, plan.annotator_name) == (12, 0, "fake-large · v1")
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
    (again,) = workbench.runs.plan(replace(request_, which=Which.ALL))
    assert (again.calls, again.already) == (12, 0)


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
        ({"models": ()}, "No model is chosen"),
        ({"models": (ModelRef("openai", ""),)}, "No model is chosen"),
        ({"models": (ModelRef("nowhere", "m"),)}, "“nowhere” is not set up"),
        ({"version_ids": (99,)}, "no prompt version 99"),
        ({"n": 0}, "nothing to label"),
        ({"repeats": 26}, "1 to 25 times"),
        ({"repeats": 0}, "1 to 25 times"),
        ({"ask": "decisions"}, "fake-large cannot be asked by the Decisions API"),
        ({"models": (ModelRef("embedded", "minilm-l6"),), "ask": "decisions"}, "cannot be asked by the Decisions API"),
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
    assert len(details.seconds) == 12
    assert {source: len(values) for source, values in details.confidences_by.items()} == {"logprobs": 12}


def test_a_second_start_leaves_out_what_is_on_its_way(workbench, request_, fake_host):
    first = workbench.runs.start(replace(request_, n=5))[0]
    for which in (Which.NEW, Which.ALL):
        again = replace(request_, which=which)
        assert [(plan.calls, plan.on_the_way, plan.already) for plan in workbench.runs.plan(again)] == [(7, 5, 0)]
        assert [(e.calls, e.on_the_way) for e in workbench.runs.estimate(again).cells] == [(7, 5)]
    with pytest.raises(WorkbenchError, match="5 of these items are already being labelled"):
        workbench.runs.start(replace(request_, n=5))
    second = workbench.runs.start(request_)[0]
    work_off(workbench)
    assert [workbench.runs.get(run.id).done for run in (first, second)] == [5, 7]
    assert set(fake_host.counts.values()) == {1}


def test_items_of_a_run_that_goes_on_by_itself_later_are_on_their_way(workbench, request_, fake_host):
    fake_host.next(fails(429, "Come back later", headers={"retry-after": "3600"}))
    first = finished(workbench, workbench.runs.start(replace(request_, n=5, in_flight=1))[0])
    assert first.status is RunStatus.PAUSED
    (plan,) = workbench.runs.plan(replace(request_, which=Which.ALL))
    assert (plan.calls, plan.on_the_way) == (7, 5)


def test_items_of_a_cancelled_run_can_be_started_anew(workbench, request_):
    workbench.runs.cancel(workbench.runs.start(request_)[0].id)
    assert [(plan.calls, plan.on_the_way) for plan in workbench.runs.plan(request_)] == [(12, 0)]


# several at once


def test_prompts_times_models_are_runs_on_the_same_items_that_belong_together(small_project, workbench, request_):
    second = workbench.prompts.save(small_project.id, "Other: {{labels}}", "{{text}}")
    grid = replace(
        request_,
        version_ids=(small_project.version_id, second.id),
        models=(ModelRef("openai", MODEL), ModelRef("openai", OTHER)),
        n=6,
        budget=Budget(calls=1000),
    )
    planned = workbench.runs.plan(grid)
    assert len({plan.item_ids for plan in planned}) == 1
    started = workbench.runs.start(grid)
    work_off(workbench)
    runs = [workbench.runs.get(run.id) for run in started]
    assert [run.done for run in runs] == [6, 6, 6, 6]
    assert {run.grid_id for run in runs} == {started[0].id}
    assert [(run.config["prompt_version"], run.config["model"]) for run in runs] == [
        (1, MODEL),
        (1, OTHER),
        (2, MODEL),
        (2, OTHER),
    ]
    assert [run.id for run in workbench.runs.grid(started[2].id)] == [run.id for run in started]


def test_cells_with_nothing_to_label_are_left_out_of_the_grid(workbench, request_):
    finished(workbench, workbench.runs.start(request_)[0])
    both = replace(request_, models=(ModelRef("openai", MODEL), ModelRef("openai", OTHER)))
    assert [run.config["model"] for run in workbench.runs.start(both)] == [OTHER]


def test_everything_the_answers_pace_and_cost_depend_on_is_frozen_at_the_start(workbench, request_):
    (run,) = workbench.runs.start(replace(request_, repeats=3, in_flight=7, budget=Budget(tokens=500)))
    config = run.config
    assert (config["repeats"], config["temperature"], config["in_flight"]) == (3, 0.7, 7)
    assert config["budget"] == {"dollars": None, "tokens": 500, "calls": None}
    assert (config["masking"], config["extra"], config["use_cache"]) == ({"kinds": [], "names": []}, {}, True)
    assert (config["mode"], config["ask"], config["purpose"]) == ("live", "chat", "")


def test_another_way_of_asking_is_another_annotator(workbench, request_):
    names = [
        workbench.runs.plan(replace(request_, **change))[0].annotator_name
        for change in ({}, {"repeats": 5}, {"repeats": 5, "temperature": 1.0}, {"temperature": 0.0})
    ]
    assert names == ["fake-large · v1", "fake-large · v1 ×5", "fake-large · v1 ×5 temperature 1", "fake-large · v1"]


def test_the_same_model_on_another_host_is_told_apart_by_the_hosts_title(workbench, request_, fake_host):
    office = workbench.hosts.add("custom", HostDraft("Office", fake_host.base_url + "/")).key
    models = (ModelRef("openai", MODEL), ModelRef(office, MODEL))
    runs = workbench.runs.start(replace(request_, models=models))
    titles = workbench.projects.titles(request_.project_id)
    names = [titles[run.annotator_id] for run in runs]
    assert names == ["fake-large · v1", "fake-large · v1 (Office)"]


def test_a_run_to_be_answered_in_a_file_waits_for_it_and_no_worker_takes_it(workbench, request_, fake_host):
    (run,) = workbench.runs.start(replace(request_, mode=Mode.FILE))
    work_off(workbench)
    assert workbench.runs.get(run.id).status is RunStatus.PAUSED
    assert not fake_host.asked
    with pytest.raises(WorkbenchError, match="is waiting for its answers in a file"):
        workbench.runs.resume(run.id)


# which items


def test_items_whose_rendered_prompt_changed_are_found_by_what_was_really_sent(small_project, workbench, request_):
    finished(workbench, workbench.runs.start(request_)[0])
    changed = replace(request_, which=Which.CHANGED)
    assert workbench.runs.plan(changed)[0].item_ids == ()
    assert workbench.runs.estimate(changed).items == 0
    with workbench.db.write() as conn:
        task = tasks.task(conn, small_project.id)
    sports = task.labels[0]
    workbench.tasks.save(small_project.id, replace(task, labels=(replace(sports, description="games"), task.labels[1])))
    (plan,) = workbench.runs.plan(changed)
    assert (len(plan.item_ids), plan.changed, plan.already) == (12, 12, 0)
    (fresh,) = workbench.runs.plan(request_)
    assert (len(fresh.item_ids), fresh.annotator, fresh.annotator_name) == (12, None, "fake-large · v1 wording 2")


def test_what_the_prompt_does_not_show_changes_no_item(small_project, workbench, request_):
    finished(workbench, workbench.runs.start(request_)[0])
    with workbench.db.read() as conn:
        task = tasks.task(conn, small_project.id)
    workbench.tasks.save(small_project.id, replace(task, guidelines="Something else."))
    assert workbench.runs.plan(replace(request_, which=Which.CHANGED))[0].item_ids == ()


# a probe


def test_a_probe_labels_a_few_items_that_the_run_proper_does_not_pay_for_again(workbench, request_, fake_host):
    everything = replace(request_, split=None)
    (probe,) = workbench.runs.probe(everything)
    assert (probe.total, probe.config["purpose"], probe.config["mode"]) == (20, "probe", "live")
    work_off(workbench)
    (run,) = workbench.runs.start(everything)
    assert run.total == 40
    work_off(workbench)
    assert len(fake_host.asked) == 60
    assert set(fake_host.counts.values()) == {1}


def test_a_probe_asks_every_cell_about_the_same_items(workbench, request_):
    both = replace(request_, split=None, models=(ModelRef("openai", MODEL), ModelRef("openai", OTHER)))
    probes = workbench.runs.probe(both)
    work_off(workbench)
    asked = [set(workbench.runs.plan(replace(both, models=(ref,)))[0].item_ids) for ref in both.models]
    assert len(probes) == 2
    assert asked[0] == asked[1]


# the cache


def test_answers_known_already_are_not_counted_as_calls(small_project, workbench, request_):
    finished(workbench, workbench.runs.start(replace(request_, n=5))[0])
    again = replace(request_, which=Which.ALL)
    (cell,) = workbench.runs.estimate(again).cells
    assert (cell.items, cell.known, cell.calls) == (12, 5, 7)
    (fresh,) = workbench.runs.estimate(replace(again, use_cache=False)).cells
    assert (fresh.items, fresh.known, fresh.calls) == (12, 0, 12)


def test_of_several_requests_those_with_nothing_left_to_ask_are_not_started(workbench, request_):
    finished(workbench, workbench.runs.start(request_)[0])
    train = replace(request_, split=Split.TRAIN)
    (started,) = workbench.runs.start_missing([request_, train])
    assert started.config["split"] == Split.TRAIN
    assert workbench.runs.start_missing([request_]) == []


def test_the_stamp_of_an_estimate_changes_with_what_it_depends_on(workbench, request_):
    stamps = [workbench.runs.estimate_stamp(request_)]
    assert workbench.runs.estimate_stamp(request_) == stamps[0]
    for act in (
        lambda: workbench.prices.set("openai", MODEL, Price(1.0, 2.0)),
        lambda: finished(workbench, workbench.runs.start(replace(request_, n=5))[0]),
        lambda: workbench.runs.start(replace(request_, split=Split.TRAIN)),
        lambda: workbench.runs.clear_cache(),
        lambda: workbench.data.split(request_.project_id, seed=7),
    ):
        act()
        stamps.append(workbench.runs.estimate_stamp(request_))
    assert len(set(stamps)) == len(stamps)


def test_models_without_a_price_keep_a_cap_in_dollars_from_being_kept(workbench, request_):
    workbench.prices.set("openai", "priced", Price(1.0, 2.0))
    models = [ModelRef("openai", MODEL), ModelRef("openai", "priced"), ModelRef("openai", MODEL)]
    assert workbench.runs.unpriced(models, Budget(dollars=1.0)) == [MODEL]
    assert workbench.runs.unpriced(models, Budget(calls=1)) == []


def test_a_probe_is_worth_it_where_much_more_is_asked_and_nothing_where_nothing_is_sent(workbench, request_):
    few, many = request_, replace(request_, split=Split.TRAIN)
    assert not workbench.runs.estimate(few).is_worth_probing(few)
    estimate = workbench.runs.estimate(many)
    assert (estimate.runs, estimate.is_worth_probing(many)) == (1, True)
    assert not estimate.is_worth_probing(replace(many, mode=Mode.FILE))


def test_a_run_that_ended_early_may_be_taken_up_with_as_many_calls_as_it_lacks(workbench, request_):
    (run,) = workbench.runs.start(replace(request_, repeats=3))
    assert not workbench.runs.may_resume(run)
    workbench.runs.cancel(run.id)
    cancelled = workbench.runs.get(run.id)
    assert cancelled.status is RunStatus.CANCELLED and workbench.runs.may_resume(cancelled)
    assert workbench.runs.calls_to_the_end(run.id) == 36
    workbench.runs.resume(run.id)
    assert not workbench.runs.may_resume(workbench.runs.get(run.id))


def test_a_cleared_cache_counts_nothing_until_that_is_undone(workbench, request_):
    finished(workbench, workbench.runs.start(replace(request_, n=5))[0])
    again = replace(request_, which=Which.ALL)
    assert workbench.runs.cache_size() == 5
    before = workbench.runs.clear_cache()
    assert workbench.runs.cache_size() == 0
    assert workbench.runs.estimate(again).calls == 12
    workbench.runs.restore_cache(before)
    assert workbench.runs.estimate(again).calls == 7
