"""What a training can be told, and what its check says. The pages' words for it."""

from core.finetune import METHODS, Check, Level, Method, Parameter, QuestionFacts, Value, parse_parameters
from core.finetune.dialects import DIALECTS, Deploys, Dialect, dialect_of, title_of
from core.finetune.pair_checks import in_words
from core.services.learning.checkpoints import Checkpoint, Checkpoints, asking
from core.services.learning.selection import BALANCES, DEFAULT_CAP, OPINIONS, Balance, Opinion, Selection

__all__ = [
    "BALANCES",
    "DEFAULT_CAP",
    "DIALECTS",
    "Deploys",
    "Dialect",
    "METHODS",
    "OPINIONS",
    "Balance",
    "Check",
    "Checkpoint",
    "Checkpoints",
    "Level",
    "Method",
    "Parameter",
    "QuestionFacts",
    "Selection",
    "Opinion",
    "Value",
    "asking",
    "dialect_of",
    "in_words",
    "parse_parameters",
    "title_of",
]
