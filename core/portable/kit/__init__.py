"""A kit that trains the same set as LoRA adapters elsewhere: the script is `train.py`, what it reads is made here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRAINED_WITH: Mapping[str, str] = {"trl": "1.16.0", "peft": "0.21.2", "transformers": "5.24.0", "datasets": "5.2.0"}
"""The versions whose arguments the kit was held to."""
SCRIPT, CONFIG, REQUIREMENTS, README = "train.py", "config.json", "requirements.txt", "README.md"
RATE, RATE_OF_PAIRS = 2e-4, 5e-6
LEAST_LENGTH, STEP_OF_LENGTH = 1024, 256
CHARACTERS_A_TOKEN = 3
"""Fewer than there are as a rule: what is cut off a line is its answer."""


@dataclass(frozen=True)
class Kit:
    """What is to be trained: `base` is the model's name on the Hub, "" where that is left to whoever trains.

    `parameters` are those of the fine-tune, as the form of its host names them; `longest` the characters of the longest
    line.
    """

    name: str
    base: str
    method: str
    is_vision: bool
    has_validation: bool
    parameters: Mapping[str, Any]
    seed: int
    n_train: int
    longest: int


def kit_files(kit: Kit) -> dict[str, str]:
    """The files besides those of the training set, by name."""
    return {
        SCRIPT: (Path(__file__).parent / SCRIPT).read_text(encoding="utf-8"),
        CONFIG: json.dumps(config_of(kit), indent=2) + "\n",
        REQUIREMENTS: "".join(f"{name}=={version}\n" for name, version in {**TRAINED_WITH, **_besides(kit)}.items()),
        README: _readme(kit),
    }


def config_of(kit: Kit) -> dict[str, Any]:
    """What `train.py` reads: `lora` are arguments of peft's LoraConfig, `trainer` those of TRL's SFTConfig or
    DPOConfig."""
    is_dpo = kit.method == "dpo"
    told = kit.parameters
    rank = int(told.get("lora_r") or told.get("lora_rank") or 16)
    batch = int(told.get("batch_size") or 8)
    at_once = min(batch, 4)
    trainer: dict[str, Any] = {
        "output_dir": "adapter",
        "num_train_epochs": int(told.get("n_epochs") or usual_epochs(kit.n_train)),
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": max(1, batch // at_once),
        "learning_rate": _rate(told, RATE_OF_PAIRS if is_dpo else RATE),
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,
        "max_length": None if kit.is_vision else _length(kit.longest),
        "logging_steps": 1,
        "save_strategy": "epoch",
        "save_total_limit": 2,
        "report_to": "none",
        "seed": kit.seed,
    }
    if is_dpo:
        trainer["beta"] = float(told.get("beta") or 0.1)
    if kit.has_validation:
        trainer |= {
            "eval_strategy": "epoch",
            "per_device_eval_batch_size": at_once,
            "load_best_model_at_end": True,
            "metric_for_best_model": "eval_loss",
            "greater_is_better": False,
        }
    return {
        "model": kit.base,
        "method": "dpo" if is_dpo else "sft",
        "vision": kit.is_vision,
        "train_file": "train.jsonl",
        "validation_file": "validation.jsonl" if kit.has_validation else None,
        "lora": {
            "r": rank,
            "lora_alpha": int(told.get("lora_alpha") or 2 * rank),
            "lora_dropout": float(told.get("lora_dropout") or 0.05),
            "target_modules": "all-linear",
            "task_type": "CAUSAL_LM",
        },
        "trainer": trainer,
    }


def usual_epochs(lines: int) -> int:
    """Three; more where there are few lines, fewer where there are very many."""
    if 3 * lines < 100:
        return min(25, 100 // max(1, lines))
    return max(1, 25_000 // lines) if 3 * lines > 25_000 else 3


def _rate(told: Mapping[str, Any], usual: float) -> float:
    """Hosts take a learning rate, or a multiple of their own."""
    if told.get("learning_rate"):
        return float(told["learning_rate"])
    return usual * float(told.get("learning_rate_multiplier") or 1.0)


def _length(characters: int) -> int:
    tokens = characters // CHARACTERS_A_TOKEN + 1
    return max(LEAST_LENGTH, -(-tokens // STEP_OF_LENGTH) * STEP_OF_LENGTH)


def _besides(kit: Kit) -> dict[str, str]:
    return {"pillow": "12.0.0"} if kit.is_vision else {}


def _readme(kit: Kit) -> str:
    base = (
        f"The base model is `{kit.base}`."
        if kit.base
        else 'Set `"model"` in `config.json` to a model of the Hugging Face Hub first: the base of this fine-tune is '
        "not published there under the name its host uses."
    )
    what = "preference pairs (DPOTrainer)" if kit.method == "dpo" else "examples (SFTTrainer)"
    pictures = " Its lines show pictures: the base must be a model that sees.\n" if kit.is_vision else "\n"
    return f"""# {kit.name}: LoRA kit

The training set of a fine-tune as it was sent to its host, and a script that trains LoRA adapters on it with
TRL {TRAINED_WITH["trl"]} and peft {TRAINED_WITH["peft"]}: {what}.{pictures}
**This kit was not run where it was made.** Its script was compiled and its arguments were held to those that these
versions publish; the training itself, memory and time were not tried. Figures of the fine-tune say nothing of what
comes out here: measure it again.

{base}

```
python -m venv .venv && . .venv/bin/activate
pip install torch -r requirements.txt
python train.py
```

A GPU is needed for all but the smallest models. The adapters are written to `adapter/`. Serve them, for example with
`vllm serve BASE --enable-lora --lora-modules tuned=adapter`, add that server on Hosts, and run `tuned` with the prompt
version it was taught with.

The learning rate is a usual one for LoRA where the host of the fine-tune was left to choose; `max_length` fits the
longest line, since what is cut off a line is its answer.
"""
