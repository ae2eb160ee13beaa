"""How the host of a run is doing, and what its failures mean for the run and its items. Pure but for the jitter."""

import random

from core.hosts.breaker import Breaker
from core.hosts.decide import BREAKING, Decision, Policy, Situation, Wait, decide
from core.hosts.wire import Failure
from core.model import ErrorKind
from core.services.labelling.work import Work

_SEVERAL = 5
"""Failures in a row that are no chance, where few calls are in flight."""
_AWAY = "does not answer: trying again"


def is_away(said: str) -> bool:
    """Whether what a run says of how it is going is that its host is away."""
    return _AWAY in said


class HostHealth:
    """`title` and `key_variable` of the host are for the sentences, and so is `key_wanted`: see `Situation`."""

    def __init__(
        self, policy: Policy, title: str, key_variable: str, key_wanted: tuple[str, str] | None = None
    ) -> None:
        self._policy, self._title, self._key_variable, self._key_wanted = policy, title, key_variable, key_wanted
        self._breaker = Breaker(policy.breaker, policy.first_probe, policy.longest_probe)
        self._failures_in_a_row = self._successes = 0

    def delay(self, now: float) -> float:
        """Seconds until a call may start: 0 where all is well, infinite while a probing call is on its way."""
        return self._breaker.delay(now)

    def started(self, work: Work) -> None:
        work.tries += 1
        work.is_probe = self._breaker.started()

    def why(self, now: float) -> str:
        """That the host is away, in a sentence; "" where it is not."""
        if not self._breaker.is_open:
            return ""
        wait = self._breaker.delay(now)
        return f"{self._title} {_AWAY}" + (f" in {wait:.0f} s" if 0 < wait < 3600 else "")

    def said_of_host(self, trouble: str) -> str:
        return f"{self._title} {trouble}"

    def answered(self) -> bool:
        """A call was answered. Returns whether the host has come back with it."""
        self._successes += 1
        if not self._failures_in_a_row:
            return False
        self._failures_in_a_row = 0
        return self._breaker.answered()

    def given_up(self, work: Work) -> None:
        """A call came to nothing that says anything about the host."""
        if work.is_probe:
            self._breaker.given_up()

    def failed(self, work: Work, failure: Failure, now: float, in_flight: int = 0) -> tuple[Decision, bool]:
        """What to do about the item or the run, and whether the host has come back with this. Counts the attempt.

        `in_flight` is how many other calls are on their way.
        """
        self._failures_in_a_row += 1
        came_back = self._noted(work, failure, now)
        situation = Situation(
            work.attempt,
            self._failures_in_a_row,
            self._successes,
            random.random(),
            self._title,
            self._key_variable,
            self._key_wanted,
            is_open=self._breaker.is_open,
            failing_for=self._breaker.failing_for(now),
            tries=work.tries,
            others_go_on=self._do_others_go_on(in_flight),
        )
        decision = decide(failure, situation, self._policy)
        if not self._is_excused(work, failure) and not isinstance(decision, Wait):
            work.attempt += 1
        return decision, came_back

    def _noted(self, work: Work, failure: Failure, now: float) -> bool:
        if failure.kind in BREAKING:
            self._breaker.failed(now, was_probe=work.is_probe)
            return False
        if failure.kind is ErrorKind.RATE_LIMIT:
            return self._breaker.refused(now)
        return self._breaker.answered()

    def _do_others_go_on(self, in_flight: int) -> bool:
        """Not where as many calls failed in a row as are still on their way, and not by chance."""
        may_be_answered = self._successes > 0 or in_flight > 0
        return may_be_answered and self._failures_in_a_row < max(_SEVERAL, in_flight)

    def _is_excused(self, work: Work, failure: Failure) -> bool:
        """A rate limit that hits others too, nothing having been answered since, says nothing about this item.

        One that comes as an answer, with status 200, is no refusal of the host's front door: it may never end.
        """
        if work.answered_before != self._successes:
            work.answered_before, work.lonely = self._successes, 0
        work.lonely += 1
        hits_others = self._failures_in_a_row > work.lonely
        return failure.kind is ErrorKind.RATE_LIMIT and not failure.is_answer and hits_others
