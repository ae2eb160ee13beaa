"""What the figures on screen are made of. The pages' words for it."""

from core.metrics import METRICS, Comparison, Confusion, Contingency, LabelScore

__all__ = [
    "Comparison",
    "Confusion",
    "Contingency",
    "LabelScore",
    "METRICS",
]
