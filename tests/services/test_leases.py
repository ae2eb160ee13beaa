"""Whose lease has run out, whatever the wall clock does."""

from core.services.common.leases import SUSPECT_SECONDS, LeaseWatch

LEASE = 15.0
HOUR = 3600.0


def test_a_heartbeat_that_goes_on_is_alive():
    watch = LeaseWatch(LEASE)
    for second in range(100):
        assert watch.dead({1: 1000.0 + second}, 1000.5 + second, float(second)) == {}
    assert not watch.has_suspects


def test_an_old_heartbeat_is_suspect_and_dead_once_it_has_stood_still_for_a_moment():
    watch = LeaseWatch(LEASE)
    assert watch.dead({1: 1000.0}, 1060.0, 5.0) == {}
    assert watch.has_suspects
    assert watch.dead({1: 1000.0}, 1061.0, 5.0 + SUSPECT_SECONDS - 0.1) == {}
    assert watch.dead({1: 1000.0}, 1063.0, 5.0 + SUSPECT_SECONDS) == {1: 1000.0}
    assert not watch.has_suspects


def test_a_clock_put_forward_takes_no_living_owner_for_dead():
    watch = LeaseWatch(LEASE)
    watch.dead({1: 1000.0}, 1000.5, 0.0)
    assert watch.dead({1: 1001.0}, 1001.5 + HOUR, 1.0) == {}
    assert watch.has_suspects
    assert watch.dead({1: 1002.0 + HOUR}, 1002.5 + HOUR, 2.0) == {}
    assert not watch.has_suspects


def test_a_dead_owner_whose_heartbeat_lies_in_the_future_is_found_after_a_lease():
    watch = LeaseWatch(LEASE)
    assert watch.dead({1: 1000.0 + HOUR}, 1000.0, 0.0) == {}
    assert watch.dead({1: 1000.0 + HOUR}, 1014.9, 14.9) == {}
    assert watch.dead({1: 1000.0 + HOUR}, 1015.0, 15.0) == {1: 1000.0 + HOUR}


def test_a_new_owner_of_the_same_run_starts_afresh():
    watch = LeaseWatch(LEASE)
    watch.dead({1: 1000.0}, 1060.0, 0.0)
    watch.dead({}, 1061.0, 1.0)
    assert watch.dead({1: 1000.0}, 1064.0, 4.0) == {}


def test_each_run_is_watched_by_itself():
    watch = LeaseWatch(LEASE)
    watch.dead({1: 1000.0, 2: 1060.0}, 1060.0, 0.0)
    assert watch.dead({1: 1000.0, 2: 1063.0}, 1063.0, 3.0) == {1: 1000.0}
