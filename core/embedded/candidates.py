"""Candidates that are compared, as a message shows them, and what can be measured of each.

    <first>..</first> <second>..</second>          two candidates
    <candidate name="..">..</candidate> ...        two to nine

What stands around them is what was asked of them. What one candidate says cannot end it: the last closing tag before
the next candidate counts.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from core.embedded.encoder import Array

_OPENED = re.compile(r"<(?:(first|second)|candidate\s+name\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'))\s*>")
_WORD = re.compile(r"\w+")
MEASURES = 11
_LONG = 600


@dataclass(frozen=True)
class Candidates:
    names: tuple[str, ...]
    texts: tuple[str, ...]
    asked: str


def candidates_in(message: str) -> Candidates | None:
    """The candidates of a message in the order shown; None where it shows fewer than two."""
    opened = list(_OPENED.finditer(message))
    kind = "first" if any(found[1] == "first" for found in opened) else "candidate"
    names, texts, around = [], [], []
    behind = 0
    opened = _distinct([found for found in opened if (found[1] is not None) == (kind == "first")])
    for found, after in zip_longest(opened, opened[1:]):
        closing = f"</{found[1] or 'candidate'}>"
        end = message.rfind(closing, found.end(), after.start() if after else len(message))
        if end < 0:
            return None
        names.append(found[1] or html.unescape(found[2] or found[3] or ""))
        texts.append(message[found.end() : end].strip())
        around.append(message[behind : found.start()])
        behind = end + len(closing)
    if len(names) < 2 or (kind == "first" and names != ["first", "second"]):
        return None
    return Candidates(tuple(names), tuple(texts), "\n".join([*around, message[behind:]]).strip())


def _distinct(opened: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """The first tag of each name: what a candidate quotes of the form is its text."""
    kept: dict[str, re.Match[str]] = {}
    for found in opened:
        kept.setdefault(found[1] or found[2] or found[3] or "", found)
    return list(kept.values())


def measured(candidates: Candidates, vectors: Array, asked: Array) -> Array:
    """Shape (candidates, MEASURES + 384): nearness to what was asked, length, repetition, words in common with it,
    form; then the vector of each."""
    words = set(_WORD.findall(candidates.asked.lower()))
    rows = [
        [float(vector @ asked), *_measures(text, words, candidates.asked)]
        for text, vector in zip(candidates.texts, vectors, strict=True)
    ]
    return np.concatenate([np.array(rows, dtype=np.float32), vectors], axis=1)


def _measures(text: str, asked_words: set[str], asked: str) -> list[float]:
    words = _WORD.findall(text.lower())
    number, triples = max(1, len(words)), list(zip(words, words[1:], words[2:], strict=False))
    return [
        float(np.log1p(len(words))),
        float(not words),
        len(set(words)) / number,
        len(set(triples)) / max(1, len(triples)),
        sum(word in asked_words for word in words) / number,
        len(asked_words & set(words)) / max(1, len(asked_words)),
        float(text[-1:] in tuple(".!?\"')")),
        float("\n" in text),
        float(text.lower() == asked.lower()),
        float(len(text) > _LONG),
    ]
