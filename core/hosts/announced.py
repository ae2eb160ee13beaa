"""What a host's limit headers let be asked: its own count of what is left, kept up to date by what is sent since.

Headers say how much is left and when all of it is there again. A host that counts from one moment to the next gives it
back then, all at once; one that fills a bucket gives it back all the while, and the moment moves on with every call.
Which it is shows in a few answers. A bucket is asked as fast as it fills; where a window ends, one call is sent
ahead, whose answer says what is left of the next. Pure: every method is told the monotonic time.
"""

from dataclasses import dataclass
from math import inf

_ALIKE, _SEVERAL = 1.1, 4
_MOVED, _FAR = 0.5, 2.0
"""By how much of itself a bucket's reset has moved: far, where as much was used of it each time."""
_PATIENCE = 2.0
"""The call that is sent ahead has so many round trips to come home before the next one is."""
LONGEST_HEED = 120.0
"""Headers that speak of a later reset mean a budget by the day: the host will say so itself when it is used up."""


@dataclass
class Announced:
    """One budget, in calls or in tokens. `rate` is what a bucket gains a second, 0 where it is none."""

    rate: float = 0.0
    _limit: float = inf
    _level: float = inf
    _at: float = -inf
    _reset: float = 0.0
    _trip: float = 0.0
    _until: float = inf
    _said_to: float = -inf
    _least: float = 0.0
    _most: float = inf
    _fewest: float = inf
    _first_end: float = inf
    _alike: int = 0

    def heed(
        self, began: float, now: float, limit: float | None, left: float | None, reset: float | None, spent: float
    ) -> None:
        """What the answer to a call begun at `began` said; since then so much was `spent` on others."""
        if left is None or reset is None or not 0.0 < reset <= LONGEST_HEED:
            return
        if limit is not None and left < limit:
            self._compare(limit - left, reset, began + reset)
        if began >= self._said_to:
            self._limit = inf if limit is None else limit
            self._said_to, self._trip, self._reset, self._until = began, now - began, reset, began + reset
            self._level, self._at = min(self._limit, left + self.rate * (now - began) - spent), now

    def wait(self, now: float, cost: float) -> float:
        """Seconds until so much may be spent; 0 where nothing was said about it."""
        if self._level == inf:
            return 0.0
        if now >= self._until:
            self._level, self._at = self._limit if self.rate else max(self._level, cost), now
            self._until = now + max(_PATIENCE * self._trip, self._reset)
        if self.rate:
            self._level = min(self._limit, self._level + self.rate * max(0.0, now - self._at))
            self._at = now
        lacking = min(cost, self._limit) - self._level
        if lacking <= 1e-9:
            return 0.0
        return lacking / self.rate if self.rate else max(0.0, self._until - now)

    def spend(self, cost: float) -> None:
        self._level -= cost

    def forget(self) -> None:
        """The host says nothing any more."""
        self._level, self.rate, self._alike = inf, 0.0, 0

    def _compare(self, used: float, reset: float, end: float) -> None:
        """A bucket fills at the same rate whatever is used of it; either number may be rounded up to a whole one."""
        rounded = 1.0 if reset == int(reset) else 0.0
        slowest, fastest = (used - 1.0) / reset, used / max(reset - rounded, reset / 2.0)
        least, most = max(self._least, slowest), min(self._most, fastest)
        if self._alike == 0 or least > most * _ALIKE:
            least, most = slowest, fastest
            self._alike, self.rate, self._fewest, self._first_end = 0, 0.0, used, end
        self._least, self._most, self._alike = least, most, self._alike + 1
        self._fewest = min(self._fewest, used)
        has_moved = end - self._first_end >= (_MOVED if used >= 2.0 * self._fewest else _FAR) * reset + rounded
        if self._alike >= _SEVERAL and has_moved:
            self.rate = most
