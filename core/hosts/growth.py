"""How many calls on their way keep a host busy, found out round trip by round trip. Pure: it is told the time.

It starts low and grows with every round trip: fourfold while the host does not seem to notice, twofold while answers
come faster for it. Where they no longer do (latency rises instead: the host is as busy as it can be) it goes back to
what keeps the host busy and tries a little more now and then. A call that ran out of time halves it, once a round
trip; from then on it grows by small steps. What a wider round comes to is looked at before more is asked
(`core.hosts.rounds`).

How fast answers come is read off latency: `limit` calls at `latency` seconds each are `limit / latency` a second.
"""

from enum import Enum
from math import inf

from core.hosts.rounds import Round

START = 16
_GAIN = 0.25
"""Of the gain a wider pace could bring, the share it must bring to be kept."""
_UNNOTICED, _SCATTERED, _QUEUED = 1.2, 1.5, 4.0
_SLOW = 15.0
_TRY_EVERY = 4
_WIDER = 1.25
_STEPS = 8


class Phase(Enum):
    DOUBLING = "and growing"
    STEADY = "latency rises beyond"
    CAREFUL = "held back since calls timed out"


class Growth:
    """`limit` calls may be on their way at once, `most` at most; `phase` says what it is doing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.limit = float(min(START, most))
        self.phase = Phase.DOUBLING
        self._round: Round | None = None
        self._best_limit, self._best_speed, self._base, self._fastest = 0.0, 0.0, inf, inf
        self._settled, self._trying, self._rounds, self._cut = False, False, 0, False

    def current(self, now: float) -> Round:
        """The round trip under way."""
        if self._round is None:
            self._round = Round(now, is_wider=True)
        return self._round

    def answered(self, now: float, seconds: float) -> None:
        """A call came home with an answer after `seconds`."""
        if seconds < self._fastest:
            self._fastest = seconds
        current = self.came_home(now, seconds)
        if current is not None:
            current.answers += 1
            current.seconds += seconds

    def came_home(self, now: float, seconds: float) -> Round | None:
        """The round, where the call was begun in it: else it tells of the pace before. A whole burst may end one."""
        current = self.current(now)
        if now - seconds < current.since - 0.1 * min(self._fastest, seconds):
            return None
        current.come_home(now)
        return current

    def timed_out(self, now: float) -> None:
        """A call ran out of time."""
        if not self._cut:
            self.limit = max(1.0, self.limit / 2)
            self.phase, self._cut = Phase.CAREFUL, True
            self._round = Round(now)

    def start_afresh(self, now: float) -> None:
        """The host was away: what was learned may no longer hold, and it should not be overrun as it comes back."""
        self.limit = min(self.limit, float(START))
        self.phase, self._round = Phase.DOUBLING, Round(now, is_wider=True)
        self._best_limit = self._best_speed = 0.0
        self._base = self._fastest = inf
        self._settled = self._trying = self._cut = False

    def judge_when_over(self, now: float, is_in_doubt: bool) -> None:
        """At the end of a round trip. A wider one before all of it is home, where the host does not seem to notice; not
        where it `is_in_doubt` whether the host limits."""
        current = self.current(now)
        is_soon = current.is_wider and current.answers > 0 and current.tells(self.limit)
        if current.answers >= self.limit or (
            is_soon and not is_in_doubt and self._is_unnoticed(current.latency(now, self.limit))
        ):
            self._judge(now, current)

    def _is_unnoticed(self, latency: float) -> bool:
        return latency <= (_SCATTERED * self._fastest if self._base == inf else _UNNOTICED * self._base)

    def _judge(self, now: float, current: Round) -> None:
        """At the end of a round trip: more, less, or as it is."""
        self._round = Round(now, is_wider=current.is_wider)
        if self._cut:
            # What came home meanwhile was asked before the pace was cut: it says nothing about the new one.
            self._cut = False
        elif current.full and not current.disturbed:
            self._round.is_wider = False
            latency = current.latency(now, self.limit)
            if self.phase is Phase.DOUBLING:
                self._double(latency)
            elif self.phase is Phase.STEADY:
                self._try_more(latency)
            else:
                self.limit = min(self._most, self.limit + max(1.0, self.limit / _STEPS))

    def _double(self, latency: float) -> None:
        first = self._base == inf
        if first and latency > max(_SLOW, _QUEUED * self._fastest):
            # The very first calls waited for each other, and twice as many might wait too long.
            self._base, self._best_limit, self._best_speed = latency, self.limit, self.limit / latency
            self.phase = Phase.STEADY
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
            self.phase, self._settled = Phase.STEADY, False

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
