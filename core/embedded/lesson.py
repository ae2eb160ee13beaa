"""What a lesson is: how one kind of question is read from an example, seen, learned and measured."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.embedded.dataset import Dataset, Messages
from core.embedded.head import Epoch
from core.embedded.heads.settings import Settings
from core.embedded.senses import PatientSenses

Said = Any
Features = list[Any]
Best = Callable[[Iterator[Epoch[Any]], Features, Sequence[Said]], Iterator[Epoch[Any]]]


@dataclass(frozen=True)
class Lesson:
    """`said_of` reads what an assistant's message says, or raises ValueError with what is wrong with it; `text_of` is
    what is asked there, given the names that are answered. `features` of each text are an array; `train` yields the
    head after each epoch; `measure` gives loss and score on examples. `lacks` tells why nothing can be learned, or "".
    """

    said_of: Callable[[Messages], Said]
    text_of: Callable[[Messages, Sequence[str]], str]
    features: Callable[[list[str], PatientSenses], Features]
    train: Callable[[Features, Dataset, Settings], Iterator[Epoch[Any]]]
    measure: Callable[[Any, Features, Sequence[Said]], tuple[float, float]]
    lacks: Callable[[Dataset], str]
    sees: bool = False
    """Whether it can be learned from pictures too: from the features of an example's beside those of its text."""
    validates: bool = False
    """Whether its epochs tell what heads say of examples they have not learned from: then none need be held out."""
    balances: bool = False
    """Whether rare labels can be made to count as much as frequent ones."""
    best: Callable[[Iterator[Epoch[Any]], Features, Sequence[Said]], Iterator[Epoch[Any]]] = lambda epochs, x, said: (
        epochs
    )
    """The epochs of a training with what is best up to each on the examples held out, where that has several parts."""
