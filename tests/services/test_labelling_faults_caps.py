"""Runs that pause and go on, caps on what is spent, answers that are not paid for again."""

import pytest

from core.model import Budget, RunStatus
from core.storage import cache, runs
from tests.fakes.host import Step, fails
from tests.fakes.trouble import Clock, configured, ended, stored, under_way
from tests.fakes.waiting import finished, wait_for, work_off
from tests.fakes.worlds import make_project, right_label
from tests.services.test_labelling import entries_of, labels_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

HOUR = 3600.0
TOKENS_A_CALL = 13
DEAR = {"input": 10_000.0, "output": 10_000.0}
"""Dollars per million tokens: 13 cents a call."""


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


# a host that asks to wait an hour


def paused_for_an_hour(project, host):
    host.next(fails(429, "Come back later", headers={"retry-after": "3600"}))
    return finished(project.wb, project.start(in_flight=1))


def test_a_host_that_asks_to_wait_an_hour_pauses_the_run_and_says_so(small_project, workbench, fake_host, clock):
    run = paused_for_an_hour(small_project, fake_host)
    assert (run.status, run.done, run.errors, run.missing) == (RunStatus.PAUSED, 0, 0, 60)
    assert "1 hour" in run.message
    assert run.resume_at is not None
    assert HOUR - 60 < run.resume_at.timestamp() - clock.now() <= HOUR
    work_off(workbench)
    assert len(fake_host.asked) == 1, "it did not wait"


def test_a_paused_run_goes_on_by_itself_when_its_time_has_come(small_project, workbench, fake_host, clock):
    run = paused_for_an_hour(small_project, fake_host)
    clock.turn(HOUR - 60)
    work_off(workbench)
    assert workbench.runs.get(run.id).status is RunStatus.PAUSED
    clock.turn(61)
    run = finished(workbench, run)
    assert (run.status, run.done, run.message, run.resume_at) == (RunStatus.DONE, 60, "", None)
    assert len(fake_host.asked) == 61


def test_a_paused_run_can_be_resumed_by_hand_before_its_time(small_project, workbench, fake_host):
    run = paused_for_an_hour(small_project, fake_host)
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.done, run.resume_at) == (RunStatus.DONE, 60, None)


def test_a_paused_run_can_be_cancelled(small_project, workbench, fake_host, clock):
    run = paused_for_an_hour(small_project, fake_host)
    workbench.runs.cancel(run.id)
    assert workbench.runs.get(run.id).status is RunStatus.CANCELLED
    clock.turn(2 * HOUR)
    work_off(workbench)
    assert len(fake_host.asked) == 1


def test_what_is_in_flight_when_a_run_pauses_is_kept(small_project, workbench, fake_host):
    run = under_way(fake_host, small_project, 10, in_flight=4)
    fake_host.next(fails(429, headers={"retry-after": "3600"}))
    held_up = {asked.text for asked in fake_host.asked[10:]}
    fake_host.release()
    run = ended(workbench, run)
    assert run.status is RunStatus.PAUSED
    assert run.done == len(stored(workbench, run)) == sum(fake_host.served.values())
    assert {text for text in fake_host.served} >= held_up
    workbench.runs.resume(run.id)
    assert ended(workbench, run).done == 60
    assert set(fake_host.served.values()) == {1}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("config", [{}, {"repeats": 3, "temperature": 1.0}], ids=["one answer", "votes"])
def test_an_item_that_alone_is_told_to_wait_an_hour_is_asked_last_and_the_others_go_on(
    status, config, small_project, workbench, fake_host, clock
):
    text = list(small_project.items().values())[20]
    fake_host.for_item(text, fails(status, headers={"retry-after": "3600"}))
    run = finished(workbench, small_project.start(in_flight=4, **config))
    assert (run.status, run.done, run.errors, run.missing) == (RunStatus.PAUSED, 59, 0, 1)
    assert "1 hour with what is left" in run.message
    assert run.resume_at is not None
    assert HOUR - 60 < run.resume_at.timestamp() - clock.now() <= HOUR
    clock.turn(HOUR + 1)
    assert finished(workbench, run).done == 60
    assert set(fake_host.served.values()) == {config.get("repeats", 1)}, "something was paid for twice"


def test_a_host_that_tells_everybody_to_wait_an_hour_is_left_in_peace_within_a_round_trip(workbench, fake_host, clock):
    project = make_project(workbench, 300)
    run = under_way(fake_host, project, 10, in_flight=4)
    fake_host.always(fails(429, headers={"retry-after": "3600"}))
    fake_host.release()
    assert ended(workbench, run).status is RunStatus.PAUSED
    assert len(fake_host.asked) <= 10 + 2 * 4 + 5


# caps

CAPS = {
    "calls": ({"budget": {"dollars": None, "tokens": None, "calls": 20}}, "20"),
    "tokens": ({"budget": {"dollars": None, "tokens": 20 * TOKENS_A_CALL, "calls": None}}, "260"),
    "dollars": ({"budget": {"dollars": 2.6, "tokens": None, "calls": None}, "price": DEAR}, "2.60"),
}


@pytest.mark.parametrize(("config", "said"), CAPS.values(), ids=CAPS)
def test_a_cap_holds_to_within_what_is_in_flight_and_nothing_paid_for_is_lost(
    config, said, small_project, workbench, fake_host
):
    run = finished(workbench, configured(small_project, config, in_flight=4))
    assert run.status is RunStatus.PAUSED
    assert said in run.message
    assert run.resume_at is None, "it waits for somebody"
    assert 20 <= len(fake_host.asked) <= 24
    assert run.done == run.calls == len(fake_host.asked) == len(stored(workbench, run))
    work_off(workbench)
    assert len(fake_host.asked) == run.calls


