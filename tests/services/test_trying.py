"""Trying a prompt: exactly what a run would do, and nothing stored."""

import asyncio

import pytest

from core.errors import WorkbenchError
from core.model import ErrorKind, Split
from tests.fakes.host import fails, says
from tests.fakes.waiting import finished
from tests.fakes.worlds import MODEL


def tried(project, n=3):
    wb = project.wb
    return wb.prompts.try_on(
        wb.prompts.get(project.version_id), "openai", MODEL, wb.prompts.trial_items(project.id, n=n)
    )


def test_a_trial_shows_what_was_sent_what_came_and_the_reference(small_project, fake_host):
    trials = tried(small_project)
    assert [trial.answered.parsed.label for trial in trials] == [trial.reference for trial in trials]
    assert [trial.messages[-1].content for trial in trials] == [trial.item.text for trial in trials]
    assert set(fake_host.counts) == {trial.item.text for trial in trials}


def test_a_trial_works_inside_a_running_event_loop(small_project):
    async def in_a_notebook():
        return tried(small_project)

    assert [trial.failure for trial in asyncio.run(in_a_notebook())] == [None] * 3


def test_a_trial_asks_as_a_run_does(small_project, workbench, fake_host):
    trials = tried(small_project, n=1)
    text = trials[0].item.text
    finished(workbench, small_project.start(Split.VALIDATION))
    first, second = [asked.body for asked in fake_host.asked if asked.text == text]
    assert first == second


def test_a_trial_stores_nothing(small_project, workbench):
    tried(small_project)
    assert workbench.projects.annotated_counts(small_project.id).keys() == {small_project.gold, small_project.hasty}


def test_a_failing_call_is_part_of_the_result(small_project, fake_host):
    fake_host.next(fails(429, "slow down"))
    failures = [trial.failure for trial in tried(small_project) if trial.failure]
    assert [(failure.kind, failure.message) for failure in failures] == [(ErrorKind.RATE_LIMIT, "slow down")]


def test_an_unclear_answer_says_why(small_project, fake_host):
    fake_host.always(says("bananas"))
    assert all("names no label" in trial.answered.parsed.reason for trial in tried(small_project))


def test_prompts_are_not_tried_on_the_test_split(small_project, workbench):
    with pytest.raises(WorkbenchError, match="not tried on the test split"):
        workbench.prompts.trial_items(small_project.id, split=Split.TEST)
