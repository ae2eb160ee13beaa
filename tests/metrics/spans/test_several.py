"""Unitised alpha of any number of annotators, against the formulas taken literally, unit by unit and gap by gap."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.metrics.spans.figures import SPAN_METRICS, SpanSums
from core.metrics.spans.marks import Marks, SpanTable
from core.metrics.spans.several import unitised_alpha_of_many


def alpha(lengths, people):
    """`people` hold each one's spans `(start, end, label)` by item, None for an item not annotated."""
    there = np.array([[spans is not None for spans in one] for one in people])
    sides = [Marks.of([spans or () for spans in one]) for one in people]
    return unitised_alpha_of_many(sides, there, np.array(lengths))


def by_hand(lengths, people):
    """One continuum a person, of the items that two or more annotated, end to end; label by label."""
    shared = [u for u in range(len(lengths)) if sum(one[u] is not None for one in people) > 1]
    if not shared:
        return None
    people = [[one[u] for u in shared] for one in people]
    lengths = [lengths[u] for u in shared]
    labels = {label for one in people for spans in one if spans for *_, label in spans}
    volume = sum(n * sum(one[u] is not None for one in people) for u, n in enumerate(lengths))
    whole = sum(lengths)
    observed = expected = 0.0
    for label in labels:
        mine = [[_units(spans, label) if spans is not None else None for spans in one] for one in people]
        for u, _ in enumerate(lengths):
            here = [one[u] for one in mine if one[u] is not None]
            observed += sum(_apart(a, b) for a, b in permutations(here, 2)) / (len(here) - 1) / (volume * whole)
        units = [(end - start) for one in mine for spans in one if spans for start, end in spans]
        gaps = [gap for one in mine for gap in _gaps(one, lengths)]
        total = 0.0
        for size in units:
            total += (len(units) - 1) / 3 * (2 * size**3 - 3 * size**2 + size)
            total += size**2 * sum(gap - size + 1 for gap in gaps if gap >= size)
        ways = volume * (volume - 1) - sum(size * (size - 1) for size in units)
        expected += 2 / whole * total / ways if ways else 0.0
    return 1 - observed / expected if expected > 0 else None


def _units(spans, label):
    merged = []
    for start, end in sorted((start, end) for start, end, own in spans if own == label):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _apart(one, other):
    """Units that overlap by their edges, once; those that lie in the other's gap by their length."""
    total = 0.0
    for a, b in ((one, other), (other, one)):
        for start, end in a:
            met = [(s, e) for s, e in b if s < end and start < e]
            total += sum((start - s) ** 2 + (end - e) ** 2 for s, e in met) / 2
            total += 0 if met else (end - start) ** 2
    return total


def _gaps(one, lengths):
    at, last = 0, 0
    for spans, length in zip(one, lengths, strict=True):
        if spans is None:
            continue
        for start, end in spans:
            yield at + start - last
            last = at + end
        at += length
    yield at - last


PEOPLE = [
    [[(0, 4, 0), (6, 9, 1)], [(2, 5, 0)], None, [(1, 3, 0)], []],
    [[(0, 5, 0)], [(2, 5, 0), (7, 8, 1)], [(0, 3, 0)], [], []],
    [[(1, 4, 0), (6, 9, 1)], None, [(0, 2, 0)], [(1, 4, 0)], [(3, 4, 1)]],
]
LENGTHS = [12, 9, 7, 10, 6]


def test_three_people_with_gaps_come_to_what_the_formulas_say():
    found = alpha(LENGTHS, PEOPLE)
    assert found.value == pytest.approx(by_hand(LENGTHS, PEOPLE)) and found.n == 5
    assert found.low < found.value < found.high


def test_of_two_it_is_the_alpha_of_two():
    two = [[spans or [] for spans in one] for one in PEOPLE[:2]]
    texts = ["x" * n for n in LENGTHS]
    expected = SPAN_METRICS["unitised_alpha"].estimate(SpanSums(SpanTable.of(("a", "b"), texts, *two)))
    found = alpha(LENGTHS, two)
    assert (found.value, found.n) == (pytest.approx(expected.value), expected.n)
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_who_all_mark_the_same_agree_fully_however_many_they_are():
    assert alpha(LENGTHS, [PEOPLE[1]] * 4).value == pytest.approx(1.0)


def test_what_only_one_annotated_tells_nothing():
    assert alpha([5, 5], [[[(0, 2, 0)], None], [None, [(1, 2, 0)]]]).undefined == "no item was annotated by two"
    assert "nobody marked anything" in alpha([5, 5], [[[], []]] * 3).undefined


spans = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), st.integers(0, 1)), max_size=2).map(
    lambda found: [(start, start + size, label) for start, size, label in found]
)


@settings(max_examples=60)
@given(st.lists(st.lists(st.none() | spans, min_size=3, max_size=3), min_size=3, max_size=4))
def test_it_is_the_formulas_for_whatever_was_marked(people):
    found, expected = alpha([8, 7, 9], people), by_hand([8, 7, 9], people)
    assert (found.value is None) == (expected is None)
    assert expected is None or found.value == pytest.approx(expected)
