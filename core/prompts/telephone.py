"""Telephone numbers in running text.

International ones (+49 …) are always found. National ones are found where they are written as such: with a leading 0
(0171 1234567, (030) 1234567), in the North American grouping (212-555-0123), or behind a word such as "phone". A bare
run of digits without any of these is more often an order number than a telephone, and stays; so do dates, times, and
what is called an ISBN, an order number or the like.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from core.prompts.numbering import is_valid, may_be_valid

_WORDS = (
    r"tel|tél|telephone|telefon|téléphone|teléfono|telefono|phone|mobile|mobil|móvil|cell|cellulare|portable|handy"
    r"|fax|call|ring|whatsapp|sms"
)
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_TIME = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_DATE = (
    r"(?:(?:\d\d?[./\-]\d\d?[./\-](?:19|20)\d\d|(?:19|20)\d\d[./\-]\d\d?[./\-]\d\d?)(?!\d)"
    rf"|{_MONTH}[./](?:19|20)\d\d(?![ ./\-]?\d{{3}})(?!\d)"
    # A French number in pairs may begin like a date of two digits each.
    rf"|(?:{_DAY}\.{_MONTH}\.|{_DAY}-{_MONTH}-|{_DAY}/{_MONTH}/|{_MONTH}/{_DAY}/)\d\d(?![./\-]?\d)(?! \d\d[ ./\-]\d)"
    rf"|{_TIME} ?[\-\u2013] ?{_TIME}(?![.:]?\d))"
)
_NUMBERED = (
    r"(?:\b(?:isbn(?:-?1[03])?|issn|ean|upc|gtin|sku|imei|doi|pmid|zip|plz)\b[\s.:]{0,2}\d[\d\-]*+"
    r"|(?:\b(?:order|invoice|ticket|tracking|article|serial|customer|reference|ref|bestell(?:ung)?|rechnung|auftrag"
    r"|artikel|kunden|serien|commande|facture|pedido|factura|id|sn|s/n)s?-?"
    r"(?:\s?(?:no|nr|number|nummer|num|code|id)\b[\s.:]{0,2}#?|\s)|#)\d++)"
    r"(?![ ./\-]?\d)"
)
"""Numbers of other things, said to be that; where more digits follow, it may be a telephone number after all."""
_ALONE = r"(?<!\w)(?<!\d[.,])"
_START = re.compile(
    rf"(?P<other>(?<!\d){_DATE}|{_NUMBERED})"
    r"|(?P<international>\(?[+＋]\(?\d)"
    rf"|\b(?:{_WORDS})\b[^\d\n+＋]{{0,24}}(?P<announced>(?<![\d(])\(?(?!{_DATE})\d)"
    rf"|{_ALONE}(?P<abroad>00[1-9])"
    rf"|{_ALONE}(?P<america_abroad>011[ .\-][1-9])"
    rf"|{_ALONE}(?P<trunk>\(?0[1-9])"
    rf"|{_ALONE}(?P<american>(?:1[ .\-])?\(?\d{{3}}\)?[ .\-/]{{1,2}}\d{{3}}[ .\-]\d{{4}}(?!\d))",
    re.IGNORECASE,
)
"""How a number begins, or something else that would look like one."""
_REGIONS = {
    "international": ("US",),  # any would do: the number says its country
    "announced": ("US", "GB", "DE", "FR", "IT", "ES", "IN"),
    "abroad": ("GB",),
    "america_abroad": ("US",),
    "trunk": ("GB", "DE", "FR", "IT", "IN"),
    "american": ("US",),
}
"""Whose rules a beginning is read by; the first that fits counts."""
_DIGITS = re.compile(r"[(+＋]{0,3}\d(?:[ ().\-/\u00a0\u2010-\u2013]{0,4}\d){6,18}")
_ENOUGH = re.compile(r"\d(?:[ ().\-/\u00a0\u2010-\u2013]{0,4}\d){6}")
_GROUP = re.compile(r"\d+")
_EXTENSION = re.compile(r"[ ,;]{0,2}(?:ext(?:ension)?|x|durchwahl)[ .:]{0,2}(\d{1,6})(?!\w)", re.IGNORECASE)


def phones(text: str) -> Iterator[tuple[int, int, str]]:
    """`(start, end, value)` of each; the value is the international number in digits, an extension behind an x."""
    if not _ENOUGH.search(text):
        return  # most texts: looking for beginnings takes a hundred times as long
    at = 0
    while beginning := _START.search(text, at):
        kind = str(beginning.lastgroup)
        start = beginning.start(kind)
        found = _number_at(text, start, _REGIONS[kind]) if kind in _REGIONS else None
        if found:
            yield start, *found
            at = found[0]
        elif kind == "other":
            at = beginning.end()
        else:
            # What a word announced may still be what it looks like by itself.
            at = max(beginning.start() + 1, start)


def _number_at(text: str, start: int, regions: tuple[str, ...]) -> tuple[int, str] | None:
    """Where the number that begins here ends, and its value; None where none does."""
    written = _DIGITS.match(text, start)
    found = _longest(written[0], regions) if written else None
    if found is None:
        return None
    end, value = start + found[0], found[1]
    extension = _EXTENSION.match(text, end)
    return (extension.end(), f"{value}x{extension[1]}") if extension else (end, value)


@lru_cache(maxsize=4096)
def _longest(written: str, regions: tuple[str, ...]) -> tuple[int, str] | None:
    """The most groups of digits that make a valid number together, and which one it is."""
    groups = list(_GROUP.finditer(written))
    digits, is_international = _plain("".join(group[0] for group in groups)), "+" in written or "＋" in written
    for group in groups[::-1]:
        for region in regions:
            if may_be_valid(digits, region, is_international=is_international) and (
                value := _valid(written[: group.end()], region)
            ):
                return group.end(), value
        digits = digits[: -len(group[0])]
    return None


def _plain(digits: str) -> str:
    """In the digits 0 to 9, whatever script they are written in."""
    return digits if digits.isascii() else "".join(str(unicodedata.digit(digit)) for digit in digits)


def _valid(written: str, region: str) -> str:
    """The international number in digits; empty where this is none."""
    from phonenumbers import NumberParseException, national_significant_number, parse

    try:
        number = parse(written, region)
    except NumberParseException:
        return ""
    if number.country_code is None or not is_valid(number.country_code, national_significant_number(number)):
        return ""
    return f"{number.country_code}{number.national_number}"
