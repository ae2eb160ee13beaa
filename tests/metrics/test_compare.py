import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from core.metrics import METRICS, Contingency, compare
from core.metrics.intervals import paired_difference
from core.metrics.mcnemar import mcnemar, smallest_difference
from core.metrics.spending import level_at

LABELS = ["a", "b", "c"]
# reference, A, B: 40 both right, 12 fixed, 3 broken, 5 still wrong
CELLS = [
    ("a", "a", "a", 25),
    ("b", "b", "b", 15),
    ("a", "b", "a", 8),
    ("c", "a", "c", 4),
    ("b", "b", "a", 3),
    ("c", "a", "a", 3),
    ("b", "a", "c", 2),
]


def test_fixed_broken_still_wrong_and_both_right_add_up():
    result = compare(CELLS, LABELS)
    assert (result.both_right, result.fixed, result.broken, result.still_wrong) == (40, 12, 3, 5)
    assert result.n == 60
    assert (result.a.value, result.b.value) == (43 / 60, 52 / 60)
    assert result.a.interval == result.b.interval == "Wilson"
    assert result.difference.value == pytest.approx(9 / 60)


def test_the_test_and_the_conclusion_agree():
    # 12 against 3: 2 (1 + 15 + 105 + 455) / 2^15 = 1152 / 32768
    result = compare(CELLS, LABELS)
    assert result.test.p == 1152 / 32768
    assert result.distinguishable
    assert result.test.mid_p == (1152 - 455) / 32768
    assert result.items_in_all is None


def test_too_few_items_say_what_they_can_show_and_no_number_that_they_cannot_know():
    # 6 fixed, 3 broken of 60: Wilson of 9/60 is [.081, .261], 5 and 16 discordant; the interval of the difference
    # holds 0, so no number of items is promised
    cells = [("a", "a", "a", 51), ("a", "b", "a", 6), ("a", "a", "b", 3)]
    result = compare(cells, LABELS)
    assert result.test.p == pytest.approx(2 * (1 + 9 + 36 + 84) / 512)
    assert not result.distinguishable
    assert result.items_in_all is None
    low, high = (smallest_difference(discordant, 60) for discordant in (5, 16))
    assert result.shows_from == ((low, high) if low and high else None)


def test_one_against_one_of_ten_and_thousands_against_one_more_promise_nothing():
    assert compare(paired_cells(8, 1, 1, 0), LABELS).shows_from is None
    close = compare(paired_cells(9_999, 5_000, 5_001, 0), LABELS)
    assert close.items_in_all is None
    low, high = close.shows_from
    assert 0.01 < low <= high < 0.02  # 2.8 sqrt(.5 / 20,000) = .014


def test_an_interval_that_leaves_out_zero_without_the_test_gives_a_range_of_items():
    # 4 fixed, 0 broken of 12: mid-p .0625
    result = compare(paired_cells(8, 0, 4, 0), LABELS)
    if result.difference.low > 0 and result.items_in_all:
        fewest, most = result.items_in_all
        assert 5 <= fewest <= most
    assert not result.distinguishable


def test_a_later_look_at_the_same_two_needs_a_smaller_p():
    cells = paired_cells(40, 3, 12, 5)  # mid-p .0213
    assert [compare(cells, LABELS, look).distinguishable for look in (1, 2)] == [True, False]
    assert compare(cells, LABELS).level == 0.04


def test_the_levels_of_all_looks_add_up_to_five_percent():
    assert sum(level_at(look) for look in range(1, 200_000)) == pytest.approx(0.05, abs=1e-6)
    assert level_at(2) == pytest.approx(0.01 * 6 / np.pi**2)
    with pytest.raises(ValueError, match="from 1"):
        level_at(0)


@pytest.mark.slow
def test_adding_items_until_it_wins_finds_a_winner_among_equals_in_at_most_one_of_twenty():
    # Five looks, each at half as many items more; 3,000 worlds, standard error .004
    generator = np.random.default_rng(21)
    wins = 0
    for _ in range(3_000):
        fixed = broken = 0
        for look, added in enumerate((100, 50, 75, 112, 168), start=1):
            more, less, _rest = generator.multinomial(added, [0.1, 0.1, 0.8])
            fixed, broken = fixed + more, broken + less
            test = mcnemar([[0, broken], [fixed, 0]])
            if test.mid_p is not None and test.mid_p < level_at(look):
                wins += 1
                break
    assert wins / 3_000 <= 0.05 + 0.004


