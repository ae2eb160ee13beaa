"""Near-identical texts, with the Jaccard similarities of word pairs worked by hand."""

from hypothesis import given
from hypothesis import strategies as st

from core.splits import group_near_duplicates


def test_texts_that_differ_in_case_and_punctuation_are_the_same():
    assert group_near_duplicates(["Hello, big world!", "hello big WORLD", "something else entirely"]) == [0, 0, None]


def test_one_word_more_in_a_long_text_is_near():
    long = "the quick brown fox jumps over the lazy dog again and again today"
    # 12 pairs, one more makes 13: 12 / 13 = 0.92.
    assert group_near_duplicates([long, long + " indeed"]) == [0, 0]


def test_half_of_the_pairs_is_not_near_enough():
    # Pairs ab bc cd de | ab bc cx xy: 2 shared of 6, 0.33.
    assert group_near_duplicates(["a b c d e", "a b c x y"]) == [None, None]


def test_the_same_words_in_another_order_are_not_the_same():
    assert group_near_duplicates(["dog bites man in the park", "man bites dog in a park"]) == [None, None]


def test_empty_texts_are_near_nothing():
    assert group_near_duplicates(["", "  ", "a"]) == [None, None, None]


def test_texts_without_words_are_the_same_only_if_they_are_equal():
    assert group_near_duplicates(["!!!", "!!!", "???"]) == [0, 0, None]


def test_a_chain_is_one_group():
    words = [f"w{i}" for i in range(40)]
    # Each drops three words at the front and gains three at the end: 27 of 33 pairs shared, 0.82; the ends share less.
    chain = [" ".join([f"w{j}" for j in range(3 * i, 3 * i + 31)]) for i in range(4)]
    assert group_near_duplicates([" ".join(words[:1]), *chain]) == [None, 1, 1, 1, 1]


def test_progress_runs_to_the_end():
    seen = []
    group_near_duplicates(["a b", "c d"], seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_half_a_character_is_no_obstacle():
    assert group_near_duplicates(["bad \ud83d text here", "bad \ud83d text here"]) == [0, 0]


@given(st.lists(st.text(alphabet="ab c", max_size=12), max_size=12))
def test_equal_texts_always_share_a_group_and_its_first_member_names_it(texts):
    groups = group_near_duplicates(texts)
    for i, group in enumerate(groups):
        assert group is None or (group <= i and groups[group] == group)
        for j in range(i):
            if texts[i] == texts[j] and texts[i].strip():
                assert groups[i] == groups[j] is not None
    assert all(groups.count(group) > 1 for group in set(groups) - {None})
