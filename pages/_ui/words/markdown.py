"""Markdown that users wrote, made safe to render: nothing in it is fetched from elsewhere, and the browser lives."""

import re

_IMAGE = re.compile(r"!(?=\[)")
_LONGEST, _MOST_SIGNS = 20_000, 2_000
_SIGN = re.compile(r"[][*_`<>|~$:&\\]")
_DEEP = re.compile(r"^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]*){7}", re.MULTILINE)
"""Lists and quotes within each other. The browser needs seconds for some hundreds of them."""


def safe_markdown(text: str) -> str | None:
    """The text with image syntax defused, so that it reads as written; HTML is shown as text by Streamlit anyway.

    None where laying it out could hold the browser up for many seconds: it is long, mostly signs, or nested too deeply.
    """
    is_too_much = len(text) > _LONGEST or len(_SIGN.findall(text)) > _MOST_SIGNS or _DEEP.search(text) is not None
    return None if is_too_much else _IMAGE.sub(r"!\\", text)
