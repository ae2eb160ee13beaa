"""Labels while they are edited: proposed, completed, checked, painted. The pages' words for it."""

from core.tasks import LABEL_COLORS, TASKS, complete_labels, text_on

__all__ = [
    "LABEL_COLORS",
    "TASKS",
    "complete_labels",
    "text_on",
]
