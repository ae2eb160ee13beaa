"""What to do after a failed call: retry, record, wait, pause, stop. Pure: the same facts give the same decision."""

from dataclasses import dataclass

from core.host_refusals import lasting
from core.hosts.wire import Failure
from core.model import ErrorKind

_STOPPING = {
    ErrorKind.AUTHENTICATION: "{host} refused the key ({said}). Check {key}, then resume.",
    ErrorKind.QUOTA: "{host} says the account has no credit left ({said}). Top it up, then resume.",
    ErrorKind.NOT_FOUND: "{host} does not know what was asked for ({said}). Choose another model or check its address.",
}
_TRANSIENT = {
    ErrorKind.RATE_LIMIT,
    ErrorKind.SERVER,
    ErrorKind.TIMEOUT,
    ErrorKind.CONNECTION,
    ErrorKind.MALFORMED,
}
_MOST_DOUBLINGS = 60
BREAKING = frozenset({ErrorKind.SERVER, ErrorKind.TIMEOUT, ErrorKind.CONNECTION})
"""Failures that say the host is not there, or not able: they open the breaker."""


@dataclass(frozen=True)
class Policy:
    """`attempts` calls an item at most; waits double from `first_wait` to `longest_wait` seconds, jittered;
    where the host says how long, that is it, and `least_wait` more with each time, so that "at once" is no hammering.

    A rate limit says nothing about the item, and is often counted by the minute: `patient_attempts` bounds it.
    `breaker` failures in a row open the breaker; its probing calls come after `first_probe` seconds, then twice that,
    up to `longest_probe`. A run pauses after `outage_seconds` without any answer, and where a host asks everybody for a
    wait longer than `longest_retry_after`. `refusals` requests in a row that a host calls wrong, none having been
    answered, stop the run.
    """

    attempts: int = 5
    patient_attempts: int = 12
    first_wait: float = 0.5
    least_wait: float = 0.05
    longest_wait: float = 20.0
    longest_retry_after: float = 120.0
    breaker: int = 20
    first_probe: float = 1.0
    longest_probe: float = 30.0
    outage_seconds: float = 600.0
    refusals: int = 10


@dataclass(frozen=True)
class Retry:
    """Ask about the item again after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Record:
    """Store the failure as the item's error and go on."""


@dataclass(frozen=True)
class Wait:
    """The host is away: keep the item, without counting the attempt, until the breaker lets calls through."""


@dataclass(frozen=True)
class Pause:
    """Let the run wait without a worker: for `seconds`, or for the user where None. The item stays missing."""

    message: str
    seconds: float | None = None


@dataclass(frozen=True)
class SetAside:
    """Ask about the item no more until the run is done but for such items; it then pauses for `seconds` from now."""

    message: str
    seconds: float


@dataclass(frozen=True)
class Stop:
    """End the run with this sentence; the item stays missing, so that resuming asks again."""

    message: str


Decision = Retry | Record | Wait | Pause | SetAside | Stop


@dataclass(frozen=True)
class Situation:
    """`attempt` counts from 1; `failures_in_a_row` over the whole run, this one included; `jitter` in 0..1.

    `key_wanted` is what to say of a missing key, as `Connection.key_wanted` has it, None where one is sent; `is_open`
    says whether the breaker is; `failing_for` since how many seconds nothing has been answered;
    `tries` how often the item was really sent, where some attempts do not count against it; `others_go_on` that other
    calls are answered, or may yet be, so that a long wait is about this one alone.
    """

    attempt: int
    failures_in_a_row: int
    successes: int
    jitter: float
    host: str
    key: str = ""
    key_wanted: tuple[str, str] | None = None
    is_open: bool = False
    failing_for: float = 0.0
    tries: int = 0
    others_go_on: bool = False


def decide(failure: Failure, situation: Situation, policy: Policy) -> Decision:
    """One decision per failed call."""
    said = failure.message[:300]
    if failure.kind in _STOPPING:
        if failure.kind is ErrorKind.AUTHENTICATION and situation.key_wanted is not None:
            wanted, hint = situation.key_wanted
            return Stop(f"{wanted} ({said}). {hint} Then resume.")
        key = situation.key or "the connection"
        return Stop(_STOPPING[failure.kind].format(host=situation.host, said=said, key=key))
    if failure.kind in _TRANSIENT and (failure.retry_after or 0.0) > policy.longest_retry_after:
        return _wait_forlasting(failure.retry_after or 0.0, situation)
    if _was_never_there(failure, situation, policy):
        return Stop(f"{situation.host} cannot be reached ({said}). Start it or check its address, then resume.")
    if _refuses_everything(failure, situation, policy):
        return Stop(f"{situation.host} refuses every request ({said}).")
    if _speaks_something_else(failure, situation, policy):
        return Stop(f"{situation.host} answers, but never with what was asked for ({said}). Check its address.")
    if _is_outage(failure, situation, policy):
        return Pause(
            f"{situation.host} has not answered for {lasting(situation.failing_for)} ({said}). "
            "Nothing is lost: resume when it is back."
        )
    if situation.is_open and failure.kind in BREAKING:
        return Wait()
    attempts = policy.patient_attempts if failure.kind is ErrorKind.RATE_LIMIT else policy.attempts
    if failure.kind not in _TRANSIENT or situation.attempt >= attempts:
        return Record()
    return Retry(_wait(failure, situation, policy))


def _wait_forlasting(seconds: float, situation: Situation) -> Decision:
    asks = f"{situation.host} asks us to wait {lasting(seconds)}"
    return SetAside(f"{asks} with what is left.", seconds) if situation.others_go_on else Pause(f"{asks}.", seconds)


def _was_never_there(failure: Failure, situation: Situation, policy: Policy) -> bool:
    tried = situation.attempt >= policy.attempts or situation.failures_in_a_row >= policy.breaker
    return failure.kind is ErrorKind.CONNECTION and situation.successes == 0 and tried


def _refuses_everything(failure: Failure, situation: Situation, policy: Policy) -> bool:
    nothing_worked = situation.successes == 0 and situation.failures_in_a_row >= policy.refusals
    return failure.kind is ErrorKind.BAD_REQUEST and nothing_worked


def _speaks_something_else(failure: Failure, situation: Situation, policy: Policy) -> bool:
    # Answers nobody can read may well be billed: better to stop than to ask for every item five times.
    nothing_worked = situation.successes == 0 and situation.failures_in_a_row >= policy.refusals
    return failure.kind is ErrorKind.MALFORMED and nothing_worked


def _is_outage(failure: Failure, situation: Situation, policy: Policy) -> bool:
    silent = failure.kind is ErrorKind.RATE_LIMIT or (situation.is_open and failure.kind in BREAKING)
    return silent and situation.failing_for >= policy.outage_seconds


def _wait(failure: Failure, situation: Situation, policy: Policy) -> float:
    """As long as the host says; where it says nothing, doubling."""
    sent, jitter = max(situation.attempt, situation.tries), 0.5 + 0.5 * situation.jitter
    if failure.retry_after is not None:
        return max(failure.retry_after, policy.least_wait * sent * jitter)
    backoff = policy.first_wait * 2.0 ** min(sent - 1, _MOST_DOUBLINGS)
    return min(policy.longest_wait, backoff) * jitter
