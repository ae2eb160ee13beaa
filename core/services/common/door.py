"""The door of the services: what a page, a notebook or a link gives to a verb is let in before the verb sees it."""

from collections.abc import Callable
from functools import wraps
from inspect import isfunction
from typing import Any, TypeVar, cast

from core.text import admit

Verb = TypeVar("Verb", bound=Callable[..., Any])
Service = TypeVar("Service", bound=type)


def door(service: Service) -> Service:
    """For a class of verbs: each public one takes its arguments through `core.text.admit`.

    A verb added later is behind the door by itself. A test walks the workbench for services without one.
    """
    for name, verb in list(vars(service).items()):
        if isfunction(verb) and not name.startswith("_"):
            setattr(service, name, let_in(verb))
    return service


def let_in(verb: Verb) -> Verb:
    """The same for a verb that is a function of its own."""

    @wraps(verb)
    def behind_the_door(*given: Any, **named: Any) -> Any:
        return verb(*(admit(one) for one in given), **{name: admit(one) for name, one in named.items()})

    return cast(Verb, behind_the_door)
