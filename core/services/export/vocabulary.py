"""The formats on offer and how figures are written. The pages' words for it."""

from core.exporters import EXPORTERS, Exporter, ToolExporter
from core.exporters.figures import (
    DIGITS,
    basis,
    digits_of_difference,
    interval,
    number,
    p_value,
    percent,
    percent_interval,
    points,
    with_interval,
)
from core.plural import count

__all__ = [
    "DIGITS",
    "EXPORTERS",
    "Exporter",
    "ToolExporter",
    "basis",
    "count",
    "digits_of_difference",
    "interval",
    "number",
    "p_value",
    "percent",
    "percent_interval",
    "points",
    "with_interval",
]
