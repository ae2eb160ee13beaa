"""What calls cost: the arithmetic, the prices shipped, and under which names a model's price may be found."""

import re
from collections.abc import Mapping

from core.model import Price

MILLION = 1_000_000
FREE = Price(0.0, 0.0, 0.0, 1.0, 0.0, "your own hardware")

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def _shipped(
    input: float,
    output: float,
    cached: float | None = None,
    *,
    batch: float | None = 0.5,
    training: float | None = None,
) -> Price:
    return Price(input, output, cached, batch, training, "shipped, November 2026")


SHIPPED: Mapping[tuple[str, str], Price] = {
    ("openai", "gpt-6-luna"): _shipped(0.10, 0.50),
    ("openai", "gpt-6-sol"): _shipped(2.00, 10.00),
    ("openai", "gpt-6.1-terra"): _shipped(1.00, 5.00),
    ("openai", "gpt-5.4-nano"): _shipped(0.20, 1.25),
    ("openai", "gpt-4.1"): _shipped(2.00, 8.00, 0.50),
    ("openai", "gpt-4.1-mini"): _shipped(0.40, 1.60, 0.10),
    ("openai", "ft:gpt-4.1-mini"): _shipped(0.80, 3.20),
    ("openai", "gpt-4o"): _shipped(2.50, 10.00, 1.25),
    ("openai", "gpt-4o-mini"): _shipped(0.15, 0.60, 0.075),
    ("nebius", "meta-llama/Llama-3.3-70B-Instruct"): _shipped(0.13, 0.40, training=2.80),
}
"""By profile and model. The user's own prices, typed or imported, go before these."""


def cost(
    price: Price | None, *, prompt_tokens: int, cached_tokens: int, completion_tokens: int, batch: bool = False
) -> float | None:
    """US dollars for these tokens; None where a price that it takes is unknown, and never 0 for that.

    `cached_tokens` are those of the prompt tokens that the host had cached: billed at the cached price, at the input
    price where none is known. A batch is billed in full where its factor is unknown: never less than what comes.
    Nothing sent costs nothing, unless there is no price at all.
    """
    if price is None:
        return None
    cached = min(cached_tokens, prompt_tokens)
    cached_price = price.input if price.cached_input is None else price.cached_input
    parts = ((prompt_tokens - cached, price.input), (cached, cached_price), (completion_tokens, price.output))
    dollars = 0.0
    for tokens, per_million in parts:
        if tokens and per_million is None:
            return None
        dollars += tokens * (per_million or 0.0) / MILLION
    return dollars * (price.batch_factor if batch and price.batch_factor is not None else 1.0)


def spellings(model: str) -> list[str]:
    """The names to look a price up under, the exact one first; then a snapshot without its date.

    A tuned model `ft:<base>:<organisation>:…` is priced as `ft:<base>`, never as its base, which costs less.
    """
    names = [model]
    if model.startswith("ft:"):
        names.append(":".join(model.split(":")[:2]))
    return list(dict.fromkeys([*names, *(_SNAPSHOT.sub("", name) for name in names)]))


def base_of(model: str) -> str:
    """The model a tuned one was made from, by the name `ft:<base>:…`; any other is its own base."""
    return model.split(":")[1] if model.startswith("ft:") and model.count(":") else model
