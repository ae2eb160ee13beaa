"""Batches and result files in words."""

import shlex
from collections.abc import Sequence
from datetime import datetime

from core.model import Run
from core.services.batching.handling import Batch, BatchStatus, ImportReport
from pages._ui.runs.words import seconds_in_words
from pages._ui.words.text import count

_JUST_NOW = 3.0
STATUS = {
    BatchStatus.WRITTEN: "written",
    BatchStatus.UPLOADED: "uploaded",
    BatchStatus.SUBMITTED: "at the host",
    BatchStatus.ENDED: "collecting",
    BatchStatus.COLLECTED: "collected",
    BatchStatus.FAILED: "not carried out",
}


def batch_rows(batches: Sequence[Batch]) -> list[dict[str, object]]:
    """One row a batch, as the table shows it: our word for how it stands, and the host's beside it."""
    return [
        {
            "Batch": number,
            "Status": STATUS[batch.status],
            "The host says": batch.host_status,
            "Lines": batch.lines,
            "Answered": batch.answered,
            "Failed": batch.failed,
            "Sent": batch.submitted_at,
            "Note": batch.message,
        }
        for number, batch in enumerate(batches, start=1)
    ]


def waits_how_long(batches: Sequence[Batch], now: datetime) -> str:
    """`Answered within 24 hours, often sooner. Looked 30 s ago.`; empty where nothing is at a host."""
    at_host = [batch for batch in batches if batch.status is BatchStatus.SUBMITTED]
    if not at_host:
        return ""
    said = "The host answers within 24 hours, often much sooner; you can close the tab."
    looked = [batch.looked_at for batch in at_host if batch.looked_at is not None]
    if not looked:
        return said
    ago = (now - max(looked)).total_seconds()
    return f"{said} Checked {'just now' if ago < _JUST_NOW else f'{seconds_in_words(ago)} ago'}."


def command_for(run: Run) -> str:
    """What to type where vLLM is installed."""
    name, model = f"run-{run.number}", shlex.quote(str(run.config.get("model") or ""))
    return f"vllm run-batch -i {name}.jsonl -o {name}-answers.jsonl --model {model}"


def report_in_words(report: ImportReport) -> str:
    """`11 answered, 1 failed. 2 lines were answered before. 5 items are still missing.`"""
    first = f"{report.answered:,} answered" + (f", {report.failed:,} failed" if report.failed else "")
    others = (
        (report.duplicates, "answered before"),
        (report.unknown, "of another run"),
        (report.refused, "refused as asked: write the file again, it asks another way"),
        (report.left, "not carried out"),
        (report.unreadable, "unreadable"),
    )
    parts = [first, *(f"{count(number, 'line')} {what}" for number, what in others if number)]
    missing = f"{count(report.missing, 'item')} still missing" if report.missing else "Nothing is missing any more"
    return ". ".join([*parts, missing]) + "."
