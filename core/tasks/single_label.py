"""One label for each item."""

from core.model import Task
from core.tasks.closed import closed
from core.tasks.label_prompt import prompt, variables

START_SYSTEM = """You sort items into exactly one of these labels:

{{label_names}}

Answer with the one label that fits best. If none fits, answer with the last one."""
DESCRIBED_SYSTEM = START_SYSTEM.replace("{{label_names}}", "{{labels}}")


def first_prompt(task: Task) -> tuple[str, str]:
    """System and user message: with the labels' descriptions where there are any."""
    return prompt(task, START_SYSTEM)


KIND = closed(
    "One label for each item",
    "Every item gets exactly one label from the list, or the fallback where none fits.",
    widget="choice",
    key="label",
    variables=variables,
    first_prompt=first_prompt,
    metrics=("accuracy", "jaccard", "tutorial_iou", "kappa", "alpha", "macro_f1", "pi"),
)
