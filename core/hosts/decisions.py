"""The Decisions API: one question with a closed list of choices, answered with a probability for each. Pure; no I/O.

A host that has it is asked by `POST {base}/decisions`. The messages are those of a chat; the labels are the choices of
one question. The probability of the chosen label is the confidence.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.errors import WorkbenchError
from core.hosts.answers import Reply, count
from core.hosts.failures import Failure, failure_in, shown
from core.hosts.rates import RateFacts
from core.hosts.wire_json import read_json, to_json
from core.model import ErrorKind, Label
from core.text import clean

ROUTE = "decisions"
FEWEST, MOST = 2, 255
_MODELS = ("gpt-6-luna",)
_INSTRUCTIONS = "Which label fits the last user message?"


def can_decide(profile_routes: Collection[str], model: str) -> bool:
    """Whether a model on a host with these routes can be asked so; tuned models cannot."""
    known = any(model == name or model.startswith(f"{name}-2") for name in _MODELS)
    return ROUTE in profile_routes and known


def check_choices(labels: Sequence[Label]) -> None:
    """Raises `WorkbenchError` where there are more labels, or fewer, than a question may have choices."""
    if not FEWEST <= len(labels) <= MOST:
        raise WorkbenchError(
            f"The Decisions API takes {FEWEST} to {MOST} labels, and the task has {len(labels)}.",
            "Ask by chat instead.",
        )


def question(labels: Sequence[Label]) -> dict[str, Any]:
    """A request's body but for model and messages: which of `labels`, the fallback included, fits."""
    choices = [
        {"value": label.name, "description": label.description} if label.description else {"value": label.name}
        for label in labels
    ]
    asked = {"type": "choice", "name": "label", "instructions": _INSTRUCTIONS, "choices": choices}
    return {"questions": [asked]}


def read_decision(body: bytes, *, seconds: float = 0.0, rates: RateFacts | None = None) -> Reply | Failure:
    """What a 200 says, as a `Reply` whose content is the answer's JSON as it came: see `choice_of`."""
    try:
        decided = read_json(body)
        if (failed := failure_in(decided, body)) is not None:
            return failed
        answer = _answer_among(decided["answers"])
        usage = decided.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        details = usage.get("input_tokens_details")
        return Reply(
            clean(to_json(answer).decode()),
            "stop",
            "no choice was made" if answer["type"] == "refusal" else None,
            count(usage.get("input_tokens")),
            count(usage.get("output_tokens")),
            None,
            count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
            seconds,
            rates=rates,
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Failure(ErrorKind.MALFORMED, "The host's answer is not a decision.", shown(body))


def _answer_among(answers: Any) -> dict[str, Any]:
    """The choice that was made, or the refusal to make one; what stands beside it is no answer."""
    listed = answers if isinstance(answers, list) else [answers]
    for kind in ("choice", "refusal"):
        for answer in listed:
            if isinstance(answer, dict) and answer.get("type") == kind:
                return answer
    raise ValueError("no choice")


def choice_of(content: str) -> tuple[str, float | None]:
    """`(label, its probability)` from an answer's JSON; ("", None) where it holds no choice.

    Where the choice is missing among the probabilities, its `confidence` is taken; None where that is no probability.
    """
    try:
        answer = read_json(content.encode("utf-8", "replace"))
        chosen = answer["choice"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", None
    listed = answer.get("probabilities")
    found = (
        [p for p in listed if isinstance(p, Mapping) and p.get("value") == chosen] if isinstance(listed, list) else []
    )
    probability = found[0].get("probability") if found else answer.get("confidence")
    return str(chosen), _sound(probability)


def _sound(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number and 0.0 <= value <= 1.0 else None
