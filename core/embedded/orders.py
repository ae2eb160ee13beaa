"""POST /v1/fine_tuning/jobs: reading and checking what a client asks for."""

import secrets
from collections.abc import Mapping
from typing import Any

from core.embedded.chat import BASE_MODEL
from core.embedded.errors import bad_request, unknown_model
from core.embedded.files import Files
from core.embedded.jobs import Order
from core.embedded.params import integer, metadata, text

DEFAULT_SUFFIX = "labelloop"
_NO_PAIRS = (
    "method.type dpo is not supported: this host writes no text, so preference pairs have no writing to teach it. "
    "Which of two candidates is better, and orders of them, it learns from supervised lines."
)


def read_order(body: Mapping[str, Any], files: Files) -> Order:
    """Raises ApiError: 400 or 404 with `param` for what this host cannot train; file contents are checked later."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise bad_request("model must be the name of a model.", "model")
    if model != BASE_MODEL:
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
        hyperparameters=_hyperparameters(body, method),
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


def _hyperparameters(body: Mapping[str, Any], method: Any) -> dict[str, Any]:
    """n_epochs, batch_size, learning_rate_multiplier, each a number or "auto"; those under `method` go first."""
    holder = method.get("supervised") if isinstance(method, dict) else None
    nested = holder.get("hyperparameters") if isinstance(holder, dict) else None
    path = "method.supervised.hyperparameters" if nested is not None else "hyperparameters"
    given = nested if nested is not None else body.get("hyperparameters") or {}
    if not isinstance(given, dict):
        raise bad_request(f"{path} must be an object.", path)
    bounds = {"n_epochs": (1, 50), "batch_size": (1, 256)}
    found = {name: _whole(given.get(name), f"{path}.{name}", *range_) for name, range_ in bounds.items()}
    rate = given.get("learning_rate_multiplier")
    if rate in (None, "auto"):
        return {**found, "learning_rate_multiplier": "auto"}
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= 1000:
        name = f"{path}.learning_rate_multiplier"
        raise bad_request(f"{name} must be auto or a number above 0, up to 1000.", name)
    return {**found, "learning_rate_multiplier": float(rate)}


def _whole(value: object, path: str, low: int, high: int) -> int | str:
    if value is None or value == "auto":
        return "auto"
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise bad_request(f"{path} must be auto or a whole number from {low} to {high}.", path)
    return value
