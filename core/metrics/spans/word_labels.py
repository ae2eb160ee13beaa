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
from core.metrics.spans.overlaps import Pairs, ranges, reached, unmarked


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
        sides = _covered(table, equal)
        if any(_is_tangled(*words) for _, words in sides):
            own, other = (_untangled(marks, words, table.labels, sets) for marks, words in sides)
            same = Pairs.none()
        else:
            own, other = (_Said(*words, marks.item, marks.label + 1) for marks, words in sides)
            same = equal
        columns = 1 + len(table.labels) + len(sets)

        def add_up(said: _Said) -> FloatArray:
            return rows.add_up_by(said.item, said.category, columns, said.number)

        # What both said of the same words counts once for all three; most is of that sort.
        alike = add_up(own.at(same.reference))
        own, other = own.at(unmarked(len(own), same.reference)), other.at(unmarked(len(other), same.candidate))
        hits, reference, candidate = alike.copy(), alike + add_up(own), alike + add_up(other)
        item, category, said_of, number = _both(own, other)
        hits += rows.add_up_by(item, category, columns, np.where(category == said_of, number, 0))
        words = rows.add_up(np.arange(table.n), table.words.number)
        # Outside all spans is whatever neither, or not this annotator, has in one.
        said_by_both = alike.sum(axis=1) + rows.add_up(item, number)
        hits[:, 0] = words - reference.sum(axis=1) - candidate.sum(axis=1) + said_by_both
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

    def __len__(self) -> int:
        return len(self.first)

    @property
    def number(self) -> IntArray:
        return self.last - self.first

    def at(self, places: IntArray) -> "_Said":
        return _Said(self.first[places], self.last[places], self.item[places], self.category[places])


_Words = tuple[IntArray, IntArray]
"""The words of each span, from and to before, by their place among all words."""


def _covered(table: SpanTable, equal: Pairs) -> tuple[tuple[Marks, _Words], tuple[Marks, _Words]]:
    """Both annotators' spans with their words. Of spans that are the same they are looked up once."""
    reference, candidate = table.reference, table.candidate
    own = table.words.among(reference.item, reference.start, reference.end)
    first, last = np.empty((2, len(candidate)), dtype=np.int64)
    first[equal.candidate], last[equal.candidate] = own[0][equal.reference], own[1][equal.reference]
    rest = unmarked(len(candidate), equal.candidate)
    first[rest], last[rest] = table.words.among(candidate.item[rest], candidate.start[rest], candidate.end[rest])
    return (reference, own), (candidate, (first, last))


def _is_tangled(first: IntArray, last: IntArray) -> bool:
    """Whether any word is in several spans."""
    return bool((first[1:] < last[:-1]).any())


def _untangled(marks: Marks, covered: _Words, labels: Sequence[str], sets: dict[tuple[int, ...], int]) -> _Said:
    """Category 1 + label for words of one label, and behind the labels a number for each set of several.

    `sets` numbers those sets, and is added to.
    """
    first, last = covered
    if not _is_tangled(first, last):
        return _Said(first, last, marks.item, marks.label + 1)
    tangled = first[1:] < np.maximum.accumulate(last)[:-1]
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
    mine, its = ranges(first, reached(own.first, other.last, first))
    number = np.minimum(own.last[mine], other.last[its]) - np.maximum(own.first[mine], other.first[its])
    return other.item[its], own.category[mine], other.category[its], number
