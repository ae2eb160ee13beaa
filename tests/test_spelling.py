"""When two spellings are one name."""

import pytest

from core.spelling import fold, same_id, same_text, same_value, tidy, variants

ALIKE = [
    ("1", "1.0"),
    ("1", "1e0"),
    ("1", "1.00"),
    ("1", "+1"),
    ("0", "-0.0"),
    ("12.000", "12"),
    ("\uff11", "1"),
    ("1", "1."),
    (".5", "0.5"),
    ("-.5", "-0.5"),
    ("12345678901234567890", "12345678901234567890.0"),
    ("True", "true"),
    ("caf\u00e9", "cafe\u0301"),
    ("complaint", "complaint\u200b"),
    ("complaint", "com\u00adplaint"),
    ("complaint", "\u202acomplaint\u202c"),
    ("complaint", "complaint\u200c"),
    ("complaint", "com\u200c\u200d\u200cplaint"),
    ("complaint", "\ufeffcomplaint\u00a0"),
    ("\u2764", "\u2764\ufe0f"),
    ("\uff21\uff22", "AB"),
]
APART = [
    ("1", "01"),
    ("0071", "71"),
    ("1", "true"),
    ("true", "yes"),
    ("1", "-1"),
    ("1", "1.01"),
    ("1.1", "1.10"),
    ("0.5", "0.50"),
    ("2.3", "23e-1"),
    ("1.0", "01.0"),
    ("1,0", "1"),
    ("1.0.0", "1"),
    ("\U0001f469\u200d\U0001f467", "\U0001f469\U0001f467"),
    ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
]


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_what_has_one_value_or_looks_alike_is_one(a: str, b: str) -> None:
    assert same_value(a) == same_value(b)


@pytest.mark.parametrize(("a", "b"), APART)
def test_what_differs_in_value_or_to_the_eye_stays_apart(a: str, b: str) -> None:
    assert same_value(a) != same_value(b)


def test_numbers_are_one_only_as_a_proposal_so_a_task_may_hold_both() -> None:
    assert fold("1") != fold("1.0")


def test_a_name_is_stored_without_what_shows_nothing() -> None:
    assert tidy("\u200b caf\u0065\u0301\u00a0 noir\u00ad ") == "caf\u00e9 noir"


def test_of_numbers_written_equally_often_the_shorter_is_proposed() -> None:
    assert variants({"1.0": 3, "1": 3, "01": 1}) == {"1.0": "1"}


def test_a_long_run_of_joiners_is_no_trap() -> None:
    run = "\u00e9" + "\u200d" * 300_000 + "\u00e9"
    assert tidy(run) == run


def test_versions_that_read_like_numbers_are_not_proposed_as_one() -> None:
    assert variants({"1.1": 5, "1.10": 3, "2.0": 2, "2": 4}) == {"2.0": "2"}


@pytest.mark.parametrize(
    ("counts", "proposed"),
    [
        ({"1": 2, "2": 1, "3.0": 1}, {"3.0": "3"}),
        ({"1": 1, "1.0": 2, "2": 1}, {"1.0": "1"}),
        ({"1.0": 5, "2.0": 5, "nan": 1}, {}),
        ({"\u22121": 1, "-1": 1}, {"\u22121": "-1"}),
        ({"1": 1, "2.5": 1, "sports": 2}, {}),
    ],
)
def test_where_one_whole_number_is_written_in_digits_all_are(counts: dict[str, int], proposed: dict[str, str]) -> None:
    assert variants(counts) == proposed


def test_ids_keep_upper_and_lower_case_and_lose_what_a_program_adds() -> None:
    assert same_id(" 17.0") == same_id("17\ufeff") == "17"
    assert same_id("aB") != same_id("Ab") and same_id("017") != same_id("17")


def test_texts_that_differ_in_white_space_alone_are_one() -> None:
    assert same_text("one  a\r\nb ") == same_text("one a\nb\u00a0") == same_text("\ufeffone a b")
    assert same_text("one ab") != same_text("one a b") and same_text("One") != same_text("one")
