"""How each kind of question is taught: what an example says, what the encoder sees of it, which head learns it.

The kind is told by the answers of the file: {"labels": [..]} is a set, {"level": ..} a rating, and so on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.embedded.candidates import candidates_in, measured
from core.embedded.dataset import Dataset, Messages
from core.embedded.encoder import Array
from core.embedded.head import Epoch, LinearHead
from core.embedded.heads import scale, several, spans
from core.embedded.heads.calibrated import train_calibrated
from core.embedded.heads.joint import JointHead
from core.embedded.heads.pairs import train_pairs
from core.embedded.heads.scale import PreferenceHead, RankingHead
from core.embedded.heads.settings import Settings
from core.embedded.joint import lesson_of
from core.embedded.kinds import preference, ranking, rating, several_labels
from core.embedded.kinds import spans as spans_asked
from core.embedded.lesson import Features, Lesson
from core.embedded.reading import answer_of, read
from core.embedded.scales import levels_in_order, outcomes_in_order
from core.embedded.senses import PatientSenses


def _text(messages: Messages, names: Sequence[str]) -> str:
    """As it is found at inference (see `core.embedded.reading`)."""
    return read(messages[:-1], names).text


def _message(messages: Messages, names: Sequence[str]) -> str:
    return preference.last_message(messages[:-1])


def _vectors(texts: list[str], senses: PatientSenses) -> Features:
    return list(senses.embed(texts))


def _words(texts: list[str], senses: PatientSenses) -> Features:
    return [spans.seen_words(text, words) for text, words in zip(texts, senses.words(texts), strict=True)]


def _pairs(texts: list[str], senses: PatientSenses) -> Features:
    """A row a candidate."""
    found = []
    for shown in filter(None, map(candidates_in, texts)):
        vectors = senses.embed([shown.asked, *shown.texts])
        found.append(measured(shown, vectors[1:], vectors[0]))
    return found


def _train_rating(x: Features, data: Dataset, settings: Settings) -> Iterator[Epoch[Any]]:
    return scale.train_rating(np.stack(x), data.labels, _levels(data), settings)


def _train_preference(x: Features, data: Dataset, settings: Settings) -> Iterator[Epoch[Any]]:
    asked = [shown.asked for shown in filter(None, map(candidates_in, data.texts))]
    return train_pairs(PreferenceHead, _differences(x), data.labels, _outcomes(data), asked, settings)


def _differences(x: Features) -> Array:
    return np.stack([rows[0] - rows[1] for rows in x])


def _each_two(x: Features, said: Sequence[ranking.Ranks]) -> tuple[Array, list[str], list[int]]:
    """Each two candidates of all rankings: the difference of their features, which is better, whose ranking it is."""
    found = [
        (rows[one] - rows[other], level, number)
        for number, (rows, ranks) in enumerate(zip(x, said, strict=True))
        for one, other, level in ranking.pairs_of(ranks)
    ]
    differences, levels, owners = zip(*found, strict=True)
    return np.stack(differences), list(levels), list(owners)


def _train_ranking(x: Features, data: Dataset, settings: Settings) -> Iterator[Epoch[Any]]:
    differences, levels, owners = _each_two(x, data.labels)
    asked = [shown.asked for shown in filter(None, map(candidates_in, data.texts))]
    questions = [asked[owner] for owner in owners]
    return train_pairs(RankingHead, differences, levels, ("worse", "tie", "better"), questions, settings)


def _has_no_order(order: Callable[[Dataset], Sequence[str]]) -> Callable[[Dataset], str]:
    def lacks(data: Dataset) -> str:
        try:
            order(data)
        except ValueError as error:
            return str(error)
        return _one_label_alone(data)

    return lacks


def _levels(data: Dataset) -> Sequence[str]:
    return levels_in_order(data.classes, data.listed)


def _outcomes(data: Dataset) -> Sequence[str]:
    return outcomes_in_order(data.classes, data.listed)


def _train_one(x: Features, data: Dataset, settings: Settings) -> Iterator[Epoch[LinearHead]]:
    place = {name: index for index, name in enumerate(data.classes)}
    targets = np.array([place[label] for label in data.labels], dtype=np.intp)
    return train_calibrated(np.stack(x), targets, data.classes, settings)


def _measure_one(head: LinearHead, x: Features, said: Sequence[str]) -> tuple[float, float]:
    place = {name: index for index, name in enumerate(head.labels)}
    return head.loss_and_accuracy(np.stack(x), np.array([place[label] for label in said], dtype=np.intp))


def _one_label_alone(data: Dataset) -> str:
    return (
        ""
        if len(data.classes) > 1
        else (f"Every example has the label {data.classes[0]!r}; at least two labels are needed.")
    )


ONE_LABEL = Lesson(
    said_of=lambda messages: answer_of(messages[-1]["content"]),
    text_of=_text,
    features=_vectors,
    train=_train_one,
    measure=_measure_one,
    lacks=_one_label_alone,
    sees=True,
    validates=True,
    balances=True,
)
_ALONE: Mapping[str, Lesson] = {
    "single_label": ONE_LABEL,
    "several_labels": Lesson(
        said_of=lambda messages: several_labels.labels_of(messages[-1]["content"]),
        text_of=_text,
        features=_vectors,
        train=lambda x, data, settings: several.train(np.stack(x), data.labels, data.classes, settings),
        measure=lambda head, x, said: head.loss_and_score(np.stack(x), said),
        lacks=lambda data: "" if data.classes else "No example has a label; at least one label is needed.",
        sees=True,
    ),
    "spans": Lesson(
        said_of=spans_asked.said_of,
        text_of=lambda messages, names: spans_asked.text_of(messages[:-1]),
        features=_words,
        train=lambda x, data, settings: spans.train(x, data.labels, data.classes, settings),
        measure=lambda head, x, said: head.loss_and_score(x, said),
        lacks=lambda data: "" if data.classes else "No example has a span; at least one is needed.",
    ),
    "rating": Lesson(
        said_of=rating.said_of,
        text_of=_text,
        features=_vectors,
        train=_train_rating,
        measure=lambda head, x, said: head.loss_and_score(np.stack(x), said),
        lacks=_has_no_order(_levels),
        sees=True,
    ),
    "preference": Lesson(
        said_of=preference.said_of,
        text_of=_message,
        features=_pairs,
        train=_train_preference,
        measure=lambda head, x, said: head.loss_and_score(_differences(x), said),
        lacks=_has_no_order(_outcomes),
    ),
    "ranking": Lesson(
        said_of=ranking.said_of,
        text_of=_message,
        features=_pairs,
        train=_train_ranking,
        measure=lambda head, x, said: head.loss_and_score(*_each_two(x, said)[:2]),
        lacks=lambda data: "" if any(map(any, data.labels)) else "Every example ranks all candidates alike.",
    ),
}
LESSONS: Mapping[str, Lesson] = {**_ALONE, JointHead.kind: lesson_of(_ALONE)}
