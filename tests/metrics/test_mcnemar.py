import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar as oracle

from core.metrics import items_to_tell, mcnemar
from core.metrics.mcnemar import smallest_difference


@pytest.mark.parametrize("entry", ["mcnemar_agresti", "mcnemar_wikipedia"])
@pytest.mark.parametrize("method", ["uncorrected", "corrected"])
def test_published_chi_squares_are_reproduced(published, entry, method):
    result = mcnemar(published[entry]["inputs"]["table"], method)
    values = published[entry]["values"]
    assert result.statistic == pytest.approx(values[f"chi2_{method}"][0], rel=1e-12)
    assert result.p == pytest.approx(values[f"p_{method}"][0], rel=1e-9)


@pytest.mark.parametrize("entry", ["mcnemar_agresti", "mcnemar_wikipedia"])
def test_published_exact_p_values_are_reproduced_and_exact_is_the_default(published, entry):
    result = mcnemar(published[entry]["inputs"]["table"])
    assert result.p == pytest.approx(published[entry]["values"]["p_exact"][0], rel=1e-9)
    assert result.title == "McNemar, exact binomial"


def test_nine_against_one_by_hand():
    # 2 * (1 + 10) / 2^10
    result = mcnemar([[50, 9], [1, 40]])
    assert result.p == 22 / 1024
    assert (result.statistic, result.discordant) == (1, 10)


def test_equal_discordant_counts_give_a_p_of_one():
    assert [mcnemar([[5, 4], [4, 5]], m).p for m in ("exact", "corrected", "uncorrected")] == [1, 1, 1]


def test_without_discordant_items_the_test_is_undefined_and_says_why():
    result = mcnemar([[50, 0], [0, 40]])
    assert (result.p, result.statistic, result.discordant) == (None, None, 0)
    assert result.undefined == "they were right and wrong on exactly the same items"


def test_beyond_ten_thousand_discordant_items_the_corrected_chi_square_takes_over():
    assert mcnemar([[0, 5_100], [4_900, 0]]).title == "McNemar, exact binomial"
    above = mcnemar([[0, 5_101], [4_900, 0]])
    assert above.title == "McNemar, chi-square with continuity correction"
    assert above.statistic == pytest.approx(200**2 / 10_001)
    assert above.p == pytest.approx(mcnemar([[0, 5_101], [4_900, 0]], "exact").p, rel=0.01)


def test_a_hopelessly_small_exact_p_is_zero_and_not_an_error():
    assert mcnemar([[0, 10_000], [0, 0]]).p == 0


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="negative"):
        mcnemar([[1, -1], [2, 3]])


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from(["exact", "corrected", "uncorrected"]))
def test_any_table_agrees_with_statsmodels(b, c, method):
    result = mcnemar([[7, b], [c, 3]], method)
    if b + c == 0:
        assert result.p is None
        return
    expected = oracle(np.array([[7, b], [c, 3]]), exact=method == "exact", correction=method == "corrected")
    if method == "corrected" and b == c:  # statsmodels lets the correction overshoot to (0 - 1)^2 here
        assert (result.statistic, result.p) == (0, 1)
        return
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.statistic == pytest.approx(expected.statistic)


def test_items_to_tell_follow_connors_formula_by_hand():
    # 30 against 20 in 500: psi .1, d .02; (1.95996 sqrt(.1) + .84162 sqrt(.0996))^2 / .0004
    # = (.619795 + .265609)^2 / .0004 = .783940 / .0004 = 1959.9
    assert items_to_tell(50 / 500, 10 / 500) == 1960
    assert items_to_tell(50 / 500, -10 / 500) == 1960


def test_no_number_of_items_shows_a_difference_of_zero():
    assert items_to_tell(8 / 100, 0) is None
    assert items_to_tell(0, 0) is None


def test_items_to_tell_never_fall_below_five_discordant_items():
    assert items_to_tell(1, 1) == 5
    assert mcnemar([[0, 0], [4, 0]]).mid_p > 0.05 > mcnemar([[0, 0], [5, 0]]).mid_p


def test_the_smallest_difference_is_the_one_that_takes_so_many_items():
    for discordant, n in ((20, 100), (30, 103), (900, 5_000)):
        d = smallest_difference(discordant, n)
        assert items_to_tell(discordant / n, d) == pytest.approx(n, abs=1)


def test_two_discordant_items_of_ten_can_show_nothing():
    assert smallest_difference(2, 10) is None
    assert smallest_difference(0, 10) is None
    assert smallest_difference(0, 0) is None


def test_a_difference_that_so_many_items_show_is_told_four_times_in_five():
    d = smallest_difference(60, 300)
    b, c = (0.2 + d) / 2, (0.2 - d) / 2
    worlds = np.random.default_rng(8).multinomial(300, [b, c, 0.8], size=2_000)
    told = np.mean([mcnemar([[0, x], [y, 0]]).mid_p < 0.05 for x, y, _ in worlds])
    assert told == pytest.approx(0.8, abs=0.05)


def test_mid_p_by_hand():
    # 9 against 1: 2 * (1 + 10) / 2^10 less 10 / 2^10; 4 against 4: 1 less half of 70 / 2^8; 1 against 1: 1 - 1/4
    assert mcnemar([[50, 9], [1, 40]]).mid_p == 12 / 1024
    assert mcnemar([[5, 4], [4, 5]]).mid_p == 1 - 35 / 256
    assert mcnemar([[5, 1], [1, 3]]).mid_p == 0.75
    assert mcnemar([[0, 5_101], [4_900, 0]]).mid_p == mcnemar([[0, 5_101], [4_900, 0]]).p


@given(st.integers(0, 60), st.integers(0, 60))
def test_mid_p_is_that_of_scipy(b, c):
    if b + c == 0:
        return
    law = binom(b + c, 0.5)
    expected = 2 * law.cdf(min(b, c)) - law.pmf(min(b, c)) if b != c else 1 - law.pmf(b) / 2
    assert mcnemar([[0, b], [c, 0]]).mid_p == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
def test_mid_p_keeps_its_level_and_finds_more_than_the_exact_test():
    # n = 100 with a fifth discordant, 5,000 worlds: a rate of .05 has standard error .003
    generator = np.random.default_rng(12)
    equal = [mcnemar([[0, x], [y, 0]]) for x, y, _ in generator.multinomial(100, [0.1, 0.1, 0.8], size=5_000)]
    apart = [mcnemar([[0, x], [y, 0]]) for x, y, _ in generator.multinomial(100, [0.06, 0.14, 0.8], size=5_000)]

    def rate(tests, which):
        return np.mean([(getattr(test, which) or 0) < 0.05 if test.p is not None else False for test in tests])

    assert rate(equal, "mid_p") <= 0.05 + 3 * 0.003
    assert rate(apart, "mid_p") > rate(apart, "p") + 0.05


def test_that_many_items_do_tell_four_times_in_five():
    n = items_to_tell(50 / 500, 10 / 500)
    worlds = np.random.default_rng(7).multinomial(n, [0.06, 0.04, 0.9], size=2_000)
    told = np.mean([mcnemar([[0, b], [c, 0]], "uncorrected").p < 0.05 for b, c, _ in worlds])
    assert told == pytest.approx(0.8, abs=0.04)  # 4 standard errors: 4 sqrt(.8 * .2 / 2000) = .036
