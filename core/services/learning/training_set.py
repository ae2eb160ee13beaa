"""What a fine-tune would learn from: one annotator's labels on the train split, asked with one prompt version."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import overload

from core.content import Read
from core.finetune import QuestionFacts
from core.finetune.dataset import Alike, TrainingExample
from core.finetune.subset import Subset, dealt
from core.media import MediaStore
from core.model import Content, FieldLayout, Item, Label, Masking, Message, PromptVersion, Said, Split, Task
from core.prompts import CompiledPrompt
from core.prompts.masking import Masker
from core.prompts.template import Shows
from core.said import labels_of
from core.services.asking.at_once import AtOnce
from core.services.asking.compiling import compiled
from core.services.asking.frozen import asked_of
from core.services.asking.shown import shows_in
from core.services.common.asked import not_asked
from core.services.common.lookup import project_of
from core.services.common.values import Sayings
from core.services.learning.selection import EVERYTHING, Selection, balanced, can_balance, keeps, refuse_to_balance
from core.services.learning.taught_version import taught_version
from core.storage import items, tasks
from core.storage.engine import Connection
from core.tasks import TASKS, is_of

Row = tuple[int, str, str | None, int, int | None]
"""Of `items.labelled_in`."""


@dataclass(frozen=True)
class Taught(Sequence[TrainingExample]):
    """The examples of a split. Each is made when it is read: of a hundred thousand a page shows three.

    `rows` are those of `items.labelled_in` as they are sent; `taught` gives of one the labels that it says, and the
    answer that it teaches.
    """

    split: Split
    prompt: CompiledPrompt
    taught: Callable[[Row], tuple[tuple[str, ...], str]]
    rows: list[Row]

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> TrainingExample: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[TrainingExample]: ...
    def __getitem__(self, place: int | slice) -> TrainingExample | Sequence[TrainingExample]:
        if isinstance(place, slice):
            return tuple(map(self._example, self.rows[place]))
        return self._example(self.rows[place])

    def __iter__(self) -> Iterator[TrainingExample]:
        return map(self._example, self.rows)

    @property
    def item_ids(self) -> frozenset[int]:
        return frozenset(row[0] for row in self.rows)

    def alike(self) -> Iterator[Alike]:
        """All of them, column by column: together where the prompt lets them differ in their last message alone."""
        if self.prompt.differs_at_its_end_alone:
            asking = self.prompt.asking
            yield self._alike(self.prompt.fixed, self.rows, [asking(row[1], self._fields(row)) for row in self.rows])
            return
        for row in self.rows:
            *before, last = self._messages(row)
            one = self._alike(tuple(before), [row], [last.content])
            yield replace(one, asker=last.role, is_talk=True) if self.prompt.sends_messages else one

    def _alike(self, before: tuple[Message, ...], rows: Sequence[Row], contents: Sequence[Content]) -> Alike:
        return Alike(
            self.split,
            before,
            [row[0] for row in rows],
            contents,
            [self.taught(row) for row in rows],
            [row[4] for row in rows],
        )

    def _example(self, row: Row) -> TrainingExample:
        labels, answer = self.taught(row)
        return TrainingExample(row[0], self._messages(row), answer, labels, self.split, row[4])

    def _messages(self, row: Row) -> tuple[Message, ...]:
        return (*self.prompt.fixed, *self.prompt.about(row[1], self._fields(row)))

    def _fields(self, row: Row) -> Mapping[str, str]:
        """The item's other fields, where the prompt names any."""
        return json.loads(row[2]) if row[2] and self.prompt.fields else {}


