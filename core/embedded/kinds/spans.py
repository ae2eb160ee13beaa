"""Spans of the text with a label each, as quotes by schema or as tags in a copy of the text.

Tags are asked for in words alone: the instructions show the tags of the labels (`<PER>..</PER>`) and speak of marking.
The copy is the text as it came, character for character, but for the tags.

Untrained, each word is looked at by itself: its probability for a label is sigmoid((cosine - THRESHOLD) / T), the
threshold being what a word has in common with a label that it has nothing to do with, in one case of forty. Words of
one label that follow each other are one span. That knows neither context nor names, so it is weak; a tuned model reads
words in their context.

The label of each span is one token, and its `top_logprobs` list the labels with their probabilities there; what they
lack to 1 is the probability that nothing is marked. Answers drawn at a temperature leave out spans by it.
"""

import json
import re
from collections.abc import Sequence

import numpy as np

from core.embedded import classifier
from core.embedded.asked import Ask
from core.embedded.dataset import Messages
from core.embedded.errors import bad_request
from core.embedded.heads.bio import Marked
from core.embedded.heads.scaling import sigmoid
from core.embedded.heads.spans import Likely, SpansHead, seen_words
from core.embedded.kinds.one_label import described, listed_in
from core.embedded.labels import Choice
from core.embedded.marked_text import TagNames, escaped, occurrence_of, place_of, tag_name, untagged
from core.embedded.reading import ANSWERS, TAGS, object_in, split_text
from core.embedded.senses import Senses
from core.embedded.shapes import SpanShape
from core.embedded.steps import Step, Steps, ranked
from core.embedded.words import word_places
from core.spelling import fold

# Measured between the words of comments and names of entities: their cosines average 0.27 with a deviation of 0.07.
THRESHOLD = 0.27 + 2 * 0.07

_PAIR = re.compile(r"<([^<>/\n]{1,210})>[^<>\n]{0,200}</\1>")
_MARKS = re.compile(r"\b(tags?|mark(?:s|ed|ing|up)?|spans?|entit(?:y|ies)|highlight\w*)\b", re.IGNORECASE)
_STRUCTURE = re.compile(
    rf"({TAGS}|{ANSWERS}|first|second|candidate|labels|tags|instructions?|examples?|thinking|reasoning|task|rules?)s?",
    re.IGNORECASE,
)
_OPENED = re.compile(rf"\s*<({TAGS})\b[^<>]*>\n?", re.IGNORECASE)
_ONLY_MARKER = re.compile(rf"[ \t]*[#*_]*(?:the |your )?(?:{TAGS})[*_]*:[*_]*[ \t]*\n", re.IGNORECASE)


def labels_told(messages: Messages) -> tuple[str, ...]:
    """The labels of the tags that the instructions show; all that they list, where one of those is shown. None where
    the instructions speak of something else than marking."""
    found: list[str] = []
    for text in _instructions(messages):
        listed = () if any("<" in name for name in listed_in(text)) else listed_in(text)
        known = TagNames(listed)
        shown = [name for name in _PAIR.findall(text) if known.label(name) or not _STRUCTURE.fullmatch(name)]
        if shown and _MARKS.search(text):
            names = TagNames(shown)
            if any(names.label(spell) for name in listed for spell in (name, tag_name(name))):
                found += listed
            told = TagNames(found)
            found += [name for name in shown if told.label(name) is None]
    return tuple(dict.fromkeys(found))


def text_of(messages: Messages) -> str:
    """The text to mark, unchanged: all of the last user message, or what stands there in a tag, behind a line that only
    says "Text:", or, where no other message instructs, apart from the instructions."""
    content = next(message["content"] for message in reversed(messages) if message["role"] == "user")
    if not any(message["role"] in ("system", "developer") for message in messages):
        text, around = split_text(content)
        return text if around else content
    opened, marker = _OPENED.match(content), _ONLY_MARKER.match(content)
    closed = re.compile(rf"\n?</{opened[1]}>\s*\Z").search(content, opened.end()) if opened else None
    if opened and closed:
        return content[opened.end() : closed.start()]
    return content[marker.end() :] if marker else content


async def answers(ask: Ask, shape: SpanShape | None, head: SpansHead | None, senses: Senses) -> list[Steps]:
    """`shape` is None for tags. 400 where there are no labels to mark with."""
    text = text_of(ask.messages)
    choices = shape.choices if shape and shape.choices else tuple(map(Choice, labels_told(ask.messages)))
    if head is not None:
        names, found = await _tuned(head, text, choices, senses)
    else:
        names, found = await _base(text, described(choices, tuple(_instructions(ask.messages))), senses)
    options, generator = ask.options, ask.options.generator
    answered = []
    for _ in range(options.n):
        likely = [
            one for one in found if not options.temperature or _is_drawn(one, names, options.temperature, generator)
        ]
        top = options.top_logprobs if options.logprobs else 0
        answered.append(_quotes(shape, text, likely, names, top) if shape else _tags(text, likely, names, top))
    return answered


async def _tuned(
    head: SpansHead, text: str, choices: Sequence[Choice], senses: Senses
) -> tuple[Sequence[str], list[Likely]]:
    """What the head marks, by the names that the request has for the labels; labels it does not offer are left out."""
    wanted = TagNames([choice.name for choice in choices] or head.labels)
    own = [wanted.label(label) for label in head.labels]
    if not any(own):
        raise bad_request("None of the labels asked for was among those this model was trained on.", "response_format")
    [words] = await senses.words([text])
    names = [name or label for name, label in zip(own, head.labels, strict=True)]
    marks = head.marks(seen_words(text, words))
    named = [Likely(one.mark._replace(label=wanted.label(one.mark.label) or ""), one.p) for one in marks]
    return names, [one for one in named if one.mark.label]


