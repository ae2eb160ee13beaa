"""What is known beforehand of how one kind of host fine-tunes, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from core.finetune.parameters import Parameter

if TYPE_CHECKING:
    from core.finetune.dialects.jobs import Jobs
    from core.finetune.dialects.wire import Wire


class Deploys(StrEnum):
    """What lies between a tuned model and the first call of it."""

    NOTHING = "nothing"
    """It can be called once it is trained."""
    ASKED = "asked"
    """The host is asked to deploy it, and watched until it has."""
    BY_HAND = "by_hand"
    """The user does it, by a command that is shown, and says what it is called then."""


@dataclass(frozen=True)
class Commands:
    """What the user types to deploy a model and to take it down, with {model} and {name} in them; `about` says what
    else is to be filled in, and which name calls it then."""

    deploy: str
    take_down: str
    about: str


@dataclass(frozen=True)
class Dialect:
    """How fine-tunes are ordered at one kind of host, and how that is said there: `speak` gives the verbs.

    `parameters` are those of all methods. `address` makes the address that jobs are asked at of the host's own, which
    may be one that the user has to allow by itself. `has_method`: the method and its parameters stand under `method`;
    else the parameters alone, under `hyperparameters`. `query` goes along with every request about a job. `suffix` is
    how long one may be. `can_pause`: a job can be paused and resumed; `can_resume`: resumed at least. `commands` are of
    a host whose models are deployed by hand; `about_cost` says what a deployed model costs there.
    """

    speak: Callable[[Wire, Dialect], Jobs]
    parameters: tuple[Parameter, ...] = ()
    address: Callable[[str], str] = str
    has_method: bool = True
    query: Mapping[str, str] = field(default_factory=dict)
    suffix: int = 40
    can_pause: bool = False
    can_resume: bool = False
    deploys: Deploys = Deploys.NOTHING
    commands: Commands | None = None
    about_cost: str = ""

    @property
    def can_resume_too(self) -> bool:
        """Whether a paused job can be resumed from here, whoever paused it."""
        return self.can_pause or self.can_resume

    @cached_property
    def parameters_by_key(self) -> dict[str, Parameter]:
        return {one.key: one for one in self.parameters}

    def parameters_of(self, method: str) -> dict[str, Parameter]:
        """Those that can be set for a method, by key, in the order of the form."""
        return {one.key: one for one in self.parameters if one.method in ("", method)}
