"""What refusals say about how fast a host lets itself be asked. Pure: every method is told the monotonic time.

A refused call waits by itself. Whether the others should slow down is found out: they do, to just below what the host
grants, and where refusals become rare the host counts, so that pace is kept and a little more tried now and then. Where
as many are refused as before, they have nothing to do with the pace, and it is free again. The whole run waits only
where most calls of a round trip are refused, or several are told to wait long.

What a host grants is counted from one refusal to a later one: whatever it saves up for a burst is used up at both.
"""

from dataclasses import dataclass, field
from math import inf, sqrt

_SEVERAL = 3
_LONG = 5.0
"""Seconds to wait that are no hiccup: a few of those mean everybody."""
_BELOW = 0.96
_BACK_SECONDS = 4.0
"""How long it takes to come back to the pace that was refused; the nearer, the slower."""
_BEYOND, _FAR_BEYOND = 0.01, 0.004
"""Of that pace, what is added in a second beyond, and in a second cubed."""
_BURST_SECONDS = 0.02
_FORGET = 400
_MOST_USUAL = 0.7
_TRUSTED = 0.6
"""A count over a short while may be far off; what was not refused of the pace is nearly as good."""
_MOST_DOUBTS = 8
"""How much more it takes to slow down again, where slowing down was of no use."""


@dataclass
class _Seen:
    """Calls begun, and how many of them were refused. Those on their way count as taken: a refusal comes quickly."""

    begun: float = 0.0
    refused: float = 0.0

    @property
    def taken(self) -> float:
        return self.begun - self.refused

    @property
    def share(self) -> float:
        return self.refused / self.begun if self.begun else 0.0

    def fade(self) -> None:
        if self.begun > _FORGET:
            self.begun, self.refused = self.begun / 2, self.refused / 2

    def __add__(self, other: "_Seen") -> "_Seen":
        return _Seen(self.begun + other.begun, self.refused + other.refused)


@dataclass
class _Trip:
    """The calls begun in one round trip: until the first of them comes home."""

    since: float
    seen: _Seen = field(default_factory=_Seen)


@dataclass
class _Curve:
    """The pace since `since`: from a little below `proven` back to `refused_at`, and slowly beyond it.

    What is only `guessed`, after a wait, doubles each second until a call is refused.
    """

    since: float
    proven: float
    refused_at: float
    unit: float = 1.0
    guessed: bool = False

    def rate(self, now: float) -> float:
        t = max(0.0, now - self.since) / self.unit
        if self.guessed:
            return float(self.proven * 2.0 ** min(t, 50.0))
        start = self.proven * _BELOW
        if t < _BACK_SECONDS:
            return self.refused_at + (start - self.refused_at) * (1.0 - t / _BACK_SECONDS) ** 3
        beyond = t - _BACK_SECONDS
        return self.refused_at * (1.0 + _BEYOND * beyond + _FAR_BEYOND * beyond**3)


