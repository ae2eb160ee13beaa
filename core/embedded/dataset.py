"""Examples to learn from or to measure on, and what can be wrong with a file of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Messages = Sequence[dict[str, str]]


class InvalidFile(Exception):
    """The message is for the user; `param` names which of the job's files it is about."""

    def __init__(self, message: str, param: str = "training_file") -> None:
        super().__init__(message)
        self.message = message
        self.param = param


@dataclass(frozen=True)
class Dataset:
    """`labels` is what each example says: a name; for a set its names; for spans marks that carry a label each.

    `listed` are the names that the instructions list, in their order.
    """

    texts: tuple[str, ...]
    labels: tuple[Any, ...]
    kind: str = "single_label"
    listed: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({name for said in self.labels for name in names_of(said)}))


def names_of(said: Any) -> list[str]:
    if isinstance(said, str):
        return [said]
    return [name for part in said for name in ([part.label] if hasattr(part, "label") else names_of(part))]
