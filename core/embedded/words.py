"""Words of a text with the encoder's vector of each. A word is a run of letters, digits and their marks; every other
visible sign, and every Chinese or Japanese character, is a word of its own."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.embedded.encoder import DIMENSIONS, Array, Pieces

_MARKS = "".join(c for c in map(chr, range(0x300, 0xFFFF)) if unicodedata.category(c).startswith("M"))
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_ALONE}][{_MARKS}]*|(?:(?![{_ALONE}])\w)(?:(?![{_ALONE}])[\w{_MARKS}])*|\S[{_MARKS}]*")


@dataclass(frozen=True)
class WordVectors:
    """`places` (words, 2) are half-open ranges of code points, in order; `vectors` (words, 384)."""

    places: NDArray[np.intp]
    vectors: Array


class ReadsPieces(Protocol):
    def pieces(self, texts: list[str]) -> list[Pieces]: ...


class WordReader:
    """A word's vector is the mean of its pieces' vectors; of a word without any, zero."""

    def __init__(self, encoder: ReadsPieces) -> None:
        self._encoder = encoder

    def read(self, texts: list[str]) -> list[WordVectors]:
        pieces = self._encoder.pieces(texts)
        return [_words(word_places(text), own) for text, own in zip(texts, pieces, strict=True)]


def word_places(text: str) -> NDArray[np.intp]:
    return np.array([word.span() for word in WORD.finditer(text)], dtype=np.intp).reshape(-1, 2)


def _words(places: NDArray[np.intp], pieces: Pieces) -> WordVectors:
    vectors = np.zeros((len(places), DIMENSIONS), dtype=np.float32)
    if len(places) and len(pieces.places):
        owners = np.searchsorted(places[:, 0], pieces.places[:, 0], side="right") - 1
        np.add.at(vectors, np.maximum(owners, 0), pieces.vectors)
        vectors /= np.maximum(np.bincount(np.maximum(owners, 0), minlength=len(places)), 1)[:, None].astype(np.float32)
    return WordVectors(places, vectors)
