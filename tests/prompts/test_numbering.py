"""The rules of numbering say what the library says, only sooner."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.prompts.numbering import is_valid, may_be_valid

REGIONS = ("US", "GB", "DE", "FR", "IT", "ES", "IN")
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
DIGITS = st.text("0123456789", min_size=1, max_size=17)


def examples():
    """A valid number of every kind the library knows, by country code."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in phonenumbers.PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                yield number.country_code, phonenumbers.national_significant_number(number)
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        number = phonenumbers.example_number_for_non_geo_entity(code)
        yield code, phonenumbers.national_significant_number(number)


EXAMPLES = sorted(set(examples()))


def as_the_library_says(code, digits):
    zeros = len(digits) - len(digits.lstrip("0"))
    number = phonenumbers.PhoneNumber(
        country_code=code,
        national_number=int(digits),
        italian_leading_zero=zeros > 0 and len(digits) > 1,
        number_of_leading_zeros=min(zeros, len(digits) - 1) or None,
    )
    return phonenumbers.is_valid_number(number)


def test_every_example_of_the_library_is_valid_and_one_digit_more_or_less_is_as_it_says():
    assert len(EXAMPLES) > 900
    for code, digits in EXAMPLES:
        for told in (digits, digits + "5", digits[:-1], digits[:-1] + "0"):
            assert is_valid(code, told) == as_the_library_says(code, told), (code, told)


@given(st.sampled_from(CODES), DIGITS)
@settings(max_examples=1000)
def test_any_digits_are_valid_where_the_library_says_so(code, digits):
    assert is_valid(code, digits) == as_the_library_says(code, digits)


def parsed(written, region):
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, region))
    except phonenumbers.NumberParseException:
        return False


BEGINNINGS = st.sampled_from(["", "0", "00", "011", "1", "44", "49", "0049", "01144", "390", "91", "180020"])
ENDINGS = st.one_of(DIGITS, st.sampled_from([digits for _, digits in EXAMPLES]))


@given(st.sampled_from(REGIONS), st.booleans(), BEGINNINGS, ENDINGS)
@settings(max_examples=1000)
def test_no_number_the_parser_would_find_valid_is_left_out(region, is_international, beginning, ending):
    digits = (beginning + ending)[:19]
    if parsed(f"+{digits}" if is_international else digits, region):
        assert may_be_valid(digits, region, is_international=is_international)


@pytest.mark.parametrize(("code", "national"), EXAMPLES[::7])
def test_an_example_is_found_behind_a_plus(code, national):
    assert may_be_valid(f"{code}{national}", "US", is_international=True)


@pytest.mark.parametrize("digits", ["", "0", "123", "0" * 19, "9" * 19])
def test_what_is_surely_none_takes_no_parser(digits):
    assert not any(may_be_valid(digits, region, is_international=False) for region in REGIONS)
