"""Texts as rows of numbers: one for each word, or for each sign where a script puts no spaces between its words."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
# Thai, Lao, Burmese, Khmer; kana, ideographs of all planes. A sign keeps the marks that stand on it.
_JOINED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = (
    "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u17b4-\u17d3\u3099\u309a"
)
_TOKEN = re.compile(f"[{_JOINED}][{_MARKS}]*|[^\\s{_JOINED}]+")


@dataclass(frozen=True)
class Tokens:
    """`flat` holds the tokens of all texts, of text i from `starts[i]` on `lengths[i]`; `is_joined[i]` where its tokens
    are signs; `rarity` is the weight of each token: the fewer texts have it, the more it says."""

    flat: Numbers
    starts: Numbers
    lengths: Numbers
    is_joined: NDArray[np.bool_]
    rarity: NDArray[np.float64]

    def of(self, text: int) -> Numbers:
        return self.flat[self.starts[text] : self.starts[text] + self.lengths[text]]

    @property
    def owners(self) -> Numbers:
        """The text of each token."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


def tokens_of(plain: Sequence[str]) -> Tokens:
    """Of texts as `plain_words` gives them."""
    known: defaultdict[str, int] = defaultdict()
    known.default_factory = known.__len__
    rows = [[known[token] for token in _tokens(text)] for text in plain]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=int(lengths.sum()))
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64) if len(rows) else lengths
    is_joined = np.array([not text.isascii() and bool(_is_joined(text)) for text in plain], dtype=bool)
    owners = np.repeat(np.arange(len(rows)), lengths)
    return Tokens(flat, starts, lengths, is_joined, _rarity(flat, owners, len(rows), len(known)))


def _tokens(text: str) -> list[str]:
    return text.split() if text.isascii() else _TOKEN.findall(text)


_ANY_JOINED = re.compile(f"[{_JOINED}]")


def _is_joined(text: str) -> bool:
    """Whether most of it is in a script without spaces."""
    return 2 * len(_ANY_JOINED.findall(text)) > len(text)


def rarity(holders: Numbers, texts: int) -> NDArray[np.float64]:
    """What having something weighs that so many of the texts have: `log(1 + texts / others)`, where `others` have it
    beside the one looked at, so that what just two share is no less rare than what one has alone."""
    weights: NDArray[np.float64] = np.log1p(texts / np.maximum(1, holders - 1))
    return weights


def _rarity(flat: Numbers, owners: Numbers, texts: int, tokens: int) -> NDArray[np.float64]:
    held = np.sort(owners * np.int64(tokens) + flat)
    once = held[np.flatnonzero(np.diff(held, prepend=-1))] % max(1, tokens)
    return rarity(np.bincount(once, minlength=tokens), texts)
