"""A ranking of two to nine candidates, the best first, ties allowed. Candidates are fields of the item, and labels are
called as those are.

Models see them under letters, in an order that is drawn for each item from its text: neither a name nor a place tells
who wrote what, and the same text always has the same order, so that an answer is read as it was asked for. A candidate
whose field is empty is none. An answer counts that ranks each of the others once; all else is recorded as the fallback.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from core.errors import WorkbenchError
from core.model import AnswerKind, Item, Task
from core.tasks.answers import Said as Heard
from core.tasks.answers import Unheard, heard, quote
from core.tasks.json_in import json_in
from core.tasks.kind import OfItem, ParsedAnswer, TaskKind, most_common
from core.tasks.labels import MOST_RANKED
from core.tasks.ranking_value import Ranking, from_cell, groups_in, named_twice, ordered, words

LETTERS = "ABCDEFGHI"
assert len(LETTERS) == MOST_RANKED
_LETTER = re.compile(
    r"[\W_]*(?:(?:the\s+)?(?:candidate|answer|response|option|text)\s+)?[\"'(\[*]*([A-I])[\"')\]*.:]*\s*", re.IGNORECASE
)
_NUMBERED = re.compile(r"^(?:\d{1,2}|[-*•])[.):]?\s++(?=\S)")
_KEYS = ("order", "ranking", "rank", "ranks", "ranked", "answer", "result", "output")
_SYSTEM = """You rank candidates from the best to the worst. Each has a letter.

Answer with the letters, the best first, such as %s. Put candidates that are equally good together, as in %s."""


def present(names: Iterable[str], fields: Mapping[str, str]) -> list[str]:
    """Those of the candidates that an item with these fields has."""
    return [name for name in names if fields.get(name, "?").strip()]


def _names(task: Task) -> list[str]:
    return [label.name for label in task.labels]


def shown(names: Iterable[str], text: str) -> dict[str, str]:
    """The letter of each of these candidates of an item with this text, in the order in which they are shown."""
    drawn = sorted(names, key=lambda name: blake2b(f"{text}\x1f{name}".encode(), digest_size=8).digest())
    return dict(zip(drawn, LETTERS, strict=False))


def of_item(task: Task) -> Mapping[str, OfItem]:
    """`{{candidates}}`: each in a tag of its own, under its letter."""

    def candidates(text: str, fields: Mapping[str, str]) -> str:
        missing = next((name for name in _names(task) if name not in fields), None)
        if missing is not None:
            raise WorkbenchError(
                f"The candidate “{missing}” is not among the fields of this item.",
                "Import the items with that column.",
            )
        letters = shown(present(_names(task), fields), text)
        return "\n\n".join(
            f'<candidate name="{letter}">\n{fields[name]}\n</candidate>' for name, letter in letters.items()
        )

    return {"candidates": candidates}


def first_prompt(task: Task) -> tuple[str, str]:
    """System and user message: what was asked, then the candidates."""
    first, second, *others = list(LETTERS[: max(2, len(task.labels))])
    orders = ([[second], [first], *([one] for one in others)], [[first, second], *([one] for one in others)])
    return _SYSTEM % tuple(json.dumps({"order": order}) for order in orders), "{{text}}\n\n{{candidates}}"


def response_schema(task: Task) -> dict[str, Any]:
    """`{"order": [[<letters>]]}`, the best first, ties together."""
    letter = {"type": "string", "enum": list(LETTERS[: len(task.labels)])}
    return {
        "type": "object",
        "properties": {"order": {"type": "array", "items": {"type": "array", "items": letter}}},
        "required": ["order"],
        "additionalProperties": False,
    }


def answer(task: Task, said: Ranking, text: str) -> str:
    """By the letters that the candidates have for this text."""
    letters = shown([name for group in said for name in group], text)
    order = [sorted(letters[name] for name in group) for group in said]
    return json.dumps({"order": order}, ensure_ascii=False)


def parse_answer(
    task: Task, raw: str | None, finish_reason: str | None, refusal: str | None, item: Item | None
) -> ParsedAnswer:
    """The ranking the answer gives of the item's candidates, or the fallback with the reason; never raises."""
    said = heard((raw or "").strip(), finish_reason, refusal)
    if isinstance(said, Unheard):
        return _fallback(task, said.kind, said.reason)
    groups = _order_in(said)
    if groups is None:
        return _fallback(task, AnswerKind.NO_LABEL, f"the answer is no ranking: {quote(said.text)}")
    letters = shown(present(_names(task), item.fields if item else {}), item.text if item else "")
    names = {letter: name for name, letter in letters.items()}
    given = [[_letter(one) for one in group] for group in groups]
    strange = next((one for group in groups for one in group if _letter(one) not in names), None)
    if strange is not None:
        return _fallback(task, AnswerKind.OUTSIDE_LIST, f"{quote(strange)} is not the letter of a candidate")
    if (twice := named_twice(given)) is not None:
        return _fallback(task, AnswerKind.NO_LABEL, f"the answer ranks candidate {twice} twice")
    ranked = {letter for group in given for letter in group}
    left = [letter for letter in names if letter not in ranked]
    if left:
        return _fallback(task, AnswerKind.NO_LABEL, f"the answer leaves out candidate {', '.join(left)}")
    return ParsedAnswer(ordered([[names[letter] for letter in group] for group in given]), AnswerKind.LABEL)


