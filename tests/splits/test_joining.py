"""New items beside those that are dealt: nothing old moves, near-identical ones stay together, and order is nothing."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.model import Split
from core.splits import Present, Shares, join, stable_split

TRAIN, VALIDATION, TEST = Split.TRAIN, Split.VALIDATION, Split.TEST
SHARES = Shares(0.5, 0.2, 0.3)


def test_a_new_item_goes_with_the_one_it_is_near():
    present = [Present(7, TEST, None), Present(8, TRAIN, 8), Present(9, TRAIN, 8)]
    places, company = join(present, ["a", "b", "c"], [0, 1, 1, 0, 1, None], SHARES, 0)
    assert [(one.split, one.group) for one in places[:2]] == [(TEST, 7), (TRAIN, 8)]
    assert [one.is_near for one in places] == [True, True, False]
    assert company == {7: 7}


def test_what_is_near_test_and_train_is_not_learned_from_and_shares_the_group_of_the_learned_one():
    present = [Present(1, TRAIN, None), Present(2, TEST, None), Present(3, VALIDATION, None)]
    [place], company = join(present, ["a"], [0, 0, 0, 0], SHARES, 0)
    assert (place.split, place.group, place.between) == (TEST, 1, True)
    assert company == {1: 1}


def test_new_ones_near_each_other_go_together_by_the_least_of_their_keys():
    for keys in (["b", "a", "c"], ["a", "c", "b"], ["c", "b", "a"]):
        places, _ = join([], keys, [0, 0, 0], SHARES, 5)
        assert {one.split for one in places} == {stable_split("a", SHARES, 5)}
        assert {one.own for one in places} == {0}


def test_items_that_are_dealt_nowhere_yet_draw_nobody_to_them():
    [place], company = join([Present(1, None, None)], ["a"], [0, 0], SHARES, 0)
    assert place.split is stable_split("a", SHARES, 0) and not company


def test_the_shares_hold_over_many_and_another_seed_deals_otherwise():
    keys = [f"item {n}" for n in range(20_000)]
    dealt = [stable_split(key, SHARES, 3) for key in keys]
    counts = Counter(dealt)
    # Five standard deviations of a binomial of 20,000.
    assert all(
        abs(counts[split] - 20_000 * share) < 5 * 71 for split, share in zip(Split, SHARES.as_tuple(), strict=True)
    )
    assert dealt != [stable_split(key, SHARES, 4) for key in keys]
    assert {stable_split(key, Shares(0, 0, 1), 3) for key in keys[:50]} == {TEST}


@st.composite
def worlds(draw):
    """Items present in splits and groups of before, new ones, and who is near whom among all of them."""
    present = draw(st.lists(st.tuples(st.sampled_from(Split), st.integers(0, 4)), max_size=12))
    new = draw(st.lists(st.integers(0, 6), min_size=1, max_size=12))
    cluster = [c for _, c in present] + new
    first = {c: cluster.index(c) for c in cluster}
    groups = [first[c] if cluster.count(c) > 1 else None for c in cluster]
    keys = [f"{n:03}" for n in draw(st.permutations(range(len(new))))]
    return [Present(n + 1, split, None) for n, (split, _) in enumerate(present)], keys, groups


@given(worlds(), st.integers(0, 50))
def test_no_old_item_moves_none_learns_a_near_copy_of_a_test_item_and_new_clusters_never_straddle(world, seed):
    present, keys, groups = world
    places, company = join(present, keys, groups, SHARES, seed)
    n = len(present)
    assert company.keys() <= {one.id for one in present}
    for group in {*groups} - {None}:
        old = {present[i].split for i in range(n) if groups[i] == group}
        new = {places[i - n].split for i in range(n, len(groups)) if groups[i] == group}
        assert len(new) <= 1
        if new and old:
            assert new <= old
            assert TRAIN not in new or old == {TRAIN}


@given(worlds(), st.integers(0, 50), st.randoms())
def test_the_order_in_which_new_items_come_changes_no_place(world, seed, random):
    present, keys, groups = world
    n, order = len(present), list(range(len(keys)))
    random.shuffle(order)
    places, _ = join(present, keys, groups, SHARES, seed)
    moved = [None if groups[n + i] is None else groups[n + i] for i in order]
    again, _ = join(present, [keys[i] for i in order], groups[:n] + moved, SHARES, seed)
    assert [one.split for one in again] == [places[i].split for i in order]
