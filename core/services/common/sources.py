"""What two annotators said of the same items, in the form that the metrics of the question's kind need.

Where a value is one label, a set or a ranking of labels, pairs of values are counted by the database; spans are read
item by item, since what they are worth depends on where they lie, and texts, since hardly two are the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice

import numpy as np

from core.metrics import METRICS, Contingency, OrderSums, Scale, SetSums, Source, SpanSums, TextSums
from core.metrics.arrays import IntArray
from core.metrics.metric import Need
from core.metrics.orders import OrderTable
from core.metrics.sets.table import SetTable
from core.metrics.spans import Marks, SpanTable, Words
from core.services.common.likeness import known
from core.services.common.values import merged_labels
from core.storage import likenesses, tasks, values
from core.storage.engine import Connection
from core.tasks import TASKS, TaskKind

_REMEMBERED = 32
_TEXTS_AT_ONCE = 2_000

Pairs = Sequence[tuple[int, int, int]]
"""`(id of the reference's value, of the candidate's, items)`"""
Each = Iterable[tuple[str, str, str]]
"""`(text of the item, the reference's value, the candidate's)` in canonical form, an item each."""


def need_of(kind: TaskKind) -> Need:
    """What the kind's figures are estimated from."""
    needs = [METRICS[key].needs for key in kind.metrics]
    return next((need for need in needs if need != "table"), "table")


def counts_pairs(kind: TaskKind) -> bool:
    """Whether its figures come from how many items show which two values; else from what was said of each item."""
    return need_of(kind) not in ("spans", "texts")


class Vocabulary:
    """The labels of a project as figures have them: each name once, in the task's order, those no longer in the task
    behind; an archived label that shares its name with a present one counts as that one."""

    def __init__(self, conn: Connection, project_id: int) -> None:
        self.kind: TaskKind = TASKS[values.question_of(conn, project_id).kind]
        self.names: Mapping[int, str] = tasks.label_names(conn, project_id)
        self.present = tasks.all_labels(conn, project_id)
        self.merged: Mapping[int, int] = merged_labels(conn, project_id)
        every = [name for _, name in sorted(self.names.items())]
        self.labels = tuple(dict.fromkeys([*(label.name for label in self.present), *every]))
        self.place = {i: self.labels.index(name) for i, name in self.names.items()}
        self.conn, self._project_id = conn, project_id

    @property
    def need(self) -> Need:
        """What the kind's figures are estimated from."""
        return need_of(self.kind)

    @property
    def is_counted(self) -> bool:
        """Whether pairs of values are counted; else what was said is read item by item."""
        return counts_pairs(self.kind)

    @property
    def key(self) -> tuple[object, ...]:
        """All that a figure depends on besides what annotators say."""
        worked_out = likenesses.newest(self.conn) if self.kind.writes else 0
        return self.labels, tuple(self.place.items()), worked_out

    def scores(self, labels: Sequence[str]) -> tuple[float | None, ...]:
        """What these stand for on the scale; None for the fallback."""
        scores = {label.name: getattr(label, "score", None) for label in self.present}
        return tuple(scores.get(label) for label in labels)

    def parts(self, canonical: str) -> tuple[int, ...]:
        """The labels in a value, as positions among `labels`."""
        return tuple(self.place[label] for label in self.kind.labels_in(self.kind.from_canonical(canonical)))

    def groups(self, canonical: str, becomes: Mapping[int, int] | None = None) -> tuple[tuple[int, ...], ...]:
        """The places of a ranking, as positions among `labels`."""
        value = self.kind.relabelled(self.kind.from_canonical(canonical), becomes or {})
        return tuple(tuple(self.place[label] for label in group) for group in value)

    def rankings(self, *, merged: bool = False) -> Callable[[int], tuple[tuple[int, ...], ...]]:
        """The same of a value by its id; `merged` where it is of before a merge."""
        canonical = values.every(self.conn, values.question_of(self.conn, self._project_id))
        return lru_cache(None)(lambda value_id: self.groups(canonical[value_id], self.merged if merged else None))

    def places(self, *, merged: bool = False) -> Callable[[int], tuple[int, ...]]:
        """The labels in a value by its id, as positions among `labels`; `merged` where they are of before a merge."""
        canonical = values.every(self.conn, values.question_of(self.conn, self._project_id))
        becomes = self.merged if merged else {}

        @lru_cache(None)  # some hundred values make as many pairs as there are of these
        def of(value_id: int) -> tuple[int, ...]:
            value = self.kind.relabelled(self.kind.from_canonical(canonical[value_id]), becomes)
            return tuple(dict.fromkeys(self.place[label] for label in self.kind.labels_in(value)))

        return of


