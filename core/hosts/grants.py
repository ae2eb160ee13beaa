"""What refusals say about how fast a host lets itself be asked. Pure: every method is told the monotonic time.

A refused call waits by itself. All wait only where most calls are refused. Where more than a few are, the others go a
little slower than the host took them, for a trial: where as many are refused as before, it is chance, and the pace is
free again; where hardly any are, the host counts, and its pace is kept: a little less after a refusal, then more by and
by, until the next.

Where most of the first refused calls show that a burst was all there was, the wait is a breath, and the pace goes up
from nothing by even steps until the next refusal tells.

What a host grants lies between what it took from one refusal to the next, in which whatever it saves up for a burst is
used up, and the pace at which it refused.
"""

from collections import deque
from dataclasses import dataclass
from math import inf, log

from core.hosts.chance import Share, Trial, Walk
from core.hosts.curves import Climb, Curve
from core.hosts.spacing import Spacing
from core.hosts.tally import Tally

_SEVERAL = 3
_UNIT_CALLS = 25.0
_NEARLY, _HOPE, _HASTE = 0.98, 1.3, 0.75
_KNOWN_SECONDS = 3600.0
_AS_BEFORE, _CALMEST = 0.03, 4.0
"""Where about as much was taken as the time before, what is granted is known, and tried less often."""
_SHORT, _BREATH, _STEPS = 2.0, 0.25, 1.5
"""Of a wait of all that is at most so long, a breath is enough; then each round trip allows so many calls more."""
_REMEMBERED_SECONDS = 8.0
_TRUST_SECONDS = 10.0
"""How long a verdict of chance is believed, twice as long each time."""


@dataclass
class Known:
    """The pace found for a host and a model, calls a second; 0 where none is. The next run begins with it."""

    rate: float = 0.0
    at: float = -inf

    def still(self, now: float) -> float:
        return self.rate if now - self.at <= _KNOWN_SECONDS else 0.0


