"""How a model can be taught: one entry a method, the usual one first."""

from dataclasses import dataclass
from enum import StrEnum

from core.model import QuestionKind


class Method(StrEnum):
    """As the OpenAI protocol names them."""

    SUPERVISED = "supervised"
    DPO = "dpo"


@dataclass(frozen=True)
class TuningMethod:
    """`kinds` are the questions that give it something to learn."""

    title: str
    about: str
    kinds: frozenset[QuestionKind]


METHODS: dict[str, TuningMethod] = {
    Method.SUPERVISED: TuningMethod(
        "Examples",
        "Supervised fine-tuning: each line is one item and its right answer.",
        frozenset(QuestionKind),
    ),
    Method.DPO: TuningMethod(
        "Pairs (DPO)",
        "Preference pairs: each line is a request with a better and a worse text for it.",
        frozenset({QuestionKind.PREFERENCE, QuestionKind.RANKING, QuestionKind.TEXT}),
    ),
}


def methods_of(kind: QuestionKind) -> tuple[Method, ...]:
    """Those that a question of this kind can be taught by."""
    return tuple(Method(method) for method, one in METHODS.items() if kind in one.kinds)
