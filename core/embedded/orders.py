"""POST /v1/fine_tuning/jobs: reading and checking what a client asks for."""

import secrets
from collections.abc import Mapping
from typing import Any

from core.embedded.chat import BASE_MODEL
from core.embedded.errors import bad_request, unknown_model
from core.embedded.files import Files
from core.embedded.hyperparameters import read_hyperparameters
from core.embedded.jobs import Order
from core.embedded.models import Models
from core.embedded.params import integer, metadata, text

DEFAULT_SUFFIX = "labelloop"
_NO_PAIRS = (
    "method.type dpo is not supported: this host writes no text, so preference pairs have no writing to teach it. "
    "Which of two candidates is better, and orders of them, it learns from supervised lines."
)


def read_order(body: Mapping[str, Any], files: Files, models: Models) -> Order:
    """The model is the base model or one that was tuned here, at whose weights the training then begins.

    Raises ApiError: 400 or 404 with `param` for what this host cannot train; file contents are checked later."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise bad_request("model must be the name of a model.", "model")
    if model != BASE_MODEL and models.find(model) is None:
        raise unknown_model(model)
    method = body.get("method")
    kind = method.get("type") if isinstance(method, dict) else None
    if kind == "dpo":
        raise bad_request(_NO_PAIRS, "method.type", "unsupported_method")
    if method is not None and kind != "supervised":
        raise bad_request("method.type must be supervised: this host trains nothing else.", "method.type")
    seed = integer(body, "seed", 0, 2**31 - 1, None)
    return Order(
        model=model,
        training_file=_file(body, "training_file", files) or "",
        validation_file=_file(body, "validation_file", files),
        suffix=_suffix(body),
        seed=secrets.randbelow(2**31) if seed is None else seed,
        hyperparameters=read_hyperparameters(body, method),
        metadata=metadata(body),
    )


def _file(body: Mapping[str, Any], name: str, files: Files) -> str | None:
    identity = text(body, name, 1, 200)
    if identity is None:
        if name == "training_file":
            raise bad_request("training_file must be the id of an uploaded file.", name)
        return None
    file = files.retrieve(identity, name)
    if file["purpose"] != "fine-tune":
        raise bad_request(f"{name} must be a file uploaded with the purpose fine-tune.", name)
    return identity


def _suffix(body: Mapping[str, Any]) -> str:
    suffix = text(body, "suffix", 1, 64) or DEFAULT_SUFFIX
    # A model's name is cut at its colons by people and programs alike.
    clean = "".join(c if c.isalnum() or c in "-_." else "-" for c in suffix)
    return clean.strip("-") or DEFAULT_SUFFIX
