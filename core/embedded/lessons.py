"""How each kind of question is taught: what an example says, what the encoder sees of it, which head learns it.

The kind is told by the answers of the file: {"labels": [..]} is a set, {"level": ..} a rating, and so on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.embedded.dataset import Dataset, Messages
from core.embedded.encoder import Array
from core.embedded.head import Epoch, LinearHead
from core.embedded.head import train as train_one
from core.embedded.heads import several, spans
from core.embedded.heads.settings import Settings
from core.embedded.kinds import several_labels
from core.embedded.kinds import spans as spans_asked
from core.embedded.reading import answer_of, read
from core.embedded.senses import PatientSenses

Said = Any
Features = list[Array]


@dataclass(frozen=True)
class Lesson:
    """`said_of` reads what an assistant's message says, or raises ValueError with what is wrong with it; `text_of` is
    what is asked there, given the names that are answered. `features` of each text are an array; `train` yields the
    head after each epoch; `measure` gives loss and score on examples. `lacks` tells why nothing can be learned, or "".
    """

    said_of: Callable[[Messages], Said]
    text_of: Callable[[Messages, Sequence[str]], str]
    features: Callable[[list[str], PatientSenses], Features]
    train: Callable[[Features, Dataset, Settings], Iterator[Epoch[Any]]]
    measure: Callable[[Any, Features, Sequence[Said]], tuple[float, float]]
    lacks: Callable[[Dataset], str]


def _text(messages: Messages, names: Sequence[str]) -> str:
    """As it is found at inference (see `core.embedded.reading`)."""
    return read(messages[:-1], names).text


def _vectors(texts: list[str], senses: PatientSenses) -> Features:
    return list(senses.embed(texts))


def _words(texts: list[str], senses: PatientSenses) -> Features:
    return [spans.seen_words(text, words) for text, words in zip(texts, senses.words(texts), strict=True)]


def _train_one(x: Features, data: Dataset, settings: Settings) -> Iterator[Epoch[LinearHead]]:
    classes = data.classes
    return train_one(
        np.stack(x),
        np.array([classes.index(label) for label in data.labels], dtype=np.intp),
        classes,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        rate=settings.rate,
        seed=settings.seed,
    )


def _measure_one(head: LinearHead, x: Features, said: Sequence[str]) -> tuple[float, float]:
    place = {name: index for index, name in enumerate(head.labels)}
    return head.loss_and_accuracy(np.stack(x), np.array([place[label] for label in said], dtype=np.intp))


def _one_label_alone(data: Dataset) -> str:
    return "" if len(data.classes) > 1 else f"Every example has the label {data.classes[0]!r}; at least two labels are"


ONE_LABEL = Lesson(
    said_of=lambda messages: answer_of(messages[-1]["content"]),
    text_of=_text,
    features=_vectors,
    train=_train_one,
    measure=_measure_one,
    lacks=_one_label_alone,
)
LESSONS: Mapping[str, Lesson] = {
    "single_label": ONE_LABEL,
    "several_labels": Lesson(
        said_of=lambda messages: several_labels.labels_of(messages[-1]["content"]),
        text_of=_text,
        features=_vectors,
        train=lambda x, data, settings: several.train(np.stack(x), data.labels, data.classes, settings),
        measure=lambda head, x, said: head.loss_and_score(np.stack(x), said),
        lacks=lambda data: "" if data.classes else "No example has a label; at least one label is",
    ),
    "spans": Lesson(
        said_of=spans_asked.said_of,
        text_of=lambda messages, names: spans_asked.text_of(messages[:-1]),
        features=_words,
        train=lambda x, data, settings: spans.train(x, data.labels, data.classes, settings),
        measure=lambda head, x, said: head.loss_and_score(x, said),
        lacks=lambda data: "" if data.classes else "No example has a span; at least one is",
    ),
}
