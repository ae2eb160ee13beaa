"""The hosts that speak the OpenAI protocol of fine-tuning: where each differs."""

from collections.abc import Mapping
from typing import Any, Literal

from core.errors import WorkbenchError
from core.finetune.dialects.deployments import Deployed, Wanted, standing
from core.finetune.dialects.dialect import Commands, Deploys, Dialect
from core.finetune.dialects.jobs import Estimate, words_of
from core.finetune.dialects.openai import OpenAIJobs
from core.finetune.methods import Method
from core.finetune.orders import Order
from core.finetune.parameters import Parameter


def _set(
    key: str, title: str, kind: Literal["int", "float", "bool"], low: float, high: float, about: str, **more: Any
) -> Parameter:
    """One that stands among the hyperparameters."""
    return Parameter(key, title, kind, low, high, about, at=f"hyperparameters.{key}", **more)


def _epochs(high: int = 50) -> Parameter:
    return _set("n_epochs", "Epochs", "int", 1, high, "How many times the training data is gone through.")


def _batch_size(high: int = 256) -> Parameter:
    return _set("batch_size", "Batch size", "int", 1, high, "Examples per update of the weights.")


_MULTIPLIER = _set(
    "learning_rate_multiplier", "Learning rate ×", "float", 0.01, 10.0, "Scales the host's own learning rate."
)
_BETA = _set(
    "beta",
    "Beta",
    "float",
    0.01,
    2.0,
    "How closely the tuned model keeps to the one it starts from: higher keeps closer.",
    method=Method.DPO,
)
_RATE = _set("learning_rate", "Learning rate", "float", 1e-8, 0.01, "As it is, not a factor.")
_USUAL = (_epochs(), _batch_size(), _MULTIPLIER, _BETA)


class NebiusJobs(OpenAIJobs):
    """A LoRA of a checkpoint becomes a model of its own, under a name that the host makes."""

    def deploy(self, wanted: Wanted) -> None:
        checkpoints = list(self._wire.pages("read the fine-tune", f"{self.path}/{wanted.job}/checkpoints", limit=100))
        if not checkpoints:
            raise WorkbenchError("Could not deploy the model: the host lists no checkpoint of it.", "Look at it there.")
        newest = max(checkpoints, key=lambda one: float(one.get("step_number") or 0))
        body = {"source": f"{wanted.job}:{newest['id']}", "base_model": wanted.base_model, "name": wanted.name}
        self._wire.post("deploy the model", self._models(), body, once=True)

    def deployment(self, wanted: Wanted) -> Deployed | None:
        told = self._told(wanted)
        if told is None:
            return None
        word = str(told.get("status") or "")
        message = words_of(told.get("status_reason")) or words_of(told.get("error"))
        return Deployed(standing(word), word, str(told.get("name") or told.get("id") or ""), message, raw=told)

    def undeploy(self, wanted: Wanted) -> None:
        if (told := self._told(wanted)) is not None:
            self._wire.delete("take the model down", f"{self._models()}/{told.get('name') or told['id']}")

    def _told(self, wanted: Wanted) -> Mapping[str, Any] | None:
        """The host makes a name of its own around the one it is given, which is like no other."""
        for one in self._wire.pages("read the deployment", self._models()):
            if wanted.name in f"{one.get('name')} {one.get('id')}":
                return one
        return None

    def _models(self) -> str:
        return self._wire.beside("v0/models")


class CrusoeJobs(OpenAIJobs):
    """The protocol, and an estimate of the price."""

    def estimate(self, order: Order) -> Estimate | None:
        told = self._wire.post("estimate the price", f"{self.path}/estimate_price", self.request(order, set()))
        price = next((told[name] for name in _PRICES if isinstance(told.get(name), (int, float))), None)
        return None if price is None else Estimate(float(price))


_PRICES = ("estimated_price", "estimated_total_price", "total_price", "price")


def _training(base_url: str) -> str:
    """Models are called at one address, and trained at another."""
    return base_url.replace("//api.inference.", "//api.intelligence.", 1)


_PATIENCE = _set(
    "early_stopping_patience",
    "Patience",
    "int",
    1,
    50,
    "Ends after so many epochs without a lower validation loss; the best epoch is kept.",
    default=10,
)
_DECAY = _set(
    "weight_decay",
    "Weight decay",
    "float",
    0.0,
    100.0,
    "Holds back large weights: more where examples are few and noisy.",
)
_CLASS_WEIGHT = Parameter(
    "class_weight",
    "Class weight",
    "choice",
    about="Balanced: rare labels count as much as frequent ones.",
    default="none",
    choices=("none", "balanced"),
    at="hyperparameters.class_weight",
)

EMBEDDED = Dialect(OpenAIJobs, (_epochs(), _batch_size(), _MULTIPLIER, _PATIENCE, _DECAY, _CLASS_WEIGHT))
OPENAI = Dialect(OpenAIJobs, _USUAL, can_pause=True)
AZURE = Dialect(
    OpenAIJobs,
    (
        *_USUAL,
        Parameter(
            "trainingType",
            "Training type",
            "choice",
            about="Global costs least, Standard stays in the region, Developer may be interrupted.",
            choices=("GlobalStandard", "Standard", "Developer"),
        ),
    ),
    suffix=18,
    can_pause=True,
    deploys=Deploys.BY_HAND,
    commands=Commands(
        "az cognitiveservices account deployment create --resource-group GROUP --name RESOURCE "
        "--deployment-name {name} --model-name {model} --model-format OpenAI --model-version 1 "
        "--sku-name Standard --sku-capacity 50",
        "az cognitiveservices account deployment delete --resource-group GROUP --name RESOURCE "
        "--deployment-name {name}",
        "Put the names of your resource group and resource in place of GROUP and RESOURCE. "
        "The model is called by the name of its deployment.",
    ),
    about_cost="A deployed tuned model is billed by the hour, called or not; Azure deletes one that is not called for "
    "15 days.",
)
NEBIUS = Dialect(
    NebiusJobs,
    (
        _epochs(20),
        _batch_size(32),
        _RATE,
        _set("lora", "LoRA", "bool", 0, 0, "No: all weights are trained, which costs more.", default=False),
        _set("lora_r", "LoRA rank", "int", 1, 128, "Size of what is trained."),
        _set("lora_alpha", "LoRA alpha", "int", 1, 512, "Its strength."),
        _set("context_length", "Context length", "int", 512, 131072, "Tokens of a line that are learned from."),
        _set("packing", "Packing", "bool", 0, 0, "Puts several short lines into one."),
    ),
    has_method=False,
    deploys=Deploys.ASKED,
    about_cost="What a deployed model costs there, Nebius tells on its own pages.",
)
CRUSOE = Dialect(
    CrusoeJobs,
    (
        _epochs(),
        _batch_size(),
        _RATE,
        _set("lora_rank", "LoRA rank", "int", 1, 256, "Size of what is trained."),
        _set("early_stopping_patience", "Patience", "int", 1, 50, "Ends where validation gets no better so often."),
        _BETA,
    ),
    address=_training,
    deploys=Deploys.BY_HAND,
    commands=Commands(
        "",
        "",
        "Load the LoRA adapter of {model} on Crusoe's console, or deploy it there. Then say which name calls it.",
    ),
    about_cost="A dedicated deployment is billed by the hour, called or not.",
)
LITELLM = Dialect(OpenAIJobs, _USUAL, query={"custom_llm_provider": "openai"})
"""The proxy asks with each request to which provider it belongs; the host's extra parameters can name another."""
CUSTOM = Dialect(OpenAIJobs, _USUAL, can_pause=True)
