"""What hosts say of the state of jobs, in whatever words. Pure.

A word is read by its parts: `TrainingFailed`, `validation_failed` and `JOB_STATE_FAILED` all hold "failed", and what
stands beside it says whether that is meant: nothing has ended that is "not completed", "cancel requested" or retried.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto


class End(Enum):
    """How a job ended; `OVER` where the word says no more than that it did."""

    CANCELLED = auto()
    BADLY = auto()
    OVER = auto()
    WELL = auto()


def end_of(status: str) -> End | None:
    """None where the word says that it goes on, or nothing we know."""
    parts, denied = _parts(status)
    found = _ends(parts)
    if any(part.startswith("succe") for part in denied):
        found.add(End.BADLY)
    if _STILL & {*parts}:
        found &= {End.BADLY}
    if {End.CANCELLED, End.BADLY} <= found and not _IS_CANCELLED & {*parts}:
        return None  # it is the cancelling that failed
    if _AGAIN & {*parts}:
        return None
    if any(map(_PHASE.match, parts)) or _AIM & {*parts}:
        found -= {End.OVER, End.WELL}
    return next((end for end in End if end in found), None)


def goes_on(status: str) -> bool:
    """Whether the word surely says that the job is not over."""
    parts, denied = _parts(status)
    said = any(map(_UNDER_WAY.fullmatch, parts)) or "started" in denied
    return said and end_of(status) is None


def unsure(status: str) -> str:
    """What to tell of a live job whose state is no plain going on: what is waited for, and what the user can do."""
    if any(part in _HALTED for part in _parts(status)[0]):
        return "Paused at the host: it continues once it is resumed there."
    if goes_on(status):
        return ""
    said = (
        f"The host reports the state “{status}”, which LabelLoop does not know"
        if status
        else "The host reports no state"
    )
    return (
        f"{said}. LabelLoop keeps checking until the host reports a result, an error or an end; "
        "if it is over, stop following."
    )


_HELD_ANYWHERE = {
    End.CANCELLED: re.compile(r"cancel|abort"),
    End.BADLY: re.compile(
        r"fail|error|exception|reject|invalid|refus|expir|timeout|crash|insufficient|exceeded|exhausted|corrupt|fatal"
    ),
    End.OVER: re.compile(r"partial"),
    End.WELL: re.compile(r"succe|complet|finish"),
}
_STANDS_ALONE = {
    End.CANCELLED: {"stop", "stopped", "terminated", "revoked", "withdrawn", "discarded", "abandoned"},
    End.BADLY: {"err", "killed", "deleted", "dead", "missing", "lost", "gone", "denied", "forbidden", "broken", "oom"},
    End.OVER: {"ended", "processed", "closed", "concluded", "over"},
    End.WELL: {"done", "ready", "deployed", "ok", "trained", "passed"},
}
_UNDER_WAY = re.compile(
    r"(?!missing).+ing|(?:re|en)?queued?|(?:re)?(?:started|created|submitted|scheduled)|progress|paused?|suspended|new"
    r"|active|accepted|received|registered|init|initiali[sz]ed|allocated|open|hold|retry|requested|request"
)
_HALTED = {"pause", "paused", "suspended", "hold"}
_STILL = {"request", "requested", "requesting", "pending", "waiting", "awaiting", "scheduled"}
_AGAIN = {"retrying", "requeued", "requeueing", "rescheduled"}
_IS_CANCELLED = {"cancelled", "canceled", "aborted", "stopped"}
_PHASE = re.compile(r"valid|upload|download|prepar|preproc|file|data|queue|token|pack|compress|checkpoint|epoch|step")
"""What is only a part of the work: "validation_completed" is not the end of it."""
_AIM = {"for", "to"}
"""Ready to begin, or to be used? The rest of what the host says tells."""


def _ends(parts: Sequence[str]) -> set[End]:
    """The ends that the parts name, other than as something under way: "failed", not "failing"."""
    named = [part for part in parts if part == "missing" or not part.endswith("ing")]
    return {end for end in End for part in named if part in _STANDS_ALONE[end] or _HELD_ANYWHERE[end].search(part)}


_DENIAL = re.compile(r"not|no|non|never|without")
_GLUED = re.compile(
    r"(?<![a-z])(?:not|un|in|non)(?=(?:succe|complet|finish|done|ready|ended|processed|running|started))"
)
_AS_ONE_PART = (
    (_GLUED, "not_"),
    (re.compile(r"timed?_?out"), "timeout"),
    (re.compile(r"in_?progress"), "progress"),
    (re.compile(r"in_?queue"), "queued"),
    (re.compile(r"out_of_[a-z]+|payment_required|not_found"), "insufficient"),
    (re.compile(r"early_?stop(?:ped|ping)?|stopped_early"), "finished"),
    (re.compile(r"with_(?:some_)?(?:error|failure|exception|warning|issue)s?(?![a-z])"), "over"),
)


def _parts(status: str) -> tuple[list[str], list[str]]:
    """The parts of a word in small letters, and those of them that are denied ("completed" in "not yet completed")."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status.strip()[:100])
    word = re.sub(r"[^a-z]+", "_", apart.lower())
    for pattern, part in _AS_ONE_PART:
        word = pattern.sub(part, word)
    said: list[str] = []
    denied: list[str] = []
    is_denied = False
    for part in filter(None, word.split("_")):
        if _DENIAL.fullmatch(part):
            is_denied = True
        elif part != "yet":
            (denied if is_denied else said).append(part)
            is_denied = False
    return said, denied
