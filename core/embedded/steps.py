"""An answer as the steps in which it is written: its text, and the probabilities one can read from its logprobs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

IMPOSSIBLE = -9999.0


@dataclass(frozen=True)
class Step:
    """One token. `options` are what could have stood here, itself among them, most probable first; empty for what was
    certain."""

    text: str
    probability: float = 1.0
    options: tuple[tuple[str, float], ...] = ()


Steps = Sequence[Step]


def content(steps: Steps) -> str:
    return "".join(step.text for step in steps)


def logprobs(steps: Steps, top: int) -> dict[str, Any]:
    """`logprobs` of a choice, with up to `top` alternatives a token; tokens of no text are left out."""
    return {"content": [_entry(step, top) for step in steps if step.text], "refusal": None}


def ranked(texts: Sequence[str], p: Iterable[float], top: int) -> tuple[tuple[str, float], ...]:
    """The `top` most probable of the texts with their probabilities; of equal ones the first goes first."""
    probabilities = np.asarray(list(p), dtype=np.float64)
    order = np.argsort(-probabilities, kind="stable")[:top]
    return tuple((texts[i], float(probabilities[i])) for i in order)


def _entry(step: Step, top: int) -> dict[str, Any]:
    options = step.options or ((step.text, 1.0),)
    listed = [_token(text, p) for text, p in options[:top]]
    return {**_token(step.text, step.probability), "top_logprobs": listed}


def _token(text: str, probability: float) -> dict[str, Any]:
    logprob = max(float(np.log(probability)), IMPOSSIBLE) if probability > 0 else IMPOSSIBLE
    return {"token": text, "logprob": logprob, "bytes": list(text.encode("utf-8"))}
