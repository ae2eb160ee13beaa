"""Fine-tuning at Fireworks: resources of an account, each under an id that is ours, so that none is made twice."""

from collections.abc import Mapping
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from core.errors import WorkbenchError
from core.finetune.dialects.deployments import Deployed, Wanted, standing
from core.finetune.dialects.dialect import Deploys, Dialect
from core.finetune.dialects.jobs import Jobs, JobState, Told, words_of
from core.finetune.dialects.wire import Fields
from core.finetune.events import metrics_in, seconds_of
from core.finetune.methods import Method
from core.finetune.orders import Order, Sought
from core.finetune.parameters import Parameter, merged, placed

_JOBS = {
    Method.SUPERVISED: ("supervisedFineTuningJobs", "supervisedFineTuningJobId"),
    Method.DPO: ("dpoJobs", "dpoJobId"),
}
_FINE = frozenset({"", "OK"})


class FireworksJobs(Jobs):
    needed = frozenset({"dataset", "baseModel", "evaluationDataset", "trainingConfig", "lossConfig"})

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._known_account = ""

    @property
    def _account(self) -> str:
        """`accounts/…` of the key."""
        if not self._known_account:
            listed = self._wire.get("find the account", "/accounts").get("accounts") or []
            names = [str(one.get("name") or "") for one in listed if isinstance(one, Mapping)]
            if not names or not names[0]:
                raise WorkbenchError("Could not find the account: the key belongs to none.", "Check the key.")
            self._known_account = names[0]
        return self._known_account

    def upload(self, name: str, content: BinaryIO) -> str:
        """A data set under an id of ours. One that is there already was cut off, or is whole: it is filled again."""
        what = "upload the training file"
        data_set = f"{self._account}/datasets/{id_of(name)}"
        lines = sum(1 for _ in content)
        content.seek(0)
        body = {"datasetId": id_of(name), "dataset": {"exampleCount": str(lines), "format": "CHAT", "userUploaded": {}}}
        self._unless_there(lambda: self._wire.post(what, f"/{self._account}/datasets", body), f"/{data_set}")
        if self._wire.get(what, f"/{data_set}").get("state") != "READY":
            self._wire.upload(what, f"/{data_set}:upload", f"{id_of(name)}.jsonl", content)
        return data_set

    def request(self, order: Order, left_out: set[str]) -> dict[str, Any]:
        settings = placed(order.parameters, self._dialect.parameters_by_key)
        model = {"baseModel": order.model, "outputModel": id_of(order.suffix)}
        body: dict[str, Any] = {"dataset": order.training_file}
        if order.method == Method.DPO:
            loss = {"method": "DPO"} | settings.pop("lossConfig", {})
            body |= {"trainingConfig": model | settings, "lossConfig": loss}
            settings = {}
        else:
            body |= model
            if order.validation_file is not None:
                body["evaluationDataset"] = order.validation_file
        optional = {"displayName": order.suffix, **order.extra_but(body)}
        body |= {name: value for name, value in optional.items() if name not in left_out and value is not None}
        return merged(body, settings)

    def create(self, order: Order, left_out: set[str]) -> str:
        kind, id_name = _JOBS[Method(order.method)]
        self.path = f"/{self._account}/{kind}"
        self._query = {id_name: id_of(order.mark)}
        return super().create(order, left_out)

    def _created(self, request: Mapping[str, Any]) -> str:
        name = f"{self.path}/{next(iter(self._query.values()))}"
        made = self._unless_there(
            lambda: self._wire.post("start the fine-tune", self.path, request, once=True, **self._query), name
        )
        self.named_at_creation = self._named(self.told(made).model)
        return self.id_of(made) if made.get("name") else name.lstrip("/")

    def id_of(self, job: Fields) -> str:
        return str(job["name"])

    def find(self, sought: Sought) -> str | None:
        for kind, _ in _JOBS.values():
            if self._there(f"/{self._account}/{kind}/{id_of(sought.mark)}") is not None:
                return f"{self._account}/{kind}/{id_of(sought.mark)}"
        return None

    def told(self, job: Fields) -> Told:
        status = job.get("status")
        status = status if isinstance(status, Mapping) else {}
        training = job.get("trainingConfig")
        model = job.get("outputModel") or (training.get("outputModel") if isinstance(training, Mapping) else None)
        if model and "/" not in str(model):
            model = f"{str(job.get('name') or '').partition('/')[0]}/{_account_in(job)}/models/{model}"
        return Told(
            word=str(job.get("state") or ""),
            error="" if str(status.get("code") or "") in _FINE else words_of(status),
            model=model,
            is_ended=bool(job.get("completedTime")),
        )

    def look(self, job_id: str, named_early: str | None = None) -> JobState:
        job = self._wire.get("read the fine-tune", f"/{job_id}")
        return self._state(job, named_early, [*_course(job), *self._metrics(job)])

    def _metrics(self, job: Fields) -> list[Mapping[str, Any]]:
        """What the job's file of metrics holds, wherever the host says that lies."""
        address = str(job.get("metricsFileSignedUrl") or "")
        if urlsplit(address).scheme not in ("http", "https"):
            return []
        try:
            return metrics_in(self._wire.text("read the metrics", address))
        except WorkbenchError:
            return []

    def cancel(self, job_id: str) -> None:
        self._wire.post("cancel the fine-tune", f"/{job_id}:cancel")

    def resume(self, job_id: str) -> None:
        self._wire.post("resume the fine-tune", f"/{job_id}:resume")

    # deployments

    def deploy(self, wanted: Wanted) -> None:
        where = f"/{self._account}/deployments"
        body = {"baseModel": wanted.model, "displayName": wanted.name, "minReplicaCount": 1, "maxReplicaCount": 1}
        self._unless_there(
            lambda: self._wire.post("deploy the model", where, body, once=True, deploymentId=wanted.name),
            f"{where}/{wanted.name}",
        )

    def deployment(self, wanted: Wanted) -> Deployed | None:
        name = f"{self._account}/deployments/{wanted.name}"
        told = self._there(f"/{name}")
        if told is None:
            return None
        word, status = str(told.get("state") or ""), told.get("status")
        return Deployed(standing(word), word, f"{wanted.model}#{name}", words_of(status), raw=told)

    def undeploy(self, wanted: Wanted) -> None:
        self._wire.delete("take the model down", f"/{self._account}/deployments/{wanted.name}", ignoreChecks="true")


