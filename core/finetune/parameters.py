"""Hyperparameters that describe themselves, so that the form draws itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.errors import WorkbenchError


@dataclass(frozen=True)
class Parameter:
    """`low` and `high` are inclusive bounds; an empty entry means the host's own choice ("auto")."""

    key: str
    title: str
    kind: Literal["int", "float"]
    low: float
    high: float
    about: str


PARAMETERS: dict[str, Parameter] = {
    "n_epochs": Parameter("n_epochs", "Epochs", "int", 1, 50, "How many times the training data is gone through."),
    "batch_size": Parameter("batch_size", "Batch size", "int", 1, 256, "Examples per update of the weights."),
    "learning_rate_multiplier": Parameter(
        "learning_rate_multiplier", "Learning rate ×", "float", 0.01, 10.0, "Scales the host's own learning rate."
    ),
}
BETA = Parameter(
    "beta",
    "Beta",
    "float",
    0.01,
    2.0,
    "How closely the tuned model keeps to the one it starts from: higher keeps closer.",
)
"""Of preference pairs alone."""


def parse_parameters(entries: Mapping[str, str], known: Mapping[str, Parameter] = PARAMETERS) -> dict[str, int | float]:
    """Typed values of the entries that are not empty or "auto"; `known` are the parameters of the method. Raises
    `WorkbenchError` naming the entry."""
    values: dict[str, int | float] = {}
    for key, entry in entries.items():
        if key not in known:
            raise WorkbenchError(f"“{key}” is no parameter of this method.", f"Known: {', '.join(known)}.")
        parameter = known[key]
        if entry.strip().lower() in ("", "auto"):
            continue
        values[key] = _parse(parameter, entry)
    return values


def _parse(parameter: Parameter, entry: str) -> int | float:
    bounds = f"Enter a number from {parameter.low:g} to {parameter.high:g}, or leave it empty."
    try:
        value = int(entry) if parameter.kind == "int" else float(entry)
    except ValueError:
        raise WorkbenchError(f"{parameter.title}: “{entry}” is not a number.", bounds) from None
    if not parameter.low <= value <= parameter.high:
        raise WorkbenchError(f"{parameter.title}: {value:g} is out of range.", bounds)
    return value
