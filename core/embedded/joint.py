"""Several questions in one answer, taught: each by the lesson of its kind, from the examples that answer it.

An answer is one JSON object with a property for each question, and what a property holds is what that question would
be answered with alone. A question that an example does not answer (it was not asked there) has no property in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from core.embedded.dataset import Dataset, Messages, Question
from core.embedded.head import Epoch, LinearHead
from core.embedded.heads.beginning import taken_over
from core.embedded.heads.joint import JointHead
from core.embedded.heads.settings import Settings
from core.embedded.kinds.at_once import about
from core.embedded.lesson import Features, Lesson, Said
from core.embedded.reading import object_in
from core.embedded.senses import PatientSenses

MIN_ANSWERS = 10
Alone = Mapping[str, Lesson]
"""How each kind of question is taught by itself."""


class Asked(NamedTuple):
    """What one question reads of an example."""

    kind: str
    text: str


class Seen(str):
    """The last message of an example, as its tokens are counted; `of` is what each question reads of it."""

    of: Mapping[str, Asked]

    def __new__(cls, message: str, of: Mapping[str, Asked]) -> "Seen":
        made = super().__new__(cls, message)
        made.of = of
        return made


def alone(messages: Messages) -> dict[str, Messages]:
    """The conversation about each question that its last message answers, as if that were asked alone."""
    return {name: about(messages, name) for name in object_in(messages[-1]["content"]) or {}}


def joined(parts: Sequence[tuple[str, Sequence[int], Dataset]], messages: Sequence[str]) -> Dataset:
    """The examples of all questions as those of one. Of each question: its name, the places of those of the `messages`
    that answer it, and its own examples."""
    seen: list[dict[str, Asked]] = [{} for _ in messages]
    said: list[dict[str, Said]] = [{} for _ in messages]
    for name, rows, part in parts:
        for row, text, one in zip(rows, part.texts, part.labels, strict=True):
            seen[row][name], said[row][name] = Asked(part.kind, text), one
    questions = tuple(Question(name, part.kind, part.listed) for name, _, part in parts)
    return Dataset(tuple(map(Seen, messages, seen)), tuple(said), JointHead.kind, questions=questions)


def lesson_of(kinds: Alone) -> Lesson:
    """How all of them are taught at once."""
    return Lesson(
        said_of=lambda messages: object_in(messages[-1]["content"]),
        text_of=lambda messages, names: messages[-2]["content"],
        features=partial(_features, kinds),
        train=partial(_train, kinds),
        measure=partial(_measure, kinds),
        lacks=partial(_lacks, kinds),
        best=partial(_best, kinds),
    )


def _features(kinds: Alone, texts: list[str], senses: PatientSenses) -> Features:
    """Of each text the features for each question it answers, by name."""
    found: Features = [{} for _ in texts]
    asked = [text.of if isinstance(text, Seen) else {} for text in texts]
    for name in dict.fromkeys(name for of in asked for name in of):
        rows = [row for row, of in enumerate(asked) if name in of]
        own = [asked[row][name] for row in rows]
        features = kinds[own[0].kind].features([one.text for one in own], senses)
        for row, one in zip(rows, features, strict=True):
            found[row][name] = one
    return found


def _own(data: Dataset, question: Question, x: Features | None = None) -> tuple[Dataset, Features]:
    """The examples that answer a question, as if it were asked alone."""
    rows = [row for row, said in enumerate(data.labels) if question.name in said]
    texts = tuple(text.of[question.name].text for row in rows if isinstance(text := data.texts[row], Seen))
    said = tuple(data.labels[row][question.name] for row in rows)
    own = Dataset(texts, said, question.kind, question.listed)
    return own, [x[row][question.name] for row in rows] if x else []


def _lacks(kinds: Alone, data: Dataset) -> str:
    for question in data.questions:
        own, _ = _own(data, question)
        lacks = kinds[question.kind].lacks(own)
        if len(own.texts) < MIN_ANSWERS:
            lacks = f"{len(own.texts)} examples answer it; at least {MIN_ANSWERS} are needed."
        if lacks:
            return f"The question {question.name!r}: {lacks[0].lower()}{lacks[1:]}"
    return "" if data.questions else "No example answers any question."


def _train(kinds: Alone, x: Features, data: Dataset, settings: Settings) -> Iterator[Epoch[JointHead]]:
    """All of them side by side, epoch by epoch. The steps are those of the question with the most examples."""
    learning = []
    for question in data.questions:
        own, features = _own(data, question, x)
        learning.append(kinds[question.kind].train(features, own, _settings_of(settings, question)))
    names = [question.name for question in data.questions]
    for epochs in zip(*learning, strict=True):
        heads: dict[str, Any] = {name: epoch.head for name, epoch in zip(names, epochs, strict=True)}
        yield Epoch(epochs[0].number, max(epoch.step for epoch in epochs), JointHead(heads))


def _settings_of(settings: Settings, question: Question) -> Settings:
    """With what an earlier model has learned of the very question, where it has: else whatever fits of it."""
    start = settings.start
    own = start.parts.get(question.name) if isinstance(start, JointHead) else None
    return replace(settings, start=own) if own is not None and own.kind == question.kind else settings


def begins_at(data: Dataset, start: Any) -> list[tuple[str, Any, list[str]]]:
    """What of an earlier model a training begins at: for each question (one that is asked alone has no name) the head
    that is taken over, None where there is none, and the labels of the examples."""
    if not data.questions:
        return [("", taken_over(start, data.kind, data.classes), list(data.classes))]
    found = []
    for question in data.questions:
        own, _ = _own(data, question)
        at = _settings_of(Settings(1, 1, 1.0, 0, start=start), question).start
        found.append((question.name, taken_over(at, question.kind, own.classes), list(own.classes)))
    return found


def _best(
    kinds: Alone, epochs: Iterator[Epoch[JointHead]], x: Features, said: Sequence[Said]
) -> Iterator[Epoch[JointHead]]:
    """Each question with its own best state up to each epoch, by the loss on its examples held out: one is learned in
    fewer passes than another, and losses of different kinds cannot be added up."""
    lowest: dict[str, float] = {}
    best: dict[str, Any] = {}
    for epoch in epochs:
        measured = _measured(kinds, epoch.head, x, said)
        for name, part in epoch.head.parts.items():
            loss = measured[name][0] if name in measured else -epoch.step
            if loss < lowest.get(name, np.inf):
                lowest[name], best[name] = loss, part
        yield replace(epoch, head=JointHead(dict(best)))


def _measure(kinds: Alone, head: JointHead, x: Features, said: Sequence[Said]) -> tuple[float, float]:
    """The means of the questions' losses and scores, each question counting the same."""
    found = list(_measured(kinds, head, x, said).values())
    if not found:
        return 0.0, 0.0
    losses, scores = zip(*found, strict=True)
    return sum(losses) / len(found), sum(scores) / len(found)


def _measured(kinds: Alone, head: JointHead, x: Features, said: Sequence[Said]) -> dict[str, tuple[float, float]]:
    """Loss and score of each question that an example answers."""
    found = {}
    for name, part in head.parts.items():
        rows = [row for row, one in enumerate(said) if name in one and _knows(part, one[name])]
        if rows:
            own = [said[row][name] for row in rows]
            found[name] = kinds[part.kind].measure(part, [x[row][name] for row in rows], own)
    return found


def _knows(part: Any, said: Said) -> bool:
    """Whether a head of one label can be measured on what is said: of a rare label all examples may be held out."""
    return not isinstance(part, LinearHead) or said in part.labels
