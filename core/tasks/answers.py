"""Reading what a model answered, before any task type judges it: refusals, thoughts, fences, JSON and its keys.

JSON is taken at its word: the answer is the value of the one key that can hold it, never a word found elsewhere. A key
can hold it by its name, or by being the only one left when reasons, echoes of what was asked, lists of the choices and
figures are put aside.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from core.model import AnswerKind
from core.tasks.beside import between, without_examples
from core.tasks.json_in import UNREAD, Number, Piece, json_in
from core.tasks.keys import NEVER, UNNAMED, is_call, rank
from core.tasks.spelling import after_marker, bare
from core.tasks.thoughts import narrowed, without_thoughts

_MOST, _MOST_SAID = 1_000_000, 100_000
"""More characters than an answer with its thoughts can have, and than one without them: what is longer runs on without
end, and reading it would keep everything else waiting."""
_QUOTED = 80
_LABEL_WORDS = 8
_FENCE_HEAD = re.compile(r"```[\w+-]{0,30}[ \t]*\n")
_TAG = re.compile(
    r"<(?P<tag>(?:final[_ -]?)?"
    r"(?:label|answer|category|class|classification|output|response|result|prediction|solution))>"
    r"([^<]*+)</(?P=tag)>",
    re.IGNORECASE,
)
_ABOUT_WHY = re.compile(
    r"[\W_]*(?:(?:my|the|short|brief)\s)?(?:reason(?:ing|s)?|explanation|rationale|justification|thoughts?"
    r"|thinking(?: process)?|thought process|analysis|evidence|notes?|comments?)[*_`\"']{0,4}\s?:",
    re.IGNORECASE,
)
_WHY_BEHIND = re.compile(
    r"[.;,(\s\-–—]\s?[*_]{0,2}(?:reason(?:ing|s)?|explanation|rationale|justification|because)[*_]{0,2}\s?:",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Undecided:
    """Stands for a value where several keys could hold the answer."""

    keys: int


@dataclass(frozen=True)
class Said:
    """An answer as far as it speaks: `text` without thoughts and fences; `values` what its JSON gives as the answer.

    `is_json`: only `values` count, also where there are none, unless the text `beside` announces another answer.
    `is_broken`: its JSON is cut off or cannot be read. `is_too_long`: nobody reads it, and it says nothing.
    """

    text: str
    values: list[object] = field(default_factory=list)
    is_json: bool = False
    is_broken: bool = False
    beside: str = ""
    is_too_long: bool = False


def said_in(raw: str) -> Said:
    """What an answer says; `text` is "" where that is nothing. Linear in its length."""
    if len(raw) > _MOST:
        return Said(raw[:_QUOTED], is_too_long=True)
    text = _unfenced(raw.strip())
    if (pieces := _all_json(text)) is not None:
        return _read(text, pieces)  # marks of thoughts in its strings are words like others
    text = _unfenced(without_thoughts(text))
    if len(text) > _MOST_SAID:
        return Said(text[:_QUOTED], is_too_long=True)
    if tagged := [content.strip() for _, content in _TAG.findall(text) if content.strip()]:
        text = _unfenced("\n".join(tagged))
    return _read(text, json_in(text))


def written_in(raw: str) -> str:
    """The text that an answer is, where a text is asked for: without thoughts, and without a fence or a tag around all
    of it. Its own signs stay as they are: reading thoughts takes wide signs for narrow ones."""
    text = raw.strip()
    spoken = without_thoughts(text)
    at = narrowed(text).rfind(spoken)
    text = _unfenced(text[at : at + len(spoken)].strip() if at >= 0 else spoken)
    tagged = _TAG.fullmatch(text)
    return _unfenced(tagged.group(2).strip()) if tagged else text


@dataclass(frozen=True)
class Unheard:
    """Why an answer says nothing, whatever was asked: how it ended, and one clause."""

    kind: AnswerKind
    reason: str


def refused(finish_reason: str | None, refusal: str | None) -> Unheard | None:
    """A refusal, told as such or by the finish reason "content_filter"."""
    if not refusal and finish_reason != "content_filter":
        return None
    why = f": {quote(refusal)}" if refusal else " by its content filter"
    return Unheard(AnswerKind.REFUSED, f"the model refused{why}")


def silent(text: str, finish_reason: str | None) -> Unheard:
    """Of an answer of which nothing is left without its thoughts."""
    if finish_reason == "length":
        return Unheard(AnswerKind.TRUNCATED, "the answer was cut off before it began")
    return Unheard(AnswerKind.EMPTY, f"the answer {'contains nothing but thinking' if text.strip() else 'is empty'}")


def heard(text: str, finish_reason: str | None, refusal: str | None) -> Said | Unheard:
    """What an answer says, as far as any kind of question could read it. A refusal (or finish reason "content_filter")
    is REFUSED; nothing but thoughts is EMPTY, or TRUNCATED where the token limit was the cause; what the limit cut off
    is TRUNCATED unless its JSON is complete."""
    if (refusal_heard := refused(finish_reason, refusal)) is not None:
        return refusal_heard
    said, is_limit = said_in(text), finish_reason == "length"
    ended = AnswerKind.TRUNCATED if is_limit else AnswerKind.NO_LABEL
    if said.is_too_long:
        return Unheard(ended, f"the answer runs on without end: {quote(said.text)}")
    if not said.text:
        return silent(text, finish_reason)
    is_cut = is_limit and (said.is_broken or not said.is_json or said.text[0] not in "{[")
    if is_cut or (said.is_broken and not said.values):
        what = "the answer was cut off at the token limit" if is_limit else "the answer's JSON is cut off or broken"
        return Unheard(ended, f"{what}: {quote(said.text)}")
    return said


def is_all_json(text: str) -> bool:
    """Whether the text is JSON and nothing else, a fence around it aside."""
    return _all_json(_unfenced(text.strip())) is not None


def _all_json(text: str) -> list[Piece] | None:
    """The pieces of a text that is whole objects and lists with nothing but marks between them; None of any other."""
    if text[:1] not in ("{", "[") or len(text) > _MOST_SAID:
        return None
    pieces = json_in(text)
    is_whole = all(piece.is_whole for piece in pieces)
    return None if not is_whole or any(sign.isalnum() for part in between(text, pieces) for sign in part) else pieces


def _read(text: str, pieces: list[Piece]) -> Said:
    found = [piece for piece in pieces if _holds_pairs(piece.value)]
    is_list = bool(pieces) and not found and pieces[0].start == 0 and pieces[0].end == len(text)
    if is_list:
        return Said(text, values_of(pieces[0].value) or [None], is_json=True)
    if not found:
        return Said(_without_reasons(text))
    objects = without_examples(text, found)
    beside = _without_reasons("\n".join(between(text, found)))
    is_broken = not all(piece.is_whole for piece in objects)
    if values := [value for piece in objects for value in values_of(piece.value, sure=not piece.is_whole)]:
        return Said(text, values, is_json=True, is_broken=is_broken, beside=beside)
    if is_broken:
        return Said(text, is_json=True, is_broken=True)
    # JSON that holds no answer, an echo of the question for one: what stands beside it may.
    return Said(beside) if bare(beside) else Said(text, is_json=True)


def _holds_pairs(value: object) -> bool:
    return isinstance(value, tuple) or (isinstance(value, list) and any(isinstance(part, tuple) for part in value))


def values_of(found: object, *, sure: bool = False) -> list[object]:
    """What a piece of JSON gives as the answer; `sure`: only by keys whose name says that they hold it.

    Empty where no key can be it; a value of several keys that can equally be it is given for each.
    """
    if isinstance(found, list):
        return [value for part in found for value in (values_of(part) or ([] if isinstance(part, tuple) else [None]))]
    if not isinstance(found, tuple):
        return _inner(found)
    if called := _called_with(found):
        return called
    ranked = [(rank(key), value) for key, value in found]
    best = min((place for place, _ in ranked), default=NEVER)
    if best >= (UNNAMED if sure else NEVER):
        return []
    chosen = [value for place, value in ranked if place == best]
    if any(value is UNREAD for value in chosen):
        return []
    if best == UNNAMED and len(chosen) > 1:
        return _of_unnamed(chosen)
    return [inner for value in chosen for inner in (values_of(value) or [None])]


def _called_with(pairs: Any) -> list[object]:
    """What a tool was called with, where this is the call of a tool written as text."""
    keys = [key for key, _ in pairs]
    given = [value for key, value in pairs if is_call(key, keys)]
    nested = [value for value in given if isinstance(value, (tuple, list)) or str(value).lstrip()[:1] == "{"]
    return [inner for value in nested for inner in values_of(value)]


def _of_unnamed(chosen: list[Any]) -> list[object]:
    """Of several keys whose names say nothing: what one within says by name, or the only value that can be one."""
    nested = [value for value in chosen if isinstance(value, (tuple, list))]
    possible = [value for value in chosen if isinstance(value, str) and not isinstance(value, Number)]
    short = [value for value in possible if value and len(value.split()) <= _LABEL_WORDS]
    if named := [inner for value in nested for inner in values_of(value, sure=True)]:
        return [Undecided(len(chosen))] if short else named
    return _inner(short[0]) if len(short) == 1 else [Undecided(len(chosen))]


def _inner(value: object) -> list[object]:
    """A value as it is, or what the JSON in it gives, if any: tools get their arguments as JSON in a string."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        pieces = json_in(value.strip())
        if pieces and pieces[0].start == 0 and pieces[0].is_whole:
            return values_of(pieces[0].value) or [value]
    return [value]


def _without_reasons(text: str) -> str:
    """Without the paragraphs that say why: from "Reason:" up to the next blank line, or the line that answers."""
    kept: list[str] = []
    in_reason = False
    for line in text.splitlines():
        if not line.strip() or after_marker(line) is not None:
            in_reason = False
        if _ABOUT_WHY.match(line):
            in_reason = True
        if not in_reason:
            behind = _WHY_BEHIND.search(line)
            kept.append(line[: behind.start()] if behind else line)
            in_reason = behind is not None
    return "\n".join(kept).strip()


def _unfenced(text: str) -> str:
    """Without a code fence around all of it."""
    head = _FENCE_HEAD.match(text)
    if head is None or not text.endswith("```") or text.count("```") != 2:
        return text
    return text[head.end() : -3].strip()


def quote(text: str) -> str:
    """On one line, shortened, and without the lone surrogates that could not be stored."""
    line = " ".join(text[: 4 * _QUOTED].encode("utf-8", "replace").decode().split())
    return f'"{line[:_QUOTED]}…"' if len(line) > _QUOTED else f'"{line}"'
