"""Train LoRA adapters on train.jsonl as config.json says: python train.py [config.json]"""

import base64
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "config.json")
    config = json.loads(path.read_text(encoding="utf-8"))
    if not config["model"]:
        sys.exit(f'Set "model" in {path} to a model of the Hugging Face Hub, then start again.')
    from peft import LoraConfig

    data = {
        split: as_dataset(list(examples(path.parent / name, config["method"])))
        for split, name in (("train", config["train_file"]), ("validation", config["validation_file"]))
        if name
    }
    trainer = trainer_of(config)(
        model=config["model"],
        train_dataset=data["train"],
        eval_dataset=data.get("validation"),
        peft_config=LoraConfig(**config["lora"]),
    )
    trainer.train()
    trainer.save_model(config["trainer"]["output_dir"])


def trainer_of(config: dict[str, Any]) -> Any:
    """Makes the trainer of the method, its arguments filled in."""
    from functools import partial

    from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

    if config["method"] == "dpo":
        return partial(DPOTrainer, args=DPOConfig(**config["trainer"]))
    return partial(SFTTrainer, args=SFTConfig(**config["trainer"]))


def as_dataset(rows: list[dict[str, Any]]) -> Any:
    from datasets import Dataset

    return Dataset.from_list(rows)


def examples(path: Path, method: str) -> Iterator[dict[str, Any]]:
    """The lines as the trainers take them; the loss is on the answer alone."""
    with path.open(encoding="utf-8-sig") as file:
        for line in filter(str.strip, file):
            yield as_pair(json.loads(line)) if method == "dpo" else as_example(json.loads(line))


def as_example(line: dict[str, Any]) -> dict[str, Any]:
    *asked, answer = line["messages"]
    return with_pictures({"prompt": asked, "completion": [answer]})


def as_pair(line: dict[str, Any]) -> dict[str, Any]:
    asked = line["input"]["messages"]
    return with_pictures(
        {"prompt": asked, "chosen": line["preferred_output"], "rejected": line["non_preferred_output"]}
    )


def with_pictures(row: dict[str, Any]) -> dict[str, Any]:
    """Messages with nothing but role and content; where one shows pictures, all are in parts and `images` has them."""
    shows = any(isinstance(one["content"], list) for messages in row.values() for one in messages)
    images: list[Any] = []
    told: dict[str, Any] = {
        name: [{"role": one["role"], "content": content(one["content"], images, shows)} for one in messages]
        for name, messages in row.items()
    }
    return told | {"images": images} if shows else told


def content(said: Any, images: list[Any], shows: bool) -> Any:
    if not shows:
        return said
    parts = [{"type": "text", "text": said}] if isinstance(said, str) else said
    return [part_of(part, images) for part in parts]


def part_of(part: dict[str, Any], images: list[Any]) -> dict[str, Any]:
    if part["type"] != "image_url":
        return {"type": "text", "text": part["text"]}
    images.append(picture(part["image_url"]["url"]))
    return {"type": "image", "text": None}


def picture(url: str) -> Any:
    """A picture that stands in the line itself."""
    if not url.startswith("data:"):
        sys.exit(f"A line shows a picture by its address ({url[:60]}): put the picture itself into the line.")
    from PIL import Image

    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")


if __name__ == "__main__":
    main()
