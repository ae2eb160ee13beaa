"""All span figures with their intervals against the matching that they are made of, in bare NumPy."""

import time
from collections.abc import Callable

import numpy as np

from core.metrics import estimate_all
from core.metrics.spans import Marks, SpanSums, SpanTable, Words


def marking(n: int = 100_000, spans: int = 5) -> list[str]:
    """CPU of both sides, in turns and the least of each, since the machine may do other things. What words the texts
    have is no part of either."""
    table = span_table(n, spans)
    turns = [(timed(lambda: bare_matching(table)), timed(lambda: estimate_all(SpanSums(table)))) for _ in range(9)]
    limit, ours = (min(side) for side in zip(*turns, strict=True))
    figures = len(estimate_all(SpanSums(table)))
    return [
        f"spans of two annotators on {n:,} items, {spans} each: {figures} figures with intervals",
        f"  bare NumPy: partners of each span by extent, label and overlap, counted   {limit:.3f} s of CPU",
        f"  LabelLoop                                                                 {ours:.3f} s of CPU"
        f"   {ours / limit:.1f} times it   (aim 3)",
    ]


def timed(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def bare_matching(table: SpanTable) -> list[int]:
    """How many of the candidate's spans have an equal, one of the same extent, one that overlaps, and one of their own
    label that does, where spans of one annotator do not overlap; nothing matched one to one, and no intervals."""
    reference, candidate = table.reference, table.candidate
    width = int(table.lengths.max()) + 1
    starts, ends = (reference.item * width + edge for edge in (reference.start, reference.end))
    begins, stops = (candidate.item * width + edge for edge in (candidate.start, candidate.end))
    first = np.searchsorted(ends, begins, side="right")
    last = np.searchsorted(starts, stops, side="left")
    same_label, overlaps, equal, extent = (np.zeros(len(candidate), dtype=np.bool_) for _ in range(4))
    for step in range(int((last - first).max())):
        at = np.minimum(first + step, len(reference) - 1)
        meets = first + step < last
        same = meets & (starts[at] == begins) & (ends[at] == stops)
        own = reference.label[at] == candidate.label
        overlaps |= meets
        same_label |= meets & own
        extent |= same
        equal |= same & own
    return [
        int(np.bincount(candidate.item[found], minlength=table.n).sum())
        for found in (equal, extent, overlaps, same_label)
    ]


def span_table(n: int, spans: int, words: int = 30, labels: int = 6) -> SpanTable:
    """Spans of one to three words, of which the candidate misses 15 in 100, mislabels 10, lengthens 10, shortens 7."""
    generator = np.random.default_rng(0)
    first = (np.arange(spans) * (words // spans) + generator.integers(0, 2, (n, spans))).ravel()
    number, label = generator.integers(1, 4, n * spans), generator.integers(0, labels, n * spans)
    item, start, end = np.repeat(np.arange(n), spans), first * 5, (first + number) * 5 - 1
    luck = generator.random(n * spans)
    found = luck < 0.85
    later = start + 5 * ((luck > 0.2) & (luck < 0.3) & (number > 1))
    longer = end + 5 * ((luck > 0.1) & (luck < 0.2))
    other = (label + (luck < 0.1)) % labels
    return SpanTable(
        tuple("abcdef"),
        Marks(n, item, start, end, label),
        Marks(n, item[found], later[found], longer[found], other[found]),
        np.full(n, 5 * words),
        Words.of(["word " * words] * n),
    )
