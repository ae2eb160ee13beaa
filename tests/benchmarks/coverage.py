"""How often every interval holds the truth of simulated worlds, which is the promise behind each figure."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

import numpy as np

from core.metrics import compare, estimate_all
from core.metrics.ranking import rank
from core.model import Estimate
from tests.metrics.worlds import SHARES, joint, of_two, rivals, tables, truth, truth_of_two

KINDS, LABELS, ITEMS, ACCURACIES = ("balanced", "90/10", "95/5"), (2, 8, 77), (30, 100, 400), (0.6, 0.9, 0.99)
SINGLE = ("accuracy", "kappa", "alpha", "macro_f1")
Said = dict[str, list[tuple[Estimate, float]]]


def coverage(times: int = 60) -> list[str]:
    """All intervals in all worlds, a line a figure and a line for each world in which it holds clearly too seldom."""
    lines = [f"coverage of 95 % intervals, {times} draws of each world, seed 0; rough figures are counted apart"]
    worlds = list(product(KINDS, LABELS, ITEMS, ACCURACIES))
    found = {world: _single(*world, times) | _paired(*world, times) for world in worlds}
    for key in next(iter(found.values())):
        lines += _lines(key, {world: said[key] for world, said in found.items()})
    return [*lines, *_winners(times)]


def _single(kind: str, k: int, n: int, accuracy: float, times: int) -> Said:
    """Each figure of one candidate with the truth."""
    cells = joint(SHARES[kind](k), accuracy)
    right = {key: truth(key, cells) if key != "accuracy" else float(np.trace(cells)) for key in SINGLE}
    said: Said = defaultdict(list)
    for table in tables(cells, n, times, 0):
        for key, estimate in estimate_all(table, SINGLE).items():
            said[key].append((estimate, right[key]))
    return said


def _paired(kind: str, k: int, n: int, accuracy: float, times: int) -> Said:
    """Each difference of two candidates, one of them a little better, with the truth."""
    shares, names = SHARES[kind](k), [str(label) for label in range(k)]
    right = truth_of_two(shares, accuracy - 0.05, accuracy)
    said: Said = defaultdict(list)
    for cells in of_two(shares, accuracy - 0.05, accuracy, n, times, 0):
        found = compare(cells, names)
        said["difference"].append((found.difference, right["difference"]))
        for key, difference in found.differences.items():
            said[f"{key} difference"].append((difference, right[key]))
        first = found.by_label[0].difference
        said["label difference"].append((first, right["label"]))
    return said


def _lines(key: str, found: dict[tuple[str, int, int, float], list[tuple[Estimate, float]]]) -> Iterator[str]:
    plain, rough, undefined, bare, low = 0, 0, 0, 0, []
    held_in_all = 0
    for world, said in found.items():
        kept = [(one, right) for one, right in said if one.value is not None and not one.rough]
        rough += sum(bool(one.rough) for one, _ in said)
        undefined += sum(one.value is None for one, _ in said)
        bare += sum(one.value is not None and one.low is None for one, _ in said)
        held = sum(one.low - 1e-9 <= right <= one.high + 1e-9 for one, right in kept if one.low is not None)
        plain, held_in_all = plain + len(kept), held_in_all + held
        error = 3 * np.sqrt(0.95 * 0.05 / max(1, len(kept)))
        if len(kept) >= 20 and held / len(kept) < 0.93 - error:
            low.append((held / len(kept), world))
    yield (
        f"  {key:<22}{100 * held_in_all / max(1, plain):5.1f} % of {plain:,}; "
        f"rough {rough:,}, undefined {undefined:,}, without interval {bare:,}"
    )
    for share, (kind, k, n, accuracy) in sorted(low):
        yield f"    below: {100 * share:.0f} % in {kind}, {k} labels, {n} items, accuracy {accuracy}"


def _winners(times: int) -> Iterator[str]:
    yield "the best of several, its corrected score and whom it beats without being better"
    for candidates, n in ((2, 100), (12, 30), (12, 200), (12, 400)):
        found = [rank(rivals([0.75] * candidates, n, seed), candidates) for seed in range(times)]
        held = np.mean([one.corrected.low <= 0.75 <= one.corrected.high for one in found])
        raw = np.mean([one.score(one.best).low <= 0.75 <= one.score(one.best).high for one in found])
        beats = np.mean([bool(one.beaten) for one in found])
        yield (
            f"  {candidates:>2} equal ones, {n:>3} items   held {100 * held:.0f} % (uncorrected {100 * raw:.0f} %), "
            f"false wins {100 * beats:.1f} %"
        )
