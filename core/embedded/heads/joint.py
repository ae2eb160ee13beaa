"""Heads of several questions under one name: a model that answers all of them at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class JointHead:
    """The head of each question, by the question's property in an answer."""

    kind = "joint"
    parts: Mapping[str, Any]
