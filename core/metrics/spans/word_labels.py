"""What each annotator says of each word, for agreement word by word.

A word belongs to every span that covers one of its characters, as taggers see it. Outside all spans is a category of
its own, and so is each set of labels that one word has at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.chance import kappa_kernel
from core.metrics.contingency import Margins
from core.metrics.rows import Rows
from core.metrics.spans.marks import Marks, SpanTable
from core.metrics.spans.overlaps import Pairs, ranges, unmarked

_FEW = 4
"""So many words of a span are counted one by one."""


@dataclass(frozen=True, eq=False)
class WordSums:
    """Sums over words in each row, (rows, categories): both said it, the reference did, the candidate did."""

    hits: FloatArray
    reference: FloatArray
    candidate: FloatArray

    @classmethod
    def of(cls, table: SpanTable, rows: Rows, equal: Pairs) -> "WordSums":
        """`equal` are the pairs of spans that are the same."""
        sets: dict[tuple[int, ...], int] = {}
        covered = _covered(table, table.reference)
        sides = [
            _said(table.reference, covered, table.labels, sets),
            _said(table.candidate, _covered(table, table.candidate, (covered, equal)), table.labels, sets),
        ]
        columns = 1 + len(table.labels) + len(sets)
        reference, candidate = (rows.add_up_by(side.item, side.category, columns, side.number) for side in sides)
        item, category, said_of, number = _both(*sides)
        hits = rows.add_up_by(item, category, columns, np.where(category == said_of, number, 0))
        words = rows.add_up(np.arange(table.n), table.words.number)
        # Outside all spans is whatever neither, or not this annotator, has in one.
        hits[:, 0] = words - reference.sum(axis=1) - candidate.sum(axis=1) + rows.add_up(item, number)
        reference[:, 0] = words - reference.sum(axis=1)
        candidate[:, 0] = words - candidate.sum(axis=1)
        return cls(hits, reference, candidate)

    def value(self) -> float:
        """Cohen's kappa over all words; NaN where both gave all words one category, or there are none."""
        sums = (sums.sum(axis=0) for sums in (self.hits, self.reference, self.candidate))
        return float(kappa_kernel(Margins(*sums)))

    def drawn(self, rows: Rows) -> FloatArray:
        """Kappas of other samples of items, (draws,). The unseen item has as many words as one has on average."""
        each = (self.reference + self.candidate).sum(axis=0) / (2 * len(rows.row))
        own = np.concatenate([self.hits, self.reference, self.candidate], axis=1)
        drawn = rows.draw(own, np.tile(each, 3), np.concatenate([np.zeros_like(each), each, _next_in_use(each)]))
        return kappa_kernel(Margins(*np.split(drawn, 3, axis=1)))


def _next_in_use(shares: FloatArray) -> FloatArray:
    """Each category's share given to the next that occurs: what an annotator says who never agrees."""
    moved, used = np.zeros_like(shares), np.flatnonzero(shares)
    moved[np.roll(used, -1)] = shares[used]
    return moved


@dataclass(frozen=True, eq=False)
class _Said:
    """Stretches of words to which one annotator gave one category, in order, none of which share a word: from `first`
    to before `last`, of which item, and the category."""

    first: IntArray
    last: IntArray
    item: IntArray
    category: IntArray

    @property
    def number(self) -> IntArray:
        return self.last - self.first


