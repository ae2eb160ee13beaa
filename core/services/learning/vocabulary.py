"""What a training can be told, and what its check says. The pages' words for it."""

from core.finetune import PARAMETERS, Check, Level, Parameter, parse_parameters

__all__ = [
    "Check",
    "Level",
    "PARAMETERS",
    "Parameter",
    "parse_parameters",
]
