"""What to do after a failed call: retry, record, or stop the run. Pure: given the same facts it decides the same."""

from dataclasses import dataclass

from core.hosts.wire import Failure
from core.model import ErrorKind

_STOPPING = {
    ErrorKind.AUTHENTICATION: "{host} refused the key ({said}). Check {key}, then resume.",
    ErrorKind.QUOTA: "{host} says the account has no credit left ({said}). Top it up, then resume.",
    ErrorKind.NOT_FOUND: "{host} does not know what was asked for ({said}). Choose another model.",
}
_TRANSIENT = {
    ErrorKind.RATE_LIMIT,
    ErrorKind.SERVER,
    ErrorKind.TIMEOUT,
    ErrorKind.CONNECTION,
    ErrorKind.MALFORMED,
}
_BREAKING = {ErrorKind.SERVER, ErrorKind.TIMEOUT, ErrorKind.CONNECTION}


@dataclass(frozen=True)
class Policy:
    """`attempts` calls an item at most; waits double from `first_wait` to `longest_wait` seconds, jittered.

    A rate limit says nothing about the item, and is often counted by the minute: `patient_attempts` bounds it.

    The breaker opens after `breaker` failures in a row, once the calls that fail are at least at their third attempt:
    a burst of resets is no outage. It also opens where an item ran out of attempts before any call got through.
    `longest_retry_after` bounds how long a host may make us wait.
    """

    attempts: int = 5
    patient_attempts: int = 12
    first_wait: float = 0.5
    longest_wait: float = 20.0
    longest_retry_after: float = 120.0
    breaker: int = 20
    refusals: int = 10


@dataclass(frozen=True)
class Retry:
    seconds: float


@dataclass(frozen=True)
class Record:
    """Store the failure as the item's error and go on."""


@dataclass(frozen=True)
class Stop:
    """End the run with this sentence; the item stays missing, so that resuming asks again."""

    message: str


@dataclass(frozen=True)
class Situation:
    """`attempt` counts from 1; `failures_in_a_row` over the whole run, this one included; `jitter` in 0..1."""

    attempt: int
    failures_in_a_row: int
    successes: int
    jitter: float
    host: str
    key: str = ""


def decide(failure: Failure, situation: Situation, policy: Policy) -> Retry | Record | Stop:
    """One decision per failed call."""
    said = failure.message[:300]
    if failure.kind in _STOPPING:
        key = situation.key or "the connection"
        return Stop(_STOPPING[failure.kind].format(host=situation.host, said=said, key=key))
    if _is_outage(failure, situation, policy):
        return Stop(
            f"{situation.host} has failed {situation.failures_in_a_row} times in a row ({said}). "
            "Nothing is lost: resume when it is back."
        )
    if _refuses_everything(failure, situation, policy):
        return Stop(f"{situation.host} refuses every request ({said}).")
    attempts = policy.patient_attempts if failure.kind is ErrorKind.RATE_LIMIT else policy.attempts
    if failure.kind not in _TRANSIENT or situation.attempt >= attempts:
        return Record()
    if failure.retry_after is not None and failure.retry_after > policy.longest_retry_after:
        return Stop(f"{situation.host} asks us to wait {failure.retry_after / 60:.0f} minutes. Resume after that.")
    return Retry(_wait(failure, situation, policy))


def _is_outage(failure: Failure, situation: Situation, policy: Policy) -> bool:
    # A short run may end before the breaker's count is reached: nobody there is an outage all the same.
    unreachable = failure.kind is ErrorKind.CONNECTION and situation.successes == 0
    if unreachable and situation.attempt >= policy.attempts:
        return True
    persistent = situation.attempt >= min(3, policy.attempts)
    return failure.kind in _BREAKING and persistent and situation.failures_in_a_row >= policy.breaker


def _refuses_everything(failure: Failure, situation: Situation, policy: Policy) -> bool:
    nothing_worked = situation.successes == 0 and situation.failures_in_a_row >= policy.refusals
    return failure.kind is ErrorKind.BAD_REQUEST and nothing_worked


def _wait(failure: Failure, situation: Situation, policy: Policy) -> float:
    backoff = min(policy.longest_wait, policy.first_wait * 2.0 ** (situation.attempt - 1))
    jittered = backoff * (0.5 + 0.5 * situation.jitter)
    return max(jittered, failure.retry_after or 0.0)
