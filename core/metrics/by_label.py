"""Two candidates label by label: how far F1 differs, and on which labels that is more than luck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.contingency import Margins
from core.metrics.holm import adjusted
from core.metrics.labels import REFERENCE_NEVER
from core.metrics.macro import f1_kernel, few_items
from core.metrics.mcnemar import McNemar, few_discordant, mcnemar
from core.metrics.posterior import credible_estimate
from core.model import Estimate


@dataclass(frozen=True)
class LabelDifference:
    """F1 of B minus F1 of A on one label, and a test of the two.

    The test is McNemar's mid-p on whether each gives the label exactly where the reference does; `p` is adjusted for
    all labels of the reference (Holm), None where both are right and wrong about it on the same items. `told` is p
    below the comparison's level. Undefined for a label that the reference never gave.
    """

    label: str
    difference: Estimate
    p: float | None = None
    told: bool = False


def label_differences(
    labels: Sequence[str], index: IntArray, counts: IntArray, observed: FloatArray, drawn: FloatArray, level: float
) -> tuple[LabelDifference, ...]:
    """Of the cells at `index` (3, C), with their sums as they are (1, 5, K) and as drawn (draws, 5, K)."""
    support = observed[0, 2]
    given = [k for k in range(len(labels)) if support[k] > 0]
    tests = {k: _test(index, counts, k) for k in given}
    p_values = adjusted({k: test.mid_p for k, test in tests.items() if test.mid_p is not None})
    values, draws = _f1_difference(observed)[0], _f1_difference(drawn)
    found = []
    for k, label in enumerate(labels):
        if k not in given:
            found.append(LabelDifference(label, Estimate(None, 0, undefined=REFERENCE_NEVER)))
            continue
        n = round(float(support[k]))
        rough = "; ".join(filter(None, (few_discordant(tests[k].discordant), few_items(support[k : k + 1], "it"))))
        estimate = credible_estimate(float(values[k]), n, draws[:, k], rough)
        found.append(LabelDifference(label, estimate, p_values.get(k), p_values.get(k, 1.0) < level))
    return tuple(found)


def _f1_difference(sums: FloatArray) -> FloatArray:
    hits_a, hits_b, reference, a, b = (sums[:, i] for i in range(5))
    return np.asarray(f1_kernel(Margins(hits_b, reference, b)) - f1_kernel(Margins(hits_a, reference, a)))


def _test(index: IntArray, counts: IntArray, k: int) -> McNemar:
    reference, a, b = index == k
    right_a, right_b = a == reference, b == reference
    only_a, only_b = int(counts[right_a & ~right_b].sum()), int(counts[right_b & ~right_a].sum())
    return mcnemar([[0, only_a], [only_b, 0]])
