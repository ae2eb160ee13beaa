"""A rating: one level of a scale for each item. Levels are labels with scores; their descriptions are the rubric."""

from core.model import Having, Task
from core.tasks.closed import closed
from core.tasks.label_prompt import prompt, variables

_SYSTEM = """You rate items on this scale, from the lowest level to the highest:

{{label_names}}

Answer with the one level that fits best. Answer with the last line only where an item cannot be rated at all."""


def first_prompt(task: Task) -> tuple[str, str]:
    """System and user message: with the rubric where there is one."""
    return prompt(task, _SYSTEM)


KIND = closed(
    "A rating",
    "Every item gets one level of a scale, such as 1 to 5; what each level means is its description.",
    widget="scale",
    key="level",
    variables=variables,
    first_prompt=first_prompt,
    metrics=(
        "quadratic_kappa",
        "linear_kappa",
        "ordinal_alpha",
        "interval_alpha",
        "spearman",
        "mean_error",
        "bias",
        "accuracy",
        "kappa",
    ),
    decides=(Having.AT_LEAST, Having.AT_MOST, Having.ONE_OF),
    proposed=tuple((str(level), float(level)) for level in range(1, 6)),
)