@pytest.mark.parametrize(("config", "said"), CAPS.values(), ids=CAPS)
def test_a_run_at_its_cap_asks_nothing_more_until_the_cap_is_raised(config, said, small_project, workbench, fake_host):
    run = finished(workbench, configured(small_project, config, in_flight=4))
    asked = len(fake_host.asked)
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, len(fake_host.asked)) == (RunStatus.PAUSED, asked)
    with workbench.db.write() as conn:
        runs.set_budget(conn, run.id, Budget(dollars=100.0, tokens=100_000, calls=1000))
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.done, run.calls) == (RunStatus.DONE, 60, 60)
    assert set(fake_host.counts.values()) == {1}


def test_runs_started_together_share_one_cap(workbench, fake_host):
    projects = [make_project(workbench, 60, f"Project {i}") for i in range(2)]
    fake_host.always(Step("answer", delay=0.03))
    config = {"budget": {"dollars": None, "tokens": None, "calls": 30}, "use_cache": False}
    started = [configured(project, config, in_flight=4) for project in projects]
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET grid_id = ?", (started[0].id,))
    work_off(workbench)
    ended_ = [workbench.runs.get(run.id) for run in started]
    assert {run.status for run in ended_} == {RunStatus.PAUSED}
    assert 30 <= len(fake_host.asked) <= 30 + 2 * 4
    assert sum(run.calls for run in ended_) == len(fake_host.asked)


# the cache


def again(workbench, name="Again", **config):
    """The same requests, from another project: a queued run."""
    return configured(make_project(workbench, 60, name), config)


def test_the_same_requests_cost_nothing_a_second_time(small_project, workbench, fake_host):
    first = finished(workbench, small_project.start())
    second = finished(workbench, again(workbench))
    assert len(fake_host.asked) == 60
    assert (second.status, second.done, second.from_cache, second.calls) == (RunStatus.DONE, 60, 60, 0)
    assert (second.prompt_tokens, second.completion_tokens) == (0, 0)
    assert (first.from_cache, first.calls) == (0, 60)


def test_what_comes_from_the_cache_is_the_same_answer_and_says_where_it_is_from(small_project, workbench, fake_host):
    first = finished(workbench, small_project.start())
    project = make_project(workbench, 60, "Again")
    second = finished(workbench, project.start())
    assert labels_of(project, second.annotator_id) == {i: right_label(text) for i, text in project.items().items()}
    sources = {text: entry.id for text, (entry,) in entries_of(small_project, first).items()}
    for text, (entry,) in entries_of(project, second).items():
        assert entry.source_id == sources[text]
        assert entry.raw


def test_a_cache_that_was_cleared_answers_nothing_any_more_and_nothing_is_deleted(small_project, workbench, fake_host):
    first = finished(workbench, small_project.start())
    with workbench.db.write() as conn:
        cache.clear(conn)
    second = finished(workbench, again(workbench))
    assert (second.done, second.from_cache, second.calls, len(fake_host.asked)) == (60, 0, 60, 120)
    assert set(stored(workbench, first).values()) == {1}
    third = finished(workbench, again(workbench, "Third"))
    assert (third.from_cache, len(fake_host.asked)) == (60, 120), "what came after the clearing counts again"


def test_a_run_that_is_to_ask_afresh_does(small_project, workbench, fake_host):
    finished(workbench, small_project.start())
    second = finished(workbench, again(workbench, use_cache=False))
    assert (second.done, second.from_cache, len(fake_host.asked)) == (60, 0, 120)


def test_a_cap_does_not_count_what_costs_nothing(small_project, workbench, fake_host):
    finished(workbench, small_project.start())
    second = finished(workbench, again(workbench, budget={"calls": 1}))
    assert (second.status, second.done) == (RunStatus.DONE, 60)


# several answers to one item


def repeats_stored(workbench):
    with workbench.db.read() as conn:
        return conn.exec_driver_sql("SELECT COUNT(*) FROM repeats").scalar()


def test_a_resumed_run_of_several_answers_asks_only_for_those_that_are_missing(
    small_project, workbench, fake_host, no_grace
):
    fake_host.hold(after=50)
    run = configured(small_project, {"repeats": 3}, in_flight=4)
    workbench.worker.ensure_started()
    fake_host.wait_for_requests(54)
    wait_for(lambda: repeats_stored(workbench) == 50, "fifty answers")
    workbench.runs.cancel(run.id)
    assert ended(workbench, run).status is RunStatus.CANCELLED
    hung_up_on = [asked.text for asked in fake_host.asked[50:]]
    fake_host.release()
    fake_host.wait_until_idle()
    workbench.runs.resume(run.id)
    run = ended(workbench, run)
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert len(fake_host.asked) == 60 * 3 + 4
    for text, n in fake_host.counts.items():
        assert n == 3 + hung_up_on.count(text)
    assert {sum(entry.votes.values()) for (entry,) in entries_of(small_project, run).values()} == {3}


def test_several_answers_are_taken_from_the_cache_one_by_one(small_project, workbench, fake_host):
    finished(workbench, configured(small_project, {"repeats": 3}))
    second = finished(workbench, again(workbench, repeats=3))
    assert (second.done, second.from_cache, second.calls, len(fake_host.asked)) == (60, 60, 0, 180)
    third = finished(workbench, again(workbench, "Third", repeats=5))
    assert (third.done, third.calls, len(fake_host.asked)) == (60, 120, 300)
