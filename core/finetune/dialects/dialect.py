"""What is known beforehand of how one kind of host fine-tunes, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.finetune.parameters import Parameter

if TYPE_CHECKING:
    from core.finetune.dialects.jobs import Jobs
    from core.finetune.dialects.wire import Wire


@dataclass(frozen=True)
class Dialect:
    """How fine-tunes are ordered at one kind of host, and how that is said there: `speak` gives the verbs.

    `parameters` are those of all methods. `address` makes the address that jobs are asked at of the host's own.
    `has_method`: the method and its parameters stand under `method`; else the parameters alone, under
    `hyperparameters`.
    """

    speak: Callable[[Wire, Dialect], Jobs]
    parameters: tuple[Parameter, ...] = ()
    address: Callable[[str], str] = str
    has_method: bool = True

    @cached_property
    def parameters_by_key(self) -> dict[str, Parameter]:
        return {one.key: one for one in self.parameters}

    def parameters_of(self, method: str) -> dict[str, Parameter]:
        """Those that can be set for a method, by key, in the order of the form."""
        return {one.key: one for one in self.parameters if one.method in ("", method)}
