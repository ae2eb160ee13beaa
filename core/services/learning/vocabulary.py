"""What a training can be told, and what its check says. The pages' words for it."""

from core.finetune import METHODS, PARAMETERS, Check, Level, Method, Parameter, parse_parameters
from core.finetune.pair_checks import in_words

__all__ = [
    "METHODS",
    "PARAMETERS",
    "Check",
    "Level",
    "Method",
    "Parameter",
    "in_words",
    "parse_parameters",
]