async def _base(text: str, choices: Sequence[Choice], senses: Senses) -> tuple[Sequence[str], list[Likely]]:
    choices = [choice for choice in choices if not choice.is_fallback]
    if not choices:
        raise bad_request(
            "No labels were found: give them as an enum in response_format, or show their tags in the prompt, "
            "such as <PER>..</PER>.",
            "messages",
        )
    places = word_places(text)
    words = [text[start:end] for start, end in places.tolist()]
    told = [(place, said) for place, choice in enumerate(choices) for said in choice.texts]
    distinct = list(dict.fromkeys(word for word in words if not classifier.says_nothing(word)))
    vectors = await senses.embed([*(said for _, said in told), *distinct])
    labels = classifier.label_vectors(vectors[: len(told)], np.array([place for place, _ in told]))
    likely = sigmoid((vectors[len(told) :] @ labels.T - THRESHOLD).astype(np.float64) / classifier.TEMPERATURE)
    of_word = dict(zip(distinct, likely, strict=True))
    names = [choice.name for choice in choices]
    found: list[Likely] = []
    follows = False
    for word, (start, end) in zip(words, places.tolist(), strict=True):
        p = of_word.get(word)
        marks = p is not None and p.max() >= 0.5
        if p is not None and marks:
            p = p / max(1.0, float(p.sum()))
            label = names[int(p.argmax())]
            if follows and found[-1].mark.label == label:
                found[-1] = Likely(found[-1].mark._replace(end=end), np.minimum(found[-1].p, p))
            else:
                found.append(Likely(Marked(start, end, label), p))
        follows = bool(marks)
    return names, found


def _is_drawn(one: Likely, names: Sequence[str], temperature: float, generator: np.random.Generator) -> bool:
    p = float(one.p[names.index(one.mark.label)])
    yes, no = p ** (1 / temperature), (1 - p) ** (1 / temperature)
    return bool(generator.random() < yes / (yes + no))


def _tags(text: str, found: Sequence[Likely], names: Sequence[str], top: int) -> Steps:
    tags = TagNames(names)
    steps: list[Step] = []
    position = 0
    for one in found:
        name = tag_name(one.mark.label)
        steps.append(Step(f"{escaped(text[position : one.mark.start], tags)}<"))
        steps.append(_label(one, names, [tag_name(other) for other in names], top))
        steps.append(Step(f">{escaped(text[one.mark.start : one.mark.end], tags)}</{name}>"))
        position = one.mark.end
    return [*steps, Step(escaped(text[position:], tags))]


def _quotes(shape: SpanShape, text: str, found: Sequence[Likely], names: Sequence[str], top: int) -> Steps:
    written = [_json(name)[1:-1] for name in names]
    steps = [Step(f"{{{_json(shape.property)}:[")]
    for number, one in enumerate(found):
        quote = _json(text[one.mark.start : one.mark.end])
        steps.append(Step(f'{"," if number else ""}{{{_json(shape.quote)}:{quote},{_json(shape.label)}:"'))
        steps.append(_label(one, names, written, top))
        if shape.occurrence:
            occurrence = occurrence_of(one.mark.start, one.mark.end, text)
            steps.append(Step(f'",{_json(shape.occurrence)}:{occurrence}}}'))
        else:
            steps.append(Step('"}'))
    return [*steps, Step("]}")]


def _label(one: Likely, names: Sequence[str], written: Sequence[str], top: int) -> Step:
    place = names.index(one.mark.label)
    return Step(written[place], float(one.p[place]), ranked(written, one.p, top) if top else ())


def _json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _instructions(messages: Messages) -> list[str]:
    told = [message["content"] for message in messages if message["role"] in ("system", "developer")]
    last = next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")
    around = split_text(last)[1]
    return [*told, around] if around else told


def said_of(messages: Messages) -> tuple[Marked, ...]:
    """The spans of a training line's answer, tags or quotes. Raises ValueError with what is wrong with it."""
    asked, answer = messages[:-1], messages[-1]["content"]
    text, quoted = text_of(asked), object_in(answer)
    if quoted is None:
        copy, marks = untagged(answer, labels_told(asked))
        if copy.strip() != text.strip():
            raise ValueError("the answer is not the text that was asked about with tags in it")
        moved = len(text) - len(text.lstrip()) - (len(copy) - len(copy.lstrip()))
        return tuple(mark._replace(start=mark.start + moved, end=mark.end + moved) for mark in marks)
    entries = list(quoted.values())
    if len(entries) != 1 or not isinstance(entries[0], list):
        raise ValueError('the answer is not of the form {"spans": [..]}, as those of other lines are')
    return tuple(_quoted(entry, text) for entry in entries[0])


def _quoted(entry: object, text: str) -> Marked:
    parts = list(entry.items()) if isinstance(entry, dict) else []
    numbers = [value for _, value in parts if isinstance(value, int) and not isinstance(value, bool)]
    words = {key: value for key, value in parts if isinstance(value, str)}
    label = words.pop("label", None)
    if label is None or len(words) != 1 or len(numbers) > 1:
        raise ValueError('a span is not of the form {"quote": "..", "label": "..", "occurrence": 1}')
    [quote] = words.values()
    return Marked(*place_of(quote, numbers[0] if numbers else 1, text), label)


def is_tagged_copy(messages: Messages) -> bool:
    """Whether the last message is the text that was asked about with tags that the instructions show."""
    labels = labels_told(messages[:-1])
    try:
        copy, _ = untagged(messages[-1]["content"], labels)
    except ValueError:
        return False
    return bool(labels) and fold(copy) == fold(text_of(messages[:-1]))
