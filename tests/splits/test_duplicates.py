"""Near-identical texts, with the Jaccard similarities of word pairs worked by hand."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.splits import group_near_duplicates, taken_apart, too_large


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


# spelling, scripts, small changes, templates


def groups_of(*texts):
    return group_near_duplicates([*texts, "something else entirely is said here"])[:-1]


TWINS = {
    "composed or not": ("Café crème brûlée", unicodedata.normalize("NFD", "Café crème brûlée")),
    "full width": ("ＡＢＣ１２３ order", "ABC123 order"),
    "one word replaced": ("The council approves the bridge repairs", "The council approves the bridge works"),
    "one word replaced in four": ("Striker leaves northern club", "Striker leaves southern club"),
    "one word more": ("Striker leaves the club today", "Striker leaves the northern club today"),
    "cut short": (
        "The council approves bridge repairs after a long debate about money",
        "The council approves bridge rep…",
    ),
    "chinese, a word replaced": ("今天的天气非常好我们去公园散步", "今天的天气非常好我们去公园跑步"),
    "chinese, cut short": ("今天的天气非常好我们去公园散步然后回家吃饭", "今天的天气非常好我们去"),
    "thai, a word replaced": ("วันนี้อากาศดีมากเราไปเดินเล่นที่สวน", "วันนี้อากาศดีมากเราไปวิ่งเล่นที่สวน"),
}


@pytest.mark.parametrize("twins", TWINS.values(), ids=TWINS)
def test_texts_that_say_the_same_in_another_form_are_near(twins):
    assert groups_of(*twins) == [0, 0]


APART = {
    "chinese": ("今天的天气非常好我们去公园散步", "股票市场今天大幅下跌投资者恐慌"),
    "thai": ("วันนี้อากาศดีมากเราไปเดินเล่น", "ตลาดหุ้นตกหนักในวันนี้"),
    "half of the words": ("Striker leaves northern club", "Striker joins southern club"),
    "a short opening": ("Thank you", "Thank you for the report on the flood"),
}


@pytest.mark.parametrize("texts", APART.values(), ids=APART)
def test_texts_that_share_little_are_not(texts):
    assert groups_of(*texts) == [None, None]


def mails(number, body, disclaimer=100):
    words = random.Random(3)
    shared = " ".join(f"legal{i}" for i in range(disclaimer))
    return [" ".join(f"w{words.randrange(9999)}" for _ in range(body)) + " " + shared for _ in range(number)]


@pytest.mark.parametrize("body", [5, 20, 60])
@pytest.mark.parametrize("number", [6, 60, 600])
def test_mails_that_share_a_disclaimer_are_not_one_text(number, body):
    assert group_near_duplicates(mails(number, body)) == [None] * number


def test_near_copies_among_mails_with_one_disclaimer_are_found():
    texts = mails(200, 20)
    copies = [" ".join([*text.split()[:10], "changed", *text.split()[11:]]) for text in texts[:20]]
    groups = group_near_duplicates([*texts, *copies])
    assert groups[200:] == list(range(20))
    assert sum(group is not None for group in groups) == 40


def test_a_sentence_filled_in_with_another_number_is_another_text():
    texts = [f"Dear customer, your order {number} has been shipped today" for number in range(100)]
    assert group_near_duplicates(texts) == [None] * 100


def test_a_phrase_that_many_texts_begin_with_joins_none_of_them():
    texts = [
        "how do i get my money",
        *(f"how do i get my money back from shop{i} after {i * 7} days of wait{i}" for i in range(9)),
    ]
    assert group_near_duplicates(texts)[0] is None


def test_a_group_too_large_to_be_true_is_told_and_taken_apart_but_for_the_very_same_words():
    texts = [f"text {i}" for i in range(40)]
    texts[5] = "TEXT 4!"
    groups = [0] * 30 + [None] * 10
    assert too_large(groups, texts) == [0]
    assert taken_apart(groups, texts) == [None] * 4 + [4, 4] + [None] * 34
    assert too_large([0] * 30 + [None] * 10, ["the same"] * 40) == []
    assert too_large([0] * 10 + [None] * 30, texts) == []


@given(st.lists(st.text(alphabet="ab c", max_size=12), max_size=12))
def test_equal_texts_always_share_a_group_and_its_first_member_names_it(texts):
    groups = group_near_duplicates(texts)
    for i, group in enumerate(groups):
        assert group is None or (group <= i and groups[group] == group)
        for j in range(i):
            if texts[i] == texts[j] and texts[i].strip():
                assert groups[i] == groups[j] is not None
    assert all(groups.count(group) > 1 for group in set(groups) - {None})
