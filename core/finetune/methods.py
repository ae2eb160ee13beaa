"""How a model can be taught: one entry a method, the usual one first."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.finetune.parameters import BETA, PARAMETERS, Parameter
from core.model import QuestionKind


class Method(StrEnum):
    """As the OpenAI protocol names them."""

    SUPERVISED = "supervised"
    DPO = "dpo"


@dataclass(frozen=True)
class TuningMethod:
    """`parameters` are those that the method takes, by key; `kinds` the questions that give it something to learn."""

    title: str
    about: str
    parameters: Mapping[str, Parameter]
    kinds: frozenset[QuestionKind]


METHODS: dict[str, TuningMethod] = {
    Method.SUPERVISED: TuningMethod(
        "Examples",
        "Supervised fine-tuning: each line is one item and its right answer.",
        PARAMETERS,
        frozenset(QuestionKind),
    ),
    Method.DPO: TuningMethod(
        "Pairs (DPO)",
        "Preference pairs: each line is a request with a better and a worse text for it.",
        PARAMETERS | {BETA.key: BETA},
        frozenset({QuestionKind.PREFERENCE, QuestionKind.RANKING, QuestionKind.TEXT}),
    ),
}


def methods_of(kind: QuestionKind) -> tuple[Method, ...]:
    """Those that a question of this kind can be taught by."""
    return tuple(Method(method) for method, one in METHODS.items() if kind in one.kinds)
