import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as oracle

from core.metrics import items_to_tell, mcnemar


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
    assert items_to_tell(30, 20, 500) == 1960
    assert items_to_tell(20, 30, 500) == 1960


def test_no_number_of_items_shows_a_difference_of_zero():
    assert items_to_tell(4, 4, 100) is None
    assert items_to_tell(0, 0, 100) is None


def test_items_to_tell_never_fall_below_six_discordant_items():
    assert items_to_tell(0, 5, 5) == 6
    assert mcnemar([[0, 0], [5, 0]]).p > 0.05 > mcnemar([[0, 0], [6, 0]]).p


def test_that_many_items_do_tell_four_times_in_five():
    n = items_to_tell(30, 20, 500)
    worlds = np.random.default_rng(7).multinomial(n, [0.06, 0.04, 0.9], size=2_000)
    told = np.mean([mcnemar([[0, b], [c, 0]], "uncorrected").p < 0.05 for b, c, _ in worlds])
    assert told == pytest.approx(0.8, abs=0.04)  # 4 standard errors: 4 sqrt(.8 * .2 / 2000) = .036
