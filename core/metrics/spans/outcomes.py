"""What became of every span: which of the other annotator's it was matched with, under each way of looking.

Counted as SemEval-2013 task 9 does (Segura-Bedmar et al. 2013, section 4; the scheme of MUC-5, Chinchor & Sundheim
1993): each of the candidate's spans, in the order of the text, is matched with one of the reference's that it shares a
character with, and of each pair is asked, by scheme:

strict   same extent and same label
exact    same extent
partial  same extent counts 1, another extent 1/2, whatever the labels
type     same label; a span prefers one of its label, and of several the one whose edges are nearest

Whoever has not matched is missed (reference) or spurious (candidate). Where the spans of an annotator overlap, the
order of the text decides less: pairs that are the same in extent and label are matched before any other.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.spans.marks import Marks
from core.metrics.spans.matching import first_come, heaviest
from core.metrics.spans.overlaps import Pairs, equal_and_others, iou, marked


@dataclass(frozen=True, eq=False)
class Outcomes:
    """All spans of a table that overlap one of the other annotator, and how they were matched.

    `equal` are the pairs that are the same in extent and label, `others` all that overlap besides, of spans that have
    no equal. The masks below are over `others`.
    """

    reference: Marks
    candidate: Marks
    equal: Pairs
    others: Pairs

    @classmethod
    def of(cls, reference: Marks, candidate: Marks) -> "Outcomes":
        return cls(reference, candidate, *equal_and_others(reference, candidate))

    @property
    def item(self) -> IntArray:
        """The item of each of `others`."""
        return np.asarray(self.candidate.item[self.others.candidate])

    @cached_property
    def met(self) -> BoolArray:
        """Matched under strict, exact and partial: by the order of the text, the same extent first."""
        return first_come(self.others, self.item, 1 - self.others.same_extent.astype(np.int64))

    @cached_property
    def met_by_label(self) -> BoolArray:
        """Matched under type: the same label first, of several the nearest."""
        pairs = self.others
        away = np.abs(self.reference.start[pairs.reference] - self.candidate.start[pairs.candidate])
        away += np.abs(self.reference.end[pairs.reference] - self.candidate.end[pairs.candidate])
        return first_come(pairs, self.item, np.where(pairs.same_label, away, away.max(initial=0) + 1))

    @cached_property
    def ious(self) -> FloatArray:
        """The IoU of each of `others`."""
        return iou(self.reference, self.candidate, self.others)

    @cached_property
    def same_label(self) -> BoolArray:
        """Matched one to one, among spans of one label, so that the sum of their IoUs is the largest.

        Spans that have their equal are matched with it: no matching without that pair has a larger sum, since
        1 - IoU is a metric (Kosub 2019, Pattern Recognition Letters 120:36).
        """
        return self._heaviest(self.others.same_label)

    @cached_property
    def wrong_label(self) -> BoolArray:
        """Matched one to one among spans that found none of their label, the sum of the IoUs the largest again."""
        pairs, chosen = self.others, self.same_label
        is_free = ~(
            marked(pairs.reference[chosen], len(self.reference))[pairs.reference]
            | marked(pairs.candidate[chosen], len(self.candidate))[pairs.candidate]
        )
        return self._heaviest(is_free)

    def _heaviest(self, allowed: BoolArray) -> BoolArray:
        chosen = np.zeros(len(self.others), dtype=np.bool_)
        places = np.flatnonzero(allowed)
        chosen[places[heaviest(self.others.where(allowed), self.ious[allowed])]] = True
        return chosen
