"""How many calls may be on their way at once. Pure: every method is told the monotonic time; no clock of its own.

How many keep the host busy is `core.hosts.growth`'s to find out, and what refusals say is `core.hosts.grants`'s; what
limit headers let be asked is `core.hosts.announced`'s, and limits per minute set by hand are `core.hosts.meters`'s to
keep.
"""

from math import inf

from core.hosts.announced import LONGEST_HEED, Announced
from core.hosts.grants import Grants
from core.hosts.growth import START, Growth, Phase
from core.hosts.meters import Meter
from core.hosts.rates import RateFacts

__all__ = ["CEILING", "START", "Pace"]

CEILING = 256
_SMOOTHING = 0.05


class Pace:
    """The pace of one run. `most` bounds the calls in flight, where somebody chose it."""

    def __init__(
        self,
        most: int | None = None,
        meter: Meter | None = None,
        *,
        expected_tokens: float = 0.0,
        grants: Grants | None = None,
    ) -> None:
        """`expected_tokens` a call is a guess, corrected by what the answers say."""
        self._most, self._by_hand = most or CEILING, most is not None
        self._growth = Growth(self._most)
        self.in_flight = 0
        self._calls, self._tokens = Announced(), Announced()
        self._grants = grants or Grants()
        self._meter = meter
        self._expected = expected_tokens
        self._by_the_minute = False

    @property
    def limit(self) -> float:
        return self._growth.limit

    @property
    def has_room(self) -> bool:
        """Whether the limit would let one more call start, other reasons to wait left aside."""
        return self.in_flight + 1 <= self.limit

    def delay(self, now: float) -> float:
        """Seconds until one more call may start: 0 where now, infinite where only an answer can make room."""
        if self.in_flight + 1 > self.limit:
            return inf
        if self.in_flight and (look := self._growth.current(now).look(now, self.limit)) > 0.0:
            return look
        self._by_the_minute = False
        wait = max(self._announced_wait(now), self._grants.delay(now, self.in_flight), 0.0)
        if wait == 0.0 and self._meter is not None:
            wait = self._meter.wait(now, self._expected)
            self._by_the_minute = wait > 0.0
        if wait > 0.0 and not self._grants.is_in_doubt:
            self._growth.current(now).disturbed = True
        return wait

    def started(self, now: float) -> None:
        self.in_flight += 1
        self._growth.current(now).start(self.in_flight, is_full=not self.has_room)
        self._grants.started(now)
        self._calls.spend(1.0)
        self._tokens.spend(self._expected)
        if self._meter:
            self._meter.started(self._expected)

    def answered(self, now: float, seconds: float, tokens: int, rates: RateFacts | None = None) -> None:
        """A call came home with an answer after `seconds`, having cost `tokens` in all."""
        self.in_flight -= 1
        self._growth.answered(now, seconds)
        self._grants.granted(now - seconds, now)
        if self._meter:
            self._meter.correct(tokens - self._expected)
        if tokens:
            self._expected += (tokens - self._expected) * (_SMOOTHING if self._expected else 1.0)
        if rates is not None:
            self._heed(now - seconds, now, rates)
        else:
            self._calls.forget()
            self._tokens.forget()
        self._growth.judge_when_over(now, self._grants.is_in_doubt)

    def refused(self, now: float, seconds: float, retry_after: float | None, rates: RateFacts | None = None) -> None:
        """The host would not take a call, for now, and asks it to wait for so long where it says so."""
        # A wait that long is none of the others': where it is everybody's, the run pauses.
        wish = retry_after if (retry_after or 0.0) <= LONGEST_HEED else None
        self.in_flight -= 1
        current = self._growth.came_home(now, seconds) or self._growth.current(now)
        self._grants.refused(now - seconds, now, wish, self.in_flight, max(self.in_flight + 1, current.at_once))
        if rates is not None:
            self._heed(now - seconds, now, rates)
        self._growth.judge_when_over(now, self._grants.is_in_doubt)

    def failed(self, now: float, seconds: float, *, timed_out: bool, rates: RateFacts | None = None) -> None:
        """A call came home without an answer, and not because it was refused."""
        self.in_flight -= 1
        self._growth.came_home(now, seconds)
        self._grants.granted(now - seconds, now)
        if rates is not None:
            self._heed(now - seconds, now, rates)
        if timed_out:
            self._growth.timed_out(now)

    def given_up(self) -> None:
        """A call came home that says nothing about the host."""
        self.in_flight -= 1

    def start_afresh(self, now: float) -> None:
        """The host was away: what was learned may no longer hold, and it should not be overrun as it comes back."""
        self._growth.start_afresh(now)

    def why(self, now: float) -> str:
        """One clause on where it stands and why."""
        if now < self._grants.held_until:
            return f"Waiting {self._grants.held_until - now:.0f} s: the host asks to wait"
        if (wait := self._announced_wait(now)) >= 0.5:
            return f"Waiting {wait:.0f} s: the host's rate limit is used up"
        limit, phase = int(self.limit), self._growth.phase
        if self._by_the_minute:
            return f"{self.in_flight} in flight: held to the limit per minute"
        if said := self._grants.say(now):
            return f"{self.in_flight} in flight: {said}"
        if limit >= self._most:
            return f"{limit} in flight: the most allowed" if self._by_hand else f"{limit} in flight"
        return f"{limit} in flight{', ' if phase is Phase.DOUBLING else ': '}{phase.value}"

    def _announced_wait(self, now: float) -> float:
        return max(self._calls.wait(now, 1.0), self._tokens.wait(now, self._expected))

    def _heed(self, began: float, now: float, rates: RateFacts) -> None:
        since = self._grants.sent_since(began)
        calls = rates.limit_requests, rates.remaining_requests, rates.reset_requests
        self._calls.heed(began, now, *calls, since)
        tokens = rates.limit_tokens, rates.remaining_tokens, rates.reset_tokens
        self._tokens.heed(began, now, *tokens, since * self._expected)
        self._grants.announced = self._calls.rate
