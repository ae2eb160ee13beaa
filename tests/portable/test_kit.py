"""The LoRA kit: its script, its arguments and what it makes of the lines. Its trainer is not installed here: what that
publishes was read off its wheels (`read_published`), and stand-ins take nothing else."""

import base64
import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import core.portable.kit
from core.portable.kit import TRAINED_WITH, Kit, config_of, kit_files, usual_epochs
from tests.fakes.media import picture

PUBLISHED = json.loads((Path(__file__).parent / "published_arguments.json").read_text())
KIT = Kit("tuned 1", "Qwen/Qwen3-4B", "supervised", False, True, {}, 7, 800, 900)
KITS = {
    "examples": KIT,
    "examples alone": replace(KIT, has_validation=False),
    "pairs": replace(KIT, method="dpo", parameters={"beta": 0.3, "n_epochs": 2}),
    "pictures": replace(KIT, is_vision=True),
    "parameters of a host": replace(
        KIT, parameters={"n_epochs": 4, "batch_size": 16, "learning_rate": 1e-4, "lora_r": 8, "lora_alpha": 32}
    ),
}


def test_what_was_read_is_of_the_versions_that_are_pinned():
    assert {name: TRAINED_WITH[name] for name in PUBLISHED["versions"]} == PUBLISHED["versions"]
    pinned = kit_files(KIT)["requirements.txt"].splitlines()
    assert "trl==1.16.0" in pinned and all("==" in line for line in pinned)


@pytest.mark.parametrize("name", KITS)
def test_every_argument_is_one_that_the_trainer_publishes(name):
    config = config_of(KITS[name])
    takes = PUBLISHED["DPOConfig" if config["method"] == "dpo" else "SFTConfig"]
    assert set(config["trainer"]) <= set(takes)
    assert set(config["lora"]) <= set(PUBLISHED["LoraConfig"])


def test_parameters_of_the_fine_tune_are_carried_over():
    config = config_of(KITS["parameters of a host"])
    trainer, lora = config["trainer"], config["lora"]
    assert (trainer["num_train_epochs"], trainer["learning_rate"], trainer["seed"]) == (4, 1e-4, 7)
    assert trainer["per_device_train_batch_size"] * trainer["gradient_accumulation_steps"] == 16
    assert (lora["r"], lora["lora_alpha"]) == (8, 32)
    assert config_of(replace(KIT, parameters={"learning_rate_multiplier": 0.5}))["trainer"]["learning_rate"] == 1e-4
    assert config_of(KITS["pairs"])["trainer"]["beta"] == 0.3


def test_no_line_is_cut_off_since_that_would_cut_its_answer():
    assert config_of(KIT)["trainer"]["max_length"] == 1024
    assert config_of(replace(KIT, longest=30_000))["trainer"]["max_length"] >= 10_000
    assert config_of(KITS["pictures"])["trainer"]["max_length"] is None


@pytest.mark.parametrize(("lines", "epochs"), [(10, 10), (3, 25), (800, 3), (50_000, 1)])
def test_epochs_follow_the_rule_of_thumb_where_the_host_chose(lines, epochs):
    assert usual_epochs(lines) == epochs


def test_it_says_that_it_was_not_run_and_what_to_fill_in():
    told = kit_files(replace(KIT, base=""))["README.md"]
    assert "not run where it was made" in told and 'Set `"model"`' in told


STAND_IN = """
import json
TAKES = json.loads(PUBLISHED)
def made(name):
    class Made:
        def __init__(self, *args, **named):
            assert not args and set(named) <= set(TAKES[name]), (name, set(named) - set(TAKES[name]))
            self.named = named
        def train(self):
            for which in ("train_dataset", "eval_dataset"):
                data = self.named[which]
                print(which, None if data is None else (len(data), sorted(data.column_names), data[0]))
        def save_model(self, place):
            print("saved to", place)
    Made.__name__ = name
    return Made
"""


def run(folder: Path, kit: Kit, lines: list[dict]) -> str:
    """The script as whoever has the kit runs it, the trainer and peft stood in for."""
    for name, text in kit_files(kit).items():
        (folder / name).write_text(text)
    for name in ("train.jsonl", "validation.jsonl"):
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    begins = STAND_IN.replace("PUBLISHED", repr(json.dumps(PUBLISHED)))
    named = ("SFTConfig", "SFTTrainer", "DPOConfig", "DPOTrainer")
    (folder / "trl.py").write_text(begins + "".join(f"{one} = made({one!r})\n" for one in named))
    (folder / "peft.py").write_text(begins + "LoraConfig = made('LoraConfig')\n")
    done = subprocess.run([sys.executable, "train.py"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 or kit.base == "", done.stderr
    return done.stdout + done.stderr


ASKED = [{"role": "system", "content": "Label."}, {"role": "user", "content": "a text"}]


@pytest.mark.slow
def test_the_script_hands_examples_to_the_trainer(tmp_path):
    line = {"messages": [*ASKED, {"role": "assistant", "content": "SPORTS", "weight": 1}]}
    told = run(tmp_path, KIT, [line] * 3)
    assert "train_dataset (3, ['completion', 'prompt']" in told and "eval_dataset (3," in told
    assert "'completion': [{'role': 'assistant', 'content': 'SPORTS'}]" in told and "weight" not in told
    assert "saved to adapter" in told


@pytest.mark.slow
def test_the_script_hands_pairs_to_the_trainer(tmp_path):
    better, worse = ([{"role": "assistant", "content": text}] for text in ("good", "bad"))
    line = {"input": {"messages": ASKED}, "preferred_output": better, "non_preferred_output": worse}
    told = run(tmp_path, replace(KITS["pairs"], has_validation=False), [line] * 2)
    assert "train_dataset (2, ['chosen', 'prompt', 'rejected']" in told and "eval_dataset None" in told


@pytest.mark.slow
def test_the_script_hands_pictures_to_the_trainer(tmp_path):
    url = "data:image/png;base64," + base64.b64encode(picture(color="red")).decode()
    parts = [{"type": "text", "text": "what?"}, {"type": "image_url", "image_url": {"url": url}}]
    line = {"messages": [ASKED[0], {"role": "user", "content": parts}, {"role": "assistant", "content": "RED"}]}
    told = run(tmp_path, KITS["pictures"], [line] * 2)
    assert "train_dataset (2, ['completion', 'images', 'prompt']" in told
    assert told.count("PIL") == 2 and "'type': 'image'" in told


@pytest.mark.slow
def test_without_a_base_the_script_says_what_to_set(tmp_path):
    assert 'Set "model" in config.json' in run(tmp_path, replace(KIT, base=""), [])


def test_the_script_compiles_and_begins_without_its_trainer():
    path = Path(core.portable.kit.__file__).parent / "train.py"
    compile(path.read_text(), str(path), "exec")
    spec = importlib.util.spec_from_file_location("kit_train", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.as_example({"messages": [*ASKED, {"role": "assistant", "content": "A"}]})["prompt"] == ASKED
