"""Fine-tuning at Together: flat requests to `/fine-tunes`, and dedicated endpoints for what comes of them.

It keeps no metadata: a job is known again by its file, which nobody else trains on, or by its suffix.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.finetune.dialects.deployments import Deployed, Wanted, standing
from core.finetune.dialects.dialect import Deploys, Dialect
from core.finetune.dialects.jobs import Estimate, Jobs, JobState, Told, words_of
from core.finetune.dialects.wire import Fields
from core.finetune.events import as_kept, metrics_of, seconds_of
from core.finetune.methods import Method
from core.finetune.orders import Order, Sought
from core.finetune.parameters import Parameter, merged, placed

_METHODS = {Method.SUPERVISED: {"method": "sft", "train_on_inputs": "auto"}, Method.DPO: {"method": "dpo"}}
_IDLE_MINUTES = 60


class TogetherJobs(Jobs):
    path = "/fine-tunes"
    needed = frozenset({"model", "training_file", "validation_file", "training_method", "n_epochs"})
    names_method = "training_method"

    def upload(self, name: str, content: BinaryIO) -> str:
        fields = {"purpose": "fine-tune", "file_name": name, "file_type": "jsonl"}
        return str(self._wire.upload("upload the training file", "/files/upload", name, content, **fields)["id"])

    def request(self, order: Order, left_out: set[str]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": order.model, "training_file": order.training_file, "n_epochs": 1}
        if order.validation_file is not None:
            body |= {"validation_file": order.validation_file, "n_evals": 5}
        body["training_method"] = _METHODS[Method(order.method)]
        optional = {"suffix": order.suffix, "random_seed": order.seed, **order.extra_but(body)}
        body |= {name: value for name, value in optional.items() if name not in left_out and value is not None}
        settings = placed(order.parameters, self._dialect.parameters_by_key)
        if lora := settings.get("training_type"):
            settings["training_type"] = {"type": "Lora"} | lora
        return merged(body, settings)

    def estimate(self, order: Order) -> Estimate | None:
        asked = self.request(order, set())
        named = ("model", "training_file", "validation_file", "n_epochs", "n_evals", "training_method")
        body = {name: asked[name] for name in named if name in asked}
        told = self._wire.post("estimate the price", f"{self.path}/estimate-price", body)
        price = told.get("estimated_total_price")
        if not told.get("estimation_available", True) or not isinstance(price, (int, float)):
            return None
        return Estimate(float(price), is_allowed=told.get("allowed_to_proceed") is not False)

    def find(self, sought: Sought) -> str | None:
        for job in self._wire.pages("list the fine-tunes", self.path):
            if sought.is_made_by(job.get("training_file"), str(job.get("suffix") or "")):
                return str(job["id"])
        return None

    def told(self, job: Fields) -> Told:
        events = [one for one in job.get("events") or () if isinstance(one, Mapping)]
        wrong = next((one for one in reversed(events) if "error" in str(one.get("type") or "").lower()), {})
        return Told(
            word=str(job.get("status") or ""),
            error=words_of(job.get("error")) or words_of(wrong),
            model=job.get("model_object_name") or job.get("model_output_name") or job.get("output_name"),
        )

    def look(self, job_id: str, named_early: str | None = None) -> JobState:
        job = self._wire.get("read the fine-tune", f"{self.path}/{job_id}")
        events = self._list(f"{self.path}/{job_id}/events") or job.get("events") or []
        told = [_event(one) for one in events if isinstance(one, Mapping)]
        metrics = self._list(f"{self.path}/{job_id}/metrics", "metrics")
        checkpoints = [_checkpoint(one) for one in self._list(f"{self.path}/{job_id}/checkpoints")]
        found = [*as_kept(told, self._wire.hide), *map(_metrics, metrics), *checkpoints]
        return self._state(job, named_early, found)

    def cancel(self, job_id: str) -> None:
        self._wire.post("cancel the fine-tune", f"{self.path}/{job_id}/cancel")

    def _list(self, path: str, name: str = "data") -> list[Fields]:
        """What goes along with a job; nothing where the host cannot say it now."""
        try:
            listed = self._wire.get("read the fine-tune", path).get(name)
        except WorkbenchError:
            return []
        return [one for one in listed or () if isinstance(one, Mapping)]

    # endpoints

    def deploy(self, wanted: Wanted) -> None:
        project = self._project()
        endpoint = self._endpoint(project, wanted.name)
        endpoints = self._beside(project, "endpoints")
        if endpoint is None:
            endpoint = self._wire.post("deploy the model", endpoints, {"name": wanted.name}, once=True)
        inside = f"{endpoints}/{endpoint['id']}"
        deployment = next(iter(self._deployments(inside)), None)
        if deployment is None:
            deployment = self._wire.post(
                "deploy the model", f"{inside}/deployments", self._body(project, wanted), once=True
            )
        split = [{"deploymentId": deployment["id"], "weight": 1.0}]
        self._wire.patch("deploy the model", f"{inside}?updateMask=trafficSplit", {"trafficSplit": split})

    def _body(self, project: str, wanted: Wanted) -> dict[str, Any]:
        job = self._wire.get("read the fine-tune", f"{self.path}/{wanted.job}")
        model = f"projects/{project}/models/{job.get('model_object_id') or wanted.model}"
        listed = self._wire.pages("deploy the model", self._beside(project, "configs"), referenceModel=model)
        config = next(iter(listed), None)
        if config is None:
            raise WorkbenchError("Could not deploy the model: Together offers no hardware for it.", "Deploy it there.")
        return {
            "name": "labelloop",
            "model": model,
            "config": f"projects/{config.get('projectId') or project}/configs/{config['id']}",
            "autoscaling": {"minReplicas": 1, "maxReplicas": 1},
            "inactiveTimeout": _IDLE_MINUTES,
        }

    def deployment(self, wanted: Wanted) -> Deployed | None:
        project = self._project()
        endpoint = self._endpoint(project, wanted.name)
        if endpoint is None:
            return None
        told = next(iter(self._deployments(f"{self._beside(project, 'endpoints')}/{endpoint['id']}")), None)
        if told is None or not self._has_traffic(endpoint, told):
            return None
        status = told.get("status")
        status = status if isinstance(status, Mapping) else {"state": status}
        word = str(status.get("state") or "")
        return Deployed(
            standing(word), word, str(endpoint.get("name") or wanted.name), words_of(status.get("message")), raw=told
        )

    def _has_traffic(self, endpoint: Fields, deployment: Fields) -> bool:
        """Whether calls of the endpoint reach it: the last step of deploying, unless it tells of no split."""
        split = endpoint.get("trafficSplit")
        return split is None or any(
            isinstance(one, Mapping) and one.get("deploymentId") == deployment["id"] for one in split
        )

    def undeploy(self, wanted: Wanted) -> None:
        project = self._project()
        endpoint = self._endpoint(project, wanted.name)
        if endpoint is None:
            return
        inside = f"{self._beside(project, 'endpoints')}/{endpoint['id']}"
        for one in self._deployments(inside):
            self._wire.delete("take the model down", f"{inside}/deployments/{one['id']}")
        self._wire.delete("take the model down", inside)

    def _endpoint(self, project: str, name: str) -> Fields | None:
        listed = self._wire.pages("read the deployment", self._beside(project, "endpoints"), limit=100)
        return next((one for one in listed if str(one.get("name")).rpartition("/")[2] == name), None)

    def _deployments(self, inside: str) -> list[Fields]:
        return list(self._wire.pages("read the deployment", f"{inside}/deployments"))

    def _project(self) -> str:
        told = self._wire.get("find the project", self._wire.beside("v3/whoami")).get("project")
        project = told.get("id") if isinstance(told, Mapping) else None
        if not project:
            raise WorkbenchError("Could not deploy the model: this key belongs to no project.", "Use a project's key.")
        return str(project)

    def _beside(self, project: str, what: str) -> str:
        return self._wire.beside(f"v2/projects/{project}/{what}")


def _event(told: Fields) -> dict[str, Any]:
    """Its level in the words of the others, and the step it names where the curves look for it."""
    level = str(told.get("level") or "info").lower().removeprefix("legacy_").replace("iwarning", "warning")
    steps = {name: told[name] for name in ("step", "total_steps") if isinstance(told.get(name), int)}
    return {**told, "id": told.get("hash"), "level": level, "data": steps, "type": str(told.get("type") or "").lower()}


def _metrics(told: Fields) -> dict[str, Any]:
    return metrics_of(told, step_names=("global_step", "step"))


def _checkpoint(told: Fields) -> dict[str, Any]:
    step = told.get("step")
    return {
        "host_event_id": f"checkpoint-{step}-{told.get('checkpoint') or ''}",
        "level": "info",
        "type": "checkpoint",
        "message": str(told.get("checkpoint_type") or f"Checkpoint at step {step}"),
        "data": {"step": step, "model": told.get("object_name") or told.get("path")},
        "created_at": seconds_of(told.get("created_at")),
    }


TOGETHER = Dialect(
    TogetherJobs,
    (
        Parameter("n_epochs", "Epochs", "int", 1, 20, "How many times the training data is gone through.", default=1),
        Parameter("batch_size", "Batch size", "int", 1, 1024, "Examples per update of the weights.", default="max"),
        Parameter("learning_rate", "Learning rate", "float", 1e-8, 0.01, "As it is, not a factor.", default=1e-5),
        Parameter("warmup_ratio", "Warm-up", "float", 0, 1, "Share of the steps in which the learning rate rises."),
        Parameter("weight_decay", "Weight decay", "float", 0, 1, "Pulls weights towards 0.", default=0),
        Parameter("lora_r", "LoRA rank", "int", 1, 256, "Size of what is trained.", at="training_type.lora_r"),
        Parameter("lora_alpha", "LoRA alpha", "int", 1, 512, "Its strength.", at="training_type.lora_alpha"),
        Parameter(
            "dpo_beta",
            "Beta",
            "float",
            0.01,
            2.0,
            "How closely the tuned model keeps to the one it starts from: higher keeps closer.",
            at="training_method.dpo_beta",
            method=Method.DPO,
        ),
    ),
    suffix=40,
    deploys=Deploys.ASKED,
    about_cost="A dedicated endpoint is billed by the hour while it runs, called or not; it stops by itself after "
    f"{_IDLE_MINUTES} minutes without a call.",
)
