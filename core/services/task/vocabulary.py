"""Labels while they are edited: proposed, completed, checked, painted. The pages' words for it."""

from core.tasks import LABEL_COLORS, check_task, complete_labels, propose_labels, text_on

__all__ = [
    "LABEL_COLORS",
    "check_task",
    "complete_labels",
    "propose_labels",
    "text_on",
]
