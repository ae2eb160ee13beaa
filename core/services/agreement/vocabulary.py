"""What the figures on screen are made of. The pages' words for it."""

from core.metrics import METRICS, Comparison, Confusion, Contingency, LabelDifference, LabelScore
from core.metrics.differences import Differences, differences
from core.metrics.gate import Gate, Verdict
from core.services.agreement.priced import Priced, Way, front

__all__ = [
    "Comparison",
    "Confusion",
    "Contingency",
    "Differences",
    "Gate",
    "LabelDifference",
    "LabelScore",
    "METRICS",
    "Priced",
    "Way",
    "Verdict",
    "differences",
    "front",
]
