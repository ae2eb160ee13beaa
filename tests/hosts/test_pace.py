"""How many calls may be on their way: a host simulated in numbers, no time passing."""

import heapq
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hosts.meters import Meter
from core.hosts.pace import CEILING, START, Pace
from core.hosts.rates import RateFacts


class World:
    """A host with `slots` calls at a time, each taking `latency` seconds; others wait in line. Counts what it sees."""

    def __init__(self, pace, latency=1.0, slots=10**9, tokens=0):
        self.pace, self.latency, self.slots, self.tokens = pace, latency, slots, tokens
        self.now, self.started_at, self.answers, self.most = 100.0, [], 0, 0
        self.free, self.coming = [], []

    def send(self):
        """As many as may be; returns when to look again without an answer."""
        while (wait := self.pace.delay(self.now)) == 0.0:
            self.pace.started(self.now)
            self.started_at.append(self.now)
            begin = self.now
            if len(self.free) >= self.slots:
                begin = max(begin, heapq.heappop(self.free))
            heapq.heappush(self.free, begin + self.latency)
            heapq.heappush(self.coming, (begin + self.latency, self.now))
            self.most = max(self.most, self.pace.in_flight)
        return self.now + wait

    def run(self, seconds):
        until = self.now + seconds
        while self.now < until:
            alarm = self.send()
            home = self.coming[0][0] if self.coming else inf
            self.now = min(alarm, home)
            assert self.now < inf, "it stands still for ever"
            if home <= self.now:
                _, began = heapq.heappop(self.coming)
                self.answers += 1
                self.pace.answered(self.now, self.now - began, self.tokens)
        return self


def in_flight(pace, n, now=100.0):
    """`n` calls sent, whatever may be."""
    for _ in range(n):
        assert pace.delay(now) == 0.0
        pace.started(now)


def test_it_starts_low():
    for pace, n in ((Pace(), START), (Pace(200), START), (Pace(3), 3)):
        world = World(pace)
        world.send()
        assert world.pace.in_flight == n


def test_a_host_that_does_not_notice_us_is_soon_asked_as_much_at_once_as_may_be():
    # 16, 64, 256: two round trips.
    assert World(Pace()).run(2.5).most == CEILING


def test_what_the_user_allows_is_reached_and_never_passed():
    assert World(Pace(40)).run(20.0).most == 40
    assert World(Pace(3)).run(20.0).most == 3


def test_most_of_a_fast_host_s_time_is_used():
    # 64 at once for 100 s of 1 s each would be 6,400; the start costs less than one round trip of 64.
    assert World(Pace(64)).run(100.5).answers >= 6_400 - 64


@pytest.mark.parametrize("slots", [20, 50, 100])
def test_where_latency_rises_instead_it_stops_growing_without_losing_speed(slots):
    world = World(Pace(), slots=slots).run(60.0)
    assert world.answers > 0.9 * 60 * slots
    assert world.pace.limit <= 3 * slots
    assert "latency rises beyond" in world.pace.why(world.now)


@pytest.mark.parametrize("slots", [1, 2, 4])
def test_a_host_that_does_little_at_once_is_not_flooded(slots):
    world = World(Pace(), latency=5.0, slots=slots).run(600.0)
    assert world.most <= 2 * START
    assert world.answers >= 0.95 * slots * 600 / 5


def test_a_host_that_has_become_faster_is_asked_for_more():
    world = World(Pace(), slots=20).run(60.0)
    before = world.pace.limit
    world.slots = 10**9
    world.run(200.0)
    assert world.pace.limit > 3 * before


def test_calls_that_ran_out_of_time_halve_it_once_a_round_trip():
    pace = Pace(64)
    world = World(pace).run(5.0)
    for _ in range(10):
        pace.failed(world.now, 1.0, timed_out=True)
    assert pace.limit == 32.0
    assert "held back since calls timed out" in pace.why(world.now)


