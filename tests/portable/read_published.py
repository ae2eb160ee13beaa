"""Which arguments the trainers of the kit publish, read off their wheels without installing them or torch.

python -m tests.portable.read_published > tests/portable/published_arguments.json

Downloads the pinned wheels (no dependencies) and reads the fields of the configurations and the arguments of the
trainers from their syntax trees. Run it again whenever a version in `core.portable.kit` changes.
"""

import ast
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from core.portable.kit import TRAINED_WITH

TRAINING_ARGUMENTS = ("transformers", "transformers/training_args.py", "TrainingArguments")
BASE = ("trl", "trl/trainer/base_config.py", "_BaseConfig")
READ = {
    "SFTConfig": (TRAINING_ARGUMENTS, BASE, ("trl", "trl/trainer/sft_config.py", "SFTConfig")),
    "DPOConfig": (TRAINING_ARGUMENTS, BASE, ("trl", "trl/trainer/dpo_config.py", "DPOConfig")),
    "LoraConfig": (
        ("peft", "peft/config.py", "PeftConfigMixin"),
        ("peft", "peft/config.py", "PeftConfig"),
        ("peft", "peft/tuners/lora/config.py", "LoraConfig"),
    ),
    "SFTTrainer": (("trl", "trl/trainer/sft_trainer.py", "SFTTrainer"),),
    "DPOTrainer": (("trl", "trl/trainer/dpo_trainer.py", "DPOTrainer"),),
}


def wheels(folder: Path) -> dict[str, zipfile.ZipFile]:
    found = {}
    for name in {one[0] for classes in READ.values() for one in classes}:
        pinned = f"{name}=={TRAINED_WITH[name]}"
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, pinned], check=True)
        found[name] = zipfile.ZipFile(next(folder.glob(f"{name}-*.whl")))
    return found


def arguments(source: str, name: str) -> list[str]:
    """The fields of a configuration, or what the `__init__` of a trainer takes."""
    made = next(one for one in ast.parse(source).body if isinstance(one, ast.ClassDef) and one.name == name)
    for one in made.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            return [each.arg for each in (*one.args.args, *one.args.kwonlyargs) if each.arg != "self"]
    return [one.target.id for one in made.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = wheels(Path(folder))
        told = {
            known: sorted(
                {arg for wheel, path, name in classes for arg in arguments(read[wheel].read(path).decode(), name)}
            )
            for known, classes in READ.items()
        }
    versions = {name: TRAINED_WITH[name] for name in sorted(read)}
    print(json.dumps({"versions": versions, **told}, indent=1))


if __name__ == "__main__":
    main()
