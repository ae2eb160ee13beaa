"""Reading the price file that litellm publishes, `model_prices_and_context_window.json`.

It maps a model's name, mostly with its provider in front, to prices per token; ours are per million tokens. It holds no
prices of training.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import WorkbenchError
from core.hosts.prices import MILLION
from core.model import Price
from core.text import read_json

ANYWHERE = ""
_PROFILES = {
    "openai": "openai",
    "text-completion-openai": "openai",
    "azure": "azure",
    "azure_ai": "azure",
    "nebius": "nebius",
    "crusoe": "crusoe",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "groq": "groq",
    "openrouter": "openrouter",
    # Makers that sell under names nobody else uses: their price holds at a server that may be theirs or a gateway.
    "anthropic": ANYWHERE,
    "gemini": ANYWHERE,
    "mistral": ANYWHERE,
    "deepseek": ANYWHERE,
    "xai": ANYWHERE,
}
"""Our profile by the file's word for the provider."""
_ANSWERS_IN_TEXT = ("chat", "completion", "responses")
_EXAMPLE = "sample_spec"


@dataclass(frozen=True)
class ImportedPrice:
    """One row: `profile` is a profile's key, or `ANYWHERE`; `retires` the day on which the model ends."""

    profile: str
    model: str
    price: Price
    retires: date | None = None


@dataclass(frozen=True)
class ImportedPrices:
    """What a file holds: rows to take, `elsewhere` rows of providers or models we have no use for, and what is broken.

    `problems` are one sentence a row; such a row is left out as a whole.
    """

    rows: tuple[ImportedPrice, ...]
    elsewhere: int
    problems: tuple[str, ...]


def read_litellm(data: bytes, source: str = "litellm") -> ImportedPrices:
    """Raises `WorkbenchError` where this is no such file. A name that comes twice counts as it first stands there."""
    rows: dict[tuple[str, str], ImportedPrice] = {}
    elsewhere, problems = 0, []
    for name, entry in _entries(data).items():
        if name == _EXAMPLE:
            continue
        if not isinstance(entry, Mapping):
            problems.append(f"“{name}” is not a list of prices.")
            continue
        provider = entry.get("litellm_provider")
        if not isinstance(provider, str) or provider not in _PROFILES or not _answers_in_text(entry):
            elsewhere += 1
            continue
        try:
            row = _row(_PROFILES[provider], name.removeprefix(f"{provider}/"), entry, source)
        except _Broken as broken:
            problems.append(f"“{name}”: {broken}.")
            continue
        if row is None:
            elsewhere += 1
        else:
            rows.setdefault((row.profile, row.model), row)
    return ImportedPrices(tuple(rows.values()), elsewhere, tuple(problems))


def _answers_in_text(entry: Mapping[str, Any]) -> bool:
    return entry.get("mode", "chat") in _ANSWERS_IN_TEXT


class _Broken(Exception):
    """What is wrong with a row, without a full stop."""


def _entries(data: bytes) -> dict[str, Any]:
    try:
        found = read_json(data)
    except ValueError as error:
        raise WorkbenchError(
            "The file is not JSON.", "Choose model_prices_and_context_window.json as litellm publishes it."
        ) from error
    if not isinstance(found, dict) or not any(isinstance(v, dict) and "litellm_provider" in v for v in found.values()):
        raise WorkbenchError(
            "The file does not contain a litellm price list.",
            "Choose model_prices_and_context_window.json as it is published.",
        )
    return found


def _row(profile: str, model: str, entry: Mapping[str, Any], source: str) -> ImportedPrice | None:
    """None where the entry has neither a price nor a date: two zeros without “:free” say that nobody knows."""
    input, output = _per_million(entry, "input_cost_per_token"), _per_million(entry, "output_cost_per_token")
    if not input and not output and not model.endswith(":free"):
        input = output = None
    price = Price(
        input=input,
        output=output,
        cached_input=_per_million(entry, "cache_read_input_token_cost") if input is not None else None,
        batch_factor=_batch_factor(entry, input, output),
        source=source,
    )
    retires = _date(entry)
    return ImportedPrice(profile, model, price, retires) if input is not None or output is not None or retires else None


def _batch_factor(entry: Mapping[str, Any], input: float | None, output: float | None) -> float | None:
    """The larger of the two where prompt and answer are not cut alike: never less than what is billed."""
    batched = (
        _per_million(entry, "input_cost_per_token_batches"),
        _per_million(entry, "output_cost_per_token_batches"),
    )
    shares = [part / whole for part, whole in zip(batched, (input, output), strict=True) if part is not None and whole]
    return round(max(shares), 4) if shares and max(shares) <= 1 else None


def _per_million(entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise _Broken(f"{key} is {json.dumps(value, default=str)[:40]}, which is not a price")
    return round(number * MILLION, 9)


def _date(entry: Mapping[str, Any]) -> date | None:
    value = entry.get("deprecation_date")
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Broken(f"deprecation_date is {json.dumps(value, default=str)[:40]}, which is not a date") from None
