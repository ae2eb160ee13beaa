import pytest

from core.metrics import compare


def test_a_label_differs_by_its_f1_with_an_interval_and_is_told_where_many_items_say_so():
    # SPORTS: 20 of 40 that A gives away as WORLD, B has all right; WORLD: A 40 of 60, B all of 40
    cells = [("SPORTS", "SPORTS", "SPORTS", 20), ("SPORTS", "WORLD", "SPORTS", 20), ("WORLD", "WORLD", "WORLD", 40)]
    sports, world, nothing = compare(cells, ["SPORTS", "WORLD", "ARTS"]).by_label
    assert sports.difference.value == pytest.approx(1 - 2 * 20 / 60)
    assert 0 < sports.difference.low < sports.difference.value <= sports.difference.high
    # 20 against 0, mid-p 2^-20, times two labels
    assert sports.difference.rough == "only 20 discordant items"
    assert sports.told and sports.p == pytest.approx(2 * 2**-20)
    assert world.told and world.difference.value == pytest.approx(1 - 2 * 40 / 100)
    assert nothing.difference.undefined == "the reference never chose this label"
    assert (nothing.p, nothing.told) == (None, False)


def test_many_labels_are_tested_together_so_that_one_of_them_by_luck_does_not_tell():
    # Each label: 5 items only B has right. Alone mid-p 2^-5 = .031 tells at .04; of eight labels none does.
    names = [f"l{k}" for k in range(8)]
    cells = [(name, name, name, 20) for name in names] + [(name, "other", name, 5) for name in names]
    found = compare(cells, [*names, "other"]).by_label
    assert [one.told for one in found] == [False] * 9
    assert found[0].p == pytest.approx(8 * 2**-5)
    assert compare([c for c in cells if c[0] == "l0"], [*names, "other"]).by_label[0].told


def test_a_label_of_few_items_is_rough_and_one_that_both_get_alike_has_nothing_to_test():
    few, alike = compare([("a", "a", "a", 9), ("b", "b", "b", 30)], ["a", "b"]).by_label
    assert few.difference.rough == "no discordant items; it has fewer than 10 items"
    assert alike.difference.rough == "no discordant items"
    assert few.difference.value == 0 and few.difference.low < 0 < few.difference.high
    assert (few.p, alike.p) == (None, None)


def test_without_items_every_label_says_why_it_has_no_difference():
    (one,) = compare([], ["a"]).by_label
    assert one.difference.undefined == "no item was annotated by all three"
