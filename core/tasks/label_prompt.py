"""How one label is asked for: the variables of its prompts, the first prompt, and how a right answer is written."""

import json
from collections.abc import Mapping

from core.model import Task

START_SYSTEM = """You sort items into exactly one of these labels:

{{label_names}}

Answer with the one label that fits best. If none fits, answer with the last one."""
START_USER = "{{text}}"
DESCRIBED_SYSTEM = START_SYSTEM.replace("{{label_names}}", "{{labels}}")


def variables(task: Task) -> Mapping[str, str]:
    """`{{labels}}`: one line a label with name and description, the fallback last; `{{label_names}}`: the same without
    descriptions."""
    return {
        "labels": _lines(task, with_descriptions=True),
        "label_names": _lines(task, with_descriptions=False),
    }


def first_prompt(task: Task) -> tuple[str, str]:
    """System and user message: with the labels' descriptions where there are any."""
    described = any(label.description for label in task.labels)
    return (DESCRIBED_SYSTEM if described else START_SYSTEM), START_USER


def answer(label: str) -> str:
    """How a right answer is written, in examples and in training data alike, so that asking and teaching agree."""
    return json.dumps({"label": label}, ensure_ascii=False)


def _lines(task: Task, *, with_descriptions: bool) -> str:
    def line(name: str, description: str) -> str:
        told = " ".join(description.split())
        return f"- {name}: {told}" if with_descriptions and told else f"- {name}"

    lines = [line(label.name, label.description) for label in task.labels]
    fallback = task.fallback.description or "only if none of the labels above fits"
    return "\n".join([*lines, line(task.fallback.name, fallback if with_descriptions else "")])
