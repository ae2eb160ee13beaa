"""The queue of runs: who may take what, what is shared, what is said."""

import pytest

from core.model import Budget, RunStatus
from core.storage import runs
from core.storage.engine import now


@pytest.fixture
def queue(small_project):
    """Queues runs of a host and mode and looks at them."""
    wb = small_project.wb

    class Queue:
        def add(self, host="openai", mode=None, **config):
            config |= {"host": host, "host_title": host.title()} | ({"mode": mode} if mode else {})
            with wb.db.write() as conn:
                return runs.create(conn, small_project.id, small_project.gold, config, list(small_project.items()))

        def claim(self, **choices):
            with wb.db.write() as conn:
                run = runs.claim(conn, "me", **choices)
            return None if run is None else run.id

        def set(self, run_id, **values):
            told = ", ".join(f"{name} = ?" for name in values)
            with wb.db.write() as conn:
                conn.exec_driver_sql(f"UPDATE runs SET {told} WHERE id = ?", (*values.values(), run_id))

        def get(self, run_id):
            return wb.runs.get(run_id)

        def write(self, act, *arguments, **choices):
            with wb.db.write() as conn:
                return act(conn, *arguments, **choices)

    return Queue()


def test_a_worker_takes_only_runs_for_hosts_it_can_reach(queue):
    queue.add("elsewhere")
    mine = queue.add("openai")
    assert queue.claim(hosts={"openai", "embedded"}) == mine
    assert queue.claim(hosts={"openai"}) is None
    assert queue.claim(hosts=set()) is None


def test_runs_to_be_carried_elsewhere_as_a_file_are_nobody_s(queue):
    queue.add(mode="file")
    assert queue.claim() is None


def test_batches_and_live_runs_are_claimed_apart(queue):
    batch, live = queue.add(mode="batch"), queue.add(mode="live")
    assert queue.claim(modes=["live"]) == live
    assert queue.claim(modes=["live"]) is None
    assert queue.claim(modes=["live", "batch"]) == batch


def test_a_run_from_before_there_were_modes_is_live(queue):
    run = queue.add()
    assert queue.claim(modes=["live"]) == run


def test_a_paused_run_is_taken_when_its_time_has_come_and_not_before(queue):
    run = queue.add()
    queue.set(run, status="paused", resume_at=now() + 3600)
    assert queue.claim() is None
    queue.set(run, resume_at=now() - 1)
    assert queue.claim() == run
    assert queue.get(run).resume_at is None


def test_a_paused_run_that_waits_for_somebody_is_left_alone_until_resumed(queue):
    run = queue.add()
    queue.set(run, status="paused", message="the cap")
    assert queue.claim() is None
    assert queue.write(runs.requeue, run, forget_errors=False)
    assert queue.get(run).message == ""
    assert queue.claim() == run


def test_whether_there_is_work_counts_paused_runs_whose_time_has_come(queue):
    run = queue.add()
    queue.set(run, status="paused", resume_at=None)
    assert not queue.write(runs.any_live)
    queue.set(run, resume_at=now() + 60)
    assert not queue.write(runs.any_live)
    queue.set(run, resume_at=now() - 60)
    assert queue.write(runs.any_live)


def test_a_run_for_a_host_that_cannot_be_reached_says_so_until_somebody_takes_it(queue):
    away, here = queue.add("elsewhere"), queue.add("openai")
    queue.write(runs.explain_waiting, {"openai"})
    assert "Elsewhere cannot be used from here" in queue.get(away).message
    assert queue.get(here).message == ""
    queue.claim()
    assert queue.get(away).message == ""


def test_a_pause_with_a_time_and_one_without(queue):
    run = queue.add()
    queue.claim()
    queue.write(runs.finish, run, "me", RunStatus.PAUSED, "later", pause_seconds=3600.0)
    paused = queue.get(run)
    assert (paused.status, paused.message) == (RunStatus.PAUSED, "later")
    assert 3590 < paused.resume_at.timestamp() - now() <= 3600
    queue.set(run, status="running", owner="me")
    queue.write(runs.finish, run, "me", RunStatus.PAUSED, "the cap")
    assert queue.get(run).resume_at is None


def test_how_it_is_going_is_said_with_the_heartbeat_and_kept_until_said_anew(queue):
    run = queue.add()
    queue.claim()
    assert queue.write(runs.beat, run, "me", "16 in flight")
    assert queue.write(runs.beat, run, "me")
    assert queue.get(run).message == "16 in flight"
    assert queue.write(runs.beat, run, "somebody else", "lies") is None
    assert queue.get(run).message == "16 in flight"


def test_a_clock_set_back_makes_no_run_shorter_than_nothing(queue):
    run = queue.add()
    queue.claim()
    queue.set(run, claimed_at=now() + 3600, heartbeat_at=now(), busy_seconds=5.0)
    assert queue.get(run).busy_seconds == 5.0
    queue.write(runs.finish, run, "me", RunStatus.FAILED)
    assert queue.get(run).busy_seconds == 5.0


def test_an_owner_seen_alive_meanwhile_is_not_taken_for_dead(queue):
    run = queue.add()
    queue.claim()
    seen = queue.write(runs.heartbeats)
    queue.set(run, heartbeat_at=seen[run] + 1)
    assert queue.write(runs.mark_interrupted, 15.0, still=seen) == 0
    assert queue.write(runs.mark_interrupted, 15.0, still={}) == 0
    assert queue.write(runs.mark_interrupted, 15.0, still=queue.write(runs.heartbeats)) == 1
    assert queue.get(run).status is RunStatus.INTERRUPTED
    assert "in flight at that moment are made again and may be paid for twice" in queue.get(run).message


def test_another_cap_holds_for_all_that_were_started_together(queue):
    first, second, alone = queue.add(), queue.add(), queue.add()
    for run in (first, second):
        queue.set(run, grid_id=first)
    queue.write(runs.set_budget, second, Budget(dollars=2.5))
    budgets = [queue.get(run).config.get("budget") for run in (first, second, alone)]
    assert budgets == [{"dollars": 2.5, "tokens": None, "calls": None}] * 2 + [None]
    queue.write(runs.set_budget, alone, Budget(calls=7))
    assert queue.get(alone).config["budget"]["calls"] == 7
    assert queue.get(first).config["budget"]["calls"] is None


def test_what_runs_started_together_have_spent(queue):
    price = {"input": 1.0, "output": 2.0, "cached_input": None, "batch_factor": 0.5, "training": None, "source": "x"}
    first, second = queue.add(price=price), queue.add(mode="batch")
    for run in (first, second):
        queue.set(run, grid_id=first)
        queue.write(runs.add_progress, run, 1, 0, 10, 3, cached_tokens=4, calls=2, from_cache=1)
    together = queue.write(runs.spent_together, queue.get(first))
    assert [(s.run_id, s.calls, s.prompt_tokens, s.cached_tokens, s.completion_tokens) for s in together] == [
        (first, 2, 10, 4, 3),
        (second, 2, 10, 4, 3),
    ]
    assert [(s.price, s.is_batch) for s in together] == [(price, False), (None, True)]
    others = queue.write(runs.spent_together, queue.get(first), but_itself=True)
    assert [spent.run_id for spent in others] == [second]
    assert queue.get(first).from_cache == 1


def test_any_number_of_items_can_be_asked_whether_they_are_missing(queue):
    run = queue.add()
    assert queue.write(runs.still_missing, run, range(1, 40_001)) == set(range(1, 40_001))
