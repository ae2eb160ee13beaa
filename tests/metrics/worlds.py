"""Worlds with a known truth, to see how often an interval holds it."""

from collections.abc import Iterator, Sequence
from statistics import NormalDist

import numpy as np

from core.metrics import METRICS, Contingency, Margins
from core.metrics.chance import kappa_kernel, pi_kernel
from core.metrics.macro import f1_kernel, macro_f1_kernel

SHARES = {
    "balanced": lambda k: np.full(k, 1 / k),
    "90/10": lambda k: np.r_[0.9, np.full(k - 1, 0.1 / (k - 1))],
    "95/5": lambda k: np.r_[0.95, np.full(k - 1, 0.05 / (k - 1))],
    "Zipf": lambda k: (1 / np.arange(1, k + 1)) / (1 / np.arange(1, k + 1)).sum(),
}
# Of all items there are, alpha is Scott's pi: its correction is for how few were counted.
TRUTHS = {"kappa": kappa_kernel, "alpha": pi_kernel, "pi": pi_kernel, "macro_f1": macro_f1_kernel}


def joint(shares: np.ndarray, accuracy: float) -> np.ndarray:
    """The shares of all cells, K x K: right with `accuracy`, else another label by its share."""
    others = np.tile(shares, (len(shares), 1))
    np.fill_diagonal(others, 0)
    cells = shares[:, None] * (1 - accuracy) * others / others.sum(axis=1, keepdims=True)
    np.fill_diagonal(cells, shares * accuracy)
    return cells


def truth(key: str, cells: np.ndarray) -> float:
    return float(TRUTHS[key](Margins(np.diagonal(cells), cells.sum(axis=1), cells.sum(axis=0))))


def tables(cells: np.ndarray, n: int, times: int, seed: int) -> Iterator[Contingency]:
    k = len(cells)
    names = tuple(map(str, range(k)))
    for counts in np.random.default_rng(seed).multinomial(n, cells.ravel(), size=times):
        yield Contingency(names, counts.reshape(k, k))


def coverage(
    key: str, kind: str, k: int, n: int, accuracy: float, times: int, seed: int = 0, with_rough: bool = False
) -> tuple[float, float, float]:
    """`(covered, rough, undefined)`: of the defined intervals (those called rough only on demand) the share that holds
    the truth; and the shares of all that are called rough or undefined. `covered` is NaN where there are none."""
    cells = joint(SHARES[kind](k), accuracy)
    right = truth(key, cells)
    estimates = [METRICS[key].estimate(table) for table in tables(cells, n, times, seed)]
    held = [
        e.low - 1e-9 <= right <= e.high + 1e-9 for e in estimates if e.value is not None and (with_rough or not e.rough)
    ]
    rough = sum(bool(e.rough) for e in estimates) / times
    undefined = sum(e.value is None for e in estimates) / times
    return (float(np.mean(held)) if held else float("nan")), rough, undefined


def rivals(accuracies: Sequence[float], n: int, seed: int, together: float = 0.5) -> list[tuple[int, int, int]]:
    """Patterns of candidates with these true accuracies on the same n items, some of which are hard for all of them."""
    generator = np.random.default_rng(seed)
    hard, own = generator.standard_normal((n, 1)), generator.standard_normal((n, len(accuracies)))
    easy = np.array([NormalDist().inv_cdf(one) for one in accuracies])
    right = np.sqrt(together) * hard + np.sqrt(1 - together) * own < easy
    masks, items = np.unique(right @ (1 << np.arange(len(accuracies))), return_counts=True)
    everyone = (1 << len(accuracies)) - 1
    return [(everyone, int(mask), int(count)) for mask, count in zip(masks, items, strict=True)]


def of_two(
    shares: np.ndarray, first: float, second: float, n: int, times: int, seed: int
) -> Iterator[list[tuple[str, str, str, int]]]:
    """Cells of a reference and two candidates of these accuracies. The second answers as the first on half of the
    items, as far as their accuracies allow, and both err to another label by its share."""
    generator = np.random.default_rng(seed)
    k = len(shares)
    for _ in range(times):
        reference = generator.choice(k, n, p=shares)
        luck = generator.random(n), generator.random(n)
        together = generator.random(n) < 0.5
        wrong = [(reference + 1 + generator.integers(0, k - 1, n)) % k for _ in range(2)]
        a = np.where(luck[0] < first, reference, wrong[0])
        b = np.where(np.where(together, luck[0], luck[1]) < second, reference, np.where(together, wrong[0], wrong[1]))
        index, items = np.unique(np.stack([reference, a, b]), axis=1, return_counts=True)
        yield [(str(r), str(x), str(y), int(c)) for (r, x, y), c in zip(index.T, items, strict=True)]


def truth_of_two(shares: np.ndarray, first: float, second: float) -> dict[str, float]:
    """What the differences of `of_two` are in all items: second less first."""
    found = [_evenly_wrong(shares, one) for one in (first, second)]
    margins = [Margins(np.diagonal(cells), cells.sum(axis=1), cells.sum(axis=0)) for cells in found]
    return {
        "difference": second - first,
        "kappa": float(kappa_kernel(margins[1]) - kappa_kernel(margins[0])),
        "macro_f1": float(macro_f1_kernel(margins[1]) - macro_f1_kernel(margins[0])),
        "label": float((f1_kernel(margins[1]) - f1_kernel(margins[0]))[0]),
    }


def _evenly_wrong(shares: np.ndarray, accuracy: float) -> np.ndarray:
    k = len(shares)
    cells = np.outer(shares, np.full(k, (1 - accuracy) / (k - 1)))
    np.fill_diagonal(cells, shares * accuracy)
    return cells
