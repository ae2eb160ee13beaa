"""Runs in words."""

from datetime import datetime

from core.model import AnswerKind, ErrorKind, Run, RunStatus
from core.services.labelling.host_health import is_away
from core.services.runs.running import Worth
from pages._ui.words.figures import with_interval
from pages._ui.words.text import count, duration

IN_PROGRESS = "in progress"

STATUS = {
    RunStatus.QUEUED: "waiting",
    RunStatus.RUNNING: "labelling",
    RunStatus.PAUSED: "paused",
    RunStatus.DONE: "done",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
    RunStatus.INTERRUPTED: "interrupted",
}
ANSWERS = {
    AnswerKind.LABEL: "a label",
    AnswerKind.PARTLY: "partly understood",
    AnswerKind.FLIPPED: "changes with the order",
    AnswerKind.NO_LABEL: "no label",
    AnswerKind.SEVERAL_LABELS: "several labels",
    AnswerKind.OUTSIDE_LIST: "not in the list",
    AnswerKind.REFUSED: "refused",
    AnswerKind.TRUNCATED: "cut off",
    AnswerKind.EMPTY: "empty",
}
ERRORS = {
    ErrorKind.AUTHENTICATION: "key refused",
    ErrorKind.QUOTA: "no credit left",
    ErrorKind.NOT_FOUND: "not found",
    ErrorKind.BAD_REQUEST: "request refused",
    ErrorKind.RATE_LIMIT: "too many requests",
    ErrorKind.SERVER: "error at the host",
    ErrorKind.TIMEOUT: "no answer in time",
    ErrorKind.CONNECTION: "no connection",
    ErrorKind.MALFORMED: "not a chat answer",
}


def status_of(run: Run) -> str:
    """A few words."""
    if run.status is RunStatus.RUNNING and run.cancel_requested:
        return "stopping"
    words = STATUS[run.status]
    return f"{words}, {count(run.errors, 'error')}" if run.errors and not run.status.is_live else words


def trouble_kind(kind: str) -> str:
    """An error's or an unclear answer's kind in words."""
    words = {str(k): v for k, v in (*ERRORS.items(), *ANSWERS.items())}
    return words.get(kind, kind)


def selection_of(run: Run) -> str:
    """`69 validation items`, `20 validation items as a probe`."""
    split = run.config.get("split")
    items = count(run.total, f"{split} item" if split else "item")
    return f"{items} as a probe" if run.config.get("purpose") == "probe" else items


def agreement_of(worth: Worth, run: Run) -> str:
    """`Agrees with maria: Accuracy .66 [.58, .73] · n = 180 validation items`, or why nothing is said; empty of no
    answer."""
    reference, agreement, split = worth.reference, worth.agreement, run.config.get("split")
    if not run.done or (reference is not None and reference.id == run.annotator_id):
        return ""
    if reference is None:
        return "There is no reference yet to compare it with: choose one on Data."
    if split == "test":
        return "Its result on test is on Compare, where each look at test is counted."
    if agreement.value is None:
        return f"{reference.name} has labelled none of its items outside test, so there is nothing to compare yet."
    items = f"{split} items" if split else "items, test left out"
    told = f"{worth.measure} {with_interval(agreement)}"
    return f"Agrees with {reference.name}: {told} · n = {agreement.n:,} {items}"


def waits_until(run: Run, now: datetime) -> str:
    """`It continues by itself at 16:20, in about 38 min.`, by the clock of `now`; empty where it waits for somebody."""
    if run.resume_at is None:
        return ""
    left, then = (run.resume_at - now).total_seconds(), run.resume_at.astimezone(now.tzinfo)
    when = f"at {then:%H:%M}" if left < 86_400 else f"on {then.day} {then:%B at %H:%M}"
    return (
        f"It continues by itself {when}, in {duration(left)}." if left > 0 else "It continues by itself any moment now."
    )


def progress_of(run: Run) -> str:
    """`412 of 640 · 63 a second · about 4 s left · 2 errors`."""
    if run.status is RunStatus.QUEUED and run.cancel_requested:
        return "stopping: its batches are cancelled at the host, what is finished there is kept"
    if run.status is RunStatus.QUEUED:
        return f"waiting for its turn · {count(run.missing, 'item')} to label"
    parts = [f"{run.done + run.errors:,} of {run.total:,}"]
    # A batch comes home all at once: what came before says nothing of how long it takes.
    # Nor does it say anything while the host is away: then there is no rate, and nobody knows how long still.
    can_tell = run.config.get("mode") != "batch" and not is_away(run.message)
    if run.rate and can_tell:
        parts.append(f"{run.rate:,.0f} per second" if run.rate >= 3 else f"{run.rate * 60:,.0f} per minute")
    if run.cancel_requested:
        parts.append("stopping: what is in flight is still stored")
    elif can_tell and (left := duration(run.seconds_left)):
        parts.append(f"{left} left")
    if run.errors:
        parts.append(count(run.errors, "error"))
    return " · ".join(parts)


def no_times(run: Run) -> str:
    """Why none of a run's answers says how long it took."""
    if run.config.get("mode") == "beside":
        return "The answers came with those to another question, whose run has their times."
    if not run.calls:
        return "Nothing was asked: all answers came from the cache."
    if run.config.get("mode") == "batch":
        return "The answers of a batch come back all at once: how long each took is not known."
    if run.config.get("mode") == "file":
        return "The answers came back in a file: how long each took is not known."
    return "No answer says how long it took."


def share_done(run: Run) -> float:
    """0 to 1."""
    return min(1.0, (run.done + run.errors) / run.total) if run.total else 1.0


def seconds_in_words(seconds: float) -> str:
    """`0.8 s`, `42 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def seconds_or_ms(seconds: float) -> str:
    """`312 ms`, `4.2 s`."""
    return f"{seconds * 1000:,.0f} ms" if seconds < 0.9995 else f"{seconds:,.1f} s"


def how_it_stands(run: Run) -> tuple[str, str]:
    """Why it ended early, and what to do; empty where it simply is done or going on."""
    if run.status is RunStatus.PAUSED and run.config.get("mode") == "file":
        return run.message, ""
    if run.status.ended_early:
        said = run.message or ("Cancelled." if run.status is RunStatus.CANCELLED else "It ended early.")
        is_told = any(word in said.lower() for word in ("resume", "raise"))
        todo = "" if is_told else f"Resume labels the {count(run.missing, 'item')} still missing."
        return said, todo if run.missing else ""
    if run.status is RunStatus.DONE and run.errors:
        return f"{count(run.errors, 'item')} got no answer.", "Retry errors asks again about these."
    return "", ""


def colored(mark: str, color: str) -> str:
    """A mark in a colour given as #RRGGBB; as it is for anything else. Markdown."""
    is_hex = len(color) == 7 and color[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in color[1:])
    return f':color[{mark}]{{foreground="{color}"}}' if is_hex else mark
