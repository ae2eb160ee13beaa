"""Fine-tuning: what a training file holds, whether it is fit to send, and the jobs of the OpenAI dialect."""

from core.finetune.checks import Check, Level, check_facts
from core.finetune.dataset import Alike, TrainingExample, estimate_tokens, training_jsonl, training_line
from core.finetune.facts import facts_of
from core.finetune.parameters import PARAMETERS, Parameter, parse_parameters

__all__ = [
    "PARAMETERS",
    "Alike",
    "Check",
    "Level",
    "Parameter",
    "TrainingExample",
    "check_facts",
    "estimate_tokens",
    "facts_of",
    "parse_parameters",
    "training_jsonl",
    "training_line",
]
