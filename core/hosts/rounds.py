"""One round trip: the calls begun since a moment, and when enough of them are home to tell what it comes to. Pure."""

from dataclasses import dataclass
from math import inf

_FEW, _FEW_TELL, _TELL, _LOOK = 16.0, 0.75, 0.875, 2.0


@dataclass
class Round:
    """The calls begun `since`. `full`: the limit was what held them back; `disturbed`: something else did.

    `is_wider` where never so many were on their way: what they come to is looked at before more are begun.
    """

    since: float
    is_wider: bool = False
    started: int = 0
    at_once: int = 0
    first: float = inf
    home: int = 0
    answers: int = 0
    seconds: float = 0.0
    full: bool = False
    disturbed: bool = False

    def start(self, in_flight: int, *, is_full: bool) -> None:
        self.started += 1
        self.at_once = max(self.at_once, in_flight)
        self.full = self.full or is_full

    def come_home(self, now: float) -> None:
        """With an answer or without."""
        self.home += 1
        self.first = min(self.first, now)

    def tells(self, limit: float) -> bool:
        """Whether so many of a round of `limit` calls are home that the others will hardly tell more."""
        return self.home >= limit * (_FEW_TELL if limit <= _FEW else _TELL)

    def look(self, now: float, limit: float) -> float:
        """Seconds to wait for what a wider round comes to: until it tells, or is slow beside its first call."""
        if not self.is_wider or self.started < limit or self.tells(limit):
            return 0.0
        return self.since + _LOOK * (self.first - self.since) - now

    def latency(self, now: float, limit: float) -> float:
        """Of all of its calls; those still on their way take as long as they have taken, at least."""
        on_their_way = max(0.0, limit - self.home)
        return max((self.seconds + on_their_way * (now - self.since)) / (self.answers + on_their_way), 1e-9)
