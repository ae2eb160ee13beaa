"""What of the task is unsaved and what saving would do, in words; and the colours to choose from."""

from core.model import Task
from core.services.task.tasks import TaskChange
from core.services.task.vocabulary import LABEL_COLORS
from pages._ui.words.text import count


def colors_offered(task: Task) -> list[str]:
    """The palette, and what else the task uses."""
    own = [label.color.upper() for label in task.labels if label.color]
    return list(dict.fromkeys([*LABEL_COLORS, *own]))


def spoken_unsaved(task: Task, saved: Task) -> str:
    """What of the task differs from the saved one: `3 labels, the guidelines`."""
    before, now = {label.id: label for label in saved.labels}, {label.id for label in task.labels}
    touched = sum(before.get(label.id) != label for label in task.labels) + len(before.keys() - now)
    parts = {
        count(touched, "label"): touched > 0,
        "the order": not touched and task.labels != saved.labels,
        "the fallback": task.fallback != saved.fallback,
        "the guidelines": task.guidelines != saved.guidelines,
        "what is allowed": task.options != saved.options,
    }
    return ", ".join(part for part, differs in parts.items() if differs)


def spoken_change(change: TaskChange) -> list[str]:
    """What saving would do, one sentence each."""
    return [
        *(f"{old} becomes {new}: {count(n, 'annotation')} will read {new}." for old, new, n in change.renamed),
        *(
            f"{name} is removed: {count(n, 'annotation')} {'keeps' if n == 1 else 'keep'} it. Merge it instead to give "
            "them another label."
            if n
            else f"{name} is removed; no annotation uses it."
            for name, n in change.removed
        ),
        *([f"New: {', '.join(change.added[:8])}{' …' if len(change.added) > 8 else ''}."] if change.added else []),
        *([_outside(change.outside)] if change.outside else []),
    ]


def _outside(n: int) -> str:
    return (
        f"{count(n, 'annotation')} {'was' if n == 1 else 'were'} made while something else was asked: "
        f"{'it stays as it is' if n == 1 else 'they stay as they are'}."
    )
