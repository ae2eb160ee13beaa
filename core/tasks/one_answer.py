"""What a model's answer amounts to where one label is asked for.

An answer is only ever taken for a label it spells (see `core.tasks.spelling`). One that names no label, several, or
something outside the list becomes the fallback with the reason: the nearest label is never guessed.
"""

import json
import re
from collections.abc import Sequence

from core.model import AnswerKind, Item, Task
from core.tasks.announced import is_bracketed, is_foreign
from core.tasks.answers import Undecided, Unheard, heard, quote
from core.tasks.denial import says_no
from core.tasks.keys import NEVER, rank
from core.tasks.kind import ParsedAnswer
from core.tasks.prose import Stance, head_of, judged
from core.tasks.spelling import Names, after_marker, bare, names_of

_STRUCK = re.compile(r"~~[^~\n]{1,200}~~|<(del|strike)>[^<\n]{1,200}</\1>", re.IGNORECASE)


def parse_answer(
    task: Task, raw: str | None, finish_reason: str | None, refusal: str | None, item: Item | None
) -> ParsedAnswer:
    """The label the answer names, or the fallback with the reason; never raises. The item makes no difference.

    In this order: a refusal (or finish reason "content_filter") is REFUSED; nothing but white space and thoughts is
    EMPTY (TRUNCATED where the token limit was the cause); an answer cut off by the limit is TRUNCATED unless its JSON
    is complete; JSON is taken at its word (see `core.tasks.answers`), so a value that is no choice is OUTSIDE_LIST; a
    bare label, wrapped or introduced as models do, is that label; otherwise the labels named in the text are counted:
    one is LABEL, none is NO_LABEL, more are SEVERAL_LABELS. Answering the fallback itself is LABEL.
    """
    text, is_refused = (raw or "").strip(), bool(refusal) or finish_reason == "content_filter"
    if text in task.names and finish_reason != "length" and not is_refused:
        return ParsedAnswer(text, AnswerKind.LABEL)
    said = heard(text, finish_reason, refusal)
    if isinstance(said, Unheard):
        return _fallback(task, said.kind, said.reason)
    names = names_of(task.names)
    if not said.is_json:
        return _from_text(task, names, _STRUCK.sub(" ", said.text).strip())
    parsed = _from_json(task, names, said.values)
    others = [label for label in _announced(names, said.beside) if label != parsed.said]
    if parsed.kind is AnswerKind.LABEL and others:
        return _several(task, tuple(dict.fromkeys((str(parsed.said), *others))))
    return parsed


def _from_text(task: Task, names: Names, text: str) -> ParsedAnswer:
    for candidate in (text, after_marker(text) or ""):
        if (label := names.whole(candidate)) is not None:
            return ParsedAnswer(label, AnswerKind.LABEL)
    announced = [value for line in text.splitlines() if (value := after_marker(line)) and bare(value)]
    stated = {names.whole(value) for value in announced} or _stated(names, text)
    given = tuple(name for name in names.all if name in stated) or names.spelled_like(text)
    if given:
        return ParsedAnswer(given[0], AnswerKind.LABEL) if len(given) == 1 else _several(task, given)
    said = announced[-1] if announced else _value_of(text)
    if (announced or is_bracketed(names.marked(said).text)) and is_foreign(names.marked(bare(said)).text):
        return _fallback(task, AnswerKind.NO_LABEL, f"the answer is {quote(said)}, which is not a label")
    return _judged(task, names, text)


def _value_of(text: str) -> str:
    """What a single line says behind the words that lead it in, if any do."""
    headed = None if "\n" in text else head_of(text)
    return headed[1] if headed and rank(headed[0]) < NEVER else text


def _stated(names: Names, text: str) -> set[str]:
    """The labels that lines of few words and a colon lead in, in whatever language, unless the words say otherwise."""
    heads = [head for line in text.splitlines() if (head := head_of(line))]
    return {label for head, value in heads if (label := names.whole(value)) and rank(head) < NEVER}


def _judged(task: Task, names: Names, text: str) -> ParsedAnswer:
    found = judged(names.marked(text))
    named = names.spelled(found.stances)
    if not named:
        return _fallback(task, AnswerKind.NO_LABEL, f"the answer names no label: {quote(text)}")
    given = names.spelled([found.given]) if found.given else ()
    is_no = len(named) == 1 and says_no(named[0]) and Stance.OPEN not in found.stances.values()
    if len(given) == 1 or named == (task.fallback.name,) or is_no:
        return ParsedAnswer((given or named)[0], AnswerKind.LABEL)
    if len(named) > 1:
        return _several(task, named)
    how = "only to deny it" if Stance.DENIED in found.stances.values() else "without giving it"
    return _fallback(task, AnswerKind.NO_LABEL, f"the answer names {named[0]} {how}: {quote(text)}")


def _announced(names: Names, text: str) -> list[str]:
    """The labels that the lines of a text announce, one each."""
    found: list[str] = []
    for value in filter(None, map(after_marker, text.splitlines())):
        marked = names.marked(bare(value))
        if (label := names.whole(value)) is not None:
            found.append(label)
        elif (given := judged(marked).given) and not is_foreign(marked.text):
            found += names.spelled([given])
    return found


def _from_json(task: Task, names: Names, values: Sequence[object]) -> ParsedAnswer:
    labels: list[str] = []
    for value in values:
        if value is None or value == "":
            continue
        if isinstance(value, Undecided):
            reason = f"the JSON answer has {value.keys} keys that could each contain the label"
            return _fallback(task, AnswerKind.NO_LABEL, reason)
        spelled = value if isinstance(value, str) else json.dumps(value)
        label = names.whole(spelled)
        if label is None:
            alike = names.spelled_like(spelled) or names.named_in(spelled)
            if len(alike) > 1:
                return _several(task, alike)
            return _fallback(task, AnswerKind.OUTSIDE_LIST, f"{quote(spelled)} is not one of the labels")
        labels.append(label)
    distinct = tuple(dict.fromkeys(labels))
    if not distinct:
        return _fallback(task, AnswerKind.NO_LABEL, "the JSON answer contains no label")
    return ParsedAnswer(distinct[0], AnswerKind.LABEL) if len(distinct) == 1 else _several(task, distinct)


def _several(task: Task, labels: tuple[str, ...]) -> ParsedAnswer:
    listed = ", ".join(labels[:5]) + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
    return _fallback(task, AnswerKind.SEVERAL_LABELS, f"the answer names {len(labels)} labels: {listed}")


def _fallback(task: Task, kind: AnswerKind, reason: str) -> ParsedAnswer:
    return ParsedAnswer(task.fallback.name, kind, reason)
