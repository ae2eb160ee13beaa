"""Which digits are a telephone number: the rules of phonenumbers, as its metadata have them.

Its own parser and check take up to half a millisecond, most of it to find that something is no number, or for a country
code that many countries share. A text of nothing but numbers asks some 100,000 times a megabyte. The tests hold these
few lines to what the library says.
"""

import re
from functools import cache

Rule = tuple[re.Pattern[str] | None, re.Pattern[str] | None]
"""How the numbers of one region begin, None where that does not tell it from others; and all its numbers of a length,
None where it has none of this length."""


def is_valid(country_code: int, digits: str) -> bool:
    """What `phonenumbers.is_valid_number` says of this national number, leading zeros included."""
    for leading, numbers in _rules(country_code, len(digits)):
        if leading is None or leading.match(digits):
            if numbers is not None and numbers.fullmatch(digits):
                return True
            if leading is not None:
                return False
    return False


def may_be_valid(digits: str, region: str, *, is_international: bool) -> bool:
    """Whether it is worth its parser's time: False only for what is surely no number, read by the region's rules."""
    if is_international and (code := _country_code(digits)):
        return _may_be_of(code, digits[len(str(code)) :], _main_region(code))
    code, abroad = _home(region)
    if _may_be_of(code, digits, region) or (
        digits.startswith(str(code)) and _may_be_of(code, digits[len(str(code)) :], region)
    ):
        return True
    dialled = abroad.match(digits)
    return dialled is not None and may_be_valid(digits[dialled.end() :], region, is_international=True)


def _may_be_of(code: int, digits: str, region: str) -> bool:
    """With or without the prefix that is dialled at home; where that is rewritten, only the parser can tell."""
    if is_valid(code, digits):
        return True
    prefix, is_rewritten = _prefix(region)
    dialled = prefix.match(digits) if prefix else None
    return dialled is not None and (is_rewritten or is_valid(code, digits[dialled.end() :]))


@cache
def _rules(country_code: int, length: int) -> tuple[Rule, ...]:
    """Of every region of the country code, in the order in which the library asks them; none where no number fits."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    regions = COUNTRY_CODE_TO_REGION_CODE.get(country_code, ())
    is_alone = len(regions) == 1
    rules = tuple(_rule(country_code, region, length, is_alone) for region in regions)
    return rules if any(numbers for _, numbers in rules) else ()


def _rule(country_code: int, region: str, length: int, is_alone: bool) -> Rule:
    from phonenumbers import PhoneMetadata

    told = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    leading = None if is_alone or told is None or told.leading_digits is None else re.compile(told.leading_digits)
    if told is None or told.general_desc is None or length not in told.general_desc.possible_length:
        return leading, None
    kinds = (
        told.fixed_line,
        told.mobile,
        told.toll_free,
        told.premium_rate,
        told.shared_cost,
        told.voip,
        told.personal_number,
        told.pager,
        told.uan,
        told.voicemail,
    )
    patterns = [
        kind.national_number_pattern
        for kind in kinds
        if kind and kind.national_number_pattern and (not kind.possible_length or length in kind.possible_length)
    ]
    if not patterns:
        return leading, None
    anyhow = "|".join(f"(?:{pattern})" for pattern in dict.fromkeys(patterns))
    return leading, re.compile(f"(?=(?:{told.general_desc.national_number_pattern})$)(?:{anyhow})", re.ASCII)


def _country_code(digits: str) -> int:
    """The country code it begins with; 0 where it begins with none."""
    return next((int(digits[:n]) for n in (1, 2, 3) if _is_country_code(digits[:n])), 0)


@cache
def _is_country_code(digits: str) -> bool:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return not digits.startswith("0") and int(digits or 0) in COUNTRY_CODE_TO_REGION_CODE


@cache
def _main_region(country_code: int) -> str:
    from phonenumbers import region_code_for_country_code

    return str(region_code_for_country_code(country_code))


@cache
def _home(region: str) -> tuple[int, re.Pattern[str]]:
    """A region's country code, and what is dialled there for another country."""
    from phonenumbers import PhoneMetadata

    told = PhoneMetadata.metadata_for_region(region)
    if told is None or told.country_code is None:
        raise KeyError(f"no such region: {region}")
    return told.country_code, re.compile(told.international_prefix or "(?!)")


@cache
def _prefix(region: str) -> tuple[re.Pattern[str] | None, bool]:
    """What is dialled before a number at home, if anything, and whether the number is rewritten for it."""
    from phonenumbers import PhoneMetadata

    told = PhoneMetadata.metadata_for_region(region, None)
    if told is None or not told.national_prefix_for_parsing:
        return None, False
    return re.compile(told.national_prefix_for_parsing), told.national_prefix_transform_rule is not None
