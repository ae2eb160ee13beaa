"""Fine-tuning jobs of the OpenAI protocol, which many hosts speak; where they differ is data, in `openai_hosts`.

Reading is tolerant: unknown statuses, missing fields and other time formats pass, and the host's own word is kept.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.finetune.dialects.jobs import Jobs, JobState, Told, job_in, words_of
from core.finetune.dialects.wire import Fields
from core.finetune.events import as_kept, mapping_of, seconds_of
from core.finetune.orders import MARK, Order, Sought
from core.finetune.parameters import merged, placed

_WITHIN_METHOD = "hyperparameters"


class OpenAIJobs(Jobs):
    path = "/fine_tuning/jobs"
    needed = frozenset({"model", "training_file", "validation_file"})
    names_method = "method"

    def upload(self, name: str, content: BinaryIO) -> str:
        answer = self._wire.upload("upload the training file", "/files", name, content, purpose="fine-tune")
        return str(answer["id"])

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
        optional |= {**order.extra_but(self.needed), "metadata": order.metadata}
        body: dict[str, Any] = {"model": order.model, "training_file": order.training_file}
        if order.validation_file is not None:
            body["validation_file"] = order.validation_file
        sent = {name: value for name, value in optional.items() if name not in left_out and value is not None}
        return merged(body | sent, settings)

    def _kept(self, order: Order) -> frozenset[str]:
        return super()._kept(order) - {_WITHIN_METHOD}

    def find(self, sought: Sought) -> str | None:
        for job in self._wire.pages("list the fine-tunes", self.path, limit=100):
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
        job = job_in(self._wire.get("read the fine-tune", f"{self.path}/{job_id}"))
        return self._state(job, named_early, [*self._events(job_id), *self._checkpoints(job_id)])

    def cancel(self, job_id: str) -> None:
        self._wire.post("cancel the fine-tune", f"{self.path}/{job_id}/cancel")

    def _events(self, job_id: str) -> list[Mapping[str, Any]]:
        listed = self._wire.pages("read the fine-tune", f"{self.path}/{job_id}/events", limit=100)
        return as_kept(list(listed), self._wire.hide)

    def _checkpoints(self, job_id: str) -> list[Mapping[str, Any]]:
        try:
            listed = list(self._wire.pages("read the fine-tune", f"{self.path}/{job_id}/checkpoints", limit=100))
        except WorkbenchError:
            return []  # not every host of this dialect has checkpoints
        return [_checkpoint(one) for one in listed]


def _is(job: Fields, sought: Sought) -> bool:
    """By its mark; on a host that keeps none by its file."""
    marked = mapping_of(job.get("metadata")).get(MARK)
    if marked:
        return bool(marked == sought.mark)
    return bool(sought.training_file) and job.get("training_file") == sought.training_file


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
