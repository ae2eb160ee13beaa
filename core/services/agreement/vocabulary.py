"""What the figures on screen are made of. The pages' words for it."""

from core.metrics import METRICS, Comparison, Confusion, Contingency, LabelDifference, LabelScore

__all__ = [
    "Comparison",
    "Confusion",
    "Contingency",
    "LabelDifference",
    "LabelScore",
    "METRICS",
]
