"""Limits per minute set by hand. Pure: every method is told the monotonic time."""

from dataclasses import dataclass


@dataclass
class _Bucket:
    """`per_minute` in any minute: a second's worth at once (at least `least`), the rest spread evenly."""

    per_minute: float
    least: float
    level: float = 0.0
    at: float | None = None

    @property
    def capacity(self) -> float:
        return max(self.least, self.per_minute / 60.0)

    @property
    def refill(self) -> float:
        """A second; so little less than a sixtieth of the limit that a full bucket and a minute's refill keep it."""
        return (self.per_minute - (self.capacity - self.least)) / 60.0

    def wait(self, now: float, cost: float) -> float:
        if self.at is None:
            self.level, self.at = self.capacity, now
        self.level = min(self.capacity, self.level + max(0.0, now - self.at) * self.refill)
        self.at = now
        lacking = min(cost, self.capacity) - self.level
        return 0.0 if lacking <= 1e-9 else lacking / self.refill

    def take(self, cost: float) -> None:
        self.level -= cost


class Meter:
    """Limits per minute set by hand for a host; None where there is none. Shared by all runs that ask it."""

    def __init__(self, requests_per_minute: int | None = None, tokens_per_minute: int | None = None) -> None:
        self._requests = _Bucket(requests_per_minute, 1.0) if requests_per_minute else None
        self._tokens = _Bucket(tokens_per_minute, 1.0) if tokens_per_minute else None

    def wait(self, now: float, tokens: float) -> float:
        """Seconds until a call of about so many tokens may start."""
        wait = self._requests.wait(now, 1.0) if self._requests else 0.0
        return max(wait, self._tokens.wait(now, tokens)) if self._tokens else wait

    def started(self, tokens: float) -> None:
        if self._requests:
            self._requests.take(1.0)
        self.correct(tokens)

    def correct(self, tokens: float) -> None:
        """A call took so many tokens more than was thought when it started."""
        if self._tokens:
            self._tokens.take(tokens)