def _letter(written: str) -> str:
    """The letter that is meant; what is none stays as it is."""
    found = _LETTER.fullmatch(written)
    return found[1].upper() if found else written


def _order_in(said: Heard) -> list[list[str]] | None:
    """The order that stands in JSON, or in a text that is nothing else."""
    pieces = json_in(said.text)
    if pieces and (said.is_json or pieces[0].start == 0):
        found = [groups for piece in pieces if piece.is_whole and (groups := _in_json(piece.value)) is not None]
        return found[0] if found and all(one == found[0] for one in found) else None
    lines = [line.strip() for line in said.text.splitlines() if line.strip()]
    if len(lines) > 1 and all(_NUMBERED.match(line) for line in lines):
        return groups_in([_NUMBERED.sub("", line) for line in lines])
    last = lines[-1] if lines else ""
    groups = groups_in(last.split(":")[-1]) if len(lines) == 1 or ">" in last else None
    return groups if groups and all(_LETTER.fullmatch(one) for group in groups for one in group) else None


def _in_json(value: Any) -> list[list[str]] | None:
    """Of an object with several keys, what stands under one that is called as an order is."""
    if isinstance(value, tuple) and len(value) > 1:
        named = [held for key, held in value if str(key).lower() in _KEYS]
        if len(named) == 1:
            value = named[0]
    return groups_in(value)


def _fallback(task: Task, kind: AnswerKind, reason: str) -> ParsedAnswer:
    return ParsedAnswer(((task.fallback.name,),), kind, reason)


def value_of(task: Task, said: Ranking) -> tuple[tuple[int, ...], ...]:
    """By ids of labels. Raises KeyError for a name the task does not have."""
    ids = {label.name: label.id or 0 for label in task.choices}
    return tuple(tuple(sorted(ids[name] for name in group)) for group in said)


def _relabelled(value: Sequence[Sequence[int]], becomes: Mapping[int, int]) -> tuple[tuple[int, ...], ...]:
    """Of two that become one the better place counts."""
    seen: set[int] = set()
    groups = []
    for group in value:
        new = {becomes.get(label, label) for label in group} - seen
        seen |= new
        groups.append(tuple(sorted(new)))
    return tuple(filter(None, groups))


KIND = TaskKind(
    title="A ranking",
    about="Two to nine candidates of every item are put in order, the best first; those that are equal tie.",
    widget="rank",
    is_closed=False,
    response_schema=response_schema,
    parse_answer=parse_answer,
    variables=lambda task: {},
    first_prompt=first_prompt,
    answer=answer,
    fallback=lambda task: ((task.fallback.name,),),
    value_of=value_of,
    said=lambda value, names: ordered([names[label] for label in group] for group in value),
    canonical=lambda value: json.dumps([list(group) for group in value], separators=(",", ":")),
    from_canonical=lambda text: tuple(map(tuple, json.loads(text))),
    labels_in=lambda value: tuple(label for group in value for label in group),
    relabelled=_relabelled,
    words=words,
    cell=lambda said: json.dumps([list(group) for group in said], ensure_ascii=False),
    from_cell=from_cell,
    elected=most_common,
    metrics=("tau_b", "same_first", "pairs_in_order", "kendall_w"),
    reads_item=True,
    of_item=of_item,
    says_fallback=False,
)