def test_a_candidate_against_itself_is_undefined_to_the_test_and_without_difference():
    result = compare([("a", "a", "a", 5), ("b", "a", "a", 2)], LABELS)
    assert result.test.p is None
    assert result.test.undefined == "they were right and wrong on exactly the same items"
    assert not result.distinguishable
    assert (result.differences["kappa"].value, result.differences["macro_f1"].value) == (0, 0)
    assert (
        result.differences["kappa"].low < 0 < result.differences["kappa"].high
    )  # they may differ on what was not seen
    assert result.difference.low < 0 < result.difference.high


def test_without_shared_items_everything_is_undefined_and_nothing_fails():
    result = compare([], LABELS)
    estimates = (result.a, result.b, result.difference, result.differences["kappa"], result.differences["macro_f1"])
    assert [e.value for e in estimates] == [None] * 5
    assert {e.undefined for e in estimates} == {"no item was annotated by all three"}
    assert result.test.p is None
    assert result.shows_from is result.items_in_all is None
    assert result.test.undefined == "no item was annotated by all three"
    assert not result.distinguishable


def test_a_kappa_that_one_candidate_has_not_leaves_the_difference_undefined():
    result = compare([("a", "a", "a", 9), ("a", "a", "b", 1)], LABELS)
    assert result.differences["kappa"].value is None
    assert "one label only" in result.differences["kappa"].undefined
    assert result.differences["macro_f1"].value is not None


def test_unknown_labels_and_negative_counts_are_refused():
    with pytest.raises(ValueError, match="'z'"):
        compare([("a", "z", "a", 1)], LABELS)
    with pytest.raises(ValueError, match="negative"):
        compare([("a", "a", "a", -1)], LABELS)


def test_the_order_of_the_cells_and_how_they_are_split_changes_nothing():
    split = [(r, a, b, part) for r, a, b, count in reversed(CELLS) for part in (1, count - 1)]
    assert compare(split, LABELS) == compare(CELLS, LABELS)


def paired_cells(both, only_a, only_b, neither):
    return [("a", "a", "a", both), ("a", "a", "b", only_a), ("a", "b", "a", only_b), ("a", "b", "b", neither)]


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((36, 2, 12, 0), 0.0569, 0.3404),  # Newcombe 1998, illustrative examples, method 10
        ((1, 7, 1, 12), -0.507, -0.026),  # Fagerland, Lydersen & Laake 2014 on Bentur et al. 2009
    ],
)
def test_published_paired_intervals_are_reproduced(counts, low, high):
    difference = compare(paired_cells(*counts), LABELS).difference
    digits = 4 if sum(counts) == 50 else 3
    assert (round(difference.low, digits), round(difference.high, digits)) == (low, high)
    assert difference.interval == "Newcombe paired (method 10)"


def test_the_paired_interval_by_hand_where_nothing_is_correlated():
    # 10 in each cell of 40: phi = 0, both shares 1/2, Wilson half width 1.95996 sqrt(.25/40 + 3.8415/6400) / 1.09604
    # = .148004 on every side; combined sqrt(2) * .148004 = .209310
    difference = compare(paired_cells(10, 10, 10, 10), LABELS).difference
    assert (difference.low, difference.high) == pytest.approx((-0.20931, 0.20931), abs=1e-5)


@given(*[st.integers(0, 60)] * 4)
def test_the_paired_interval_holds_the_difference_and_stays_within_its_bounds(both, broken, fixed, wrong):
    difference = compare(paired_cells(both, broken, fixed, wrong), LABELS).difference
    if both + broken + fixed + wrong == 0:
        assert difference.value is None
        return
    assert -1 <= difference.low <= difference.value <= difference.high <= 1
    assert difference.low < difference.high


def test_the_paired_interval_covers_the_true_difference_nineteen_times_in_twenty():
    shares = [0.6, 0.05, 0.15, 0.2]
    worlds = np.random.default_rng(3).multinomial(80, shares, size=2_000)
    intervals = [paired_difference(*(int(x) for x in world), undefined="") for world in worlds]
    covered = np.mean([estimate.low <= 0.1 <= estimate.high for estimate in intervals])
    assert covered == pytest.approx(0.95, abs=0.025)


