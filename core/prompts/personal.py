"""Finding what is personal in running text by its form: e-mail addresses, phone, card and account numbers.

Every finder takes a text and yields `(start, end, value)`; equal values are the same address or number, however it was
written. All of them take time in proportion to the text.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.prompts.telephone import phones

Found = tuple[int, int, str]

_LOCAL_BACKWARDS = re.compile(r"[\w.%+'’\-]{0,64}")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w\-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_GROUPS = re.compile(r"(?<!\w)[0-9]+(?:[ .\-\u00a0\u2013][0-9]+)*(?!\w)")
_GROUP = re.compile(r"[0-9]+")
_TWO_DIGITS = re.compile(r"[0-9][0-9 \-]?[0-9]")
_IBAN_HEAD = re.compile(r"(?<![^\W_])[A-Za-z]{2}[0-9]{2}(?=[ \-\u00a0]?[A-Za-z0-9])")
_ACCOUNT = re.compile(
    r"(?i)\b(?:account|acct|a/c|konto|kontonummer|kontonr|kto|blz|compte|cuenta|conto|rekening|routing|sort\s?code)\b"
    r"(?:[\s.]{0,3}\b(?:no|nr|num|number|nummer|numéro|número|code|id|is)\b){0,2}[\s.:#=]{0,4}"
    r"(?P<number>[0-9](?:[ \-]?[0-9]){5,33})(?!\w)(?! ?(?:[€$£%]|(?:eur|euros?|usd|gbp|dollars?|pounds?|cents?)\b))"
)
_DIGITS = re.compile(r"(?<!\w)[0-9](?:[ \-\u00a0]?[0-9]){8,}(?!\w)")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[ .\-]\d\d?[ .\-]\d\d?|\d\d?[ .\-]\d\d?[ .\-](?:19|20)\d\d)(?!\d)",
)
_CARD_PREFIXES = re.compile(
    r"4\d{12}(?:\d{3}){0,2}"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"  # Discover
    r"|3(?:0[0-5]|[689]\d)\d{11,16}"  # Diners
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"  # JCB
    r"|62\d{14,17}"  # UnionPay
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}"  # Maestro
    r"|220[0-4]\d{12,15}"  # Mir
)


@dataclass(frozen=True)
class Finder:
    """`word` stands in the placeholder."""

    word: str
    find: Callable[[str], Iterable[Found]]


def emails(text: str) -> Iterator[Found]:
    """Addresses with a top-level domain; quotation marks and dots before one are not part of it."""
    at = text.find("@")
    while at >= 0:
        before = _LOCAL_BACKWARDS.match(text[max(0, at - 64) : at][::-1])
        domain = _DOMAIN.match(text[at + 1 : at + 255])
        local = (before[0][::-1] if before else "").lstrip(".%'’-")
        if local and domain:
            start, end = at - len(local), at + 1 + domain.end()
            yield start, end, text[start:end].casefold()
        at = text.find("@", at + 1)


def cards(text: str) -> Iterator[Found]:
    """Numbers with prefix, length and check digit of a payment card, whole or in groups of four and more."""
    for chain in _GROUPS.finditer(text):
        if chain.end() - chain.start() < 13:
            continue
        groups = [(group.start(), group.end()) for group in _GROUP.finditer(text, chain.start(), chain.end())]
        place = 0
        while place < len(groups):
            last, number = _card_from(text, groups, place)
            if number:
                yield groups[place][0], groups[last][1], number
            place = last + 1


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> tuple[int, str]:
    """The longest card number that begins with this group, and its last group; the group itself where there is none."""
    digits, found, last = "", "", first
    for place in range(first, min(first + 5, len(groups))):
        start, end = groups[place]
        if len(digits) + end - start > 19:
            break
        digits += text[start:end]
        if _is_card(digits):
            found, last = digits, place
        if end - start < 4:
            break
    return last, found


def _is_card(digits: str) -> bool:
    from stdnum import ean, luhn

    if not _CARD_PREFIXES.fullmatch(digits) or not luhn.is_valid(digits):
        return False
    # 13 digits with the check digit of an article's number are one: such cards have long been gone.
    return len(digits) != 13 or not ean.is_valid(digits)


def accounts(text: str) -> Iterator[Found]:
    """IBANs whose check digits are right, and numbers of six or more digits right after a word such as "account"."""
    if not _TWO_DIGITS.search(text):
        return
    for head in _IBAN_HEAD.finditer(text):
        body = _iban_body(head[0][:2].upper())
        found = body.match(text, head.start()) if body else None
        if found and _is_iban(value := re.sub(r"[^A-Za-z0-9]", "", found[0]).upper()):
            yield head.start(), found.end(), value
    for named in _ACCOUNT.finditer(text):
        if not _DATE.match(named["number"]):
            yield *named.span("number"), re.sub(r"\D", "", named["number"])


@lru_cache(maxsize=1024)
def _iban_body(country: str) -> re.Pattern[str] | None:
    """What an IBAN of this country looks like, single blanks and hyphens allowed; None for a country without."""
    from stdnum import numdb

    structure = numdb.get("iban").info(country)[0][1].get("bban")
    if structure is None:
        return None
    length = 2 + sum(int(number) for number in re.findall(r"(\d{1,3})!", structure))
    return re.compile(rf"[A-Za-z]{{2}}(?:[ \-\u00a0]?[A-Za-z0-9]){{{length}}}(?![^\W_])")


def _is_iban(value: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(value))


def long_numbers(text: str) -> Iterator[Found]:
    """Nine or more digits, with single blanks or hyphens between them; dates are not meant."""
    for run in _DIGITS.finditer(text):
        if not _DATE.search(run[0]):
            yield run.start(), run.end(), re.sub(r"\D", "", run[0])


FINDERS = {
    "email": Finder("EMAIL", emails),
    "account": Finder("ACCOUNT", accounts),
    "card": Finder("CARD", cards),
    "phone": Finder("PHONE", phones),
    "digits": Finder("NUMBER", long_numbers),
}
"""By kind; where two find the same place, the earlier one names it."""