def id_of(name: str) -> str:
    """As ids are written there: small letters, digits and hyphens, 63 at most, beginning with a letter."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name.lower()).strip("-")
    return (plain if plain[:1].isalpha() else f"labelloop-{plain}")[:63].rstrip("-")


def _account_in(job: Fields) -> str:
    return str(job.get("name") or "").split("/")[1] if "/" in str(job.get("name") or "") else ""


def _course(job: Fields) -> list[Mapping[str, Any]]:
    """What a host without events is seen to do: its states as it goes through them, and how far it is."""
    word, at = str(job.get("state") or ""), seconds_of(job.get("updateTime"))
    common = {"level": "info", "created_at": at}
    said: list[Mapping[str, Any]] = [
        {"host_event_id": f"state-{word}", "type": "message", "message": word, "data": {}, **common}
    ]
    progress = job.get("jobProgress")
    percent = progress.get("percent") if isinstance(progress, Mapping) else None
    if isinstance(percent, int) and 0 < percent <= 100:
        data = {"step": percent, "total_steps": 100}
        said.append(
            {
                "host_event_id": f"percent-{percent}",
                "type": "progress",
                "message": f"{percent} % done",
                "data": data,
                **common,
            }
        )
    return said


def _control(base_url: str) -> str:
    """Models are called under `/inference/v1`, everything else is done under `/v1`."""
    return base_url.replace("/inference/v1", "/v1", 1)


FIREWORKS = Dialect(
    FireworksJobs,
    (
        Parameter("n_epochs", "Epochs", "int", 1, 50, "How many times the training data is gone through.", at="epochs"),
        Parameter("learning_rate", "Learning rate", "float", 1e-8, 0.01, "As it is, not a factor.", at="learningRate"),
        Parameter("lora_rank", "LoRA rank", "int", 1, 64, "Size of what is trained.", at="loraRank"),
        Parameter(
            "batch_size", "Batch size", "int", 1, 1024, "Examples per update of the weights.", at="batchSizeSamples"
        ),
        Parameter(
            "context_length",
            "Context length",
            "int",
            512,
            262144,
            "Tokens of a line that are learned from; the rest is cut off.",
            at="maxContextLength",
        ),
        Parameter(
            "early_stop",
            "Early stopping",
            "bool",
            about="Ends where validation gets no better.",
            at="earlyStop",
            method=Method.SUPERVISED,
        ),
        Parameter(
            "beta",
            "Beta",
            "float",
            0.01,
            0.49,
            "How closely the tuned model keeps to the one it starts from: higher keeps closer.",
            at="lossConfig.dpo.beta",
            method=Method.DPO,
        ),
    ),
    address=_control,
    can_resume=True,
    deploys=Deploys.ASKED,
    about_cost="A deployment is billed by the GPU and second while it runs, called or not.",
)
