"""Fine-tuning jobs of the OpenAI dialect, through the `openai` SDK over HTTP.

Reading is tolerant: unknown statuses, missing fields and other time formats pass, and the host's own word is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.finetune.events import as_kept, mapping_of, seconds_of
from core.finetune.orders import MARK, Order, is_about_a_value, refused_field
from core.host_refusals import NotYet, Unanswered
from core.host_words import End, end_of, goes_on, unsure
from core.model import FineTuneStatus
from core.text import clean

_STATUS = {
    End.BADLY: FineTuneStatus.FAILED,
    End.CANCELLED: FineTuneStatus.CANCELLED,
}
_PAGES = 20
_NO_PAIRS = "This host does not fine-tune on preference pairs (DPO)."
_NO_PAIRS_HINT = "Choose another host, or teach it examples."


@dataclass(frozen=True)
class JobState:
    """One look at a job. `events` are ready for storage; metric events carry their numbers in `data`."""

    status: FineTuneStatus
    host_status: str
    fine_tuned_model: str | None
    message: str
    events: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


class OpenAIJobs:
    """The verbs of a fine-tune on one connection. Every trouble with the host is a `WorkbenchError`.

    Any of them raises `NotYet` where the host wants to be asked later.
    """

    def __init__(
        self, client: object, hide: Callable[[str], str], explained: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        """`client` is the SDK's `OpenAI`; `hide` takes its key out of what a host says; `explained` makes sentences of
        its exceptions, whose causes they are."""
        from openai import OpenAI

        assert isinstance(client, OpenAI)
        self._hide, self._explained, self._client = hide, explained, client
        self.named_at_creation: str | None = None
        """The model that the host named when it made the job: some name it before they begin."""

    def upload(self, name: str, content: BinaryIO) -> str:
        """The host's id of the uploaded training file, which is read piece by piece."""
        with self._explained("upload the training file"):
            return self._client.files.create(file=(name, content, "application/jsonl"), purpose="fine-tune").id

    def create(self, order: Order, left_out: set[str]) -> str:
        """The host's id of the new job; where the answer got lost, that of the job that was made all the same.

        Optional fields that the host refuses are left out, and added to `left_out`. Raises `Unanswered` where it
        cannot be found out now, `WorkbenchError` where the host made none.
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
                refused = None if isinstance(error, NotYet) else refused_field(cause, request)
                if refused == "method" and order.needs_method and not is_about_a_value(cause):
                    raise WorkbenchError(f"{_NO_PAIRS} {error.message}", _NO_PAIRS_HINT) from cause
                if refused is None or (refused == "method" and order.needs_method):
                    raise
                left_out.add(refused)

    def _created(self, request: Mapping[str, Any]) -> str:
        # Never retried blindly: the answer may be lost after the job, which costs money, was made.
        client = self._client.with_options(max_retries=0)
        with self._explained("start the fine-tune"):
            answer = _job_in(client.post("/fine_tuning/jobs", body=dict(request), cast_to=object))
            self.named_at_creation = self._named(answer.get("fine_tuned_model"))
            return str(answer["id"])

    def _made_all_the_same(self, order: Order) -> str | None:
        try:
            return self.find(order.mark, order.training_file)
        except WorkbenchError as error:
            raise Unanswered(error.message, error.hint) from error

    def find(self, mark: str, training_file: str | None = None) -> str | None:
        """The id of the job created with this mark, or on this file where the host keeps no marks, among its newest."""
        with self._explained("list the fine-tunes"):
            for job in self._client.fine_tuning.jobs.list(limit=100).data:
                marked = (getattr(job, "metadata", None) or {}).get(MARK)
                if marked == mark or (not marked and training_file and job.training_file == training_file):
                    return str(job.id)
        return None

    def look(self, job_id: str, named_early: str | None = None) -> JobState:
        """Status and all events so far, checkpoints told as events; `named_early` is a model named before its end."""
        with self._explained("read the fine-tune"):
            job = self._client.fine_tuning.jobs.retrieve(job_id)
            status = _status_of(job, named_early)
            return JobState(
                status=status,
                host_status=self._hide(clean(str(job.status))),
                fine_tuned_model=self._named(getattr(job, "fine_tuned_model", None)),
                message=self._hide(_message_of(job, status)),
                events=(*self._events(job_id), *self._checkpoints(job_id)),
            )

    def _named(self, model: Any) -> str | None:
        return self._hide(clean(str(model))) if model else None

    def cancel(self, job_id: str) -> None:
        with self._explained("cancel the fine-tune"):
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


def _status_of(job: Any, named_early: str | None = None) -> FineTuneStatus:
    """By the host's word; where that leaves it open by whether there is an error, an end or a model.

    A model that the host named while the job was surely not over, `named_early`, says nothing.
    """
    end, error, model = (
        end_of(str(job.status)),
        _words(getattr(job, "error", None)),
        getattr(job, "fine_tuned_model", None),
    )
    if end in _STATUS:
        return _STATUS[end]
    if end is End.WELL and not error:
        return FineTuneStatus.SUCCEEDED
    if end is not None or error or getattr(job, "finished_at", None):
        is_well = model and (end is End.WELL or not error)
        return FineTuneStatus.SUCCEEDED if is_well else FineTuneStatus.FAILED
    is_new = bool(model) and not goes_on(str(job.status)) and str(model) != named_early
    return FineTuneStatus.SUCCEEDED if is_new else FineTuneStatus.RUNNING


def _message_of(job: Any, status: FineTuneStatus) -> str:
    """What to tell beside the status: the host's reason, or what is missing."""
    word, error = clean(str(job.status)), _words(getattr(job, "error", None))
    if status is FineTuneStatus.RUNNING:
        return unsure(word)
    if status is FineTuneStatus.SUCCEEDED and not getattr(job, "fine_tuned_model", None):
        return (
            "The host does not say what the model is called. Look up its name there, and type it when you start a run."
        )
    if status is FineTuneStatus.FAILED and not error:
        return f"The host ended the fine-tune as “{word}” without saying why."
    return error


def _words(error: Any) -> str:
    """What a job's error says; "" where there is none: hosts put empty objects there, too."""
    if isinstance(error, str):
        return clean(error)
    told = error if isinstance(error, Mapping) else getattr(error, "__dict__", {})
    return clean(str(told.get("message") or told.get("code") or ""))


def _job_in(answer: Any) -> Mapping[str, Any]:
    """The job, also where it stands inside `job`."""
    inner = answer.get("job") if isinstance(answer, Mapping) else None
    found = inner if isinstance(inner, Mapping) else answer
    if not isinstance(found, Mapping):
        raise TypeError("no object")
    return found


def _is_refusal(cause: BaseException | None) -> bool:
    """Whether the host said no; every other trouble leaves open whether it did what was asked."""
    import openai

    return isinstance(cause, openai.APIStatusError) and cause.status_code < 500 and cause.status_code != 408
