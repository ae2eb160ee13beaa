"""Short texts that differ in one place, and texts that are the beginning of another."""

from collections.abc import Iterable, Sequence

import numpy as np

from core.splits.buckets import Keys, buckets, mixed
from core.splits.tokens import Numbers, Tokens

_SHORTEST, _LONGEST = 4, 16
_LONGEST_JOINED, _WIDEST_JOINED = 32, 4
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
_MOST_COMPARED = 8
_CUT_FROM, _CUT_FROM_JOINED = 5, 10
_MOST_ENDINGS = 3


def one_place_apart(tokens: Tokens, threshold: float) -> Iterable[tuple[int, int]]:
    """Pairs of short texts that are the same before and after one place of a word each, or of a few signs where a
    script does not part its words, and share at least this part of the weight of their words."""
    for width in range(1, _WIDEST_JOINED + 1):
        owners, keys = _without(tokens, width)
        for members in buckets(keys):
            found = [int(owners[place]) for place in members]
            for position in range(1, len(found)):
                for other in {found[0], *found[max(0, position - _MOST_COMPARED) : position]}:
                    if other != found[position] and shared_weight(tokens, other, found[position]) >= threshold - 1e-9:
                        yield other, found[position]


def _without(tokens: Tokens, width: int) -> tuple[Numbers, Keys]:
    """`(text, key)` of every short text with every run of `width` tokens taken out; and of each as it is."""
    longest = np.where(tokens.is_joined, _LONGEST_JOINED, _LONGEST if width == 1 else 0)
    texts = np.flatnonzero((tokens.lengths >= _SHORTEST) & (tokens.lengths <= longest))
    lengths = tokens.lengths[texts]
    rows = np.repeat(np.arange(len(texts)), lengths)
    starts = np.cumsum(lengths) - lengths
    inner = np.arange(len(rows)) - starts[rows]
    values = tokens.flat[tokens.starts[texts][rows] + inner].astype(np.uint64) + np.uint64(1)
    powers = _powers(_BASE, int(lengths.max(initial=0)) + 1)
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(mixed(values) * powers[inner], dtype=np.uint64)))
    begin, end = starts[rows], starts[rows] + lengths[rows]
    here = np.arange(len(rows))
    fits = here + width <= end
    here, begin, end = here[fits], begin[fits], end[fits]
    before = sums[here] - sums[begin]
    after = (sums[end] - sums[here + width]) * _INVERSE ** np.uint64(width)
    of_all = sums[starts + lengths] - sums[starts]
    return np.concatenate((texts[rows[fits]], texts)), np.concatenate((before + after, of_all))


def _powers(base: np.uint64, number: int) -> Keys:
    return np.cumprod(np.concatenate((np.ones(1, np.uint64), np.full(max(0, number - 1), base))), dtype=np.uint64)


def shared_weight(tokens: Tokens, one: int, other: int) -> float:
    """What the beginnings and ends that two texts share weigh of all they say, by the rarity of their words."""
    a, b = tokens.of(one), tokens.of(other)
    most = min(len(a), len(b))
    differ = np.flatnonzero(a[:most] != b[:most])
    begin = int(differ[0]) if len(differ) else most
    rest = most - begin
    differ = np.flatnonzero(a[len(a) - rest :][::-1] != b[len(b) - rest :][::-1])
    end = int(differ[0]) if len(differ) else rest
    shared = tokens.rarity[a[:begin]].sum() + tokens.rarity[a[len(a) - end :]].sum()
    apart = tokens.rarity[a[begin : len(a) - end]].sum() + tokens.rarity[b[begin : len(b) - end]].sum()
    return float(shared / (shared + apart))


def cut_short(tokens: Tokens, plain: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Pairs of which the first is the beginning of the second, the last word perhaps cut. Not where it is the beginning
    of many: that is a phrase, not a text cut short."""
    order = sorted(range(len(plain)), key=plain.__getitem__)
    open_ones: list[int] = []
    endings: dict[int, list[int]] = {}
    for place in order:
        while open_ones and not plain[place].startswith(plain[open_ones[-1]]):
            open_ones.pop()
        if open_ones:
            endings.setdefault(open_ones[-1], []).append(place)
        shortest = _CUT_FROM_JOINED if tokens.is_joined[place] else _CUT_FROM
        if tokens.lengths[place] >= shortest:
            open_ones.append(place)
    for beginning, found in endings.items():
        if len(found) <= _MOST_ENDINGS:
            yield from ((beginning, one) for one in found)