@dataclass(frozen=True)
class TrainingSet:
    """`validation` is empty where none was asked for. `masked` counts the examples in which something was replaced,
    `fallbacks` the train items labelled with the fallback, which are among the examples where `with_fallback`."""

    task: Task
    version: PromptVersion
    train: Taught
    validation: Taught
    masked: int = 0
    fallbacks: int = 0
    with_fallback: bool = True
    texts: Sequence[str] = ()
    """Those of the train items as they are in the project, and of the prompt's worked examples."""
    layout: Sequence[FieldLayout] = ()
    unchosen: int = 0
    """Items the annotator has labelled that were left out by choice."""
    chosen: int = 0
    """Train items that were chosen, before labels were balanced."""
    media: MediaStore | None = None
    """Where the files lie that are shown."""
    together: AtOnce | None = None
    """All that its prompt asks, where that is more than one question."""
    questions: Sequence[QuestionFacts] = ()
    """What is taught of each question, where a line answers several; `task` is then that of the one it is for."""

    @property
    def read(self) -> Read | None:
        """Gives the bytes of those files."""
        return self.media.read if self.media else None

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels it sets out to teach: those of the task, and the fallback where somebody gave it."""
        return self.task.choices if self.fallbacks and self.with_fallback else self.task.labels


def training_set(
    conn: Connection,
    project_id: int,
    annotator_id: int,
    prompt_version_id: int,
    *,
    with_validation: bool,
    with_fallback: bool = True,
    selection: Selection = EVERYTHING,
    masker: Masker | None = None,
    media: MediaStore | None = None,
    known: frozenset[int] = frozenset(),
    subset: Subset | None = None,
) -> TrainingSet:
    """Every train (and validation) item the annotator has labelled with one of the task's labels and that the selection
    does not leave out; of those with the fallback all, or none; with a `subset` only that part of the train items. A
    validation item whose label no train item has is left out: hosts refuse such a file; so is one that is `known` to
    the model it starts from.

    Test items cannot get in: they are never read here. With a `masker` the texts are those its host will be sent.
    """
    version = taught_version(conn, prompt_version_id)
    task, layout = asked_of(tasks.task(conn, project_id), version), project_of(conn, project_id).layout
    masker = masker or Masker(Masking(), b"")
    words, named = dict(Sayings(conn, project_id)), _named(task)
    taught, fallback = _values(task, words)
    if not can_balance(task):
        refuse_to_balance(selection, "Labels can be balanced only where each answer has one.")
    is_kept = keeps(conn, project_id, annotator_id, selection)
    labelled, unchosen = _chosen(_labelled(conn, project_id, annotator_id, version, Split.TRAIN, taught), is_kept)
    rows = [row for row in labelled if with_fallback or row[3] not in fallback]
    if subset is not None:
        rows = dealt(rows, subset, lambda row: row[0], lambda row: named(words[row[3]]))
    shows = shows_in(layout, version.system, version.user)
    lines = balanced(rows, lambda row: row[3], selection)
    train, masked = _examples(task, version, words, Split.TRAIN, lines, masker, shows)
    names = {name for value_id in {row[3] for row in rows} for name in named(words[value_id])}
    shown = {one for one in taught if names.issuperset(named(words[one]))} if with_validation and rows else set()
    beside = _labelled(conn, project_id, annotator_id, version, Split.VALIDATION, shown) if shown else []
    beside, also_unchosen = _chosen([row for row in beside if row[0] not in known], is_kept)
    validation, also = _examples(task, version, words, Split.VALIDATION, beside, masker, shows)
    fallbacks = sum(row[3] in fallback for row in labelled)
    texts = [*{row[0]: row[1] for row in lines}.values(), *(example.text for example in version.examples)]
    return TrainingSet(
        task=task,
        version=version,
        train=train,
        validation=validation,
        masked=masked + also,
        fallbacks=fallbacks,
        with_fallback=with_fallback,
        texts=texts,
        layout=layout,
        unchosen=unchosen + also_unchosen,
        chosen=len(rows),
        media=media,
    )


def _values(task: Task, words: Mapping[int, Said]) -> tuple[set[int], set[int]]:
    """The ids of all values that can be taught, and those of them that say the fallback."""
    kind, named = TASKS[task.type], _named(task)
    taught = {value_id for value_id, said in words.items() if is_of(task, said)}
    nothing = kind.fallback(task)
    # Where nothing was marked, that is an answer like any other.
    if not kind.says_fallback:
        taught = {value_id for value_id in taught if words[value_id] != nothing}
    return taught, {value_id for value_id in taught if words[value_id] == nothing and named(nothing)}


def _chosen(rows: list[Row], is_kept: Callable[[int], bool] | None) -> tuple[list[Row], int]:
    """Those that are kept, and how many are not."""
    kept = rows if is_kept is None else [row for row in rows if is_kept(row[0])]
    return kept, len(rows) - len(kept)


def _labelled(
    conn: Connection, project_id: int, annotator_id: int, version: PromptVersion, split: Split, values: Set[int]
) -> list[Row]:
    """What the annotator has said of these, where they are asked; a worked example of the prompt would teach its own
    answer."""
    shown = {example.item_id for example in version.examples} | not_asked(conn, [annotator_id])
    rows = items.labelled_in(conn, project_id, annotator_id, split)
    return [row for row in rows if row[3] in values and row[0] not in shown]


def _examples(
    task: Task,
    version: PromptVersion,
    said: Mapping[int, Said],
    split: Split,
    rows: list[Row],
    masker: Masker,
    shows: Shows,
) -> tuple[Taught, int]:
    """The examples, and in how many of them something was masked."""
    writes = TASKS[task.type].writes
    examples = tuple(masker.example(example, writes=writes) for example in version.examples)
    prompt = compiled(version.system, version.user, examples, task, shows)
    sent = [sent_row(row, masker) for row in rows] if masker else rows
    masked = sum(new is not old for new, old in zip(sent, rows, strict=True))
    return Taught(split, prompt, _taught(task, said, {row[0]: row[1] for row in rows}, masker), sent), masked


def _taught(
    task: Task, said: Mapping[int, Said], texts: Mapping[int, str], masker: Masker
) -> Callable[[Row], tuple[tuple[str, ...], str]]:
    """The labels that a row says, and its answer. Where it says something of the text, of the masked one; `texts` are
    those of the project, by item."""
    kind, named = TASKS[task.type], _named(task)

    @cache
    def of_value(value_id: int) -> tuple[tuple[str, ...], str]:
        return named(said[value_id]), kind.answer(task, said[value_id], "")

    def of_row(row: Row) -> tuple[tuple[str, ...], str]:
        own = masker.said(said[row[3]], texts[row[0]], writes=kind.writes)
        return named(own), kind.answer(task, own, row[1])

    return of_row if kind.reads_item else lambda row: of_value(row[3])


def _named(task: Task) -> Callable[[Said], tuple[str, ...]]:
    """The names of the labels in what is said; a text that somebody wrote has none."""
    return (lambda said: ()) if TASKS[task.type].writes else labels_of


def sent_row(row: Row, masker: Masker) -> Row:
    """The row as its host will be sent it; the very same where nothing in it is masked."""
    item_id, text, fields, value_id, group = row
    item = Item(item_id, text, fields=json.loads(fields) if fields else {})
    sent = masker.item(item)
    return row if sent == item else (item_id, sent.text, json.dumps(dict(sent.fields)), value_id, group)
