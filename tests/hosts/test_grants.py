"""What refusals say about the pace: clients and hosts in numbers, beside one that holds only the refused call."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hosts.grants import Grants, Known
from core.hosts.pace import Pace
from tests.hosts.refusing import Asking, AtOnce, Bucket, ByChance, FixedWindow, Window, ours, rival
from tests.hosts.sweep import chance_settings, is_good, tried


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("seed", range(1, 6))
def test_refusals_by_chance_cost_hardly_more_than_where_only_the_refused_call_waits(share, seed):
    mine = ours(ByChance(share, seed), 1_000).run()
    theirs = rival(ByChance(share, seed), 1_000).run()
    assert mine.now <= 1.2 * theirs.now
    assert mine.refusals <= theirs.refusals


@pytest.mark.parametrize("setting", tuple(chance_settings(1_000)), ids=lambda setting: setting.name)
def test_whatever_is_refused_by_chance_no_run_takes_much_longer_for_it(setting):
    assert all(is_good(setting, tried(setting, seed)) for seed in range(1, 5))


@pytest.mark.parametrize("kind", [FixedWindow, Window])
def test_where_calls_are_counted_by_the_second_few_are_refused_once_that_is_known(kind):
    world = ours(kind(50, 1.0), 3_000, jitter=0.2).run()
    assert world.answers >= 0.9 * 50 * world.now
    assert world.refused_share < 0.05


@pytest.mark.parametrize(("seed", "wait"), [(36, None), (39, None), (36, 1.0)])
def test_a_start_with_more_refused_than_usual_is_not_taken_for_a_limit(seed, wait):
    how = {"jitter": 0.2, "seed": seed}
    mine, theirs = ours(ByChance(0.1, seed, wait), 1_000, **how), rival(ByChance(0.1, seed, wait), 1_000, **how)
    assert mine.run().now <= 1.2 * theirs.run().now


def test_a_host_that_counts_by_the_second_is_not_taken_for_one_that_refuses_by_chance():
    for seed in range(1, 6):
        begun = 0.19 * seed
        world = ours(FixedWindow(50, 1.0, None, begun=begun), 3_000, jitter=0.2, seed=seed).run()
        assert world.refused_share < 0.05


def test_a_host_that_saves_up_nothing_for_bursts_is_asked_at_its_own_pace():
    world = ours(Bucket(50, 1), 6_000, jitter=0.2).run()
    assert world.answers >= 0.9 * 50 * world.now
    assert world.refused_share < 0.05


def test_after_a_wait_calls_are_sent_one_by_one_until_the_host_takes_one():
    world = ours(Window(100, 60.0), 300).run(2.0)
    before = world.refusals
    world.run(59.0)
    # Waits of 1, 2, 4, 8, 16 and 20 seconds, and two calls at the end of each.
    assert world.refusals - before <= 2 * 7


@pytest.mark.parametrize("wait", [0.01, 1.0, 10.0])
def test_whatever_wait_they_are_told_the_others_go_on(wait):
    mine = ours(ByChance(0.1, 2, wait), 3_000).run()
    theirs = rival(ByChance(0.1, 2, wait), 3_000).run()
    assert mine.now <= 1.2 * theirs.now


@pytest.mark.parametrize("capacity", [5, 25, 50, 100])
@pytest.mark.parametrize("wait", [1.0, None])
def test_a_host_that_truly_limits_is_filled_with_few_calls_refused(capacity, wait):
    world = ours(Bucket(50, capacity, wait), 3_000)
    assert "calls per second, since more are refused" in world.run(10.0).pace.why(10.0)
    world.run()
    assert world.answers >= 0.95 * (capacity + 50 * world.now)
    assert world.refused_share < 0.05


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 1.0), (0.2, 1.0), (0.2, None)])
def test_within_a_thousand_rows_it_is_found_out_what_a_host_grants_and_few_calls_are_refused(jitter, wait):
    for seed in range(1, 4):
        world = ours(Bucket(50, 50, wait), 1_000, jitter=jitter, seed=seed).run()
        assert world.answers >= 0.95 * (50 + 50 * world.now)
        assert world.refused_share < 0.05


@pytest.mark.parametrize("rate", [10, 50, 200])
def test_so_few_are_refused_where_nothing_is_saved_up_for_bursts(rate):
    for seed in range(1, 4):
        world = ours(Bucket(rate, 1), 1_000, jitter=0.2, seed=seed).run()
        assert world.answers >= {10: 0.9, 50: 0.8, 200: 0.5}[rate] * rate * world.now
        assert world.refused_share < 0.05


@pytest.mark.parametrize("rate", [10, 50, 200])
@pytest.mark.parametrize("wait", [1.0, None])
def test_a_bucket_that_says_what_is_left_of_it_is_asked_as_fast_as_it_fills(rate, wait):
    for seed in range(1, 4):
        world = ours(Bucket(rate, 50, wait, announces=True), 1_000, jitter=0.2, seed=seed).run()
        assert world.answers >= 0.95 * (50 + rate * world.now) - 50
        assert world.refused_share < 0.02


@pytest.mark.parametrize(("calls", "seconds", "late"), [(50, 1.0, 0.5), (600, 60.0, 3.0)])
def test_a_window_that_says_what_is_left_of_it_is_used_to_its_end(calls, seconds, late):
    for seed in range(1, 4):
        begun = 0.2 * seed
        host = FixedWindow(calls, seconds, 1.0, announces=True, begun=begun)
        world = ours(host, 1_000, jitter=0.2, seed=seed).run()
        assert world.now <= host.soonest(1_000) + late
        assert world.refusals == 0


def test_so_is_one_whose_answers_take_now_long_now_short():
    world = ours(Bucket(50, 50), 3_000, jitter=0.5).run()
    assert world.answers >= 0.95 * (50 + 50 * world.now)
    assert world.refused_share < 0.05


@pytest.mark.parametrize("most", [8, 30])
def test_a_host_that_takes_so_many_calls_at_once_is_kept_busy(most):
    world = ours(AtOnce(most), 3_000).run()
    assert world.answers >= 0.75 * most / 0.1 * world.now
    assert world.refused_share < 0.05


def test_a_limit_a_minute_is_used_and_its_end_waited_for():
    world = ours(Window(600, 60), 3_000).run()
    # Five windows' worth: a client that hammers takes four minutes, and 145,880 refused calls.
    assert world.now <= 300.0
    assert world.refused_share < 0.1


@pytest.mark.parametrize("burst", [1, 50])
def test_the_next_run_begins_with_what_the_one_before_found_out(burst):
    known = Known()
    Asking(Bucket(50, burst), Pace(64, grants=Grants(known=known)), 1_000, jitter=0.2).run()
    assert known.rate == pytest.approx(50.0, rel=0.05)
    again = Asking(Bucket(50, burst), Pace(64, grants=Grants(known=known)), 1_000, jitter=0.2).run()
    assert again.answers >= 0.95 * 50 * again.now
    assert again.refused_share < 0.02


def test_a_host_that_grants_more_than_it_did_is_soon_asked_for_more():
    world = Asking(Bucket(200, 50), Pace(64, grants=Grants(known=Known(20.0, 0.0))), 3_000).run()
    # A client that knows the host takes 15 s, the old pace 150.
    assert world.now < 30.0


def test_what_was_found_out_long_ago_or_where_refusals_are_chance_is_not_believed():
    assert Known(50.0, 0.0).still(10_000.0) == 0.0
    known = Known(10.0, 0.0)
    Asking(ByChance(0.1), Pace(64, grants=Grants(known=known)), 1_000).run()
    assert known.rate == 0.0


def test_two_runs_on_one_host_share_what_it_grants():
    host = Bucket(50, 50)
    first, second = ours(host, 1_500), ours(host, 1_500)
    while min(first.answers, second.answers) < 1_400 and max(first.now, second.now) < 200.0:
        now = max(first.now, second.now) + 0.005
        first.run(now)
        second.run(now)
    assert first.now < 75.0
    assert (first.refusals + second.refusals) / 3_000 < 0.15


@settings(max_examples=30)
@given(
    st.one_of(
        st.builds(ByChance, st.floats(0.0, 0.5), st.integers(0, 99), st.sampled_from([None, 0.05, 1.0, 5.0])),
        st.builds(Bucket, st.floats(5.0, 500.0), st.integers(1, 100), st.sampled_from([None, 0.05, 1.0, 5.0])),
        st.builds(AtOnce, st.integers(1, 60), st.sampled_from([None, 1.0])),
    ),
    st.integers(1, 64),
    st.sampled_from([0.02, 0.1, 1.0]),
)
def test_whatever_the_host_grants_no_run_stands_still_and_none_exceeds_its_bound(host, most, latency):
    world = ours(host, 300, most=most, latency=latency)
    while world.answers < 300 and world.now < 4_000.0:
        world.step(4_000.0)
        assert 0 <= world.pace.in_flight <= most
    assert world.answers == 300