class Grants:
    """A pace learned from refusals; there is none where they say nothing about it."""

    def __init__(self, first_wait: float = 0.5, longest_wait: float = 20.0, known: Known | None = None) -> None:
        """How long all wait where the host does not say: doubling from `first_wait` while nothing is granted."""
        self._first_wait, self._longest_wait = first_wait, longest_wait
        self._known = known or Known()
        self._tally, self._walk, self._share = Tally(), Walk(), Share()
        self._trial, self._is_trying = Trial(0.0), False
        self._curve: Curve | Climb | None = None
        self._since = -inf
        self._marks = deque[float](maxlen=16)
        self._spacing = Spacing()
        self._trip, self._quickest, self._await_until = 0.0, inf, -inf
        self._wishes, self._holds = deque[float](maxlen=16), 0
        self._trust_until, self._trust = -inf, _TRUST_SECONDS
        self._held_at: float | None = None
        self._calm = 1.0
        self._is_feeling, self._stragglers = False, 0
        self._trouble_since = self._patience = 0.0
        """Since when all have waited in vain, and what such a wait says of how long the host counts for."""
        self._cluster = (0.0, 0.0)
        """When the first and the last of the calls refused at one pace were begun."""
        self.held_until = -inf
        self.announced = 0.0
        """Calls a second that the host says it grants, 0 where it does not."""

    # what may be done

    @property
    def is_in_doubt(self) -> bool:
        """Whether it looks as if the host refused most calls."""
        return self._walk.is_doubtful()

    def delay(self, now: float, in_flight: int = 0) -> float:
        """Seconds until a call may start, where so many are on their way."""
        if now < self.held_until:
            return self.held_until - now
        if in_flight > self._stragglers and self._walk.is_doubtful() and now < self._await_until:
            return self._await_until - now
        if self._held_at is not None:
            self._climb(now)
        elif self._tally.is_empty and (rate := self._known.still(now)):
            self._begin_with(now, rate)
        if self._curve is None:
            return 0.0
        if isinstance(self._curve, Climb):
            self._curve.least = _NEARLY * self.announced
        return self._spacing.delay(now, self._curve.rate(now))

    def sent_since(self, began: float) -> int:
        """Calls begun since, but for those that were refused."""
        return self._tally.taken(began, inf)

    def started(self, now: float) -> None:
        self._tally.begin(now)
        self._spacing.take()

    # what came home

    def granted(self, began: float, now: float) -> None:
        """The host took a call, whatever came of it."""
        self._trip = now - began
        self._quickest = min(self._quickest, self._trip)
        if began >= self.held_until:
            self._holds = 0
            self._note(began, now, is_refused=False)
        else:
            self._stragglers -= 1

    def refused(self, began: float, now: float, wish: float | None, others: int, width: int) -> None:
        """The host would not take a call, and asks it to wait for so long, where it says so.

        So many `others` are on their way, and of late there were up to `width` at once.
        """
        self._tally.refuse(began)
        if wish is not None:
            self._wishes.append(wish)
        self._cluster = (self._cluster[0], max(began, self._cluster[1])) if began < self._since else (began, began)
        if began < self.held_until:
            self._mark(began)
            self._stragglers -= 1
            return
        if began < self._since and isinstance(self._curve, Curve):
            self._curve.refuse_the_rest(self._surely_granted())
        self._await_until = now + 2.0 * (now - began)
        self._note(began, now, is_refused=True)
        if self._walk.is_sure():
            self._hold(began, now, others)
        elif self._curve is None:
            if now >= self._trust_until and self._share.is_worth_a_trial() and not self._walk.is_doubtful():
                self._try_slower(began, now, width)
        elif began >= self._since and not self._walk.is_doubtful():
            self._slow_down(began, now, self._curve, others)

    def say(self, now: float) -> str:
        """Why no more calls are started than are; "" where refusals are not the reason."""
        if self._curve is None or not self._spacing.holds:
            return ""
        return f"{max(1.0, self._curve.rate(now)):.0f} calls per second, since more are refused"

    # how it is found out

    def _note(self, began: float, now: float, *, is_refused: bool) -> None:
        self._walk.step(began, is_refused=is_refused, is_paced=self._curve is not None)
        self._share.note(is_refused=is_refused)
        if self._curve is not None and began >= self._since and self._curve.rate(began) <= self._curve.taken:
            self._trial.note(is_refused=is_refused)
            if self._trial.is_chance and not self._walk.is_doubtful():
                self._let_go(now)

    def _let_go(self, now: float) -> None:
        self._curve, self._share, self._since = None, Share(), -inf
        self._known.rate = 0.0
        self._trust_until, self._trust = now + self._trust, 2.0 * self._trust
        self._marks.clear()

    def _mark(self, began: float) -> None:
        if not self._marks or began > self._marks[-1]:
            self._marks.append(began)

    def _begin_with(self, now: float, rate: float) -> None:
        """What an earlier run found out, and gently up from there: something may have been saved up meanwhile."""
        self._trial, self._is_trying = Trial(1.0, lead=2.0), False
        self._curve = Curve(now, rate, _HOPE * rate, _HASTE * self._unit(rate))
        self._since = now
        self._spacing.begin(now, 1.0)

    def _try_slower(self, began: float, now: float, width: int) -> None:
        """At what the host takes of the calls on their way, a round trip each."""
        taken = width / max(self._trip, now - began, 1e-3) * (1.0 - self._share.value)
        self._trial, self._is_trying = Trial(self._share.at_least, is_first=True), True
        self._follow(began, now, taken, taken)

    def _slow_down(self, began: float, now: float, curve: Curve | Climb, on_their_way: int) -> None:
        is_soon = began - curve.since < self._trip and isinstance(curve, Curve)
        if is_soon or (self._is_trying and not self._trial.is_limit):
            return
        self._is_trying = False
        at = curve.rate(began)
        oldest = began - _REMEMBERED_SECONDS * max(1.0, self._patience)
        newest = self._marks[-1] if self._marks else self._tally.first
        since = next((mark for mark in self._marks if mark >= oldest), newest)
        taken = self._tally.taken(since, began) / max(began - since, 1e-3) if self._marks else curve.taken
        surely = 0.0
        if isinstance(curve, Curve) and (curve.below < 1.0 or began - curve.since > curve.unit):
            surely = curve.granted_if_refused_at(at)  # but not where that was believed and is refused at once
        if self._trial.is_limit:
            self._trial = Trial(self._share.at_least)
        taken_or_sure = min(at, max(taken, surely))
        is_as_before = isinstance(curve, Curve) and abs(log(max(taken_or_sure, 1e-9) / curve.taken)) <= _AS_BEFORE
        self._calm = min(_CALMEST, 2.0 * self._calm) if is_as_before else 1.0
        after = self._follow(began, now, taken_or_sure, at)
        if self._calm > 1.0:
            self._known.rate, self._known.at = taken_or_sure, now
        if surely > taken:
            after.below = 1.0
        after.was_at, after.on_their_way, after.is_first = at, on_their_way, isinstance(curve, Climb)

    def _surely_granted(self) -> float:
        """Calls a second between the first and the last one refused of late."""
        number = self._tally.taken(self._cluster[0], self._cluster[1]) - 1
        return number / (self._cluster[1] - self._cluster[0]) if number >= 3 else 0.0

    def _follow(self, began: float, now: float, taken: float, refused: float) -> Curve:
        self._mark(began)
        least = 0.5 / max(self._trip, self._first_wait)
        curve = Curve(now, max(least, taken), max(least, refused), self._unit(max(least, taken)))
        self._curve, self._since, self._share = curve, now, Share()
        self._spacing.begin(now, -1.0)
        return curve

    def _unit(self, rate: float) -> float:
        """Seconds to count by, so that news is in time, and one refusal comes to a hundred calls."""
        return self._calm * max(1.0, 4.0 * self._trip, _UNIT_CALLS / rate, self._patience)

    def _hold(self, began: float, now: float, others: int) -> None:
        said = sorted(self._wishes, reverse=True)
        own = min(self._longest_wait, self._first_wait * 2.0 ** min(self._holds, 50))
        wait = said[min(_SEVERAL, len(said)) - 1] if said else own
        # Told to wait for less than it takes, again and again: then longer each time.
        wait = max(wait, own if self._holds else 0.0)
        self._is_feeling = self._curve is None and wait <= _SHORT and self._trip > 0.0
        if self._is_feeling:
            wait = _BREATH * self._trip
        if self._holds == 0:
            self._trouble_since = began
        self._holds += 1
        self._wishes.clear()
        self._mark(began)
        self.held_until, self._held_at, self._since = now + wait, now, now + wait
        self._stragglers = others
        self._await_until = self.held_until + 4.0 * self._trip
        self._walk.begin_warily()

    def _climb(self, now: float) -> None:
        """After a wait: at the pace of all that was taken before and meanwhile, which is a guess."""
        since = max(self._tally.first - self._trip, 2.0 * self._trouble_since - now)
        self._patience = min(2.0, max(self._patience, (now - self._trouble_since) / 16.0))
        number = self._tally.taken(since, now)
        trip = max(self._trip, 1e-3)
        taken = max(number / max(now - since, 1e-3), self._surely_granted(), 1.0 / trip)
        self._curve = Climb(now, taken, 0.15 + 6.0 / (1.0 + number), max(1.0, 4.0 * trip, self._patience))
        if self._is_feeling:
            self._curve = Climb(now, 1.0 / trip, 0.0, self._curve.unit, _STEPS / max(self._quickest, 1e-3) ** 2)
        self._trial, self._is_trying, self._share = Trial(1.0, lead=2.0), False, Share()
        self._held_at = None
        self._spacing.begin(now, 0.0)
