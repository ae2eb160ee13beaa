"""Splits: near-identical texts found, then items dealt into train, validation and test, seeded and stratified."""

from core.splits.assign import Shares, assign_splits
from core.splits.duplicates import group_near_duplicates
from core.splits.too_large import taken_apart, too_large

__all__ = ["Shares", "assign_splits", "group_near_duplicates", "taken_apart", "too_large"]