class Grants:
    """A pace learned from refusals; there is none where they say nothing about it."""

    def __init__(self, first_wait: float = 0.5, longest_wait: float = 20.0) -> None:
        """How long all wait where the host does not say: doubling from `first_wait` while nothing is granted."""
        self._first_wait, self._longest_wait = first_wait, longest_wait
        self._least = 0.25 / first_wait
        self.held_until = -inf
        self._held_at: float | None = None
        self._before = (inf, _Seen())
        self._curve: _Curve | None = None
        self._level, self._level_at, self._is_pacing = 0.0, 0.0, False
        self._count_from, self._counts = inf, _Seen()
        self._counts_from_refusal = self._is_exact = False
        """What was taken between two refusals is exactly what was granted."""
        self._low, self._high, self._usual = _Seen(), _Seen(), 0.0
        self._doubts, self._vain = 1, 0
        self._trips = (_Trip(-inf), _Trip(-inf))
        self._trip_seconds, self._wishes, self._holds = 0.0, list[float](), 0

    # what may be done

    def delay(self, now: float) -> float:
        """Seconds until a call may start."""
        if now < self.held_until:
            return self.held_until - now
        if self._curve is None:
            return 0.0
        if self._held_at is not None:
            self._go_on(now, self._held_at)
        rate = self._curve.rate(now)
        self._level = min(max(1.0, rate * _BURST_SECONDS), self._level + max(0.0, now - self._level_at) * rate)
        self._level_at = max(self._level_at, now)
        self._is_pacing = self._level < 1.0 - 1e-9
        return (1.0 - self._level) / rate if self._is_pacing else 0.0

    def started(self, now: float) -> None:
        self._count_from = min(self._count_from, now)
        self._level -= 1.0
        for seen in (self._counts, self._trips[1].seen, self._side(now)):
            seen.begun += 1

    # what came home

    def granted(self, began: float, now: float) -> None:
        """The host took a call, whatever came of it."""
        self._trip_seconds = now - began
        self._note_trip(began, now)
        if began >= self.held_until:
            self._holds = 0

    def refused(self, began: float, now: float, wish: float | None, in_flight: int) -> None:
        """The host would not take a call, and asks it to wait for so long, where it says so."""
        self._note_trip(began, now)
        self._note_refusal(began)
        if wish is not None:
            self._wishes.append(wish)
        if now < self.held_until:
            return
        if self._curve and self._is_exact and self._goes_on_regardless(in_flight):
            self._let_go(in_flight - 1)
        elif self._means_everybody(in_flight):
            self._hold(now)
        elif (self._curve is None or began >= self._curve.since) and self._is_worth_heeding(began):
            self._slow_down(began, now, in_flight - 1)

    def say(self, now: float) -> str:
        """Why no more calls are started than are; "" where refusals are not the reason."""
        if self._curve is None or not self._is_pacing:
            return ""
        return f"{max(1.0, self._curve.rate(now)):.0f} calls a second, since more are refused"

    # how it is found out

    def _note_trip(self, began: float, now: float) -> None:
        if began >= self._trips[1].since and now - self._trips[1].since >= self._trip_seconds:
            self._trips = (self._trips[1], _Trip(now))
            if self._trips[0].since > -inf:
                self._wishes.clear()

    def _note_refusal(self, began: float) -> None:
        for trip in reversed(self._trips):
            if began >= trip.since:
                trip.seen.refused += 1
                break
        if began >= self._count_from:
            self._counts.refused += 1
        if self._curve is None or began >= self._curve.since:
            side = self._side(began)
            side.refused += 1
            side.fade()

    def _side(self, began: float) -> _Seen:
        """Where a call is counted: below what the host should grant, if it is the pace that matters, or above."""
        curve = self._curve
        if curve is None or curve.rate(began) > (curve.refused_at if curve.guessed else curve.proven):
            return self._high
        return self._low

    def _goes_on_regardless(self, in_flight: int) -> bool:
        """Whether as many calls are refused below what the host grants as above, though it does grant some."""
        return self._is_alike() and self._low.taken - in_flight >= self._low.refused / 4

    def _is_alike(self) -> bool:
        alike = 0.75 if self._curve and self._curve.guessed else 0.5
        return self._low.refused >= _SEVERAL and self._low.share >= alike * self._high.share

    def _let_go(self, on_their_way: int) -> None:
        known = max(self._low.begun - on_their_way, self._low.refused + 1.0)
        self._usual, self._curve = min(_MOST_USUAL, self._low.refused / known), None
        self._low, self._high = _Seen(), _Seen()
        self._count_from, self._counts, self._counts_from_refusal = inf, _Seen(), False
        self._vain = 0
        self._doubts = min(_MOST_DOUBTS, 2 * self._doubts)

    def _means_everybody(self, in_flight: int) -> bool:
        last, both = self._trips[0].seen, self._trips[0].seen + self._trips[1].seen
        # The last round trip has come home, more or less; of this one many are on their way.
        seen, usual = max(last, both, key=lambda each: each.share), self._usual
        chance = usual * seen.begun + 3.0 * sqrt(seen.begun * usual * (1.0 - usual))
        if seen.refused < max(_SEVERAL, (in_flight + 1) / 4, chance):
            return False
        is_long = sum(1 for wish in self._wishes if wish >= _LONG) >= _SEVERAL
        return seen.share > usual + (1.0 - usual) / (4 if is_long else 2)

    def _is_worth_heeding(self, began: float) -> bool:
        """One refusal above what the host granted so far is; below it, or where there is no pace yet, several are."""
        side = self._side(began)
        expected = self._usual * side.begun
        if side is self._high and self._curve is not None:
            return side.refused >= 1.5 * expected + 1.0
        if self._curve is None:
            return side.refused >= expected + self._doubts * (_SEVERAL + sqrt(expected))
        if self._is_exact and not self._curve.guessed and self._is_alike():
            return False  # not known yet
        return side.refused >= expected + _SEVERAL + 2.0 * sqrt(expected)

    def _hold(self, now: float) -> None:
        said = sorted(self._wishes, reverse=True)
        own = min(self._longest_wait, self._first_wait * 2.0 ** min(self._holds, 50))
        wait = said[min(_SEVERAL, len(said)) - 1] if said else own
        # Told to wait for less than it takes, again and again: then longer each time.
        wait = max(wait, own if self._holds else 0.0)
        self._holds += 1
        curve, until, at = self._curve, now + wait, max(2.0, self._speed(now))
        if curve is None or not curve.guessed:
            self._low, self._high = _Seen(), self._trips[0].seen + self._trips[1].seen
        else:
            at = max(at, curve.refused_at)
        if now - self._count_from < self._long_enough and self._before[0] < inf:
            self._count_from, before = self._before
            self._counts += before
        self.held_until, self._held_at = until, now
        self._curve = _Curve(until, 1.0, at, guessed=True)
        self._level, self._level_at = -2.0, until
        self._new_trips(until)

    def _go_on(self, now: float, held_at: float) -> None:
        """After a wait: at the pace of all that was taken before and meanwhile, which is a guess."""
        assert self._curve is not None
        self._curve.proven = max(2.0 * self._least, self._counted(now))
        self._held_at, self._is_exact, self._counts_from_refusal = None, self._counts_from_refusal, True
        self._count_from, self._counts = held_at, _Seen()

    def _slow_down(self, began: float, now: float, on_their_way: int) -> None:
        curve, unit = self._curve, max(1.0, 4.0 * self._trip_seconds)
        is_long = now - self._count_from >= self._long_enough
        speed = self._speed(now)
        if curve is None:
            proven = min(self._counted(now, on_their_way), speed)
            self._low = _Seen()
            self._begin(_Curve(now, proven, proven * 1.02, unit), now)
            return
        at = min(curve.rate(began), speed * 1.1)
        if curve.guessed:
            counted = self._counted(now, on_their_way)
            proven = sqrt(counted * max(at, counted))
            self._low, self._high = _Seen(), self._high if self._is_exact else _Seen()
            self._begin(_Curve(now, proven, max(at, proven), unit), now)
            self._is_exact = False
        elif is_long:
            proven = max(self._counted(now, on_their_way), _TRUSTED * at * (1.0 - self._counts.share))
            is_vain = proven < max(1.0, 0.9 * curve.proven) and 0.05 <= self._counts.share <= 0.9
            self._vain = self._vain + 1 if is_vain else 0
            if self._vain >= _SEVERAL:
                self._low = self._counts  # slower and slower, and refused all the same
                self._let_go(on_their_way)
                return
            if not self._is_exact or self._low.refused >= _SEVERAL:
                self._low = _Seen()
            self._begin(_Curve(now, proven, max(at, proven), unit), now)

    @property
    def _long_enough(self) -> float:
        return max(0.1, 2.0 * self._trip_seconds)

    def _speed(self, now: float) -> float:
        """Calls begun a second of late."""
        last, this = self._trips
        since = last.since if last.since > -inf else self._count_from
        seen = last.seen.begun + this.seen.begun
        return max(self._least, seen / max(now - since, 1e-3))

    def _begin(self, curve: _Curve, now: float) -> None:
        was = self._curve
        self._curve = curve
        self._level, self._level_at = -2.0, curve.since
        self._is_exact = self._counts_from_refusal
        self._counts_from_refusal = True
        self._before = (self._count_from, self._counts)
        self._count_from, self._counts = now, _Seen()
        if was is not None:
            self._new_trips(now)

    def _new_trips(self, since: float) -> None:
        self._trips = (_Trip(since), _Trip(since))
        self._wishes.clear()

    def _counted(self, until: float, on_their_way: int = 0) -> float:
        """Calls taken a second, those left aside of which it is not known yet."""
        elapsed, taken = until - self._count_from, self._counts.taken
        if on_their_way and elapsed >= 2.0 * self._trip_seconds:
            elapsed, taken = elapsed - self._trip_seconds / 2, max(0.0, taken - on_their_way / 2)
        return max(self._least, taken / max(elapsed, 1e-3))
