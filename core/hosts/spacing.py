"""Calls begun evenly, so many a second, whatever the number becomes meanwhile. Pure."""

from math import inf

_LATEST_SECONDS = 0.05
"""A call that starts so much later than it should makes the next ones no later."""


class Spacing:
    """Saves up a single call, and what a busy machine was late with."""

    def __init__(self) -> None:
        self._level, self._at, self._alarm = 0.0, 0.0, inf
        self.holds = False
        """Whether a call would have been begun by now, were it not for the pace."""

    def begin(self, now: float, level: float) -> None:
        self._level, self._at = level, now

    def delay(self, now: float, rate: float) -> float:
        """Seconds until the next call is due."""
        gained = self._level + max(0.0, now - self._at) * rate
        late = min(_LATEST_SECONDS, max(0.0, now - self._alarm))
        self._level, self._at = max(self._level, min(gained, 1.0 + late * rate)), max(self._at, now)
        self.holds = self._level < 1.0 - 1e-9
        wait = (1.0 - self._level) / rate if self.holds else 0.0
        self._alarm = now + wait if self.holds else inf
        return wait

    def take(self) -> None:
        self._level -= 1.0
