"""Near-identical texts: which of them must not be told apart by a split.

Texts are compared by their words (`core.words`), so that Unicode forms, case and punctuation make no difference. Two
are near-identical when one of these holds:

- their sets of word pairs are alike: Jaccard similarity of at least `THRESHOLD` (Broder 1997, "On the resemblance and
  containment of documents"; found by MinHash in bands, then checked). Pairs that many texts have are left aside where a
  text has enough of its own: what a template or a disclaimer says does not make two mails one.
- they are short and differ in one place, and what they share weighs at least `THRESHOLD` of all they say, rare words
  weighing most (see `alike.py`).
- one is the beginning of the other.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.splits.alike import cut_short, one_place_apart
from core.splits.buckets import Keys, buckets, mixed
from core.splits.tokens import Numbers, Tokens, rarity, tokens_of
from core.words import plain_words

THRESHOLD = 0.6
_BANDS, _ROWS = 12, 3
_COMMON_FROM, _COMMON_AT_MOST, _COMMON_SHARE = 4, 8, 5
_OWN_PAIRS, _OWN_SHARE = 4, 0.1
_MULTIPLIERS = (
    np.random.default_rng(20).integers(1, 2**63, _BANDS * _ROWS, dtype=np.uint64) << np.uint64(1)
) | np.uint64(1)


def group_near_duplicates(
    texts: Sequence[str], progress: Callable[[float], None] = lambda share: None
) -> list[int | None]:
    """For each text the index of the first text of its group, or None where nothing is near it.

    Empty texts are near nothing. Groups are transitive: a near b, b near c puts all three together. Linear in the
    number of texts but for sorting: within a bucket of candidates each text is checked against the bucket's first and
    its predecessor.
    """
    plain = [plain_words(text) for text in texts]
    first: dict[str, int] = {}
    same = [first.setdefault(text, place) for place, text in enumerate(plain)]
    distinct = [place for text, place in first.items() if text]
    parents = _Parents(range(len(distinct)))
    progress(0.2)
    tokens = tokens_of([plain[place] for place in distinct])
    progress(0.5)
    shingles = _Shingles(tokens)
    for joined, share in (
        (_alike(shingles, parents), 0.8),
        (one_place_apart(tokens, THRESHOLD), 0.9),
        (cut_short(tokens, [plain[place] for place in distinct]), 1.0),
    ):
        for one, other in joined:
            parents.join(one, other)
        progress(share)
    of_distinct = {place: distinct[parents.root(index)] for index, place in enumerate(distinct)}
    roots = [of_distinct.get(place, index) for index, place in enumerate(same)]
    sizes = np.bincount(np.array(roots, dtype=np.int64), minlength=len(texts))
    return [root if sizes[root] > 1 else None for root in roots]


class _Shingles:
    """The pairs of neighbouring tokens that say what a text is: of text i `flat[starts[i]:ends[i]]`, each once."""

    def __init__(self, tokens: Tokens) -> None:
        texts = len(tokens.lengths)
        owners, pairs = _pairs(tokens)
        is_first, holders = _holders(owners, pairs)
        most = min(_COMMON_AT_MOST, max(_COMMON_FROM, texts // _COMMON_SHARE))
        is_telling = _telling(owners, holders <= most, texts)
        kept = np.flatnonzero(is_telling & is_first)
        owners, self.flat = owners[kept], pairs[kept]
        self._rarity = rarity(holders[kept], texts)
        self.starts = np.searchsorted(owners, np.arange(texts))
        self._ends = np.searchsorted(owners, np.arange(texts), side="right")

    def similarity(self, one: int, other: int) -> float:
        """What the two share of all their pairs, by number or by weight: the lower of the two."""
        a, b = slice(self.starts[one], self._ends[one]), slice(self.starts[other], self._ends[other])
        shared, in_a, _ = np.intersect1d(self.flat[a], self.flat[b], assume_unique=True, return_indices=True)
        weight = float(self._rarity[a][in_a].sum())
        by_weight = weight / float(self._rarity[a].sum() + self._rarity[b].sum() - weight)
        every = a.stop - a.start + b.stop - b.start - len(shared)
        return min(len(shared) / float(every), by_weight)


def _pairs(tokens: Tokens) -> tuple[Numbers, Keys]:
    """`(text, pair)` of all neighbouring tokens, in order; of a text of one token the token with itself."""
    flat, owners = tokens.flat.astype(np.uint64), tokens.owners
    after = np.roll(flat, -1)
    is_last = np.roll(owners, -1) != owners
    if len(owners):
        is_last[-1] = True
    is_alone = tokens.lengths[owners] == 1
    pairs = flat << np.uint64(32) | np.where(is_alone, flat, after)
    kept = is_alone | ~is_last
    return owners[kept], mixed(pairs[kept])


def _holders(owners: Numbers, pairs: Keys) -> tuple[NDArray[np.bool_], Numbers]:
    """Whether each pair is the first of its kind in its text, and how many texts have it."""
    order = np.argsort(pairs, kind="stable")
    ordered, of = pairs[order], owners[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    is_first = is_new.copy()
    is_first[1:] |= of[1:] != of[:-1]
    kind = np.cumsum(is_new) - 1
    first, holders = np.empty_like(is_first), np.empty(len(order), dtype=np.int64)
    first[order], holders[order] = is_first, np.bincount(kind[is_first])[kind]
    return first, holders


def _telling(owners: Numbers, is_own: NDArray[np.bool_], texts: int) -> NDArray[np.bool_]:
    """Which pairs count: those that few texts have, where their text has enough of them, in all or in a row; else all.

    A word changed here and there in copies makes no row.
    """
    own, every = np.bincount(owners, is_own, texts), np.bincount(owners, minlength=texts)
    has_enough = own >= np.maximum(_OWN_PAIRS, _OWN_SHARE * every)
    ends = np.arange(_OWN_PAIRS - 1, len(is_own))
    counted = np.concatenate(([0], np.cumsum(is_own)))
    in_a_row = counted[ends + 1] - counted[ends + 1 - _OWN_PAIRS] == _OWN_PAIRS
    has_enough[owners[ends[in_a_row & (owners[ends] == owners[ends + 1 - _OWN_PAIRS])]]] = True
    telling: NDArray[np.bool_] = is_own | ~has_enough[owners]
    return telling


def _alike(shingles: _Shingles, parents: "_Parents") -> Iterable[tuple[int, int]]:
    for keys in _band_keys(shingles):
        for members in buckets(keys):
            for position in range(1, len(members)):
                for other in {members[0], members[position - 1]}:
                    # Most pairs are met in several bands: what is together already need not be compared again.
                    if parents.root(other) != parents.root(members[position]) and (
                        shingles.similarity(members[position], other) >= THRESHOLD
                    ):
                        yield other, members[position]


def _band_keys(shingles: _Shingles) -> Iterable[Keys]:
    """Per band one key a text; equal keys are candidates."""
    if not len(shingles.flat):
        return
    for band in range(_BANDS):
        key = np.zeros(len(shingles.starts), dtype=np.uint64)
        for row in range(band * _ROWS, (band + 1) * _ROWS):
            hashed = shingles.flat * _MULTIPLIERS[row]
            lowest = np.minimum.reduceat(hashed ^ (hashed >> np.uint64(29)), shingles.starts)
            key = key * np.uint64(0x9E3779B97F4A7C15) + lowest
        yield key


class _Parents(list[int]):
    """Which are together: each knows another of its group, and the first of it itself."""

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self[second] = first

    def root(self, index: int) -> int:
        while self[index] != index:
            self[index] = self[self[index]]
            index = self[index]
        return index
