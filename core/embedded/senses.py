"""What the host perceives of a text: one vector of the whole, or one of each word."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.embedded.encoder import Array
from core.embedded.words import WordVectors


@dataclass(frozen=True)
class Senses:
    """For one who waits on an event loop. `embed` gives unit vectors of shape (n, 384)."""

    embed: Callable[[list[str]], Awaitable[Array]]
    words: Callable[[list[str]], Awaitable[list[WordVectors]]]


@dataclass(frozen=True)
class PatientSenses:
    """The same for a thread of its own, such as the trainer's."""

    embed: Callable[[list[str]], Array]
    words: Callable[[list[str]], list[WordVectors]]
