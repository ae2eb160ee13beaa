"""What stands beside the JSON of an answer: it may lead the JSON in as an example, or announce another answer."""

import re
from collections.abc import Sequence

from core.tasks.json_in import Piece

_FENCE = re.compile(r"```[\w+-]{0,30}")
_EXAMPLE = re.compile(
    r"[\W_]*(?:(?:for|an?|one|here(?:['’]s| is| are)|as|some|few[- ]shot|in[- ]context|input|output|first|second|third)"
    r"\s+)*(?:(?P<many>examples)|example|(?<=for )instance|sample (?:input|output|answer|response)s?|e\.g\.?)(?![\w-])"
    r"[^.!?\n]{0,80}[\s*_>]*",
    re.IGNORECASE,
)


def between(text: str, pieces: Sequence[Piece]) -> list[str]:
    """What stands before, between and behind the pieces, marks of fences left out."""
    ends = [0, *(piece.end for piece in pieces)]
    starts = [*(piece.start for piece in pieces), len(text)]
    return [_FENCE.sub("", text[end:start]) for end, start in zip(ends, starts, strict=True)]


def without_examples(text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces but those that a line "Example: " leads in: a model repeats there what it was shown.

    "Examples:" leads in all that follow with nothing said between them.
    """
    kept: list[Piece] = []
    are_examples = False
    for piece, lead in zip(pieces, between(text, pieces), strict=False):
        line = (lead.strip().splitlines() or [""])[-1]
        found = _EXAMPLE.fullmatch(line)
        is_led_in = any(sign.isalnum() for sign in lead)
        if found is None and (is_led_in or not are_examples):
            kept.append(piece)
        are_examples = bool(found["many"]) if found is not None else are_examples and not is_led_in
    return kept
