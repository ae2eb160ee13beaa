"""Whose lease has run out. Pure: it is told the wall clock and a monotonic one, and trusts the first only so far."""

from collections.abc import Mapping

SUSPECT_SECONDS = 3.0
"""Owners renew their lease every second: one that has not for this long, and looks old besides, is gone."""


class LeaseWatch:
    """Watches heartbeats. A clock that jumps makes living owners look dead, or dead ones alive: what counts is that a
    heartbeat stands still while we look."""

    def __init__(self, lease_seconds: float) -> None:
        self._lease = lease_seconds
        self._seen: dict[int, tuple[float, float]] = {}
        self.has_suspects = False

    def dead(self, beats: Mapping[int, float], wall_now: float, now: float) -> dict[int, float]:
        """Those of `beats` (by run) whose owner is gone: it stood still for a lease, or looked old already when first
        seen and has stood still for a few seconds. `has_suspects` then tells whether looking again soon may find more.
        """
        self._seen = {run: self._since(run, beat, now) for run, beat in beats.items()}
        old = {run for run, beat in beats.items() if beat < wall_now - self._lease}
        dead = {
            run: beat
            for run, (beat, since) in self._seen.items()
            if now - since >= (SUSPECT_SECONDS if run in old else self._lease)
        }
        self.has_suspects = bool(old - dead.keys())
        return dead

    def _since(self, run: int, beat: float, now: float) -> tuple[float, float]:
        known = self._seen.get(run)
        return known if known is not None and known[0] == beat else (beat, now)
