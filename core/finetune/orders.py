"""What a host is asked for when a fine-tune is ordered, and what of it may be left out where the host refuses it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.finetune.methods import Method

MARK = "labelloop_fine_tune"
"""Metadata key by which a job is found again when the program died between creating it and writing down its id."""

_OURS = frozenset({"model", "training_file", "validation_file"})
_NOT_EXTRA = _OURS | {"suffix", "seed", "metadata"}
_OF_CHAT = re.compile(
    r"temperature|top_p|top_k|min_p|max_|n$|stop|stream|logprobs|response_format|reasoning|thinking|enable_|think"
    r"|chat_template|provider|tool|messages|presence|frequency|repetition|user$|store$|service_tier|options|format|guided"
)


@dataclass(frozen=True)
class Order:
    """One fine-tune as it is ordered. `extra` are the host's own parameters (Azure's `trainingType`): they change
    neither what is trained on what, nor the mark by which the job is found again."""

    model: str
    training_file: str
    validation_file: str | None
    parameters: Mapping[str, int | float]
    suffix: str
    seed: int
    mark: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    method: str = Method.SUPERVISED

    @property
    def needs_method(self) -> bool:
        """Whether a host that takes no `method` would train something else than is meant."""
        return self.method != Method.SUPERVISED

    def request(self, left_out: Collection[str]) -> dict[str, Any]:
        """The body. Without `method`, which newer hosts take, the parameters stand where older ones look for them; they
        take what is the usual method, and no other can be asked for without it."""
        if self.needs_method:
            left_out = {*left_out} - {"method"}
        optional: dict[str, Any] = {
            "suffix": self.suffix,
            "seed": self.seed,
            "method": {"type": str(self.method), str(self.method): {"hyperparameters": dict(self.parameters)}},
            **{name: value for name, value in self.extra.items() if _is_for_a_job(name)},
            "metadata": {**_mapping(self.extra.get("metadata")), MARK: self.mark},
        }
        if "method" in left_out and self.parameters:
            optional["hyperparameters"] = dict(self.parameters)
        body: dict[str, Any] = {"model": self.model, "training_file": self.training_file}
        if self.validation_file is not None:
            body["validation_file"] = self.validation_file
        return body | {name: value for name, value in optional.items() if name not in left_out and value is not None}


def _is_for_a_job(name: str) -> bool:
    """Some servers make no difference between large and small letters."""
    return name.lower() not in _NOT_EXTRA and not _OF_CHAT.match(name.lower())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def refused_field(error: Any, request: Mapping[str, Any]) -> str | None:
    """The optional field of a request that a host's refusal is about; None where it is about something else."""
    if getattr(error, "status_code", 0) not in (400, 422):
        return None
    body = error.body if isinstance(error.body, Mapping) else {}
    optional = [name for name in request if name not in _OURS]
    named = str(body.get("param") or getattr(error, "param", None) or "").split(".")[0].split("[")[0]
    if named in optional:
        return named
    words = f"{body.get('message') or ''} {body.get('detail') or ''} {error}"
    if named or not _NOT_TAKEN.search(words.lower()):
        return None
    return next((name for name in optional if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)), None)


def is_about_a_value(error: Any) -> bool:
    """Whether a refusal is about a parameter of the method, not the method itself."""
    body = error.body if isinstance(error.body, Mapping) else {}
    return "hyperparameters" in str(body.get("param") or getattr(error, "param", None) or "")


_NOT_TAKEN = re.compile(
    r"n[o']t (?:\w+ )?(?:support|permit|allow|recogni|accept)|unsupported|unrecogni|unknown|unexpected|extra"
    r"|forbidden|additional"
)
