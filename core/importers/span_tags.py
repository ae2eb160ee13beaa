"""From the tags of words to spans of words, in every dialect of CoNLL: IOB1, IOB2, BIOES, BILOU, BMEWO and bare labels.

Which dialect a file is in needs no answer to read it: a span begins where a tag says so, or where one of another label
or nothing came before; it ends where the next begins, where nothing follows, or where a tag says so. That is how the
shared tasks count (conlleval.pl, Tjong Kim Sang & Buchholz 2000).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OUTSIDE = frozenset(("O", "o", "OUT", "_", "-X-", ""))
UNNAMED = "span"
"""What the label is called where tags name none: B, I, O."""

_TAG = re.compile(r"(?P<part>[BIOESLUMW])(?:[-_:](?P<label>.+))?", re.DOTALL)
_OPENS = frozenset("BSUW")
_CLOSES = frozenset("ESLUW")


@dataclass(frozen=True)
class Tag:
    """One word's tag: `part` is B, I, E, S, L, U, M or W as written, "" for a bare label."""

    part: str
    label: str


def read_tags(written: Sequence[str]) -> list[Tag | None]:
    """The tags of a file, None for what is outside all spans.

    Labels stand bare only where no tag of the whole file begins as those of the dialects do: `PERSON` is then a label,
    and so is `B`.
    """
    found = [None if tag in OUTSIDE else _TAG.fullmatch(tag) for tag in written]
    inside = [tag for tag in written if tag not in OUTSIDE]
    has_parts = any(match is not None and match["label"] for match in found) or {*inside} <= {*"BIESLUMW"}
    if not has_parts:
        return [None if tag in OUTSIDE else Tag("", tag) for tag in written]
    return [
        None if tag in OUTSIDE else Tag(match["part"], match["label"] or UNNAMED) if match else Tag("", tag)
        for tag, match in zip(written, found, strict=True)
    ]


def spans_of(tags: Iterable[Tag | None]) -> list[tuple[int, int, str]]:
    """The spans of one sentence as `(first word, word behind the last, label)`, in order."""
    spans: list[tuple[int, int, str]] = []
    before: Tag | None = None
    for place, tag in enumerate(tags):
        if tag is not None and (_begins(before, tag) or not spans):
            spans.append((place, place + 1, tag.label))
        elif tag is not None:
            spans[-1] = (spans[-1][0], place + 1, tag.label)
        before = tag
    return spans


def _begins(before: Tag | None, tag: Tag) -> bool:
    return before is None or before.part in _CLOSES or tag.part in _OPENS or before.label != tag.label


def dialect(sentences: Iterable[Sequence[Tag | None]]) -> str:
    """What the tags are called by those who use them: told to the user, needed for nothing."""
    parts: set[str] = set()
    begins_with_i = has_needless_b = False
    for tags in sentences:
        before: Tag | None = None
        for tag in tags:
            if tag is not None:
                parts.add(tag.part)
                follows = before is not None and before.label == tag.label
                begins_with_i |= tag.part == "I" and not follows
                has_needless_b |= tag.part == "B" and not follows
            before = tag
    named = (("LU", "BILOU"), ("MW", "BMEWO"), ("ES", "BIOES"))
    for letters, name in named:
        if parts & set(letters):
            return name
    if "B" not in parts:
        return "IO" if parts & {"I", ""} else "without spans"
    if not begins_with_i:
        return "IOB2"
    return "IOB2 with spans that begin with I" if has_needless_b else "IOB1"
