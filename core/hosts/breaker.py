"""Whether a host is there at all: a circuit breaker. Pure: every method is told the monotonic time."""

from math import inf


class Breaker:
    """Closed while the host answers. `failures` in a row that say it does not open it: then nothing is asked but one
    probing call after 1, 2, 4 ... `longest_wait` seconds, and the first answer closes it.

    While it is open the failures of calls say nothing about their items: these lose no attempt.
    """

    def __init__(self, failures: int = 20, first_wait: float = 1.0, longest_wait: float = 30.0) -> None:
        self._failures, self._first_wait, self._longest_wait = failures, first_wait, longest_wait
        self._in_a_row = 0
        self._wait = 0.0
        self._probe_at = inf
        self._probing = False
        self._failing_since: float | None = None
        self.is_open = False

    def answered(self) -> bool:
        """A call got through. Returns whether the host has come back with it."""
        came_back, self.is_open = self.is_open, False
        self._failing_since = None
        self._in_a_row = 0
        self._probing = False
        return came_back

    def refused(self, now: float) -> bool:
        """The host answered that it will not, for now: it is there. Returns whether it has come back with it."""
        failing_since = self._failing_since
        came_back = self.answered()
        self._failing_since = now if failing_since is None else failing_since
        return came_back

    def failed(self, now: float, *, was_probe: bool = False) -> None:
        """A call found nobody, or somebody who cannot. Only the probing call makes the next wait longer."""
        self._in_a_row += 1
        if self._failing_since is None:
            self._failing_since = now
        if not self.is_open and self._in_a_row >= self._failures:
            self.is_open = True
            self._wait = self._first_wait
            self._probe_at = now + self._wait
        elif was_probe:
            self._wait = min(self._longest_wait, self._wait * 2)
            self._probe_at = now + self._wait
            self._probing = False

    def started(self) -> bool:
        """A call is on its way. Returns whether it is the probing one: where the breaker is open it is."""
        self._probing = self.is_open
        return self._probing

    def given_up(self) -> None:
        """The probing call came to nothing that says anything about the host: another may be sent at once."""
        self._probing = False

    def delay(self, now: float) -> float:
        """Seconds until a call may start: 0 where closed, infinite while the probing call is on its way."""
        if not self.is_open:
            return 0.0
        return inf if self._probing else max(0.0, self._probe_at - now)

    def failing_for(self, now: float) -> float:
        """Seconds since the first failure that no answer has followed; 0 where none."""
        return 0.0 if self._failing_since is None else now - self._failing_since