def of_pairs(words: Vocabulary, pairs: Pairs, *, merged: bool = False) -> Source:
    """From counted pairs of values: a table, a scale, sets, or rankings. `merged`: the candidate's may be of before a
    merge."""
    if words.need == "orders":
        given, said = words.rankings(), words.rankings(merged=merged)
        return OrderSums(OrderTable.from_pairs([(given(r), said(c), n) for r, c, n in pairs], words.labels))
    own, other = words.places(), words.places(merged=merged)
    placed = [(own(r), other(c), n) for r, c, n in pairs]
    if words.need == "sets":
        return SetSums(SetTable.from_pairs(placed, words.labels))
    named = tuple((words.labels[r], words.labels[c], n) for (r,), (c,), n in placed)
    used = {name for pair in named for name in pair[:2]} | {label.name for label in words.present}
    labels = tuple(label for label in words.labels if label in used)
    return _closed(named, labels, words.scores(labels) if words.need == "scale" else None)


@lru_cache(_REMEMBERED)
def _closed(
    pairs: tuple[tuple[str, str, int], ...], labels: tuple[str, ...], scores: tuple[float | None, ...] | None
) -> Contingency | Scale:
    """The same object for the same counts, with which all that is drawn is kept."""
    table = Contingency.from_pairs(pairs, labels)
    return table if scores is None else Scale(table, scores)


def of_each(words: Vocabulary, each: Each, *, merged: bool = False) -> Source:
    """From what both said of each item: spans, or texts."""
    if words.need == "texts":
        pairs = ((json.loads(own), json.loads(other)) for _, own, other in each)
        return TextSums(pairs, partial(known, words.conn))
    return of_spans(words, each, merged=merged)


def of_spans(words: Vocabulary, each: Each, *, merged: bool = False) -> SpanSums:
    """The same where spans were marked; of the texts, some thousand at a time are held."""
    place = np.zeros(max(words.place, default=0) + 1, dtype=np.int64)
    place[list(words.place)] = list(words.place.values())
    moved = place.copy()
    if merged:
        moved[list(words.merged)] = place[list(words.merged.values())]
    sides: tuple[list[str], list[str]] = ([], [])
    lengths: list[int] = []
    parts: list[Words] = []
    for some in _parts(each):
        texts = [text for text, *_ in some]
        lengths += map(len, texts)
        parts.append(Words.of(texts))
        for side, said in zip(sides, zip(*(pair for _, *pair in some), strict=True), strict=True):
            side += said
    reference, candidate = (_marks(side, where) for side, where in zip(sides, (place, moved), strict=True))
    sizes = np.array(lengths, dtype=np.int64)
    return SpanSums(SpanTable(words.labels, reference, candidate, sizes, Words.joined(parts)))


def marks_of(words: Vocabulary, canonical: Sequence[str]) -> Marks:
    """What one annotator marked in each item, from the values in canonical form."""
    place = np.zeros(max(words.place, default=0) + 1, dtype=np.int64)
    place[list(words.place)] = list(words.place.values())
    return _marks(canonical, place)


def _parts(each: Each) -> Iterator[list[tuple[str, str, str]]]:
    left = iter(each)
    while some := list(islice(left, _TEXTS_AT_ONCE)):
        yield some


def _marks(canonical: Sequence[str], place: IntArray) -> Marks:
    """Values in canonical form are whole numbers in brackets, three a span: read as one row of numbers, which takes a
    tenth of the time and none of the memory of lists."""
    number = np.fromiter((value.count("[") - 1 for value in canonical), dtype=np.int64, count=len(canonical))
    numbers = ",".join(value for value, spans in zip(canonical, number.tolist(), strict=True) if spans)
    flat = np.fromstring(numbers.replace("[", "").replace("]", ""), dtype=np.int64, sep=",").reshape(-1, 3)
    item = np.repeat(np.arange(len(canonical)), number)
    return Marks.ordered(len(canonical), item, flat[:, 0], flat[:, 1], place[flat[:, 2]])
