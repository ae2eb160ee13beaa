"""Sets of spans: one form for equal sets, and a sentence for everything that keeps something from being one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tasks.span_value import canonical, check_spans, from_canonical, ordered, relabelled, score

LABELS = {1: "person", 2: "place"}
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9)), max_size=8)


def said(given, length=10, **how):
    return [problem.message for problem in check_spans(given, length, LABELS, **how)]


def test_the_canonical_form_is_sorted_without_duplicates_or_blanks():
    assert canonical([(9, 12, 1), [0, 5, 2], (0, 5, 1), (0, 5, 2)]) == "[[0,5,1],[0,5,2],[9,12,1]]"
    assert canonical([]) == "[]"
    assert from_canonical("[]") == ()


@given(SPANS, st.randoms())
def test_two_sets_are_equal_exactly_if_their_forms_are(spans, random):
    mixed = [*spans, *spans[:2]]
    random.shuffle(mixed)
    assert canonical(mixed) == canonical(spans)
    assert from_canonical(canonical(spans)) == ordered(spans)
    assert canonical([*spans, (50, 51, 1)]) != canonical(spans)


@pytest.mark.parametrize(
    "text",
    [
        "[[0, 5, 2]]",
        "[[5,9,1],[0,4,1]]",
        "[[0,5,2],[0,5,2]]",
        "[[0,5]]",
        "[[0,5,true]]",
        "[[0,5,2.0]]",
        "{}",
        "3",
        "[3]",
    ],
)
def test_what_is_not_in_the_canonical_form_is_refused(text):
    with pytest.raises(ValueError, match="canonical form"):
        from_canonical(text)


FAULTS = {
    "beyond the text": ([[7, 11, 1]], "Span 1 ends at 11, beyond the text, which has 10 characters."),
    "starting beyond": ([[12, 12, 1]], "Span 1 is empty: it starts and ends at 12."),
    "negative": ([[-2, 3, 1]], "Span 1 has the offset -2, which is negative."),
    "reversed": ([[0, 1, 1], [5, 3, 1]], "Span 2 ends at 3, before it starts at 5."),
    "empty": ([[4, 4, 1]], "Span 1 is empty: it starts and ends at 4."),
    "another label": ([[0, 4, 7]], "Span 1 has the label number 7, which the task does not have."),
    "overlapping": (
        [[3, 6, 2], [0, 4, 1]],
        "Span 1 (place, 3 to 6) overlaps span 2 (person, 0 to 4).",
    ),
    "two labels on one extent": (
        [[0, 4, 1], [0, 4, 2]],
        "Span 2 (place, 0 to 4) overlaps span 1 (person, 0 to 4).",
    ),
    "not three numbers": ([[0, 4]], "Span 1 is not three whole numbers."),
    "a fraction": ([[0, 4.0, 1]], "Span 1 is not three whole numbers."),
    "a truth value": ([[False, 4, 1]], "Span 1 is not three whole numbers."),
    "words": (["person"], "Span 1 is not three whole numbers."),
    "no list": ({"start": 0}, "The spans are not a list."),
    "nothing": (None, "The spans are not a list."),
}


@pytest.mark.parametrize(("given", "sentence"), FAULTS.values(), ids=FAULTS)
def test_each_fault_has_its_sentence_and_says_what_to_do(given, sentence):
    assert sentence in said(given)
    assert all(problem.hint for problem in check_spans(given, 10, LABELS))


def test_a_fault_names_its_place_and_hides_no_other():
    problems = check_spans([[0, 2, 1], [3, 99, 5], [8, 2, 1]], 10, LABELS)
    assert [problem.row for problem in problems] == [2, 2, 3]


@pytest.mark.parametrize(
    "fine", [[], [[0, 10, 1]], [[0, 4, 1], [4, 6, 2]], [[4, 6, 2], [0, 4, 1]], [[0, 4, 1], [0, 4, 1]], ((0, 4, 1),)]
)
def test_spans_that_fit_touch_or_are_given_twice_are_fine(fine):
    assert said(fine) == []


def test_overlap_is_fine_where_the_task_allows_it():
    assert said([[0, 6, 1], [2, 4, 2], [0, 6, 2]], may_overlap=True) == []
    # inside a long one, behind a short one: both lie in the long one
    assert len(said([[0, 9, 1], [1, 2, 2], [4, 5, 2]])) == 2


def test_labels_that_are_merged_or_removed_take_their_spans_along():
    assert relabelled([(0, 4, 1), (0, 4, 2), (5, 6, 3)], {1: 2, 3: None}) == ((0, 4, 2),)


def test_the_score_of_an_item_by_hand():
    assert score([], []) == 1.0
    assert score([(0, 4, 1)], []) == 0.0
    # one of two and one of three: 2 x 1 / 5
    assert score([(0, 4, 1), (5, 6, 1)], [(0, 4, 1), (5, 6, 2), (8, 9, 1)]) == pytest.approx(0.4)


@given(SPANS, SPANS)
def test_the_score_is_1_only_for_the_same_set_and_the_same_both_ways(one, other):
    assert score(one, other) == score(other, one)
    assert (score(one, other) == 1.0) == (canonical(one) == canonical(other))
