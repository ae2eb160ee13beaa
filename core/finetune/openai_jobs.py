"""Fine-tuning jobs of the OpenAI dialect, through the `openai` SDK over HTTP.

Reading is tolerant: unknown statuses, missing fields and other time formats pass, and the host's own word is kept.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import WorkbenchError
from core.finetune.events import as_kept, mapping_of, seconds_of
from core.finetune.orders import MARK, Order, refused_field
from core.host_words import End, NotYet, end_of, goes_on, wanted_by
from core.model import FineTuneStatus
from core.text import clean

_STATUS = {
    End.WELL: FineTuneStatus.SUCCEEDED,
    End.BADLY: FineTuneStatus.FAILED,
    End.CANCELLED: FineTuneStatus.CANCELLED,
}
_PAGES = 20


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

    def create(self, order: Order, left_out: set[str]) -> str:
        """The host's id of the new job; where the answer got lost, that of the job that was made all the same.

        Optional fields that the host refuses are left out, and added to `left_out`. Raises `NotYet` where it would make
        the job later, `Unanswered` where it cannot be found out now, `WorkbenchError` where the host made none.
        """
        while True:
            request = order.request(left_out)
            try:
                return self._created(request)
            except WorkbenchError as error:
                cause = error.__cause__
                if not _is_refusal(cause):
                    if (found := self._made_all_the_same(order)) is None:
                        raise
                    return found
                if (wait := wanted_by(cause)) is not None:
                    raise NotYet(error.message, wait.seconds) from cause
                refused = refused_field(cause, request)
                if refused is None:
                    raise
                left_out.add(refused)

    def _created(self, request: Mapping[str, Any]) -> str:
        # Never retried blindly: the answer may be lost after the job, which costs money, was made.
        client = self._client.with_options(max_retries=0)
        with _explained("start the fine-tune", self._hide):
            return _id_of(client.post("/fine_tuning/jobs", body=dict(request), cast_to=object))

    def _made_all_the_same(self, order: Order) -> str | None:
        try:
            return self.find(order.mark, order.training_file)
        except WorkbenchError as error:
            raise Unanswered(error.message, error.hint) from error

    def find(self, mark: str, training_file: str | None = None) -> str | None:
        """The id of the job created with this mark, or on this file where the host keeps no marks, among its newest."""
        with _explained("list the fine-tunes", self._hide):
            for job in self._client.fine_tuning.jobs.list(limit=100).data:
                marked = (getattr(job, "metadata", None) or {}).get(MARK)
                if marked == mark or (not marked and training_file and job.training_file == training_file):
                    return str(job.id)
        return None

    def look(self, job_id: str) -> JobState:
        """Status and all events so far, checkpoints told as events."""
        with _explained("read the fine-tune", self._hide):
            job = self._client.fine_tuning.jobs.retrieve(job_id)
            status = _status_of(job)
            said = _words(getattr(job, "error", None))
            if status is FineTuneStatus.FAILED and not said:
                said = "The host ended the fine-tune without saying why."
            return JobState(
                status=status,
                host_status=self._hide(clean(str(job.status))),
                fine_tuned_model=self._named(getattr(job, "fine_tuned_model", None)),
                message=self._hide(said),
                events=(*self._events(job_id), *self._checkpoints(job_id)),
            )

    def _named(self, model: Any) -> str | None:
        return self._hide(clean(str(model))) if model else None

    def cancel(self, job_id: str) -> None:
        with _explained("cancel the fine-tune", self._hide):
            self._client.fine_tuning.jobs.cancel(job_id)

    def _events(self, job_id: str) -> list[Mapping[str, Any]]:
        # Iterating the SDK's pager never ends on a host that ignores `after`; so page by hand, and stop on a repeat.
        found: list[Any] = []
        seen: set[str] = set()
        after: str | None = None
        for _ in range(_PAGES):
            options = {"after": after} if after else {}
            page = self._client.fine_tuning.jobs.list_events(job_id, limit=100, **options).data or []  # type: ignore[arg-type]
            fresh = [event for event in page if not getattr(event, "id", None) or event.id not in seen]
            found += fresh
            seen.update(str(event.id) for event in fresh if getattr(event, "id", None))
            after = getattr(page[-1], "id", None) if page else None
            if len(page) < 100 or not fresh or after is None:
                break
        return as_kept(found, self._hide)

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
                    **mapping_of(checkpoint.metrics),
                    "step": checkpoint.step_number,
                    "model": checkpoint.fine_tuned_model_checkpoint,
                },
                "created_at": seconds_of(checkpoint.created_at),
            }
            for checkpoint in page
        ]


def _status_of(job: Any) -> FineTuneStatus:
    """By the host's word; where that is none we know, by whether there is a model, an error or an end."""
    if (end := end_of(str(job.status))) is not None:
        return _STATUS[end]
    if goes_on(str(job.status)):
        return FineTuneStatus.RUNNING
    if getattr(job, "fine_tuned_model", None):
        return FineTuneStatus.SUCCEEDED
    is_over = _words(getattr(job, "error", None)) or getattr(job, "finished_at", None)
    return FineTuneStatus.FAILED if is_over else FineTuneStatus.RUNNING


def _words(error: Any) -> str:
    """What a job's error says; "" where there is none: hosts put empty objects there, too."""
    if isinstance(error, str):
        return clean(error)
    told = error if isinstance(error, Mapping) else getattr(error, "__dict__", {})
    return clean(str(told.get("message") or told.get("code") or ""))


def _id_of(answer: Any) -> str:
    """The job's id, also where it stands inside `job`."""
    inner = answer.get("job") if isinstance(answer, Mapping) else None
    return str((inner if isinstance(inner, Mapping) else answer)["id"])


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
        if isinstance(error, (openai.OpenAIError, ValueError, AttributeError, TypeError, KeyError)):
            raise WorkbenchError(
                f"Could not {self._what}: the host's answer is not of the OpenAI protocol.", "Check the address."
            ) from error


def _said(error: Any) -> str:
    body = error.body if isinstance(error.body, Mapping) else {}
    return str(body.get("message") or error.message)