def test_from_then_on_it_grows_by_small_steps_to_what_it_was():
    pace = Pace(64)
    world = World(pace).run(5.0)
    pace.failed(world.now, 1.0, timed_out=True)
    limits = []
    for _ in range(12):
        world.run(1.0)
        limits.append(pace.limit)
    assert all(b <= a * 1.2 for a, b in zip(limits, limits[1:], strict=False))
    assert limits[-1] == 64.0


def test_failures_that_are_not_for_asking_too_much_leave_the_pace():
    pace = Pace(64)
    in_flight(pace, 16)
    pace.failed(101.0, 1.0, timed_out=False)
    assert (pace.limit, pace.in_flight) == (16.0, 15)


def test_one_refused_call_leaves_the_others_be():
    pace = Pace(64)
    in_flight(pace, 16)
    pace.refused(100.1, 0.1, 3600.0)
    assert (pace.delay(100.21), pace.limit, pace.in_flight) == (0.0, 16.0, 15)


def test_what_a_wider_round_comes_to_is_looked_at_before_more_is_asked():
    pace = Pace(64)
    in_flight(pace, 16)
    for n in range(11):
        pace.answered(100.1, 0.1, 0)
        assert 0.0 < pace.delay(100.1) <= 0.11, n
    pace.answered(100.1, 0.1, 0)
    assert (pace.delay(100.1), pace.limit) == (0.0, 64.0)


def test_no_longer_than_the_first_one_took_once_more():
    pace = Pace(64)
    in_flight(pace, 16)
    pace.answered(100.1, 0.1, 0)
    assert pace.delay(100.15) > 0.0
    assert pace.delay(100.21) == 0.0


def test_where_most_calls_of_a_round_trip_are_refused_all_wait_as_long_as_they_are_told():
    pace = Pace(64)
    in_flight(pace, 16)
    for _ in range(16):
        pace.refused(100.1, 0.1, 12.0)
    assert pace.delay(100.1) == pytest.approx(12.0)
    assert pace.why(105.1) == "Waiting 7 s: the host asks to wait"


def test_a_wait_that_one_call_alone_was_told_does_not_hold_all():
    pace = Pace(64)
    in_flight(pace, 16)
    for wish in (3600.0, *[2.0] * 15):
        pace.refused(100.1, 0.1, wish)
    assert pace.delay(100.1) == pytest.approx(2.0)


def one_after_another(pace, n, now=100.0):
    """`n` calls sent, a millisecond each."""
    for ms in range(n):
        pace.started(now + ms / 1000)


def test_it_waits_where_no_more_is_left_than_was_sent_since():
    pace = Pace(64)
    one_after_another(pace, 11)
    pace.answered(100.5, 0.5, 0, RateFacts(100, 11, 6.0))
    assert pace.delay(100.5) == 0.0
    pace.answered(100.501, 0.5, 0, RateFacts(100, 9, 6.0))
    assert pace.delay(100.501) == pytest.approx(5.5)
    assert pace.why(100.0) == "Waiting 6 s: the host's rate limit is used up"


def test_tokens_left_are_counted_by_what_an_answer_took_so_far():
    pace = Pace(64)
    one_after_another(pace, 5)
    pace.answered(100.5, 0.5, 100, RateFacts(remaining_tokens=500, reset_tokens=3.0))
    assert pace.delay(100.5) == 0.0
    pace.answered(100.501, 0.5, 100, RateFacts(remaining_tokens=399, reset_tokens=3.0))
    assert pace.delay(100.501) == pytest.approx(2.5)


@pytest.mark.parametrize("reset", [None, 0.0, 3600.0])
def test_a_reset_unknown_or_hours_away_is_left_to_the_host_to_say(reset):
    pace = Pace(64)
    in_flight(pace, 5)
    pace.answered(100.0, 0.5, 0, RateFacts(1000, 0, reset))
    assert pace.delay(100.0) == 0.0


def most_in_a_minute(times):
    return max(sum(1 for t in times if start <= t < start + 60.0) for start in times)


