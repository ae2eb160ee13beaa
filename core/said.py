"""What an annotator says, and what of a question was chosen, back from JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.model import Options, Said, Span


def said_of(held: Any) -> Said:
    """What `json.dumps` made of a `Said`, as it was: lists are tuples again, and spans are spans."""
    return tuple(map(_part, held)) if isinstance(held, list) else str(held)


def labels_of(said: Said) -> tuple[str, ...]:
    """The names of the labels in what is said, each once."""
    return tuple(dict.fromkeys(names_of(said)))


def names_of(said: Said) -> Iterator[str]:
    """Every name of a label in it, as often as it occurs."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Span):
        yield said.label
    else:
        for part in said:
            if type(part) is Span:  # most are, and so need no further generator
                yield part.label
            else:
                yield from names_of(part)


def options_of(held: Mapping[str, Any]) -> Options:
    """Of those named, all else as usual."""
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in held.items()}
    return Options(**given)


def _part(held: Any) -> Any:
    if not isinstance(held, list):
        return held
    is_span = len(held) == 3 and type(held[0]) is int and type(held[1]) is int and isinstance(held[2], str)
    return Span(*held) if is_span else tuple(held)
