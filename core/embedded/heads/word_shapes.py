"""What the spelling of a word tells that the encoder, which reads everything in lower case, does not see."""

import numpy as np
from numpy.typing import NDArray

from core.embedded.encoder import Array

COLUMNS = 14


def word_shapes(text: str, places: NDArray[np.intp]) -> Array:
    """Shape (words, COLUMNS), of zeros and ones."""
    rows = [_shape(text, start, end, number, len(places)) for number, (start, end) in enumerate(places.tolist())]
    return np.array(rows, dtype=np.float32).reshape(-1, COLUMNS)


def _shape(text: str, start: int, end: int, number: int, words: int) -> tuple[bool, ...]:
    word, before = text[start:end], text[start - 1 : start] if start else ""
    return (
        word[:1].isupper(),
        word.isupper() and len(word) > 1,
        word.islower(),
        word.istitle(),
        any(c.isupper() for c in word[1:]) and not word.isupper(),
        any(c.isdigit() for c in word),
        not any(c.isalnum() for c in word),
        word in ("@", "#"),
        before in ("@", "#"),
        bool(before) and not before.isspace(),
        number == 0,
        number == words - 1,
        len(word) <= 2,
        len(word) >= 8,
    )