cells_strategy = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS), st.sampled_from(LABELS), st.integers(1, 9)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(cells_strategy)
def test_differences_are_those_of_two_separate_scores(cells):
    result = compare(cells, LABELS)
    rows = [cell[:3] for cell in cells for _ in range(cell[3])]
    reference, a, b = zip(*rows, strict=True)
    shown = sorted(set(reference))
    score_a, score_b = (f1_score(reference, one, labels=shown, average="macro", zero_division=0) for one in (a, b))
    difference = score_b - score_a
    assert result.differences["macro_f1"].value == pytest.approx(difference, abs=1e-12)
    if result.differences["kappa"].value is not None:
        difference = cohen_kappa_score(reference, b) - cohen_kappa_score(reference, a)
        assert result.differences["kappa"].value == pytest.approx(difference, abs=1e-9)


@settings(max_examples=60)
@given(cells_strategy)
def test_swapping_the_candidates_turns_everything_round(cells):
    one = compare(cells, LABELS)
    other = compare([(r, b, a, count) for r, a, b, count in cells], LABELS)
    assert (one.fixed, one.broken, one.a, one.b) == (other.broken, other.fixed, other.b, other.a)
    assert one.difference.value == -other.difference.value
    assert one.difference.low == pytest.approx(-other.difference.high, abs=1e-12)
    assert (one.test, one.shows_from, one.items_in_all) == (other.test, other.shows_from, other.items_in_all)


def test_pairing_makes_the_interval_narrower_than_two_separate_ones():
    # both candidates err on the same items but two, so their kappas move together
    cells = [("a", "a", "a", 60), ("b", "b", "b", 60), ("a", "b", "b", 30), ("b", "a", "b", 4), ("a", "a", "b", 1)]
    paired = compare(cells, LABELS).differences["kappa"]
    single = METRICS["kappa"].estimate(Contingency.from_pairs([(r, a, n) for r, a, _, n in cells], LABELS))
    assert paired.low < paired.value < paired.high
    assert paired.high - paired.low < (single.high - single.low) / 2


def test_a_candidate_is_not_charged_a_label_of_its_own_for_answering_the_fallback():
    # A misses one x by answering "none", B gets it right; both are averaged over x and y alone.
    # A: F1(x) = 2*1/(2+1) = 2/3, F1(y) = 1, mean 5/6. B: 1. The difference is 1/6, not 1 - (2/3 + 1 + 0)/3 = 4/9.
    cells = [("x", "x", "x", 1), ("x", "none", "x", 1), ("y", "y", "y", 1)]
    result = compare(cells, ["x", "y", "none"])
    assert result.differences["macro_f1"].value == pytest.approx(1 / 6)


def test_a_difference_is_none_where_both_only_fell_back_differently():
    # A is wrong by "none", B by "y": F1 of x is 2/3 for both; of y 1 for A, 2/3 for B; "none" is no term of the mean.
    cells = [("x", "x", "x", 1), ("x", "none", "y", 1), ("y", "y", "y", 1)]
    assert compare(cells, ["x", "y", "none"]).differences["macro_f1"].value == pytest.approx((2 / 3 - 1) / 2)


def test_a_label_that_a_resample_misses_does_not_pull_the_interval_below_the_value():
    # 20 labels of 2 items each, nearly all right: most resamples lack some label altogether.
    names = [f"l{i}" for i in range(20)]
    table = Contingency.from_pairs([(name, name, 2) for name in names[1:]] + [("l0", "l0", 1), ("l0", "l1", 1)], names)
    score = METRICS["macro_f1"].estimate(table)
    assert score.low < score.value < score.high


def test_few_discordant_items_may_put_the_interval_and_the_test_at_odds():
    # 4 fixed, 0 broken of 12: mid-p 2^-4 = .0625, while the interval of +.33 leaves out 0
    result = compare(paired_cells(8, 0, 4, 0), LABELS)
    assert result.test.mid_p == 0.0625 and result.difference.low > 0
    assert result.at_odds and result.differences["kappa"].rough == "only 4 discordant items"


def test_where_interval_and_test_agree_and_many_are_discordant_nothing_is_at_odds_or_rough():
    result = compare(paired_cells(100, 10, 40, 20), LABELS)
    assert result.distinguishable and result.difference.low > 0
    assert not result.at_odds and not result.differences["kappa"].rough
    assert not compare(paired_cells(100, 12, 13, 20), LABELS).differences["kappa"].rough
    assert compare(paired_cells(100, 12, 12, 20), LABELS).differences["kappa"].rough
    assert not compare([], LABELS).differences["kappa"].rough and not compare([], LABELS).at_odds


def test_a_difference_of_macro_f1_says_both_why_it_is_rough():
    rough = compare([("a", "a", "a", 20), ("b", "a", "b", 9)], ["a", "b"]).differences["macro_f1"].rough
    assert rough == "only 9 discordant items; 1 of its 2 labels has fewer than 10 items"
