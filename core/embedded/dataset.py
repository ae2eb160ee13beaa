"""Examples to learn from or to measure on, and what can be wrong with a file of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.embedded.encoder import Array
from core.embedded.labels import Choice

Messages = Sequence[dict[str, str]]


class InvalidFile(Exception):
    """The message is for the user; `param` names which of the job's files it is about."""

    def __init__(self, message: str, param: str = "training_file") -> None:
        super().__init__(message)
        self.message = message
        self.param = param


@dataclass(frozen=True)
class Question:
    """One of several that are answered at once: its property in the answers, its kind, and the labels listed for it."""

    name: str
    kind: str
    listed: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """`labels` is what each example says: a name; for a set its names; for spans marks that carry a label each; for
    an order the rank of each candidate; for several questions what is said to each, by its name.

    `listed` are the labels that the instructions list, in their order.
    """

    texts: tuple[str, ...]
    labels: tuple[Any, ...]
    kind: str = "single_label"
    listed: tuple[Choice, ...] = ()
    pictures: tuple[Array, ...] = ()
    """The features of what each example shows; () where none shows a picture."""
    questions: tuple[Question, ...] = ()
    """Those that are answered at once; () where it is one."""

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({name for said in self.labels for name in names_of(said)}))


def names_of(said: Any) -> list[str]:
    """The labels that an example names, those of several questions with the question's name; an order names none."""
    if isinstance(said, Mapping):
        return [f"{question}: {name}" for question, one in said.items() for name in names_of(one)]
    if isinstance(said, str):
        return [said]
    return [part if isinstance(part, str) else part.label for part in said if not isinstance(part, int)]
