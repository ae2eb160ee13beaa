"""Agreement of two annotators who mark spans.

Build a `SpanTable`, then `SpanSums` of it for the figures; `error_cells` and `items_in` of its
`outcomes` say what differs, and where.
"""

from core.metrics.spans.counts import SCHEMES, SpanCounts
from core.metrics.spans.errors import Cell, SpanError, SpanErrors, error_cells, items_in, span_errors
from core.metrics.spans.figures import SPAN_METRICS, SpanSums
from core.metrics.spans.marks import Marks, SpanTable
from core.metrics.spans.outcomes import Outcomes
from core.metrics.spans.words import Words

__all__ = [
    "SCHEMES",
    "SPAN_METRICS",
    "Cell",
    "Marks",
    "Outcomes",
    "SpanCounts",
    "SpanError",
    "SpanErrors",
    "SpanSums",
    "SpanTable",
    "Words",
    "error_cells",
    "items_in",
    "span_errors",
]
