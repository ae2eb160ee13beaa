"""Dealing items: seeded, stratified, groups whole."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.model import Split
from core.splits import Shares, assign_splits


def counts(splits):
    return tuple(Counter(splits)[split] for split in Split)


def test_a_hundred_items_of_one_label_are_dealt_exactly():
    assert counts(assign_splits(["X"] * 100, [None] * 100, Shares(0.6, 0.2, 0.2), seed=0)) == (60, 20, 20)


def test_every_label_is_dealt_by_the_shares():
    strata = ["X"] * 50 + ["Y"] * 20 + [None] * 10
    splits = assign_splits(strata, [None] * 80, Shares(0.5, 0.2, 0.3), seed=3)
    assert counts(splits[:50]) == (25, 10, 15)
    assert counts(splits[50:70]) == (10, 4, 6)
    assert counts(splits[70:]) == (5, 2, 3)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_many_labels_of_few_items_still_keep_the_shares_of_the_whole(size):
    strata = [i // size for i in range(120)]
    assert counts(assign_splits(strata, [None] * 120, Shares(0.6, 0.2, 0.2), seed=0)) == (72, 24, 24)


def test_a_label_of_two_has_one_item_to_learn_from():
    strata = [i // 2 for i in range(100)]
    splits = assign_splits(strata, [None] * 100, Shares(0.6, 0.2, 0.2), seed=0)
    assert all(Split.TRAIN in splits[i : i + 2] for i in range(0, 100, 2))


def test_another_seed_deals_otherwise_and_the_same_seed_the_same():
    strata = ["XY"[i % 2] for i in range(100)]
    one, same, other = (assign_splits(strata, [None] * 100, Shares(), seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_share_of_nothing_gets_nothing():
    assert counts(assign_splits(["X"] * 50, [None] * 50, Shares(0.8, 0.0, 0.2), seed=0)) == (40, 0, 10)


def test_no_items_are_no_splits():
    assert assign_splits([], [], Shares(), 0) == []


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.2, -0.1, -0.1), (0.0, 0.0, 0.0), (float("nan"), 0.5, 0.5)])
def test_shares_that_are_no_whole_are_refused(shares):
    with pytest.raises(WorkbenchError, match="add up to 100 %"):
        Shares(*shares)


@given(st.data(), st.integers(0, 99))
def test_groups_stay_whole_and_everything_is_dealt(data, seed):
    n = data.draw(st.integers(1, 60))
    strata = data.draw(st.lists(st.sampled_from(["X", "Y", None]), min_size=n, max_size=n))
    groups = data.draw(st.lists(st.none() | st.integers(0, 5), min_size=n, max_size=n))
    splits = assign_splits(strata, groups, Shares(0.6, 0.2, 0.2), seed)
    assert len(splits) == n
    for group in set(groups) - {None}:
        assert len({split for split, g in zip(splits, groups, strict=True) if g == group}) == 1
    assert splits == assign_splits(strata, groups, Shares(0.6, 0.2, 0.2), seed)
