"""Trying a prompt: exactly what a run would do, and nothing stored."""

import asyncio

import pytest

from core.errors import NotAllowedYet, WorkbenchError
from core.model import ErrorKind, Masking, Split
from core.services.hosts.drafts import HostDraft
from core.services.runs.running import ModelRef, RunRequest
from tests.fakes.host import fails, says
from tests.fakes.waiting import finished
from tests.fakes.worlds import MODEL


def tried(project, n=3, host="openai", model=MODEL, **choices):
    wb = project.wb
    items = wb.prompts.trial_items(project.id, n=n)
    return wb.prompts.try_on(wb.prompts.get(project.version_id), host, model, items, **choices)


def custom_host(project, fake_host, **settings):
    """Key of a host of the user's own with these settings."""
    settings.setdefault("base_url", fake_host.base_url)
    return project.wb.hosts.add("custom", HostDraft("Mine", **settings)).key


def test_a_trial_shows_what_was_sent_what_came_and_the_reference(small_project, fake_host):
    trials = tried(small_project)
    assert [trial.answered.parsed.said for trial in trials] == [trial.reference for trial in trials]
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


def test_a_trial_sends_what_the_user_set_for_the_host_as_a_run_does(small_project, workbench, fake_host):
    key = custom_host(small_project, fake_host, extra='{"seed": 7}', reasoning_effort="low", answer_tokens=99)
    text = tried(small_project, n=1, host=key)[0].item.text
    request = RunRequest(small_project.id, (small_project.version_id,), (ModelRef(key, MODEL),))
    finished(workbench, workbench.runs.start(request)[0])
    first, second = [asked.body for asked in fake_host.asked if asked.text == text]
    assert first == second
    assert (first["seed"], first["reasoning_effort"], first["max_completion_tokens"]) == (7, "low", 99)


def test_a_trial_shows_the_text_as_the_host_saw_it(small_project, fake_host):
    name = small_project.wb.prompts.trial_items(small_project.id, n=1)[0].text.split()[1]
    key = custom_host(small_project, fake_host, masking=Masking(names=(name,)))
    trials = tried(small_project, host=key)
    assert [trial.is_masked for trial in trials] == [True, False, False]
    assert name in trials[0].item.text
    assert name not in trials[0].messages[-1].content
    assert {trial.messages[-1].content for trial in trials} == set(fake_host.counts)


def test_asked_several_times_the_majority_counts_and_its_share_is_the_confidence(small_project, fake_host):
    fake_host.next(says("POLITICS"), says("bananas"), says("POLITICS"), says("SPORTS"), says("POLITICS"))
    (trial,) = tried(small_project, n=1, repeats=5)
    answered = trial.answered
    assert (answered.parsed.said, answered.confidence, answered.confidence_source) == ("POLITICS", 0.6, "repeats")
    assert trial.votes == {"POLITICS": 3, "UNABLE_TO_CLASSIFY": 1, "SPORTS": 1}
    assert answered.reply.prompt_tokens == 50
    assert {asked.body["temperature"] for asked in fake_host.asked} == {0.7}


def test_asked_several_times_half_of_the_answers_are_enough_and_fewer_are_not(small_project, fake_host):
    fake_host.next(*[fails(500)] * 2, *[says("SPORTS")] * 2)
    (trial,) = tried(small_project, n=1, repeats=4)
    assert (trial.answered.parsed.said, trial.answered.confidence) == ("SPORTS", 1.0)
    fake_host.next(*[fails(500)] * 3, says("SPORTS"))
    (trial,) = tried(small_project, n=1, repeats=4)
    assert (trial.answered, trial.failure.kind) == (None, ErrorKind.SERVER)


def test_a_trial_can_ask_for_a_decision(small_project, fake_host):
    (trial,) = tried(small_project, n=1, model="gpt-6-luna", ask="decisions")
    assert (trial.answered.confidence, trial.answered.confidence_source) == (0.8, "decisions")
    assert trial.asking == "a decision"
    assert '"probabilities"' in trial.answered.reply.raw


def test_trying_again_asks_again(small_project, fake_host):
    tried(small_project)
    tried(small_project)
    assert set(fake_host.counts.values()) == {2}


def test_nothing_is_sent_elsewhere_before_the_user_allowed_it(small_project, fake_host):
    key = custom_host(small_project, fake_host, base_url="http://host.invalid/v1")
    with pytest.raises(NotAllowedYet) as refused:
        tried(small_project, host=key)
    assert refused.value.host_key == key


def test_a_trial_stores_nothing(small_project, workbench):
    tried(small_project)
    assert workbench.projects.annotated_counts(small_project.id).keys() == {small_project.gold, small_project.hasty}


def test_a_failing_call_is_part_of_the_result(small_project, fake_host):
    fake_host.next(fails(400, "no such thing"))
    failures = [trial.failure for trial in tried(small_project) if trial.failure]
    assert [(failure.kind, failure.message) for failure in failures] == [(ErrorKind.BAD_REQUEST, "no such thing")]


def test_a_call_that_is_refused_for_now_waits_as_it_is_told_and_is_asked_again(small_project, fake_host):
    fake_host.next(*[fails(429, "slow down", headers={"retry-after-ms": "5"})] * 4)
    trials = tried(small_project)
    assert all(trial.answered for trial in trials)
    assert len(fake_host.asked) == len(trials) + 4


def test_a_call_told_to_wait_longer_than_anybody_waits_says_for_how_long(small_project, fake_host):
    fake_host.next(fails(429, "slow down", headers={"retry-after": "600"}))
    failures = [trial.failure for trial in tried(small_project) if trial.failure]
    assert [(failure.kind, failure.message) for failure in failures] == [
        (ErrorKind.RATE_LIMIT, "slow down. It asks us to wait 10 minutes.")
    ]


def test_whoever_waits_for_a_trial_hears_what_it_waits_for(small_project, fake_host):
    fake_host.next(fails(429, "slow down", headers={"retry-after": "1"}))
    heard = []
    assert all(trial.answered for trial in tried(small_project, tell=heard.append))
    assert heard == ["The host is getting too many requests right now: 1 call is waiting, 1 s at most.", ""]


def test_an_unclear_answer_says_why(small_project, fake_host):
    fake_host.always(says("bananas"))
    assert all("names no label" in trial.answered.parsed.reason for trial in tried(small_project))


def test_prompts_are_not_tried_on_the_test_split(small_project, workbench):
    with pytest.raises(WorkbenchError, match="cannot be tried on the test split"):
        workbench.prompts.trial_items(small_project.id, split=Split.TEST)