def _said(
    marks: Marks, covered: tuple[IntArray, IntArray], labels: Sequence[str], sets: dict[tuple[int, ...], int]
) -> _Said:
    """Category 1 + label for words of one label, and behind the labels a number for each set of several.

    `sets` numbers those sets, and is added to.
    """
    first, last = covered
    tangled = first[1:] < np.maximum.accumulate(last)[:-1]
    if not tangled.any():
        return _Said(first, last, marks.item, marks.label + 1)
    # Between the first and the last of those that overlap lie only such: each begins before an earlier one ends.
    shared = np.append(False, tangled) | np.append(tangled, False)
    alone, among = np.flatnonzero(~shared), np.flatnonzero(shared)
    several, span = ranges(first[among], last[among])
    # Each word with each of its labels once, by word and label.
    keys, which = np.unique(several * len(labels) + marks.label[among][span], return_index=True)
    word, label = np.divmod(keys, len(labels))
    heads = np.flatnonzero(np.diff(word, prepend=-1))
    words, items = word[heads], marks.item[among][span][which[heads]]
    first, last = np.append(first[alone], words), np.append(last[alone], words + 1)
    item = np.append(marks.item[alone], items)
    category = np.append(marks.label[alone] + 1, _categories(label, heads, len(labels), sets))
    order = np.lexsort((last, first))
    return _Said(first[order], last[order], item[order], category[order])


def _categories(label: IntArray, heads: IntArray, labels: int, sets: dict[tuple[int, ...], int]) -> IntArray:
    """The category of each word from the labels it has; `heads` are where a word's begin."""
    number = np.diff(np.append(heads, len(label)))
    category = label[heads] + 1
    several = np.flatnonzero(number > 1)
    if not len(several):
        return category
    members = np.zeros((len(heads), labels), dtype=np.bool_)
    members[np.repeat(np.arange(len(heads)), number), label] = True
    packed = np.packbits(members[several], axis=1)
    _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    found = np.empty(len(first), dtype=np.int64)
    for one in np.argsort(first).tolist():
        held = tuple(np.flatnonzero(members[several[first[one]]]).tolist())
        found[one] = sets.setdefault(held, 1 + labels + len(sets))
    category[several] = found[which.reshape(-1)]
    return category


def _both(own: _Said, other: _Said) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Where both said something, stretch by stretch: the item, each one's category, and how many words."""
    first = np.searchsorted(own.last, other.first, side="right")
    at = np.minimum(first, max(0, len(own.last) - 1))
    # Most stretches are the other's too; only of those that are not is it looked up how many they share words with.
    is_same = np.zeros(len(first), dtype=np.bool_)
    if len(own.last):
        is_same = (own.first[at] == other.first) & (own.last[at] == other.last)
    same, rest = np.flatnonzero(is_same), np.flatnonzero(~is_same)
    last = np.searchsorted(own.first, other.last[rest], side="left")
    mine, which = ranges(first[rest], np.maximum(first[rest], last))
    mine, its = np.append(at[same], mine), np.append(same, rest[which])
    number = np.minimum(own.last[mine], other.last[its]) - np.maximum(own.first[mine], other.first[its])
    return other.item[its], own.category[mine], other.category[its], number


def _covered(
    table: SpanTable, marks: Marks, known: tuple[tuple[IntArray, IntArray], Pairs] | None = None
) -> tuple[IntArray, IntArray]:
    """The words of each span, from and to before, by their place among all words. Of the candidate's spans that the
    reference has too they are `known`: the reference's words, and which spans those are."""
    if known is not None:
        (own_first, own_last), equal = known
        first, last = np.empty((2, len(marks)), dtype=np.int64)
        first[equal.candidate], last[equal.candidate] = own_first[equal.reference], own_last[equal.reference]
        rest = unmarked(len(marks), equal.candidate)
        first[rest], last[rest] = _words_of(table, marks.item[rest], marks.start[rest], marks.end[rest])
        return first, last
    return _words_of(table, marks.item, marks.start, marks.end)


def _words_of(table: SpanTable, item: IntArray, start: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
    origin, words = table.origin[item], len(table.words.start)
    first = np.searchsorted(table.words.end, origin + start, side="right")
    if not words:
        return first, first
    # Most spans are a word or a few, which takes less to count than to look up.
    last, stop = first.copy(), origin + end
    for step in range(_FEW):
        last += table.words.start[np.minimum(first + step, words - 1)] < stop
    long = np.flatnonzero(last - first == _FEW)
    last[long] = np.searchsorted(table.words.start, stop[long], side="left")
    return first, np.minimum(last, words)
