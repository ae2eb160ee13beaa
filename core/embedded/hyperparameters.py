"""What a client may ask of a training, in the body of a job and in numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.embedded.errors import bad_request

AUTO = "auto"
AUTO_STEPS = 250
"""What epochs left to the host aim at."""
AUTO_BATCH = 32
AUTO_PATIENCE = 10
WHOLE = {"n_epochs": (1, 50), "batch_size": (1, 256), "early_stopping_patience": (1, 50)}


@dataclass(frozen=True)
class Bounds:
    """Of a number; `with_zero` where 0 is one, too."""

    upto: float
    with_zero: bool = False

    def allow(self, value: float) -> bool:
        return (value >= 0 if self.with_zero else value > 0) and value <= self.upto

    @property
    def in_words(self) -> str:
        return "from 0" if self.with_zero else "above 0"


NUMBERS = {"learning_rate_multiplier": Bounds(1000), "weight_decay": Bounds(100, with_zero=True)}
CLASS_WEIGHTS = ("none", "balanced")


def read_hyperparameters(body: Mapping[str, Any], method: Any) -> dict[str, Any]:
    """Each a value or "auto"; those under `method` go first. Raises ApiError 400 that names what is wrong."""
    holder = method.get("supervised") if isinstance(method, dict) else None
    nested = holder.get("hyperparameters") if isinstance(holder, dict) else None
    path = "method.supervised.hyperparameters" if nested is not None else "hyperparameters"
    given = nested if nested is not None else body.get("hyperparameters") or {}
    if not isinstance(given, dict):
        raise bad_request(f"{path} must be an object.", path)
    found: dict[str, Any] = {name: _whole(given.get(name), f"{path}.{name}", *bounds) for name, bounds in WHOLE.items()}
    for name, bounds in NUMBERS.items():
        found[name] = _number(given.get(name), f"{path}.{name}", bounds)
    found["class_weight"] = _chosen(given.get("class_weight"), f"{path}.class_weight", CLASS_WEIGHTS)
    return found


def resolve(asked: Mapping[str, Any], examples: int) -> dict[str, Any]:
    """A value for every "auto", and for what a job of an older version did not name: batches of 32 (or all examples,
    if fewer), epochs for about 250 steps (3 to 50), an end after 10 epochs without progress, no class weights. The
    weight decay stays "auto": each head chooses its own."""

    def given(name: str, default: Any) -> Any:
        value = asked.get(name, AUTO)
        return default if value == AUTO else value

    batch = given("batch_size", min(AUTO_BATCH, examples))
    steps = math.ceil(examples / batch)
    return {
        "n_epochs": given("n_epochs", min(50, max(3, math.ceil(AUTO_STEPS / steps)))),
        "batch_size": batch,
        "learning_rate_multiplier": given("learning_rate_multiplier", 1.0),
        "early_stopping_patience": given("early_stopping_patience", AUTO_PATIENCE),
        "weight_decay": given("weight_decay", AUTO),
        "class_weight": given("class_weight", "none"),
    }


def _whole(value: object, path: str, low: int, high: int) -> int | str:
    if value is None or value == AUTO:
        return AUTO
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise bad_request(f"{path} must be auto or a whole number from {low} to {high}.", path)
    return value


def _number(value: object, path: str, bounds: Bounds) -> float | str:
    if value is None or value == AUTO:
        return AUTO
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not bounds.allow(value):  # type: ignore[arg-type]
        raise bad_request(f"{path} must be auto or a number {bounds.in_words}, up to {bounds.upto:g}.", path)
    return float(value)  # type: ignore[arg-type]


def _chosen(value: object, path: str, known: tuple[str, ...]) -> str:
    if value is None or value == AUTO:
        return AUTO
    if value not in known:
        raise bad_request(f"{path} must be auto, {' or '.join(known)}.", path)
    return str(value)
