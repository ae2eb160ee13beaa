"""What a host is asked for when a fine-tune is ordered, and what of it may be left out where the host refuses it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.finetune.methods import Method
from core.finetune.parameters import Value

MARK = "labelloop_fine_tune"
"""Metadata key by which a job is found again when the program died between creating it and writing down its id."""

_OURS = frozenset({"model", "training_file", "validation_file", "suffix", "seed", "metadata"})
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
    parameters: Mapping[str, Value]
    suffix: str
    seed: int
    mark: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    method: str = Method.SUPERVISED

    @property
    def is_usual(self) -> bool:
        """Whether a host that takes no method trains what is meant."""
        return self.method == Method.SUPERVISED

    def extra_but(self, own: Collection[str]) -> dict[str, Any]:
        """The host's own parameters that are for a job; none of `own`, which the dialect sets itself."""
        taken = {name.lower() for name in (*_OURS, *own)}
        return {
            name: value
            for name, value in self.extra.items()
            if name.lower() not in taken and not _OF_CHAT.match(name.lower())
        }

    @property
    def metadata(self) -> dict[str, Any]:
        """The user's own, and the mark."""
        theirs = self.extra.get("metadata")
        return {**(theirs if isinstance(theirs, Mapping) else {}), MARK: self.mark}


@dataclass(frozen=True)
class Sought:
    """What a job whose id was lost is found again by: its mark, where the host keeps marks; else its file or suffix."""

    mark: str
    suffix: str = ""
    training_file: str | None = None

    def is_made_by(self, training_file: Any, suffix: str) -> bool:
        """Whether a job without marks is the one: nobody else trains on its file, and its suffix, if it is told at all,
        is like no other."""
        if training_file:
            return bool(training_file == self.training_file)
        return bool(self.suffix) and suffix == self.suffix


def refused_field(error: Any, request: Mapping[str, Any], needed: Collection[str]) -> str | None:
    """The optional field of a request that a host's refusal is about; None where it is about something else, or about
    one of those that are `needed`."""
    if getattr(error, "status_code", 0) not in (400, 422):
        return None
    body = error.body if isinstance(error.body, Mapping) else {}
    optional = [name for name in request if name not in needed]
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
