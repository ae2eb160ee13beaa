"""What each annotator says of each word, for agreement word by word.

A word belongs to every span that covers one of its characters, as taggers see it. Outside all spans is a category of
its own, and so is each set of labels that one word has at once.
"""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.chance import kappa_kernel
from core.metrics.contingency import Margins
from core.metrics.rows import Rows
from core.metrics.spans.marks import Marks, SpanTable
from core.metrics.spans.overlaps import ranges


@dataclass(frozen=True, eq=False)
class WordSums:
    """Sums over words in each row, (rows, categories): both said it, the reference did, the candidate did."""

    hits: FloatArray
    reference: FloatArray
    candidate: FloatArray

    @classmethod
    def of(cls, table: SpanTable, rows: Rows) -> "WordSums":
        sets: dict[tuple[int, ...], int] = {}
        sides = [_said(marks, table, sets) for marks in (table.reference, table.candidate)]
        columns = 1 + len(table.labels) + len(sets)
        said = np.zeros(len(table.words.start), dtype=np.int32)
        said[sides[1].word] = sides[1].category
        reference, candidate = (rows.add_up_by(side.item, side.category, columns) for side in sides)
        other = said[sides[0].word]
        same = other == sides[0].category
        hits = rows.add_up_by(sides[0].item[same], sides[0].category[same], columns)
        words = rows.add_up(np.arange(table.n), table.words.number)
        # Outside all spans is whatever neither, or not this annotator, has in one.
        hits[:, 0] = words - reference.sum(axis=1) - candidate.sum(axis=1) + rows.add_up(sides[0].item[other > 0])
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
    """The words that one annotator's spans cover, each once: which, of which item, and its category."""

    word: IntArray
    item: IntArray
    category: IntArray


def _said(marks: Marks, table: SpanTable, sets: dict[tuple[int, ...], int]) -> _Said:
    """Category 1 + label for a word of one label, and behind the labels a number for each set of several.

    `sets` numbers those sets, and is added to.
    """
    first, last = _covered(marks, table)
    shared = np.zeros(len(marks), dtype=np.bool_)
    tangled = first[1:] < np.maximum.accumulate(last)[:-1]
    # Between the first and the last of those that overlap lie only such: each begins before an earlier one ends.
    shared[1:] |= tangled
    shared[:-1] |= tangled
    alone = np.flatnonzero(~shared)
    word, span = ranges(first[alone], last[alone])
    item, category = marks.item[alone[span]], marks.label[alone[span]] + 1
    if not shared.any():
        return _Said(word, item, category)
    several, span = ranges(first[shared], last[shared])
    said: dict[int, set[int]] = {}
    item_of: dict[int, int] = {}
    for place, at in zip(several.tolist(), np.flatnonzero(shared)[span].tolist(), strict=True):
        said.setdefault(place, set()).add(int(marks.label[at]))
        item_of[place] = int(marks.item[at])
    behind = [
        min(held) + 1 if len(held) == 1 else sets.setdefault(tuple(sorted(held)), 1 + len(table.labels) + len(sets))
        for held in said.values()
    ]
    return _Said(np.append(word, list(said)), np.append(item, list(item_of.values())), np.append(category, behind))


def _covered(marks: Marks, table: SpanTable) -> tuple[IntArray, IntArray]:
    """The words of each span, from and to before, by their place among all words."""
    origin = table.origin[marks.item]
    first = np.searchsorted(table.words.end, origin + marks.start, side="right")
    last = np.searchsorted(table.words.start, origin + marks.end, side="left")
    return first, np.maximum(first, last)
