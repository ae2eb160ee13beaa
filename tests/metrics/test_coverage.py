"""How often the intervals hold the truth of simulated worlds: 95 % is said, and near that it has to be."""

import numpy as np
import pytest

from core.metrics import compare
from tests.metrics.worlds import coverage, of_two

pytestmark = pytest.mark.slow

TIMES = 200
# 200 worlds: a coverage of .95 has standard error .015. Too wide is no lie, too narrow is.
LEAST = 0.95 - 3 * 0.0155
CHANCE = [
    ("balanced", 2, 30, 0.6),
    ("balanced", 2, 30, 0.99),
    ("balanced", 2, 400, 0.95),
    ("90/10", 2, 30, 0.95),
    ("95/5", 2, 30, 0.8),
    ("95/5", 2, 100, 0.99),
    ("balanced", 8, 30, 0.8),
    ("90/10", 8, 30, 0.95),
    ("95/5", 8, 100, 0.8),
    ("Zipf", 8, 100, 0.99),
]


@pytest.mark.parametrize("key", ["kappa", "alpha"])
@pytest.mark.parametrize(("kind", "k", "n", "accuracy"), CHANCE)
def test_the_interval_of_agreement_beyond_chance_holds_the_truth(key, kind, k, n, accuracy):
    covered, rough, undefined = coverage(key, kind, k, n, accuracy, TIMES, with_rough=True)
    assert covered >= LEAST
    # In 95/5 of 30 items both may use one label only; with so few the interval is called rough.
    assert undefined <= 0.25 and rough == (1 - undefined if n < 50 else 0)


@pytest.mark.parametrize(
    ("kind", "k", "n", "accuracy"),
    [
        ("balanced", 2, 30, 0.8),
        ("balanced", 2, 30, 0.99),
        ("90/10", 2, 400, 0.8),
        ("95/5", 2, 400, 0.95),
        ("balanced", 8, 400, 0.99),
        ("Zipf", 8, 400, 0.8),
    ],
)
def test_the_interval_of_macro_f1_holds_the_truth_where_it_is_not_called_rough(kind, k, n, accuracy):
    covered, _, _ = coverage("macro_f1", kind, k, n, accuracy, TIMES)
    assert np.isnan(covered) or covered >= LEAST


@pytest.mark.parametrize(("kind", "k", "n"), [("balanced", 77, 400), ("90/10", 8, 100), ("95/5", 2, 100)])
def test_with_rare_labels_macro_f1_is_called_rough(kind, k, n):
    _, rough, undefined = coverage("macro_f1", kind, k, n, 0.8, 20)
    assert rough + undefined >= 0.9


def test_two_equal_ones_are_seldom_called_different_and_hardly_ever_promised_to_be_with_more_items():
    # 300 worlds of 30 items: a rate of .05 has standard error .013
    shares = np.full(2, 0.5)
    found = [compare(cells, ["0", "1"]) for cells in of_two(shares, 0.8, 0.8, 30, 300, 3)]
    assert np.mean([one.distinguishable for one in found]) <= 0.05
    assert np.mean([one.items_in_all is not None for one in found]) <= 0.05
