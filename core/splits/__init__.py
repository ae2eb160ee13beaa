"""Splits: near-identical texts found, then items dealt into train, validation and test, seeded and stratified."""

from core.splits.assign import Shares, assign_splits
from core.splits.duplicates import group_near_duplicates
from core.splits.joining import Place, Present, join, stable_split
from core.splits.too_large import taken_apart, too_large

__all__ = [
    "Place",
    "Present",
    "Shares",
    "assign_splits",
    "group_near_duplicates",
    "join",
    "stable_split",
    "taken_apart",
    "too_large",
]
