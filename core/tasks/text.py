"""Free text: every item gets a text of its own, written or corrected. Models answer with the text and nothing else.

White space around a text says nothing, and line breaks are line breaks however a file has them. An empty text is an
answer like any other; a cell of a file says it by two quotation marks, since an empty cell says nothing at all.
"""

import json
from collections.abc import Mapping
from typing import Any

from core.model import AnswerKind, Item, Task
from core.plural import count
from core.tasks.answers import Unheard, quote, refused, silent, written_in
from core.tasks.kind import ParsedAnswer, TaskKind, most_common
from core.tasks.thoughts import without_thoughts

MOST = 100_000
"""More characters than a text can have that somebody writes about an item."""
_WORDS = 160
_SYSTEM = """You write one text for each item. Answer with that text alone: no heading, no explanation, no quotation \
marks around it.

{{guidelines}}"""


def first_prompt(task: Task) -> tuple[str, str]:
    """What is to be written is in the guidelines, so they are in the prompt whether they are written yet or not."""
    return _SYSTEM, "{{text}}"


def parse_answer(
    task: Task, raw: str | None, finish_reason: str | None, refusal: str | None, item: Item | None
) -> ParsedAnswer:
    """The text the answer is, without thoughts and without a fence around it; never raises. Where the item itself has
    what looks like a thought, so may the text, and the answer is taken as it is."""
    answer = tidy(raw or "")
    has_own = item is not None and without_thoughts(item.text) != item.text.strip()
    said = answer if has_own or len(answer) > MOST else tidy(written_in(answer))
    why = refused(finish_reason, refusal) or (None if said else silent(answer, finish_reason))
    if why is None and len(said) > MOST:
        why = Unheard(AnswerKind.NO_LABEL, f"the answer runs on without end: {quote(said)}")
    if why is None and finish_reason == "length":
        why = Unheard(AnswerKind.TRUNCATED, f"the answer was cut off at the token limit: {quote(said)}")
    return ParsedAnswer("", why.kind, why.reason) if why else ParsedAnswer(_unquoted(said), AnswerKind.LABEL)


def tidy(text: str) -> str:
    """The text as it is kept."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def canonical(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def words(said: str, text: str = "") -> str:
    """The text on one line, cut where it is long: what is whole is shown as text."""
    line = " ".join(said[: 4 * _WORDS].split())
    if not line:
        return "(empty)"
    return f"{line[:_WORDS].rstrip()}… ({count(len(said), 'character')})" if len(line) > _WORDS else line


def cell(said: str) -> str:
    """The text; quotation marks and nothing else get two more, so that two of them are an empty text."""
    return f'{said}""' if _is_quotes(said) else said


def from_cell(text: str) -> str:
    """Raises ValueError for a text that is too long."""
    text = _unquoted(tidy(text))
    if len(text) > MOST:
        raise ValueError(f"The text has {len(text):,} characters; the limit is {MOST:,}.")
    return text


def _unquoted(text: str) -> str:
    return text[2:] if _is_quotes(text) else text


def _is_quotes(text: str) -> bool:
    return not text.strip('"') and len(text) % 2 == 0


def _no_variables(task: Task) -> Mapping[str, str]:
    return {}


def _as_said(value: Any, names: Mapping[int, str]) -> str:
    return str(value)


KIND = TaskKind(
    title="Free text",
    about="Every item gets a text of its own, written or corrected: a summary, a translation, an answer.",
    widget="text",
    is_closed=False,
    response_schema=lambda task: None,
    parse_answer=parse_answer,
    variables=_no_variables,
    first_prompt=first_prompt,
    answer=lambda task, said, text: cell(said),
    fallback=lambda task: "",
    value_of=lambda task, said: tidy(said),
    said=_as_said,
    canonical=canonical,
    from_canonical=json.loads,
    labels_in=lambda value: (),
    relabelled=lambda value, becomes: value,
    words=words,
    cell=cell,
    from_cell=from_cell,
    elected=most_common,
    without_labels=lambda said: "A text" if said else "Empty",
    metrics=("same_text", "edit_similarity", "chrf", "cosine"),
    reads_item=True,
    writes=True,
)
