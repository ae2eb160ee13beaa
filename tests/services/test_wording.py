"""Two wordings never share a score, and a tuned model is not asked otherwise than it was taught without a word."""

from dataclasses import replace

import pytest

from core.model import FineTuneStatus, Split
from core.services.asking.requests import ModelRef, RunRequest, Which
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from tests.fakes.waiting import finished, work_off

pytestmark = pytest.mark.slow
MODEL = "fake-large"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    monkeypatch.setattr("core.services.labelling.storing._BEAT_SECONDS", 0.02)


def request(project, model=MODEL, version=None, **choices):
    choices = {"split": Split.VALIDATION} | choices
    return RunRequest(project.id, (version or project.version_id,), (ModelRef("openai", model),), **choices)


def run(project, wanted):
    return finished(project.wb, project.wb.runs.start(wanted)[0])


def edit(project, edited, **changes):
    """Another name or description for a label."""
    wb = project.wb
    task = wb.tasks.get(project.id)
    labels = tuple(replace(label, **changes) if label.name == edited else label for label in task.labels)
    wb.tasks.save(project.id, replace(task, labels=labels))


@pytest.fixture
def job(small_project, workbench):
    wanted = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    job = workbench.fine_tunes.start(wanted, host="openai", base_model=MODEL)
    work_off(workbench)
    job = workbench.fine_tunes.get(job.id)
    assert job.status is FineTuneStatus.SUCCEEDED, job.message
    return job


def said(project, wanted):
    (cell,) = project.wb.runs.estimate(wanted).cells
    return cell.not_as_taught, cell.apart


def test_answers_to_another_wording_are_another_annotators(small_project, workbench):
    first = run(small_project, request(small_project, n=5))
    edit(small_project, "SPORTS", description="only ball games")
    _, apart = said(small_project, request(small_project))
    assert apart == ("Since fake-large · v1 was asked:", "The description of SPORTS was edited.")
    second = run(small_project, request(small_project))
    assert (second.total, second.annotator_id == first.annotator_id) == (12, False)
    names = {one.id: one.name for one in workbench.projects.annotators(small_project.id)}
    assert [names[one.annotator_id] for one in (first, second)] == ["fake-large · v1", "fake-large · v1 wording 2"]
    assert said(small_project, request(small_project, split=Split.TEST)) == ((), ())


def test_the_first_wording_again_goes_on_where_it_left_off(small_project):
    first = run(small_project, request(small_project, n=5))
    edit(small_project, "SPORTS", description="only ball games")
    run(small_project, request(small_project, n=5))
    edit(small_project, "SPORTS", description="games and teams")
    third = run(small_project, request(small_project))
    assert (third.annotator_id, third.total) == (first.annotator_id, 7)


def test_a_change_the_prompt_does_not_show_sets_nothing_apart(small_project, workbench):
    first = run(small_project, request(small_project, n=5))
    workbench.tasks.save(small_project.id, replace(workbench.tasks.get(small_project.id), guidelines="Others."))
    assert run(small_project, request(small_project)).annotator_id == first.annotator_id


def test_what_changed_may_be_asked_again_in_place(small_project):
    first = run(small_project, request(small_project))
    edit(small_project, "SPORTS", description="only ball games")
    again = run(small_project, request(small_project, which=Which.CHANGED))
    assert (again.annotator_id, again.total) == (first.annotator_id, 12)


CHANGES = {
    "renamed": ({"name": "GAMES"}, "The label SPORTS is now called GAMES."),
    "described otherwise": ({"description": "only ball games"}, "The description of SPORTS was edited."),
}


@pytest.mark.parametrize(("changes", "sentence"), CHANGES.values(), ids=CHANGES)
def test_before_a_run_it_is_said_what_a_tuned_model_is_asked_otherwise_than_it_was_taught(
    changes, sentence, small_project, job
):
    wanted = request(small_project, job.fine_tuned_model)
    assert said(small_project, wanted) == ((), ())
    edit(small_project, "SPORTS", **changes)
    assert said(small_project, wanted) == ((sentence,), ())
    assert said(small_project, replace(wanted, as_taught=job.id)) == ((), ())


def test_another_prompt_is_said_and_the_taught_one_can_be_chosen(small_project, workbench, job):
    other = workbench.prompts.save(small_project.id, "Say one of:\n{{labels}}", "{{text}}", "other")
    wanted = request(small_project, job.fine_tuned_model, other.id)
    assert said(small_project, wanted)[0] == ("The prompt is different: v2 instead of v1.",)
    (planned,) = workbench.runs.plan(replace(wanted, as_taught=job.id))
    assert planned.version.id == small_project.version_id


def test_asked_as_it_was_taught_it_hears_the_old_name_and_its_answer_counts_as_the_label_of_today(
    small_project, workbench, job, fake_host
):
    edit(small_project, "SPORTS", name="GAMES")
    asked = run(small_project, request(small_project, job.fine_tuned_model, as_taught=job.id))
    assert asked.config["labels"][0]["name"] == "SPORTS"
    view = workbench.agreement.view(small_project.id, small_project.gold, [asked.annotator_id], Split.VALIDATION)
    assert view.candidates[0].figures["accuracy"].value == 1.0


def test_measuring_a_tuned_model_asks_it_and_its_base_in_the_words_it_was_taught(small_project, workbench, job):
    edit(small_project, "SPORTS", name="GAMES")
    for wanted in follow_ups(job, Split.TEST):
        (planned,) = workbench.runs.plan(wanted)
        assert [one["name"] for one in planned.cell.config["labels"]] == ["SPORTS", "POLITICS"]
