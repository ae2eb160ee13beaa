"""Parts of the training examples: nested, by each label's share, and told by the seed alone."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.finetune.subset import Subset, dealt, subset_in

ROWS = [(i, ("A", "B", "B", "C", "C", "C", "C", "C")[i % 8]) for i in range(80)]


def some(n, seed=1, rows=ROWS):
    return dealt(rows, Subset(n, seed), lambda row: row[0], lambda row: (row[1],) if row[1] else ())


def test_a_larger_part_of_a_deal_holds_the_smaller():
    parts = [set(some(n)) for n in range(1, 81)]
    assert all(small < large for small, large in zip(parts, parts[1:], strict=False))
    assert [len(part) for part in parts] == list(range(1, 81))


def test_each_label_has_its_share_in_every_part():
    for seed in range(5):
        for n in (8, 16, 40, 56):
            found = Counter(label for _, label in some(n, seed))
            assert all(
                abs(found[label] - n * share) <= 1 for label, share in (("A", 1 / 8), ("B", 1 / 4), ("C", 5 / 8))
            )


def test_another_seed_deals_others_and_the_same_seed_the_same():
    assert set(some(20, 1)) != set(some(20, 2))
    assert some(20, 1) == dealt(ROWS, Subset(20, 1), lambda row: row[0], lambda row: (row[1],))


def test_what_is_chosen_stands_in_its_own_order_and_all_is_all():
    assert some(30) == sorted(some(30)) and some(80) == ROWS and some(1000) == ROWS


def test_a_row_of_several_labels_counts_with_the_rarest():
    rows = [(i, ("common", "rare") if i % 10 == 0 else ("common",)) for i in range(100)]
    for n in (20, 50):
        found = dealt(rows, Subset(n, 3), lambda row: row[0], lambda row: row[1])
        assert abs(sum("rare" in labels for _, labels in found) - n / 10) <= 1


@given(st.lists(st.sampled_from(["A", "B", ""]), max_size=60), st.integers(0, 70), st.integers(0, 5))
def test_there_are_always_as_many_as_asked_for(labels, n, seed):
    rows = list(enumerate(labels))
    assert len(some(n, seed, rows)) == min(n, len(rows))


def test_a_fine_tune_knows_its_part():
    assert subset_in({"subset": {"n": 25, "seed": 2}}) == Subset(25, 2) and subset_in({}) is None
