"""The formats on offer, how figures are written, and how labels of a drawing keep apart. The pages' words for it."""

from core.exporters import EXPORTERS
from core.exporters.figures import (
    basis,
    interval,
    number,
    p_value,
    percent,
    percent_interval,
    points,
    side_by_side,
    with_interval,
)
from core.exporters.svg import spread

__all__ = [
    "EXPORTERS",
    "basis",
    "interval",
    "number",
    "p_value",
    "percent",
    "percent_interval",
    "points",
    "side_by_side",
    "spread",
    "with_interval",
]
