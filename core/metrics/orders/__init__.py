"""Agreement on rankings: how alike two orders of the same candidates are, and how far several annotators concur.

A ranking is groups of candidates, best first; those of one group are tied. Candidates are positions among the labels.
"""

from core.metrics.orders.table import OrderError, OrderTable

__all__ = ["OrderError", "OrderTable"]
