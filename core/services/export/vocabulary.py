"""The formats on offer, and how labels of a drawing keep apart. The pages' words for it."""

from core.exporters import EXPORTERS
from core.exporters.svg import spread

__all__ = [
    "EXPORTERS",
    "spread",
]
