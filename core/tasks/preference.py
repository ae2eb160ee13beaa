"""A preference: which of two candidates is better, and how much. Outcomes are labels with scores: above 0 the first
candidate is better, below 0 the second; 0 is a tie. The candidates are fields of the item (`Options.candidates`)."""

from core.model import Task
from core.tasks.closed import closed
from core.tasks.label_prompt import prompt, variables

_SYSTEM = """You compare two answers, the first and the second, and judge which is better:

{{label_names}}

Answer with the one outcome that fits best. Answer with the last line only where they cannot be compared at all."""


def first_prompt(task: Task) -> tuple[str, str]:
    """System and user message: what was asked, then the two candidates, each in a tag of its own."""
    system, user = prompt(task, _SYSTEM)
    if len(task.options.candidates) != 2:
        return system, user
    first, second = (_variable(name) for name in task.options.candidates)
    return system, f"{user}\n\n<first>\n{first}\n</first>\n\n<second>\n{second}\n</second>"


def _variable(field: str) -> str:
    return "{{" + field + "}}"


KIND = closed(
    "Which of two is better",
    "Two candidates of every item are compared: which is better, and how much, or that they tie.",
    widget="pair",
    key="better",
    variables=variables,
    first_prompt=first_prompt,
    options=("candidates",),
    metrics=("accuracy", "agreement_without_ties", "kappa", "kappa_without_ties", "quadratic_kappa", "alpha"),
    proposed=(
        ("First is much better", 2.0),
        ("First is better", 1.0),
        ("Tie", 0.0),
        ("Second is better", -1.0),
        ("Second is much better", -2.0),
    ),
)
