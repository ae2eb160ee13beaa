"""Near-identical texts: MinHash over word pairs, banded, then checked exactly.

Broder 1997, "On the resemblance and containment of documents". Two texts count as near-identical when the Jaccard
similarity of their sets of normalised word pairs is at least `THRESHOLD`; texts of the same words always do.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.6
_BANDS, _ROWS = 12, 3
_CHUNK = 20_000
_WORD = re.compile(r"\w+")
_MULTIPLIERS = (
    np.random.default_rng(20).integers(1, 2**63, _BANDS * _ROWS, dtype=np.uint64) << np.uint64(1)
) | np.uint64(1)

Shingles = NDArray[np.uint64]


def group_near_duplicates(
    texts: Sequence[str], progress: Callable[[float], None] = lambda share: None
) -> list[int | None]:
    """For each text the index of the first text of its group, or None where nothing is near it.

    Empty texts are near nothing. Groups are transitive: a near b, b near c puts all three together. Linear in the
    number of texts: within a bucket of candidates each text is checked against the bucket's first and its predecessor.
    """
    shingles = [_shingles(text) for text in texts]
    parents = list(range(len(texts)))
    for band, keys in enumerate(_band_keys(shingles)):
        for members in _buckets(keys):
            _join_similar(members, shingles, parents)
        progress((band + 1) / _BANDS)
    roots = [_root(parents, index) for index in range(len(texts))]
    sizes = np.bincount(np.array(roots, dtype=np.int64), minlength=len(texts))
    return [root if sizes[root] > 1 else None for root in roots]


def _shingles(text: str) -> Shingles:
    words = [zlib.crc32(word.encode("utf-8", "replace")) for word in _WORD.findall(text.lower())]
    if not words:
        words = [zlib.crc32(text.strip().encode("utf-8", "replace"))] if text.strip() else []
    ids = np.array(words, dtype=np.uint64)
    if len(ids) < 2:
        return ids
    return np.unique((ids[:-1] << np.uint64(32)) | ids[1:])


def _band_keys(shingles: Sequence[Shingles]) -> Iterable[NDArray[np.uint64]]:
    """Per band one key a text; equal keys are candidates. 0 marks texts without words."""
    keys = np.zeros((_BANDS, len(shingles)), dtype=np.uint64)
    for start in range(0, len(shingles), _CHUNK):
        chunk = shingles[start : start + _CHUNK]
        filled = [index for index, ids in enumerate(chunk) if len(ids)]
        if not filled:
            continue
        flat = np.concatenate([chunk[index] for index in filled])
        starts = np.concatenate(([0], np.cumsum([len(chunk[index]) for index in filled])[:-1]))
        for band in range(_BANDS):
            key = np.zeros(len(filled), dtype=np.uint64)
            for row in range(band * _ROWS, (band + 1) * _ROWS):
                mixed = (flat ^ (flat >> np.uint64(31))) * _MULTIPLIERS[row]
                lowest = np.minimum.reduceat(mixed ^ (mixed >> np.uint64(29)), starts)
                key = key * np.uint64(0x9E3779B97F4A7C15) + lowest
            keys[band, start + np.array(filled)] = key | np.uint64(1)
    return keys


def _buckets(keys: NDArray[np.uint64]) -> Iterable[list[int]]:
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    edges = np.flatnonzero(np.diff(ordered)) + 1
    for members in np.split(order, edges):
        if len(members) > 1 and keys[members[0]]:
            yield members.tolist()


def _join_similar(members: list[int], shingles: Sequence[Shingles], parents: list[int]) -> None:
    for position in range(1, len(members)):
        for other in {members[0], members[position - 1]}:
            this = members[position]
            if _root(parents, this) != _root(parents, other) and _jaccard(shingles[this], shingles[other]) >= THRESHOLD:
                first, second = sorted((_root(parents, this), _root(parents, other)))
                parents[second] = first


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _jaccard(a: Shingles, b: Shingles) -> float:
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared)
