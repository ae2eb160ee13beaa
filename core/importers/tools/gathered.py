"""What a tool's records are found to say, put together over the whole file.

A record alone does not tell whether its question takes one label or several, nor whether no label is an answer. So
readers note what they meet, with sets of labels and of spans as lists, and the kinds are settled once all are read.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.prose import is_written
from core.model import AnswerColumn
from core.plural import count
from core.text import whole_in

Record = dict[str, Any]
ANNOTATOR = "annotator"
_SETS = (Kind.SEVERAL_LABELS, Kind.SPANS)
_TELLING = 10
"""So many answers, some of them of several parts, tell texts from labels with blanks in their names."""
_COMPARING = (Kind.PREFERENCE, Kind.RANKING)
_LEVELS, _MOST_LEVELS = 3, 11
_WORDS: dict[str, str] = {
    Kind.SEVERAL_LABELS: "several labels",
    Kind.SPANS: "spans",
    Kind.RATING: "ratings",
    Kind.PREFERENCE: "preferences",
    Kind.RANKING: "rankings",
    Kind.TEXT: "texts",
}


@dataclass
class Gathered:
    """`kinds` of the questions by column; `several` are those with several labels somewhere, or by their settings.

    `labels` are those the file lists for a question, `candidates` the fields a question compares; `models` the names in
    the annotator column that are models; `left` counts what the file holds and nothing has a place for; `notes` are
    further sentences, `names` what the keys of labels stand for, by question.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    candidates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    left: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    scores: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """Of the first labels of a question that is answered by levels, where the file says them."""
    compared: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The two fields that a question compares, in their order, by the names that its tool has for them."""
    called: dict[str, str] = field(default_factory=dict)
    """What a question is called, by what its tool calls it, where the file says so."""
    hangs: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    """Questions that are asked only where another, by its column, is answered with one of these labels; with any where
    none are named."""
    scales: set[str] = field(default_factory=set)
    """Questions whose labels may be levels, since the tool has no other way to hold a rating."""

    def choose(self, column: str, names: Sequence[Any]) -> list[str]:
        """One label or several, which the other records decide."""
        self.kinds.setdefault(column, Kind.SINGLE_LABEL)
        if len(names) > 1:
            self.several.add(column)
        return [name if isinstance(name, str) else _written(name) for name in names]

    def leave(self, what: str, n: int = 1) -> None:
        """Something of the file that is not taken over."""
        if n:
            self.left[what] += n

    def leave_rest(self, held: Mapping[str, Any], known: Collection[str]) -> None:
        """Whatever else stands there and says something."""
        for name, value in held.items():
            if name not in known and value not in (None, "", [], {}, False):
                self.leave(f"“{name}”")

    def settle(self, records: Iterable[Record]) -> list[Record]:
        """The records with each answer as its kind holds it. Who submitted nothing to a question of several labels, or
        of spans, says that there are none; else a row by somebody who says nothing is the bare item."""
        records = list(records)
        self._say_incomparable(records)
        self._find_texts(records)
        for column in self.several:
            if self.kinds.get(column) == Kind.SINGLE_LABEL:
                self.kinds[column] = Kind.SEVERAL_LABELS
        sets = [column for column, kind in self.kinds.items() if kind in _SETS]
        single = [column for column, kind in self.kinds.items() if kind in (Kind.SINGLE_LABEL, Kind.RATING)]
        self._find_scales(records, single)
        settled = []
        for record in records:
            for column in single:
                held = record.get(column)
                if isinstance(held, list):
                    record[column] = held[0] if held else None
            if record.get(ANNOTATOR):
                for column in sets:
                    if self._is_asked(column, record):
                        record.setdefault(column, [])
                if self.kinds.keys().isdisjoint(record):
                    del record[ANNOTATOR]
            settled.append(record)
        return settled

    def _say_incomparable(self, records: Sequence[Record]) -> None:
        """Which of two is better, or how several follow each other, cannot be asked where they are not in the file."""
        for column in [name for name, kind in self.kinds.items() if kind in _COMPARING]:
            candidates = self.candidates.get(column, ())
            known = sum(any(name in record for record in records) for name in candidates)
            if known < max(2, len(candidates)):
                self.notes.append(f"“{column}” compares what is not in the file, and cannot be asked.")

    def _is_asked(self, column: str, record: Record) -> bool:
        """Whether who speaks in the record was asked, by what they say before."""
        on, labels = self.hangs.get(column, ("", frozenset()))
        said = {str(one) for one in _list_of(record.get(on))}
        return not on or (not said.isdisjoint(labels) if labels else bool(said))

    def _find_scales(self, records: Sequence[Record], columns: Iterable[str]) -> None:
        """One label that is a whole number, of three or more in a row with at most one other beside them, is a level;
        those that the file lists count, else those that are given."""
        for column in self.scales.intersection(columns):
            given = {str(one) for record in records for one in _list_of(record.get(column))}
            listed = self.labels.get(column) or tuple(sorted(given))
            levels = [level for name in listed if name.isascii() and (level := whole_in(name)) is not None]
            in_a_row = len(levels) >= _LEVELS and max(levels) - min(levels) == len(levels) - 1 < _MOST_LEVELS
            if in_a_row and len(listed) - len(levels) <= 1:
                self.kinds[column] = Kind.RATING

    def _find_texts(self, records: Sequence[Record]) -> None:
        """An answer to a question of free text looks like a label until all of them are seen: hardly two are the same.
        Of several texts in one answer the first counts; few answers of several are rather labels."""
        for column, kind in self.kinds.items():
            if kind != Kind.SINGLE_LABEL or self.labels.get(column):
                continue
            held = [record[column] for record in records if isinstance(record.get(column), list)]
            is_few = len(held) < _TELLING and any(len(several) > 1 for several in held)
            if not is_few and is_written([str(one) for several in held for one in several]):
                self.kinds[column] = Kind.TEXT
                self.several.discard(column)
                self.leave("further texts in one answer", sum(len(several) - 1 for several in held if several))
                for record in records:
                    if isinstance(record.get(column), list):
                        record[column] = record[column][0] if record[column] else None

    @property
    def answers(self) -> tuple[AnswerColumn, ...]:
        return tuple(
            AnswerColumn(
                column,
                kind,
                self.labels.get(column, ()),
                self.candidates.get(column, ()),
                scores=self.scores.get(column, ()),
            )
            for column, kind in self.kinds.items()
        )

    def words(self, people: Iterable[str]) -> str:
        """Who says what kind of thing, for one sentence."""
        named = {one for one in people if one}
        models = len(named & self.models)
        parts = [count(len(named) - models, "annotator")] * (len(named) > models)
        parts += [count(models, "model")] * bool(models)
        parts += [f"{_WORDS[kind]} in “{column}”" for column, kind in self.kinds.items() if kind in _WORDS]
        return "".join(f", {part}" for part in parts)

    @property
    def lost(self) -> str:
        """A sentence on what is left behind; nothing where all is taken over."""
        if not self.left:
            return ""
        parts = [f"{what} ({n:,})" for what, n in self.left.items()]
        return f"The file also contains, and LabelLoop has no place for: {', '.join(parts)}."


def _list_of(held: Any) -> list[Any]:
    return held if isinstance(held, list) else [] if held is None else [held]


def span(start: Any, end: Any, label: Any, quote: Any = None) -> Record:
    """A span as cells hold it, with the text that the file has beside it, by which offsets can be checked."""
    held = {"start": start, "end": end, "label": label if isinstance(label, str) else _written(label)}
    return held | {"text": quote} if isinstance(quote, str) else held


def objects(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in a list of the record."""
    held = record.get(name)
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def person(who: object) -> str:
    """By name or address where there is one; a bare number is called annotator."""
    if isinstance(who, Mapping):
        names = " ".join(
            str(who[part]) for part in ("first_name", "last_name", "firstname", "lastname") if who.get(part)
        )
        return str(who.get("email") or names or who.get("username") or person(who.get("id")))
    if who is None or who == "" or isinstance(who, list):
        return ""
    return f"annotator {who}" if isinstance(who, int) else str(who)


def number_of(value: object) -> float | None:
    """A finite number as the file has it; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return float(value) if is_number and isfinite(value) else None  # type: ignore[arg-type]
    except OverflowError:
        return None


def is_whole(value: object) -> bool:
    """Whether it is a whole number, which True is not."""
    return type(value) is int


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
