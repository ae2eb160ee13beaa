from itertools import combinations

import numpy as np
import pytest

from core.metrics import METRICS, Contingency, verbal

TWO_RATER_TABLES = (
    "cohen_1960_1968",
    "wikipedia_cohen_50",
    "wikipedia_cohen_same_po_1",
    "sas_statsmodels_table10",
    "feinstein_cicchetti_paradox",
)


def table_of(counts):
    return Contingency(tuple(str(k) for k in range(len(counts))), np.array(counts))


def value(key, counts):
    return METRICS[key].estimate(table_of(counts)).value


def test_kappa_of_fifty_grants_by_hand():
    # p_o = 35/50 = .7; p_e = (25/50)(30/50) + (25/50)(20/50) = .5; (.7 - .5) / (1 - .5) = .4
    assert value("kappa", [[20, 5], [10, 15]]) == pytest.approx(0.4)


def test_pi_of_fifty_grants_by_hand():
    # pooled shares 55/100 and 45/100: p_e = .3025 + .2025 = .505; (.7 - .505) / .495 = .39394
    assert value("pi", [[20, 5], [10, 15]]) == pytest.approx(0.195 / 0.495)


def test_alpha_of_fifty_grants_by_hand():
    # 100 values, 55 and 45: D_o = 30 / 100, D_e = 2 * 55 * 45 / (100 * 99) = .5; 1 - .3 / .5 = .4
    assert value("alpha", [[20, 5], [10, 15]]) == pytest.approx(0.4)


@pytest.mark.parametrize("entry", TWO_RATER_TABLES)
@pytest.mark.parametrize(("key", "name"), [("kappa", "kappa"), ("pi", "scott_pi"), ("alpha", "krippendorff_alpha")])
def test_published_two_rater_tables_are_reproduced(published, entry, key, name):
    counts = published[entry]["inputs"]["table_rows_A_cols_B"]
    for expected in published[entry]["values"][name]:
        assert value(key, counts) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("first", "second"), list(combinations((1, 2, 3), 2)))
def test_kappas_between_the_three_people_of_pandalm_are_reproduced(published, pandalm, first, second):
    pairs = zip(pandalm[f"annotator{first}"], pandalm[f"annotator{second}"], strict=True)
    table = Contingency.from_pairs([(a, b, 1) for a, b in pairs], ["0", "1", "2"])
    estimate = METRICS["kappa"].estimate(table)
    name = f"kappa ann{first}-ann{second}"
    assert estimate.value == pytest.approx(published["pandalm_real"]["values"][name][0], abs=1e-12)
    assert round(estimate.value, 2) == published["pandalm_real"]["printed"][name]
    assert estimate.n == 999


@pytest.mark.parametrize("entry", TWO_RATER_TABLES[:3])
def test_the_interval_of_kappa_is_near_the_analytic_one(published, entry):
    estimate = METRICS["kappa"].estimate(table_of(published[entry]["inputs"]["table_rows_A_cols_B"]))
    width = 2 * 1.959964 * published[entry]["values"]["se"][0]
    assert estimate.low == pytest.approx(published[entry]["values"]["ci_low"][0], abs=0.1 * width)
    assert estimate.high == pytest.approx(published[entry]["values"]["ci_high"][0], abs=0.1 * width)
    assert estimate.interval == "Dirichlet posterior, 2,000 draws, seed 0"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("key", ["kappa", "alpha", "pi"])
def test_one_label_throughout_is_undefined_and_says_so(key):
    estimate = METRICS[key].estimate(table_of([[12, 0], [0, 0]]))
    assert estimate.value is None
    assert estimate.n == 12
    assert estimate.undefined == "both annotators used one label only, so chance agreement is 1"
    assert (estimate.low, estimate.high) == (None, None)


def test_one_label_each_but_different_ones_is_no_better_than_chance_to_kappa_and_worse_to_pi():
    counts = [[0, 10], [0, 0]]
    assert value("kappa", counts) == 0  # p_o = 0, p_e = 1 * 0 + 0 * 1 = 0
    assert value("pi", counts) == -1  # p_e = .25 + .25: (0 - .5) / .5
    assert value("alpha", counts) == pytest.approx(1 - 19 * 20 / (400 - 200))  # -0.9


def test_a_million_items_on_the_edge_of_one_label_stay_defined():
    counts = [[999_999, 1], [0, 0]]
    assert value("kappa", counts) == pytest.approx(0, abs=1e-9)
    assert value("alpha", counts) == pytest.approx(-5e-7 + 5e-7, abs=1e-6)


@pytest.mark.parametrize(
    ("kappa", "word"),
    [
        (-0.01, "poor"),
        (0, "slight"),
        (0.2, "slight"),
        (0.21, "fair"),
        (0.4, "fair"),
        (0.41, "moderate"),
        (0.6, "moderate"),
        (0.61, "substantial"),
        (0.8, "substantial"),
        (0.81, "almost perfect"),
        (1, "almost perfect"),
    ],
)
def test_kappa_gets_the_word_of_landis_and_koch(kappa, word):
    assert verbal(kappa) == word


def test_an_undefined_kappa_gets_no_word():
    with pytest.raises(ValueError, match="undefined"):
        verbal(float("nan"))
