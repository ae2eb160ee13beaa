"""Alpha of sets with any number of annotators, against the formula worked out value by value."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.sets.figures import SetSums, masi_alpha
from core.metrics.sets.several import masi_alpha_of_many
from core.metrics.sets.table import SetTable
from tests.metrics.conftest import data_folder, published_more  # noqa: F401 - fixtures

LABELS = ("a", "b", "c")
SETS = [frozenset(), *map(frozenset, ("a", "b", "c", "ab", "ac", "bc", "abc"))]
MEMBERS = np.array([[label in one for label in LABELS] for one in SETS])


def alpha(items):
    """`items` hold what each annotator gave, None for nothing."""
    given = [[SETS.index(frozenset(one)) for one in item if one is not None] for item in items]
    return masi_alpha_of_many(MEMBERS, given, [1] * len(given))


def distance(one, other):
    if one == other:
        return 0.0
    both, either = len(one & other), len(one | other)
    likeness = 2 / 3 if one <= other or other <= one else 1 / 3 if both else 0.0
    return 1 - both / either * likeness


def by_hand(items):
    units = [[frozenset(one) for one in item if one is not None] for item in items]
    units = [unit for unit in units if len(unit) > 1]
    values = [one for unit in units for one in unit]
    n = len(values)
    observed = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / n
    expected = sum(distance(a, b) for a, b in permutations(values, 2)) / (n * (n - 1))
    return None if expected == 0 else 1 - observed / expected


def test_three_annotators_with_gaps_come_to_what_the_formula_says():
    items = [("a", "a", "ab"), ("b", None, "b"), ("", "c", ""), ("abc", "ab", "a"), (None, None, "a"), ("c", "bc", "c")]
    found = alpha(items)
    assert found.value == pytest.approx(by_hand(items)) and found.n == 5
    assert found.low < found.value < found.high


def test_of_two_it_is_the_alpha_of_two():
    pairs = [("a", "ab"), ("b", "b"), ("", "c"), ("abc", "ab"), ("c", "c"), ("a", "a")]
    places = [(tuple(LABELS.index(x) for x in one), tuple(LABELS.index(x) for x in other), 1) for one, other in pairs]
    two = masi_alpha(SetSums(SetTable.from_pairs(places, LABELS)))
    many = alpha(pairs)
    assert many.value == pytest.approx(two.value)
    assert (many.low, many.high) == (pytest.approx(two.low, abs=0.01), pytest.approx(two.high, abs=0.01))


def test_the_published_items_give_the_value_recomputed_by_others(published_more):  # noqa: F811
    entry = published_more["set_annotations_alpha"]
    items = [["".join(sorted(one)).lower() for one in item] for item in entry["items"]]
    assert round(alpha(items).value, 4) == entry["recomputed"]["masi 1-J*M (Passonneau 2006, NLTK)"]


def test_degenerate_cases_say_why():
    assert alpha([("a", None), (None, "b")]).undefined == "no item was annotated by two"
    assert "chance agreement is 1" in alpha([("a", "a", "a")] * 3).undefined
    assert alpha([]).value is None


@given(
    st.lists(st.tuples(*[st.sampled_from(["", "a", "b", "ab", "abc", None])] * 4), min_size=1, max_size=8),
    st.integers(1, 3),
)
def test_it_is_the_formula_for_whatever_was_given_and_a_pattern_of_many_items_is_that_many(items, times):
    found = masi_alpha_of_many(
        MEMBERS, [[SETS.index(frozenset(o)) for o in item if o is not None] for item in items], [times] * len(items)
    )
    pairable = [item for item in items if sum(one is not None for one in item) > 1]
    expected = by_hand(items * times) if pairable else None
    assert found.n == times * len(pairable)
    assert (found.value is None) if expected is None else found.value == pytest.approx(expected)
