"""Bradley-Terry: a published league, the model's own worlds, and those who cannot be ranked."""

import numpy as np
import pytest

from core.metrics.strengths import (
    ALWAYS,
    APART,
    NEVER,
    NEVER_COMPARED,
    bradley_terry,
    preferred,
    wins_by_score,
    wins_in,
)


def test_the_published_strengths_of_a_baseball_league_are_reproduced(published):
    entry = published["bradley_terry_baseball"]
    teams = entry["inputs"]["teams"]
    found = {one.name: one.strength for one in bradley_terry(teams, np.array(entry["inputs"]["wins_row_over_col"]))}
    last = found["BAL"].value
    for team in teams:
        for expected in entry["values"][team]:
            assert found[team].value - last == pytest.approx(expected, abs=1e-8)
    assert preferred(found["MIL"].value, found["DET"].value) == pytest.approx(
        entry["values"]["P(MIL beats DET)"][0], abs=1e-9
    )
    assert sum(one.value for one in found.values()) == pytest.approx(0)
    assert {one.n for one in found.values()} == {78}


def test_two_candidates_are_the_log_odds_with_their_known_error():
    first, second = bradley_terry(("a", "b"), np.array([[0, 30], [10, 0]]))
    assert first.strength.value - second.strength.value == pytest.approx(np.log(3))
    # s_a is half of the log-odds, whose variance is 1/30 + 1/10
    error = np.sqrt(1 / 30 + 1 / 10) / 2
    assert first.strength.high - first.strength.value == pytest.approx(1.959964 * error, rel=1e-5)


def test_a_tie_is_half_a_win_for_each():
    level = bradley_terry(("a", "b"), np.array([[0, 3.5], [3.5, 0]]))
    assert [one.strength.value for one in level] == pytest.approx([0, 0])


def test_the_intervals_hold_the_strengths_that_made_the_preferences():
    generator, times = np.random.default_rng(0), 200
    strengths = np.array([0.8, 0.2, -0.1, -0.9])
    held = np.zeros(4)
    for _ in range(times):
        wins = np.zeros((4, 4))
        for i in range(4):
            for j in range(i):
                wins[i, j] = generator.binomial(30, preferred(strengths[i], strengths[j]))
                wins[j, i] = 30 - wins[i, j]
        found = bradley_terry("abcd", wins)
        held += [one.strength.low <= right <= one.strength.high for one, right in zip(found, strengths, strict=True)]
    # 800 intervals, four a world: a coverage of .95 has standard error .008 to .015
    assert (held / times).mean() >= 0.92


def test_who_cannot_be_ranked_is_told_why_and_the_others_are_ranked():
    wins = np.zeros((6, 6))
    wins[0, 1] = wins[1, 2] = wins[2, 1] = wins[1, 0] = 2  # a, b and c hang together
    wins[3, 0] = 4  # d always wins
    wins[2, 4] = 1  # e always loses
    found = {one.name: one.strength for one in bradley_terry("abcdef", wins)}
    assert [found[name].value is None for name in "abcdef"] == [False, False, False, True, True, True]
    assert found["f"].undefined == NEVER_COMPARED and found["d"].undefined == found["e"].undefined == APART
    without_f = {one.name: one.strength for one in bradley_terry("abcde", wins[:5, :5])}
    assert (without_f["d"].undefined, without_f["e"].undefined) == (ALWAYS, NEVER)


def test_a_loser_of_a_thousand_is_still_found():
    found = bradley_terry(("a", "b"), np.array([[0, 100_000], [1, 0]]))
    assert found[0].strength.value - found[1].strength.value == pytest.approx(np.log(100_000))


@pytest.mark.parametrize("wins", [np.zeros((2, 3)), np.array([[0, -1], [1, 0]]), np.array([[0, np.nan], [1, 0]])])
def test_counts_that_are_none_are_refused(wins):
    with pytest.raises(ValueError, match="2 candidates need 2 x 2 counts"):
        bradley_terry(("a", "b"), wins)


def test_nobody_has_no_strength():
    assert bradley_terry((), np.zeros((0, 0))) == ()


def test_of_rankings_every_candidate_goes_before_those_of_later_places_and_ties_count_half():
    ranks = np.array([[1.0, 2.0, 3.0], [1.5, 1.5, np.nan], [np.nan, 2.0, 1.0]])
    assert wins_in(ranks, np.array([2, 4, 3])).tolist() == [[0, 4, 2], [2, 0, 2], [0, 3, 0]]
    assert wins_in(np.zeros((0, 2)), np.zeros(0, dtype=np.int64)).tolist() == [[0, 0], [0, 0]]


def test_of_two_candidates_the_sign_of_an_outcome_tells_and_what_is_none_tells_nothing():
    assert wins_by_score((2.0, 1.0, 0.0, -1.0, None), np.array([1, 2, 4, 8, 16])).tolist() == [[0, 5], [10, 0]]
