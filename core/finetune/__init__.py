"""Fine-tuning: what a training file holds, whether it is fit to send, and the dialects of hosts."""

from core.finetune.checks import Check, Level, check_facts, test_unknown
from core.finetune.dataset import Alike, PreferenceExample, TrainingExample, estimate_tokens
from core.finetune.facts import facts_of, facts_of_pairs
from core.finetune.forms import EXAMPLE_FORMS, PAIR_FORMS, LineForm, each_line, written_line, written_lines
from core.finetune.joint_checks import QuestionFacts, check_joint
from core.finetune.methods import METHODS, Method, methods_of
from core.finetune.pair_checks import LeftOut, check_pairs
from core.finetune.parameters import Parameter, Value, parse_parameters

__all__ = [
    "EXAMPLE_FORMS",
    "METHODS",
    "PAIR_FORMS",
    "Alike",
    "Check",
    "LeftOut",
    "Level",
    "LineForm",
    "Method",
    "Parameter",
    "PreferenceExample",
    "QuestionFacts",
    "TrainingExample",
    "Value",
    "check_facts",
    "check_joint",
    "check_pairs",
    "estimate_tokens",
    "facts_of",
    "facts_of_pairs",
    "methods_of",
    "parse_parameters",
    "test_unknown",
    "each_line",
    "written_line",
    "written_lines",
]
