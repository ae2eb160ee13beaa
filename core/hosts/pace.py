"""How many calls may be on their way at once. Pure: every method is told the monotonic time; no clock of its own.

It starts low and grows with every round trip: fourfold while the host does not seem to notice, twofold while answers
come faster for it. Where they no longer do (latency rises instead: the host is as busy as it can be) it goes back to
what keeps the host busy and tries a little more now and then. A call that ran out of time halves it, once a round
trip; from then on it grows by small steps. What a wider round comes to is looked at before more is asked
(`core.hosts.rounds`). What refusals say is `core.hosts.grants`'s to find out, what limit headers let be asked is
`core.hosts.announced`'s, and limits per minute set by hand are `core.hosts.meters`'s to keep.

How fast answers come is read off latency: `limit` calls at `latency` seconds each are `limit / latency` a second.
"""

from enum import Enum
from math import inf

from core.hosts.announced import LONGEST_HEED, Announced
from core.hosts.grants import Grants
from core.hosts.meters import Meter
from core.hosts.rates import RateFacts
from core.hosts.rounds import Round

START = 16
CEILING = 256
_GAIN = 0.25
"""Of the gain a wider pace could bring, the share it must bring to be kept."""
_UNNOTICED, _SCATTERED, _QUEUED = 1.2, 1.5, 4.0
_SLOW = 15.0
_TRY_EVERY = 4
_WIDER = 1.25
_STEPS = 8
_SMOOTHING = 0.05


