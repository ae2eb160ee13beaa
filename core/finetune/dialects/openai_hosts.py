"""The hosts that speak the OpenAI protocol of fine-tuning: where each differs."""

from core.finetune.dialects.dialect import Dialect
from core.finetune.dialects.openai import OpenAIJobs
from core.finetune.methods import Method
from core.finetune.parameters import Parameter

EPOCHS = Parameter(
    "n_epochs",
    "Epochs",
    "int",
    1,
    50,
    "How many times the training data is gone through.",
    at="hyperparameters.n_epochs",
)
BATCH_SIZE = Parameter(
    "batch_size", "Batch size", "int", 1, 256, "Examples per update of the weights.", at="hyperparameters.batch_size"
)
MULTIPLIER = Parameter(
    "learning_rate_multiplier",
    "Learning rate ×",
    "float",
    0.01,
    10.0,
    "Scales the host's own learning rate.",
    at="hyperparameters.learning_rate_multiplier",
)
BETA = Parameter(
    "beta",
    "Beta",
    "float",
    0.01,
    2.0,
    "How closely the tuned model keeps to the one it starts from: higher keeps closer.",
    at="hyperparameters.beta",
    method=Method.DPO,
)

PATIENCE = Parameter(
    "early_stopping_patience",
    "Patience",
    "int",
    1,
    50,
    "Ends after so many epochs without a lower validation loss; the best epoch is kept.",
    default=10,
    at="hyperparameters.early_stopping_patience",
)
DECAY = Parameter(
    "weight_decay",
    "Weight decay",
    "float",
    0.0,
    100.0,
    "Holds back large weights: more where examples are few and noisy.",
    at="hyperparameters.weight_decay",
)
CLASS_WEIGHT = Parameter(
    "class_weight",
    "Class weight",
    "choice",
    about="Balanced: rare labels count as much as frequent ones.",
    default="none",
    choices=("none", "balanced"),
    at="hyperparameters.class_weight",
)

_USUAL = (EPOCHS, BATCH_SIZE, MULTIPLIER, BETA)

EMBEDDED = Dialect(OpenAIJobs, (EPOCHS, BATCH_SIZE, MULTIPLIER, PATIENCE, DECAY, CLASS_WEIGHT))
OPENAI = Dialect(OpenAIJobs, _USUAL)
AZURE = Dialect(OpenAIJobs, _USUAL)
LITELLM = Dialect(OpenAIJobs, _USUAL)
CUSTOM = Dialect(OpenAIJobs, _USUAL)
