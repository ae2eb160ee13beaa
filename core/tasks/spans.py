"""Spans: parts of an item's text, each with a label. Models mark them by tags in a copy of the text, or by quotes.

What an answer marks and the text does not have is never put anywhere else: what could be located is recorded, with the
rest as the reason (`AnswerKind.PARTLY`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.model import AnswerKind, Having, Item, Span, Task
from core.plural import count
from core.spelling import fold
from core.tasks.answers import Unheard, heard, quote
from core.tasks.json_in import json_in
from core.tasks.kind import ParsedAnswer, TaskKind, most_common
from core.tasks.label_prompt import named, prompt
from core.tasks.locating import Located, locate_quotes, locate_tags, may_have_tags, quoted, tagged, untagged
from core.tasks.quotes_in import quotes_in
from core.tasks.span_value import canonical, from_canonical, relabelled
from core.tasks.spelling import names_of
from core.tasks.thoughts import without_thoughts

Spans = tuple[Span, ...]
_SHOWN, _QUOTED = 5, 60
"""Of spans on one line: how many, and how many characters of each."""
TAGS, QUOTES = "tags", "quotes"
WAYS = {"answer_with_tags": TAGS, "answer_with_quotes": QUOTES}
_SYSTEM = """You mark parts of a text with these labels:

{{label_names}}

{{answer_with_tags}}"""
_HOW = {
    TAGS: "Answer with the whole text, unchanged, with a tag around each part, such as {tag}. Where nothing is to be "
    "marked, answer with the text as it is.",
    QUOTES: 'Answer with JSON: {{"spans": [{{"quote": "…", "label": "…", "occurrence": 1}}]}}. Each quote is copied '
    "from the text letter by letter; the occurrence says which it is where the text has it more than once, from 1. "
    "Where nothing is to be marked, the list is empty.",
}
_NOTHING = frozenset({"none", "nothing", "no spans", "no entities", "n/a", "[]", "{}"})


def way(task: Task) -> str:
    """How a model is to write its answer."""
    return task.options.answers or TAGS


def variables(task: Task) -> Mapping[str, str]:
    """Labels without the fallback, which is no part of a text; and what says how spans are to be written: a prompt has
    them written as the one says that it names."""
    example = next((label.name for label in task.labels), "label")
    tag = tagged("…", [(0, 1, example)], (example,))
    return {**named(task.labels, None), **{name: _HOW[way].format(tag=tag) for name, way in WAYS.items()}}


def first_prompt(task: Task) -> tuple[str, str]:
    return prompt(task, _SYSTEM)


def response_schema(task: Task) -> dict[str, Any] | None:
    """`{"spans": [{"quote", "label", "occurrence"}]}`; None where the text is tagged, which is no JSON."""
    if way(task) == TAGS:
        return None
    labels = [label.name for label in task.labels]
    span = {
        "type": "object",
        "properties": {
            "quote": {"type": "string"},
            "label": {"type": "string", "enum": labels},
            "occurrence": {"type": "integer"},
        },
        "required": ["quote", "label", "occurrence"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"spans": {"type": "array", "items": span}},
        "required": ["spans"],
        "additionalProperties": False,
    }


def parse_answer(
    task: Task, raw: str | None, finish_reason: str | None, refusal: str | None, item: Item | None
) -> ParsedAnswer:
    """The spans the answer marks in the item's text, whichever way it writes them; never raises."""
    text, answer = item.text if item else "", raw or ""
    names = tuple(label.name for label in task.labels)
    copied = _spoken(answer, text, names)
    # How it ended, and whether it speaks at all: of any other answer that makes no difference to its spans.
    if not copied or refusal or finish_reason in ("length", "content_filter"):
        said = heard(answer.strip(), finish_reason, refusal)
        is_cut = finish_reason == "length" and (isinstance(said, Unheard) or not said.is_json)
        # What looks like a reason, or nothing but one, is a part of the text that is copied here.
        is_empty = isinstance(said, Unheard) and said.kind is AnswerKind.EMPTY and not copied
        if isinstance(said, Unheard) and (said.kind is AnswerKind.REFUSED or is_empty or is_cut):
            return ParsedAnswer((), said.kind, said.reason)
        if is_cut:
            return ParsedAnswer((), AnswerKind.TRUNCATED, f"the answer was cut off at the token limit: {quote(copied)}")
    is_quoted = copied[:1] in ("{", "[") or "```" in copied or way(task) == QUOTES
    pieces = json_in(copied) if is_quoted and fold(copied) != fold(text) else []
    if pieces and not _is_tagged(_unfenced(copied), text, names):
        found = quotes_in([piece.value for piece in pieces])
        if isinstance(found, str):
            copied = found
        elif found is not None and all(piece.is_whole for piece in pieces):
            return _settled(task, locate_quotes(text, found))
        else:
            return ParsedAnswer((), AnswerKind.NO_LABEL, f"the answer's JSON holds no spans: {quote(copied)}")
    located = locate_tags(text, _unfenced(copied), names)
    if not located and not _is_copy(copied, text) and fold(copied).rstrip(".") not in _NOTHING:
        return ParsedAnswer(
            (), AnswerKind.NO_LABEL, f"the answer marks nothing and is no copy of the text: {quote(copied)}"
        )
    return _settled(task, located)


