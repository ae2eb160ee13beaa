"""Fine-tuning jobs of the OpenAI protocol, which many hosts speak; where they differ is data, in `openai_hosts`.

Reading is tolerant: unknown statuses, missing fields and other time formats pass, and the host's own word is kept.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.finetune.dialects.dialect import Dialect
from core.finetune.dialects.jobs import Jobs, JobState, Told, job_in, words_of
from core.finetune.dialects.wire import Fields, Wire
from core.finetune.events import as_kept, mapping_of, metrics_in, seconds_of
from core.finetune.orders import MARK, Order, Sought
from core.finetune.parameters import merged, placed
from core.host_refusals import NotYet

_WITHIN_METHOD = "hyperparameters"


class OpenAIJobs(Jobs):
    path = "/fine_tuning/jobs"
    needed = frozenset({"model", "training_file", "validation_file"})
    names_method = "method"

    def __init__(self, wire: Wire, dialect: Dialect) -> None:
        super().__init__(wire, dialect)
        self._query: dict[str, Any] = dict(dialect.query)

    def upload(self, name: str, content: BinaryIO) -> str:
        fields = {"purpose": "fine-tune", **self._query}
        return str(self._wire.upload("upload the training file", "/files", name, content, **fields)["id"])

    def request(self, order: Order, left_out: set[str]) -> dict[str, Any]:
        """Without `method`, which newer hosts take, the parameters stand where older ones look for them; they take what
        is the usual method, and no other can be asked for without it."""
        if not order.is_usual:
            left_out = left_out - {"method"}
        has_method = self._dialect.has_method and "method" not in left_out
        settings = placed(order.parameters, self._dialect.parameters_by_key)
        within = settings.pop(_WITHIN_METHOD, {})
        optional: dict[str, Any] = {"suffix": order.suffix, "seed": order.seed}
        if has_method:
            optional["method"] = {"type": str(order.method), str(order.method): {_WITHIN_METHOD: within}}
        elif within:
            optional[_WITHIN_METHOD] = within
        optional |= {**self._query, **order.extra_but(self.needed), "metadata": order.metadata}
        body: dict[str, Any] = {"model": order.model, "training_file": order.training_file}
        if order.validation_file is not None:
            body["validation_file"] = order.validation_file
        sent = {name: value for name, value in optional.items() if name not in left_out and value is not None}
        return merged(body | sent, settings)

    def _kept(self, order: Order) -> frozenset[str]:
        return super()._kept(order) - {_WITHIN_METHOD}

    def find(self, sought: Sought) -> str | None:
        for job in self._wire.pages("list the fine-tunes", self.path, limit=100, **self._query):
            if _is(job, sought):
                return str(job["id"])
        return None

    def told(self, job: Fields) -> Told:
        return Told(
            word=str(job.get("status") or ""),
            error=words_of(job.get("error")),
            model=job.get("fine_tuned_model") or None,
            is_ended=bool(job.get("finished_at")),
        )

    def look(self, job_id: str, named_early: str | None = None) -> JobState:
        job = job_in(self._wire.get("read the fine-tune", f"{self.path}/{job_id}", **self._query))
        events = [*self._events(job_id), *self._checkpoints(job_id)]
        if not any(event["type"] in ("metrics", "checkpoint") for event in events):
            events += self._results(job)
        return self._state(job, named_early, events)

    def cancel(self, job_id: str) -> None:
        self._wire.post("cancel the fine-tune", f"{self.path}/{job_id}/cancel", **self._query)

    def pause(self, job_id: str) -> None:
        self._wire.post("pause the fine-tune", f"{self.path}/{job_id}/pause")

    def resume(self, job_id: str) -> None:
        self._wire.post("resume the fine-tune", f"{self.path}/{job_id}/resume")

    def _events(self, job_id: str) -> list[Mapping[str, Any]]:
        return as_kept(self._if_known(f"{self.path}/{job_id}/events"), self._wire.hide)

    def _checkpoints(self, job_id: str) -> list[Mapping[str, Any]]:
        return [_checkpoint(one) for one in self._if_known(f"{self.path}/{job_id}/checkpoints")]

    def _if_known(self, path: str) -> list[Fields]:
        """A list that goes along with a job; not every host of this dialect has each, and none can say it always."""
        try:
            return list(self._wire.pages("read the fine-tune", path, limit=100, **self._query))
        except NotYet:
            raise
        except WorkbenchError:
            return []

    def _results(self, job: Fields) -> list[Mapping[str, Any]]:
        """The curves of a host that tells them in files alone."""
        files = job.get("result_files")
        named = [one.get("id") if isinstance(one, Mapping) else one for one in files or ()]
        try:
            return [
                event
                for name in named
                if name
                for event in metrics_in(self._wire.text("read the results", f"/files/{name}/content", **self._query))
            ]
        except WorkbenchError:
            return []


def _is(job: Fields, sought: Sought) -> bool:
    """By its mark; on a host that keeps none by its file or suffix."""
    marked = mapping_of(job.get("metadata")).get(MARK)
    if marked:
        return bool(marked == sought.mark)
    return sought.is_made_by(job.get("training_file"), str(job.get("suffix") or job.get("user_provided_suffix") or ""))


def _checkpoint(told: Fields) -> dict[str, Any]:
    step = told.get("step_number")
    return {
        "host_event_id": f"checkpoint-{told.get('id')}",
        "level": "info",
        "type": "checkpoint",
        "message": f"Checkpoint at step {step}",
        "data": {
            **mapping_of(told.get("metrics")),
            "step": step,
            "model": told.get("fine_tuned_model_checkpoint"),
        },
        "created_at": seconds_of(told.get("created_at")),
    }