class _Phase(Enum):
    DOUBLING = "and growing"
    STEADY = "latency rises beyond"
    CAREFUL = "held back since calls timed out"


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
        self.limit = float(min(START, self._most))
        self.in_flight = 0
        self._phase = _Phase.DOUBLING
        self._round: Round | None = None
        self._best_limit, self._best_speed, self._base, self._fastest = 0.0, 0.0, inf, inf
        self._settled, self._trying, self._rounds, self._cut = False, False, 0, False
        self._calls, self._tokens = Announced(), Announced()
        self._grants = grants or Grants()
        self._meter = meter
        self._expected = expected_tokens
        self._by_the_minute = False

    @property
    def has_room(self) -> bool:
        """Whether the limit would let one more call start, other reasons to wait left aside."""
        return self.in_flight + 1 <= self.limit

    def delay(self, now: float) -> float:
        """Seconds until one more call may start: 0 where now, infinite where only an answer can make room."""
        if self.in_flight + 1 > self.limit:
            return inf
        if self.in_flight and (look := self._current(now).look(now, self.limit)) > 0.0:
            return look
        self._by_the_minute = False
        wait = max(self._announced_wait(now), self._grants.delay(now, self.in_flight), 0.0)
        if wait == 0.0 and self._meter is not None:
            wait = self._meter.wait(now, self._expected)
            self._by_the_minute = wait > 0.0
        if wait > 0.0 and not self._grants.is_in_doubt:
            self._current(now).disturbed = True
        return wait

    def started(self, now: float) -> None:
        self.in_flight += 1
        self._current(now).start(self.in_flight, is_full=not self.has_room)
        self._grants.started(now)
        self._calls.spend(1.0)
        self._tokens.spend(self._expected)
        if self._meter:
            self._meter.started(self._expected)

    def answered(self, now: float, seconds: float, tokens: int, rates: RateFacts | None = None) -> None:
        """A call came home with an answer after `seconds`, having cost `tokens` in all."""
        if seconds < self._fastest:
            self._fastest = seconds
        current = self._came_home(now, seconds)
        if current is not None:
            current.answers += 1
            current.seconds += seconds
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
        self._judge_when_over(now)

    def refused(self, now: float, seconds: float, retry_after: float | None, rates: RateFacts | None = None) -> None:
        """The host would not take a call, for now, and asks it to wait for so long where it says so."""
        # A wait that long is none of the others': where it is everybody's, the run pauses.
        wish = retry_after if (retry_after or 0.0) <= LONGEST_HEED else None
        current = self._came_home(now, seconds) or self._current(now)
        self._grants.refused(now - seconds, now, wish, self.in_flight, max(self.in_flight + 1, current.at_once))
        if rates is not None:
            self._heed(now - seconds, now, rates)
        self._judge_when_over(now)

    def failed(self, now: float, seconds: float, *, timed_out: bool, rates: RateFacts | None = None) -> None:
        """A call came home without an answer, and not because it was refused."""
        self._came_home(now, seconds)
        self._grants.granted(now - seconds, now)
        if rates is not None:
            self._heed(now - seconds, now, rates)
        if timed_out and not self._cut:
            self.limit = max(1.0, self.limit / 2)
            self._phase, self._cut = _Phase.CAREFUL, True
            self._round = Round(now)

    def given_up(self) -> None:
        """A call came home that says nothing about the host."""
        self.in_flight -= 1

    def start_afresh(self, now: float) -> None:
        """The host was away: what was learned may no longer hold, and it should not be overrun as it comes back."""
        self.limit = min(self.limit, float(START))
        self._phase, self._round = _Phase.DOUBLING, Round(now, is_wider=True)
        self._best_limit = self._best_speed = 0.0
        self._base = self._fastest = inf
        self._settled = self._trying = self._cut = False

    def why(self, now: float) -> str:
        """One clause on where it stands and why."""
        if now < self._grants.held_until:
            return f"Waiting {self._grants.held_until - now:.0f} s: the host asks to wait"
        if (wait := self._announced_wait(now)) >= 0.5:
            return f"Waiting {wait:.0f} s: the host's rate limit is used up"
        limit = int(self.limit)
        if self._by_the_minute:
            return f"{self.in_flight} in flight: held to the limit per minute"
        if said := self._grants.say(now):
            return f"{self.in_flight} in flight: {said}"
        if limit >= self._most:
            return f"{limit} in flight: the most allowed" if self._by_hand else f"{limit} in flight"
        return f"{limit} in flight{', ' if self._phase is _Phase.DOUBLING else ': '}{self._phase.value}"

    def _current(self, now: float) -> Round:
        if self._round is None:
            self._round = Round(now, is_wider=True)
        return self._round

    def _came_home(self, now: float, seconds: float) -> Round | None:
        """The round, where the call was begun in it: else it tells of the pace before. A whole burst may end one."""
        self.in_flight -= 1
        current = self._current(now)
        if now - seconds < current.since - 0.1 * min(self._fastest, seconds):
            return None
        current.come_home(now)
        return current

    def _judge_when_over(self, now: float) -> None:
        """A wider round before all of it is home, where the host does not seem to notice."""
        current = self._current(now)
        is_soon = current.is_wider and current.answers > 0 and current.tells(self.limit)
        if current.answers >= self.limit or (
            is_soon and not self._grants.is_in_doubt and self._is_unnoticed(current.latency(now, self.limit))
        ):
            self._judge(now, current)

    def _is_unnoticed(self, latency: float) -> bool:
        return latency <= (_SCATTERED * self._fastest if self._base == inf else _UNNOTICED * self._base)

    def _announced_wait(self, now: float) -> float:
        return max(self._calls.wait(now, 1.0), self._tokens.wait(now, self._expected))

    def _heed(self, began: float, now: float, rates: RateFacts) -> None:
        since = self._grants.sent_since(began)
        calls = rates.limit_requests, rates.remaining_requests, rates.reset_requests
        self._calls.heed(began, now, *calls, since)
        tokens = rates.limit_tokens, rates.remaining_tokens, rates.reset_tokens
        self._tokens.heed(began, now, *tokens, since * self._expected)
        self._grants.announced = self._calls.rate

    def _judge(self, now: float, current: Round) -> None:
        """At the end of a round trip: more, less, or as it is."""
        self._round = Round(now, is_wider=current.is_wider)
        if self._cut:
            # What came home meanwhile was asked before the pace was cut: it says nothing about the new one.
            self._cut = False
        elif current.full and not current.disturbed:
            self._round.is_wider = False
            latency = current.latency(now, self.limit)
            if self._phase is _Phase.DOUBLING:
                self._double(latency)
            elif self._phase is _Phase.STEADY:
                self._try_more(latency)
            else:
                self.limit = min(self._most, self.limit + max(1.0, self.limit / _STEPS))

    def _double(self, latency: float) -> None:
        first = self._base == inf
        if first and latency > max(_SLOW, _QUEUED * self._fastest):
            # The very first calls waited for each other, and twice as many might wait too long.
            self._base, self._best_limit, self._best_speed = latency, self.limit, self.limit / latency
            self._phase = _Phase.STEADY
        elif first or latency <= _UNNOTICED * self._base:
            unnoticed = self._is_unnoticed(latency)
            self._base = min(self._base, latency)
            self._widen(latency, 4.0 if unnoticed else 2.0)
        elif not self._settled:
            self._settled = True  # the first round trip at a new pace is neither like before nor like after
        elif self._pays(latency):
            self._widen(latency, 2.0)
        else:
            busy = _WIDER * self._base * self.limit / latency
            self.limit = max(self._best_limit, min(self.limit, busy))
            self._best_limit, self._best_speed = self.limit, self.limit / latency
            self._phase, self._settled = _Phase.STEADY, False

    def _try_more(self, latency: float) -> None:
        if not self._trying:
            self._rounds += 1
            self._best_limit, self._best_speed = self.limit, self.limit / latency
            if self._rounds >= _TRY_EVERY and self.limit < self._most:
                self._trying = True
                self.limit = min(self._most, max(self.limit + 1, self.limit * _WIDER))
        elif not self._settled:
            self._settled = True
        elif self._pays(latency):
            self._widen(latency, _WIDER)
        else:
            self.limit, self._trying, self._settled, self._rounds = self._best_limit, False, False, 0

    def _widen(self, latency: float, factor: float) -> None:
        self._best_limit, self._best_speed = self.limit, self.limit / latency
        self.limit = min(self._most, self.limit * factor)
        self._settled = False
        if self._round is not None:
            self._round.is_wider = self.limit > self._best_limit

    def _pays(self, latency: float) -> bool:
        widened = self.limit / self._best_limit - 1.0
        return self.limit / latency > self._best_speed * (1.0 + _GAIN * widened)