@pytest.mark.parametrize("limit", [1, 2, 7, 60, 600])
def test_requests_per_minute_set_by_hand_are_kept_in_any_minute_and_used(limit):
    world = World(Pace(64, Meter(requests_per_minute=limit)), latency=0.01).run(300.0)
    assert most_in_a_minute(world.started_at) <= limit
    assert len(world.started_at) >= 0.95 * limit * 5 - 1
    assert "limit per minute" in world.pace.why(world.now)


def test_tokens_per_minute_set_by_hand_are_kept_and_used():
    # 100 tokens a call and 60,000 a minute: ten calls a second.
    world = World(Pace(64, Meter(tokens_per_minute=60_000), expected_tokens=100), latency=0.01, tokens=100).run(300.0)
    assert most_in_a_minute(world.started_at) <= 600
    assert len(world.started_at) >= 0.95 * 600 * 5


def test_a_wrong_guess_of_tokens_is_made_good():
    world = World(Pace(64, Meter(tokens_per_minute=60_000), expected_tokens=1), latency=0.01, tokens=100).run(300.0)
    assert len(world.started_at) <= 600 * 5 + 64


def test_a_call_of_more_tokens_than_a_second_allows_is_sent_all_the_same():
    world = World(Pace(4, Meter(tokens_per_minute=6_000), expected_tokens=1_000), latency=0.01, tokens=1_000).run(300.0)
    assert 25 <= len(world.started_at) <= 34


def test_runs_that_ask_one_host_share_its_limit():
    meter = Meter(requests_per_minute=60)
    worlds = [World(Pace(64, meter), latency=0.01) for _ in range(3)]
    for _ in range(3000):
        for world in worlds:
            world.run(0.1)
    sent = sorted(at for world in worlds for at in world.started_at)
    assert most_in_a_minute(sent) <= 60
    assert len(sent) >= 0.95 * 60 * 5 - 1


def test_a_host_that_comes_back_is_not_overrun():
    world = World(Pace()).run(10.0)
    assert world.pace.limit == CEILING
    world.pace.start_afresh(world.now)
    assert world.pace.limit == START


def test_it_says_where_it_stands():
    assert Pace(4).why(0.0) == "4 in flight: the most allowed"
    assert Pace().why(0.0) == "16 in flight, and growing"
    world = World(Pace()).run(10.0)
    assert world.pace.why(world.now) == "256 in flight"


EVENTS = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 40)),
    st.tuples(st.just("answer"), st.floats(0.001, 30.0)),
    st.tuples(st.just("refuse"), st.none() | st.floats(0.0, 100.0)),
    st.tuples(st.just("fail"), st.none()),
    st.tuples(st.just("rest"), st.floats(0.0, 200.0)),
    st.tuples(st.just("afresh"), st.none()),
)


@settings(max_examples=60)
@given(st.lists(EVENTS, max_size=60), st.integers(1, 300), st.none() | st.integers(1, 1000))
def test_whatever_happens_it_stays_in_bounds_and_never_stands_still(events, most, per_minute):
    pace, now = Pace(most, Meter(per_minute)), 0.0
    for what, value in events:
        if what == "send":
            for _ in range(value):
                if pace.delay(now) == 0.0:
                    pace.started(now)
        elif what == "rest":
            now += value
        elif what == "afresh":
            pace.start_afresh(now)
        elif pace.in_flight and what == "answer":
            pace.answered(now, value, 10, RateFacts(10, 3, 1.0))
        elif pace.in_flight and what == "refuse":
            pace.refused(now, 0.1, value)
        elif pace.in_flight:
            pace.failed(now, 0.1, timed_out=True)
        assert 1 <= pace.limit <= most
        assert pace.in_flight <= max(most, 1)
        assert pace.why(now)
        wait = pace.delay(now)
        assert wait >= 0.0
        assert wait < inf or pace.in_flight, "nothing is on its way and nothing may be sent"
