import numpy as np
import pytest

from core.metrics.holm import adjusted
from core.metrics.ranking import ENOUGH, rank
from tests.metrics.worlds import rivals


def full(*rights_and_items, of):
    """Patterns of items that all have labelled: `("10", 5)` is five items that only the first has right."""
    return [((1 << of) - 1, sum(1 << i for i, bit in enumerate(bits) if bit == "1"), n) for bits, n in rights_and_items]


def test_the_best_is_told_from_whom_it_clearly_beats_and_from_nobody_else():
    found = rank(full(("110", 60), ("111", 20), ("001", 10), ("100", 5), ("010", 5), of=3), 3)
    assert (found.n, found.members, found.best) == (100, (0, 1, 2), 0)
    assert [round(one.value, 2) for one in found.scores] == [0.85, 0.85, 0.3]
    assert found.beaten == (2,)


def test_a_probe_of_four_items_is_not_compared_and_leaves_out_none():
    patterns = [(0b01, 0b01, 300), (0b01, 0, 96), (0b11, 0b11, 4)]
    found = rank(patterns, 2)
    assert (found.members, found.others, found.n, found.left_out, found.best) == ((0,), (1,), 400, 0, None)
    assert found.score(0).value == 0.76 and found.score(1) is None


def test_items_that_one_of_them_lacks_are_counted_as_left_out():
    found = rank([(0b11, 0b11, 50), (0b11, 0b10, 10), (0b01, 0b01, 7), (0b10, 0, 5)], 2)
    assert (found.members, found.n, found.left_out) == ((0, 1), 60, 12)
    assert [one.n for one in found.scores] == [60, 60]


def test_fewer_items_than_enough_call_nobody_best():
    assert rank(full(("10", ENOUGH - 1), of=2), 2).best is None
    assert rank(full(("10", ENOUGH), of=2), 2).best == 0


def test_one_candidate_or_none_is_no_ranking():
    alone = rank(full(("1", 90), ("0", 10), of=1), 1)
    assert (alone.scores[0].value, alone.best, alone.corrected) == (0.9, None, None)
    assert rank([], 3).members == () and rank([], 0).n == 0


def test_a_clear_winner_keeps_its_score_and_a_lucky_one_loses_its_luck():
    clear = rank(full(("11", 30), ("10", 60), ("00", 10), of=2), 2)
    assert clear.corrected.value == clear.scores[0].value == 0.9
    # Two that differ on 40 items, 21 to 19: which of them is best is a toss, so the two scores' mean is about right.
    lucky = rank(full(("11", 50), ("10", 21), ("01", 19), ("00", 10), of=2), 2)
    assert lucky.scores[0].value == 0.71 and 0.66 < lucky.corrected.value < 0.7


def test_holm_multiplies_the_smallest_by_all_the_next_by_one_less_and_never_falls():
    # 3 * .01, 2 * .025 = .05, then .03 which may not be below its predecessor
    assert adjusted({"a": 0.03, "b": 0.01, "c": 0.025}) == pytest.approx({"b": 0.03, "c": 0.05, "a": 0.05})
    assert adjusted({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert adjusted({}) == {}


def test_more_candidates_than_bits_of_a_machine_word():
    everyone = (1 << 70) - 1
    found = rank([(everyone, everyone, 40), (everyone, 1 << 69, 40)], 70)
    assert found.best == 69 and len(found.members) == 70


@pytest.mark.slow
def test_twelve_equal_prompts_on_200_items_seldom_have_a_best_that_beats_another_and_its_score_is_not_flattered():
    # 60 worlds: a rate of .04 has standard error .025; a mean of scores with standard deviation .025 one of .003
    worlds = [rank(rivals([0.75] * 12, 200, seed), 12) for seed in range(60)]
    assert np.mean([bool(found.beaten) for found in worlds]) <= 0.05 + 0.025
    assert np.mean([found.corrected.value for found in worlds]) == pytest.approx(0.75, abs=0.01)
    held = np.mean([found.corrected.low <= 0.75 <= found.corrected.high for found in worlds])
    assert held >= 0.93
    flattered = np.mean([found.score(found.best).value for found in worlds])
    assert flattered > 0.775


def test_a_later_look_is_read_more_strictly_for_all_pairs_together():
    # 13 against 29 discordant items: mid-p .014, below .04 and above .0061.
    patterns = full(("11", 50), ("10", 29), ("01", 13), of=2)
    first, second = rank(patterns, 2), rank(patterns, 2, look=2)
    assert (first.best, first.beaten, round(first.level, 4)) == (0, (1,), 0.04)
    assert (second.best, second.beaten, round(second.level, 4)) == (0, (), 0.0061)
