"""Cells that a spreadsheet shows and does not compute.

A cell that begins with = + - or @ is a formula there, whoever wrote it. An apostrophe before it makes it text; a cell
that already begins with apostrophes before such a sign gets one more, so that taking one off always gives back what
there was. `core.importers.spreadsheet` takes it off.
"""

import re

BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the encoding of their country."""

_FORMULA = re.compile("'*(?:[\\s\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?")


def safe(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet might compute it. A negative number is a number."""
    if not text or text[0].isalnum() or not _FORMULA.match(text) or _NUMBER.fullmatch(text):
        return text
    return "'" + text
