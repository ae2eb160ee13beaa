import numpy as np
import pytest

from core.metrics import Contingency, Margins


def test_cells_land_with_the_reference_in_rows_and_equal_pairs_add_up():
    table = Contingency.from_pairs([("a", "b", 3), ("a", "a", 2), ("a", "b", 1)], ["a", "b"])
    assert table.counts.tolist() == [[2, 4], [0, 0]]
    assert (table.n, table.agreements) == (6, 2)


def test_a_label_the_task_does_not_have_is_refused_by_name():
    with pytest.raises(ValueError, match="'c'"):
        Contingency.from_pairs([("a", "c", 1)], ["a", "b"])


@pytest.mark.parametrize("counts", [[[1, 2]], [[-1, 0], [0, 0]], [[0.5, 0], [0, 0]], [[float("nan"), 0], [0, 0]]])
def test_counts_that_are_no_table_are_refused(counts):
    with pytest.raises(ValueError, match="table|whole"):
        Contingency(("a", "b"), np.array(counts))


def test_negative_cells_and_repeated_labels_are_refused():
    with pytest.raises(ValueError, match="negative"):
        Contingency.from_pairs([("a", "a", -1)], ["a"])
    with pytest.raises(ValueError, match="twice"):
        Contingency.from_pairs([], ["a", "a"])


def test_a_table_cannot_be_changed_from_outside():
    counts = np.array([[1, 2], [3, 4]])
    table = Contingency(("a", "b"), counts)
    counts[0, 0] = 99
    assert table.agreements == 5
    with pytest.raises(ValueError, match="read-only"):
        table.counts[0, 0] = 99


def test_margins_of_a_stack_are_the_margins_of_each_table():
    stack = np.array([[[1, 2], [3, 4]], [[5, 0], [0, 0]]])
    margins = Margins.of(stack)
    assert margins.hits.tolist() == [[1, 4], [5, 0]]
    assert margins.reference.tolist() == [[3, 7], [5, 0]]
    assert margins.candidate.tolist() == [[4, 6], [5, 0]]
    assert margins.n.tolist() == [10, 5]


def test_drawn_tables_keep_the_number_of_items_and_leave_room_for_what_was_not_seen():
    table = Contingency(("a", "b", "c"), np.array([[6, 0, 0], [0, 3, 1], [0, 0, 0]]))
    drawn = table.drawn
    assert drawn.n == pytest.approx(11)  # one item is the prior's
    assert drawn.candidate.sum(axis=1) == pytest.approx(11)
    assert (drawn.hits[:, 0] < drawn.reference[:, 0] - 0.01).mean() > 0.3  # a was always called a, on six items
    # 6 + 1/6 of 11: mean 6.17, variance 11 * 11 * .561 * .439 / 12 = 2.48, standard error of the mean .035
    assert drawn.hits[:, 0].mean() == pytest.approx(6 + 1 / 6, abs=4 * 0.035)
    assert drawn.hits[:, 0].var() == pytest.approx(2.48, rel=0.15)
