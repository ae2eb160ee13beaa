"""How a change of a prompt is told, word by word. The pages' words for it."""

from core.prompts import Change

__all__ = [
    "Change",
]
