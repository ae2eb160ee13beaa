"""Fine-tuning jobs of the OpenAI dialect, through the `openai` SDK over HTTP.

Reading is tolerant: unknown statuses, missing fields and other time formats pass, and the host's own word is kept.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.errors import WorkbenchError
from core.model import FineTuneStatus

_STATUS = {
    "validating_files": FineTuneStatus.RUNNING,
    "queued": FineTuneStatus.RUNNING,
    "pending": FineTuneStatus.RUNNING,
    "running": FineTuneStatus.RUNNING,
    "pausing": FineTuneStatus.RUNNING,
    "paused": FineTuneStatus.RUNNING,
    "succeeded": FineTuneStatus.SUCCEEDED,
    "completed": FineTuneStatus.SUCCEEDED,
    "failed": FineTuneStatus.FAILED,
    "error": FineTuneStatus.FAILED,
    "cancelled": FineTuneStatus.CANCELLED,
}
_PAGES = 20
MARK = "labelloop_fine_tune"
"""Metadata key by which a job is found again when the program died between creating it and writing down its id."""


class Unanswered(WorkbenchError):
    """The host did not say whether it made the job, and cannot be asked just now."""


@dataclass(frozen=True)
class JobState:
    """One look at a job. `events` are ready for storage; metric events carry their numbers in `data`."""

    status: FineTuneStatus
    host_status: str
    fine_tuned_model: str | None
    message: str
    events: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


class OpenAIJobs:
    """The verbs of a fine-tune on one connection. Every trouble with the host is a `WorkbenchError`."""

    def __init__(self, client: object, hide: Callable[[str], str]) -> None:
        """`client` is the SDK's `OpenAI`; `hide` takes its key out of what a host says."""
        from openai import OpenAI

        assert isinstance(client, OpenAI)
        self._hide, self._client = hide, client

    def upload(self, name: str, jsonl: str) -> str:
        """The host's id of the uploaded training file."""
        with _explained("upload the training file", self._hide):
            content = io.BytesIO(jsonl.encode("utf-8"))
            return self._client.files.create(file=(name, content, "application/jsonl"), purpose="fine-tune").id

    def create(
        self,
        *,
        model: str,
        training_file: str,
        validation_file: str | None,
        parameters: Mapping[str, int | float],
        suffix: str,
        seed: int,
        mark: str,
    ) -> str:
        """The host's id of the new job; where the answer got lost, that of the job that was made all the same.

        Raises `Unanswered` where that cannot be found out now, `WorkbenchError` where the host made none.
        """
        request: dict[str, Any] = {
            "model": model,
            "training_file": training_file,
            "suffix": suffix,
            "seed": seed,
            "metadata": {MARK: mark},
            "method": {"type": "supervised", "supervised": {"hyperparameters": dict(parameters)}},
        }
        if validation_file is not None:
            request["validation_file"] = validation_file
        # Never retried blindly: the answer may be lost after the job, which costs money, was made.
        client = self._client.with_options(max_retries=0)
        try:
            with _explained("start the fine-tune", self._hide):
                return str(client.fine_tuning.jobs.create(**request).id)
        except WorkbenchError as error:
            found = None if _is_refusal(error.__cause__) else self._made_all_the_same(mark)
            if found is None:
                raise
            return found

    def _made_all_the_same(self, mark: str) -> str | None:
        try:
            return self.find(mark)
        except WorkbenchError as error:
            raise Unanswered(error.message, error.hint) from error

    def find(self, mark: str) -> str | None:
        """The id of the job created with this mark, if the host has it among its newest."""
        with _explained("list the fine-tunes", self._hide):
            jobs = self._client.fine_tuning.jobs.list(limit=100).data
            return next((str(job.id) for job in jobs if (job.metadata or {}).get(MARK) == mark), None)

    def look(self, job_id: str) -> JobState:
        """Status and all events so far, checkpoints told as events."""
        with _explained("read the fine-tune", self._hide):
            job = self._client.fine_tuning.jobs.retrieve(job_id)
            status = _STATUS.get(str(job.status).lower(), FineTuneStatus.RUNNING)
            said = str(getattr(getattr(job, "error", None), "message", "") or "")
            if status is FineTuneStatus.FAILED and not said:
                said = "The host ended the fine-tune without saying why."
            return JobState(
                status=status,
                host_status=str(job.status),
                fine_tuned_model=job.fine_tuned_model,
                message=self._hide(said),
                events=(*self._events(job_id), *self._checkpoints(job_id)),
            )

    def cancel(self, job_id: str) -> None:
        with _explained("cancel the fine-tune", self._hide):
            self._client.fine_tuning.jobs.cancel(job_id)

    def _events(self, job_id: str) -> list[Mapping[str, Any]]:
        # Iterating the SDK's pager never ends on a host that ignores `after`; so page by hand, and stop on a repeat.
        seen: dict[str, Mapping[str, Any]] = {}
        after: str | None = None
        for _ in range(_PAGES):
            options = {"after": after} if after else {}
            page = self._client.fine_tuning.jobs.list_events(job_id, limit=100, **options).data  # type: ignore[arg-type]
            fresh = [event for event in page if event.id not in seen]
            for event in fresh:
                seen[event.id] = {
                    "host_event_id": event.id,
                    "level": event.level,
                    "type": getattr(event, "type", None) or "message",
                    "message": self._hide(str(event.message)),
                    "data": _mapping(getattr(event, "data", None)),
                    "created_at": _seconds(event.created_at),
                }
            if len(page) < 100 or not fresh:
                break
            after = page[-1].id
        # Hosts list the newest first; stored oldest first, events of the same second keep their order.
        return list(reversed(seen.values()))

    def _checkpoints(self, job_id: str) -> list[Mapping[str, Any]]:
        from openai import APIStatusError

        try:
            page: Sequence[Any] = self._client.fine_tuning.jobs.checkpoints.list(job_id, limit=100).data
        except APIStatusError:
            return []  # not every host of this dialect has checkpoints
        return [
            {
                "host_event_id": f"checkpoint-{checkpoint.id}",
                "level": "info",
                "type": "checkpoint",
                "message": f"Checkpoint at step {checkpoint.step_number}",
                "data": {
                    **_mapping(checkpoint.metrics),
                    "step": checkpoint.step_number,
                    "model": checkpoint.fine_tuned_model_checkpoint,
                },
                "created_at": _seconds(checkpoint.created_at),
            }
            for checkpoint in page
        ]


