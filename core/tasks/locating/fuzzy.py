"""Where a text has nearly a quote: the least edits, of at most one character in five.

Any place so near has most of the quote's neighbouring characters in common (the q-gram lemma, Jokinen & Ukkonen 1991),
so only stretches that do are looked at, by the bit-parallel edit distance of Myers 1999 (Journal of the ACM 46:395).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.tasks.locating.found import Place

COVERAGE = 0.8
"""The share of a quote's characters that must be where it is said to be."""
SHORTEST, LONGEST = 5, 5_000
"""Characters of a quote that is looked for by resemblance: a shorter one resembles too much, a longer one takes too
long."""
_MOST = 50_000
"""Characters looked at closely for one quote; beyond, only the stretches with the most in common."""


def resembling(quote: str, text: str) -> list[Place]:
    """The places in `text` with the fewest edits from `quote`, if those are few enough; both folded. In order, and no
    two overlap. Empty where there are none, and for a quote that is too short or too long."""
    if not SHORTEST <= len(quote) <= LONGEST:
        return []
    edits = int((1 - COVERAGE) * len(quote) + 1e-9)
    found: list[tuple[int, Place]] = []
    for low, high in _stretches(quote, text, edits):
        for end, distance in _ends(quote, text[low:high], edits):
            found.append((distance, (low, low + end)))
    if not found:
        return []
    least = min(distance for distance, _ in found)
    places: list[Place] = []
    for distance, (low, end) in found:
        # It is as long as the quote but for its edits, so this tells whether it overlaps before its start is known.
        if distance != least or (places and end - len(quote) + least < places[-1][1]):
            continue
        place = (_start(quote, text[low:end], least) + low, end)
        if not places or place[0] >= places[-1][1]:
            places.append(place)
    return places


def _stretches(quote: str, text: str, edits: int) -> list[Place]:
    """Where enough of the quote's neighbouring characters stand close together; overlapping stretches are one."""
    q = 3 if len(quote) >= 12 else 2
    needed = max(1, len(quote) - q + 1 - edits * q)
    window = len(quote) + edits - q + 1
    grams, wanted = _grams(text, q), np.unique(_grams(quote, q))
    if not len(grams):
        return []
    at = np.minimum(np.searchsorted(wanted, grams), len(wanted) - 1)
    upto = np.concatenate([[0], np.cumsum(wanted[at] == grams)])
    begins = np.arange(max(1, len(grams) - window + 1))
    shared = upto[np.minimum(begins + window, len(grams))] - upto[begins]
    while True:
        starts = begins[shared >= needed]
        if not len(starts):
            return []
        # A window that begins behind the end of the one before it begins a new stretch.
        is_new = np.append(True, np.diff(starts) > window + q)
        lows, highs = starts[is_new], starts[np.append(np.flatnonzero(is_new)[1:] - 1, len(starts) - 1)] + window + q
        upto = np.cumsum(highs - lows)
        if int(upto[-1]) <= _MOST or needed >= int(shared.max()):
            kept = max(1, int(np.searchsorted(upto, _MOST, side="right")))
            lows, highs = lows[:kept], np.minimum(highs[:kept], lows[:kept] + _MOST)
            return list(zip(lows.tolist(), np.minimum(highs, len(text)).tolist(), strict=True))
        needed += 1


def _grams(text: str, q: int) -> NDArray[np.int64]:
    """Each run of q characters as one number."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    if len(codes) < q:
        return codes[:0]
    grams = codes[: len(codes) - q + 1].copy()
    for place in range(1, q):
        grams = (grams << 21) | codes[place : len(codes) - q + 1 + place]
    return grams


def _ends(quote: str, text: str, edits: int) -> Iterator[tuple[int, int]]:
    """`(end, distance)` for each end at which a part of the text is at most so many edits from the quote."""
    for end, distance in enumerate(_distances(quote, text, anchored=False), start=1):
        if distance <= edits:
            yield end, distance


def _start(quote: str, text: str, distance: int) -> int:
    """Where the part that ends with the text and is `distance` edits from the quote begins; the one of its length, or
    the nearest to that."""
    backwards = text[: -len(quote) - distance - 1 : -1]
    sizes = [
        size for size, own in enumerate(_distances(quote[::-1], backwards, anchored=True), start=1) if own == distance
    ]
    return len(text) - min(sizes, key=lambda size: abs(size - len(quote)))


def _distances(quote: str, text: str, *, anchored: bool) -> Iterator[int]:
    """Edits between the quote and what ends at each character of the text: the best part, or all from its beginning."""
    every, last = (1 << len(quote)) - 1, 1 << (len(quote) - 1)
    where: dict[str, int] = {}
    for place, sign in enumerate(quote):
        where[sign] = where.get(sign, 0) | 1 << place
    plus, minus, distance = every, 0, len(quote)
    for sign in text:
        equal = where.get(sign, 0)
        vertical = equal | minus
        horizontal = (((equal & plus) + plus) ^ plus) | equal
        up, down = minus | ~(horizontal | plus) & every, plus & horizontal
        distance += (up & last > 0) - (down & last > 0)
        up = up << 1 & every | anchored
        down = down << 1 & every
        plus, minus = down | ~(vertical | up) & every, up & vertical
        yield distance