def _spoken(answer: str, text: str, names: Sequence[str]) -> str:
    """The answer without its thoughts; all of it where it is a copy of a text that itself has what looks like one."""
    spoken = without_thoughts(answer).strip()
    has_own = without_thoughts(text) != text.strip()
    return answer.strip() if has_own and _is_copy(untagged(answer, text, names), text) else spoken


def _unfenced(text: str) -> str:
    lines = text.split("\n")
    is_fenced = len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```"
    return "\n".join(lines[1:-1]) if is_fenced else text


def _is_tagged(answer: str, text: str, names: Sequence[str]) -> bool:
    """Whether the answer is the text with tags in it: then brackets are the text's own."""
    if not may_have_tags(answer):
        return False
    plain = untagged(answer, text, names)
    return plain != answer and _is_copy(plain, text)


def _is_copy(answer: str, text: str) -> bool:
    """Whether the answer is the text with nothing marked: word for word, or nearly so."""
    said, own = fold(answer).split(), fold(text).split()
    return bool(own) and len(set(own) & set(said)) >= 0.8 * len(set(own)) and len(said) <= 1.5 * len(own) + 3


def _settled(task: Task, located: Sequence[Located]) -> ParsedAnswer:
    names = names_of(tuple(label.name for label in task.labels))
    spans: list[Span] = []
    lost: list[str] = []
    foreign = 0
    for one in located:
        label = names.whole(one.label)
        if label is None:
            foreign += 1
            lost.append(f"{quote(one.label)} is not one of the labels")
        elif one.place is None:
            lost.append(f"{quote(one.quote)} ({label}) is {one.found}" + (f": {one.reason}" if one.reason else ""))
        else:
            spans.append(Span(*one.place, label))
    kept, crossing = _apart(ordered(spans)) if not task.options.may_overlap else (ordered(spans), ())
    lost += [f"{one.label} at {one.start} to {one.end} overlaps an earlier one" for one in crossing]
    if not lost:
        return ParsedAnswer(kept, AnswerKind.LABEL)
    if foreign == len(located):
        return ParsedAnswer((), AnswerKind.OUTSIDE_LIST, lost[0])
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    reason = f"{len(lost)} of {count(len(located), 'span')} left out: {'; '.join(lost[:3])}{more}"
    return ParsedAnswer(kept, AnswerKind.PARTLY, reason)


def standing(task: Task, parsed: ParsedAnswer) -> ParsedAnswer:
    """Of spans that now lie over each other the earlier and then the longer, where the task has none that overlap."""
    kept, crossing = _apart(ordered(parsed.said)) if not task.options.may_overlap else ((), ())
    if not crossing:
        return parsed
    lost = f"{count(len(crossing), 'span')} left out, on the same words as another"
    return replace(parsed, said=kept, kind=AnswerKind.PARTLY, reason="; ".join(filter(None, [parsed.reason, lost])))


def _apart(spans: Spans) -> tuple[Spans, Spans]:
    """Those that can stand beside each other, the earlier and then the longer first; and the others."""
    kept: list[Span] = []
    crossing: list[Span] = []
    for one in sorted(spans, key=lambda span: (span.start, -span.end)):
        (crossing if kept and one.start < kept[-1].end else kept).append(one)
    return ordered(kept), tuple(crossing)


def ordered(spans: Iterable[Sequence[Any]]) -> Spans:
    """The set as it is said: by start, end and label, each once."""
    return tuple(sorted({Span(*one) for one in spans}))


def answer(task: Task, said: Spans, text: str) -> str:
    """The text with tags, or the spans as quotes, whichever the task asks for."""
    if way(task) == TAGS:
        return tagged(text, said, [label.name for label in task.labels])
    spans = [{"quote": one.text, "label": one.label, "occurrence": one.occurrence} for one in quoted(text, said)]
    return json.dumps({"spans": spans}, ensure_ascii=False)


def value_of(task: Task, said: Spans) -> tuple[tuple[int, int, int], ...]:
    """By ids of labels. Raises KeyError for a name the task does not have."""
    ids = {label.name: label.id or 0 for label in task.choices}
    return tuple(sorted({(start, end, ids[label]) for start, end, label in said}))


def words(said: Spans, text: str) -> str:
    """`person “Ada”, place “London”`; where the text is not at hand, places in it: `person 0–3, place 9–15`."""
    shown = ", ".join(f"{one.label} {_marked(one, text)}" for one in said[:_SHOWN])
    return (shown + (f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else "")) or "no spans"


def _marked(span: Span, text: str) -> str:
    line = " ".join(text[span.start : span.end].split())
    if not line:
        return f"{span.start}–{span.end}"
    if len(line) > _QUOTED:
        line = f"{line[: _QUOTED // 2].rstrip()} … {line[-_QUOTED // 2 :].lstrip()}"
    return f"“{line}”"


def cell(said: Spans) -> str:
    return json.dumps([one._asdict() for one in said], ensure_ascii=False)


def from_cell(text: str) -> Spans:
    """A JSON list of `{"start", "end", "label"}` or of `[start, end, label]`."""
    try:
        held = json.loads(text.strip() or "[]")
        found = [
            (one["start"], one["end"], one["label"]) if isinstance(one, dict) else (one[0], one[1], one[2])
            for one in held
        ]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise ValueError(f"{quote(text)} is no list of spans with start, end and label.") from error
    if not all(type(start) is int and type(end) is int and isinstance(label, str) for start, end, label in found):
        raise ValueError(f"{quote(text)} has a span whose start or end is no whole number, or whose label is no text.")
    if not all(0 <= start < end and label.strip() for start, end, label in found):
        raise ValueError(
            f"{quote(text)} has a span that ends before it begins, begins before the text, or has no label."
        )
    return ordered((start, end, label.strip()) for start, end, label in found)


KIND = TaskKind(
    title="Marked parts of the text",
    about="Parts of every item's text are marked, each with a label: names, reasons, errors.",
    widget="spans",
    is_closed=False,
    response_schema=response_schema,
    parse_answer=parse_answer,
    variables=variables,
    first_prompt=first_prompt,
    answer=answer,
    fallback=lambda task: (),
    value_of=value_of,
    said=lambda value, names: ordered((start, end, names[label]) for start, end, label in value),
    canonical=canonical,
    from_canonical=from_canonical,
    labels_in=lambda value: tuple(label for _, _, label in value),
    relabelled=relabelled,
    without=lambda value, gone: relabelled(value, dict.fromkeys(gone)) or None,
    words=words,
    without_labels=lambda said: words(said, ""),
    cell=cell,
    from_cell=from_cell,
    elected=most_common,
    options=("may_overlap",),
    allows=lambda options, said: options.may_overlap or not _apart(ordered(said))[1],
    metrics=(
        "strict_f1",
        "exact_f1",
        "partial_f1",
        "type_f1",
        "strict_precision",
        "strict_recall",
        "span_iou",
        "word_kappa",
        "unitised_alpha",
    ),
    ways=WAYS,
    decides=(Having.ANY, Having.NOTHING, Having.ONE_OF, Having.NONE_OF),
    reads_item=True,
    standing=standing,
)