def _mapping(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if hasattr(value, "model_dump"):
        value = value.model_dump(exclude_none=True)
    return dict(value) if isinstance(value, Mapping) else {}


def _seconds(value: Any) -> float:
    """Epoch seconds, whether the host writes them or an ISO time."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return 0.0


def _is_refusal(cause: BaseException | None) -> bool:
    """Whether the host said no; every other trouble leaves open whether it did what was asked."""
    import openai

    return isinstance(cause, openai.APIStatusError) and cause.status_code < 500 and cause.status_code != 408


class _explained:
    """Turns the SDK's exceptions into the user's sentence: what we tried, what the host said, what to do."""

    def __init__(self, what: str, hide: Callable[[str], str]) -> None:
        self._what, self._hide = what, hide

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        import openai

        if error is not None:
            # Whoever logs its traceback must not log a key that the host has repeated.
            error.args = tuple(self._hide(str(said)) for said in error.args)
        if isinstance(error, openai.PermissionDeniedError) and getattr(error, "code", "") == "training_not_available":
            raise WorkbenchError(
                "The host no longer offers fine-tuning to this account.", "Choose another host."
            ) from error
        if isinstance(error, openai.AuthenticationError):
            raise WorkbenchError(f"Could not {self._what}: the host refused the key.", "Check the key.") from error
        if isinstance(error, openai.APIConnectionError):
            raise WorkbenchError(f"Could not {self._what}: the host cannot be reached.", "Is it running?") from error
        if isinstance(error, openai.APIStatusError):
            raise WorkbenchError(f"Could not {self._what}: {self._hide(_said(error))[:500]}") from error
        if isinstance(error, (openai.OpenAIError, ValueError, AttributeError, TypeError)):
            raise WorkbenchError(
                f"Could not {self._what}: the host's answer is not of the OpenAI protocol.", "Check the address."
            ) from error


def _said(error: Any) -> str:
    body = error.body if isinstance(error.body, Mapping) else {}
    return str(body.get("message") or error.message)
