"""Text from data, models and hosts on screen: always shown as it is, never as Markdown or HTML."""

import hashlib
import re

from core.services.export.vocabulary import count

__all__ = ["breakable", "count", "digest", "duration", "plain"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&\"'])")

# Where the browser would make a link of an address. It does so in the finished text, escaped or not, but never across
# an element: an empty one in between shows nothing and is not copied along.
_ADDRESS = re.compile(r"(?i)(?<=http)(?=://)|(?<=https)(?=://)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@[\w-])")
_NOTHING = ":small[]"
_JOINT = re.compile(r"(?<=[_/.:-])(?=\w)")
_LONGEST = 5_000


def plain(text: object, limit: int | None = None) -> str:
    """`text` escaped so that Streamlit's Markdown shows it letter for letter, addresses too; cut to `limit` characters,
    and in any case to 5,000: over more of them the browser would stand still.

    Line breaks become spaces: use `st.text` where they matter.
    """
    words, limit = " ".join(str(text).split()), min(limit or _LONGEST, _LONGEST)
    if len(words) > limit:
        words = words[: limit - 1].rstrip() + "…"
    return _NOTHING.join(_SPECIAL.sub(r"\\\1", part) for part in _ADDRESS.split(words))


def breakable(name: str) -> str:
    """A name as `plain` has it, which may be broken after a mark that joins words: `page.css` makes a place of it."""
    return _NOTHING.join(map(plain, _JOINT.split(name)))


def duration(seconds: float | None) -> str:
    """`about 40 s`, `about 6 min`, `about 2.5 h`; empty where it is not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"


def digest(*texts: str) -> str:
    """A short mark for these texts that every process makes alike, so that a widget's key holds over a restart."""
    return hashlib.blake2b("\x1f".join(texts).encode("utf-8", "replace"), digest_size=8).hexdigest()
