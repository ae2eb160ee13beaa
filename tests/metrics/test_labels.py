import numpy as np
import pytest

from core.metrics import METRICS, Confusion, Contingency, confusions, per_label

# reference a: 4 called a, 1 b; b: 2 a, 3 b; c: never; the candidate calls 1 b "c"; d: nobody
COUNTS = [[4, 1, 0, 0], [2, 3, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


@pytest.fixture
def table():
    return Contingency(("a", "b", "c", "d"), np.array(COUNTS))


def test_each_label_is_scored_with_its_own_denominator(table):
    a = per_label(table)[0]
    assert (a.label, a.support, a.predicted) == ("a", 5, 6)
    assert (a.precision.value, a.precision.n) == (4 / 6, 6)
    assert (a.recall.value, a.recall.n) == (4 / 5, 5)
    assert (a.iou.value, a.iou.n) == (4 / 7, 7)
    assert (a.f1.value, a.f1.n) == (pytest.approx(8 / 11), 7)
    assert [a.precision.interval, a.recall.interval, a.iou.interval] == ["Wilson, modified near the edge"] * 3
    assert a.f1.interval == "Wilson, mapped from IoU by 2x / (1 + x)"
    assert (a.f1.low, a.f1.high) == pytest.approx([2 * x / (1 + x) for x in (a.iou.low, a.iou.high)])


def test_a_label_that_was_always_right_or_never_has_an_interval_too():
    right, wrong = per_label(Contingency(("a", "b"), np.array([[9, 0], [2, 0]])))[:2]
    assert (wrong.f1.value, wrong.f1.low) == (0, 0) and 0 < wrong.f1.high < 1
    right = per_label(Contingency(("a", "b"), np.diag([9, 3])))[0]
    assert (right.f1.value, right.f1.high) == (1, 1) and 0 < right.f1.low < 1


def test_a_label_the_reference_never_chose_has_no_recall_but_a_precision_of_zero(table):
    c = per_label(table)[2]
    assert c.recall.value is None
    assert c.recall.undefined == "the reference never chose this label"
    assert (c.precision.value, c.precision.n) == (0, 1)
    assert (c.f1.value, c.iou.value) == (0, 0)


def test_a_label_the_candidate_never_chose_has_no_precision():
    b = per_label(Contingency(("a", "b"), np.array([[3, 0], [2, 0]])))[1]
    assert b.precision.value is None
    assert b.precision.undefined == "the candidate never chose this label"
    assert (b.recall.value, b.recall.n, b.f1.value) == (0, 2, 0)


def test_a_label_nobody_chose_is_listed_as_undefined_with_support_zero(table):
    d = per_label(table)[3]
    assert (d.label, d.support, d.predicted) == ("d", 0, 0)
    assert [x.value for x in (d.precision, d.recall, d.f1, d.iou)] == [None] * 4
    assert d.f1.undefined == d.iou.undefined == "neither annotator chose this label"


def test_without_items_every_label_is_listed_and_undefined():
    scores = per_label(Contingency(("a", "b"), np.zeros((2, 2))))
    assert [s.label for s in scores] == ["a", "b"]
    assert all(x.value is None and x.undefined for s in scores for x in (s.precision, s.recall, s.f1, s.iou))


def test_macro_f1_is_the_mean_over_the_labels_the_reference_uses(table):
    # F1: a 8/11, b 6/10; c only the candidate uses, d nobody
    expected = (8 / 11 + 6 / 10) / 2
    assert METRICS["macro_f1"].estimate(table).value == pytest.approx(expected)


def test_confusions_come_most_frequent_first_and_ties_in_the_order_of_the_labels(table):
    assert confusions(table) == (Confusion("b", "a", 2), Confusion("a", "b", 1), Confusion("b", "c", 1))
    assert confusions(table, top=1) == (Confusion("b", "a", 2),)
    assert confusions(table, top=0) == ()


def test_two_annotators_who_agree_throughout_confuse_nothing():
    assert confusions(Contingency(("a", "b"), np.diag([3, 4]))) == ()


@pytest.mark.parametrize(("judge", "name"), [("gpt35", "gpt-3.5-turbo"), ("pandalm7b", "pandalm-7b")])
def test_the_published_scores_of_the_pandalm_judges_are_reproduced(published, pandalm, judge, name):
    people = zip(pandalm["annotator1"], pandalm["annotator2"], pandalm["annotator3"], strict=True)
    majority = [max(votes, key=votes.count) for votes in people]
    pairs = zip(majority, pandalm[judge], strict=True)
    table = Contingency.from_pairs([(a, b, 1) for a, b in pairs], ["0", "1", "2"])
    expected = {key: values[0] for key, values in published["pandalm_real"]["values"].items() if values}
    scores = per_label(table)
    assert METRICS["accuracy"].estimate(table).value * 100 == pytest.approx(expected[f"{name} accuracy %"])
    assert np.mean([s.precision.value for s in scores]) * 100 == pytest.approx(expected[f"{name} precision macro %"])
    assert np.mean([s.recall.value for s in scores]) * 100 == pytest.approx(expected[f"{name} recall macro %"])
    assert METRICS["macro_f1"].estimate(table).value * 100 == pytest.approx(expected[f"{name} f1 macro %"])
    assert METRICS["kappa"].estimate(table).value == pytest.approx(expected[f"{name} kappa vs majority"])
    support = [expected[f"majority label {label} count"] for label in "012"]
    assert [s.support for s in scores] == support
