"""What a fine-tune would learn from: one annotator's labels on the train split, asked with one prompt version."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import overload

from core.errors import WorkbenchError
from core.finetune.dataset import Alike, TrainingExample
from core.model import Item, Masking, Message, PromptVersion, Split, Task
from core.prompts import CompiledPrompt, compile_prompt
from core.prompts.masking import Masker
from core.prompts.template import answer
from core.services.asking.standing import with_present_labels
from core.storage import items, prompt_versions, tasks
from core.storage.engine import Connection

_Row = tuple[int, str, str | None, int, int | None]


@dataclass(frozen=True)
class Taught(Sequence[TrainingExample]):
    """The examples of a split. Each is made when it is read: of a hundred thousand a page shows three.

    `rows` are those of `items.labelled_in` as they are sent, `names` and `answers` by their labels' ids.
    """

    split: Split
    prompt: CompiledPrompt
    names: dict[int, str]
    answers: dict[int, str]
    rows: list[_Row]

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

    def alike(self) -> Iterator[Alike]:
        """All of them, column by column: together where the prompt lets them differ in their last message alone."""
        if self.prompt.differs_at_its_end_alone:
            asking = self.prompt.asking
            yield self._alike(self.prompt.fixed, self.rows, [asking(row[1], self._fields(row)) for row in self.rows])
            return
        for row in self.rows:
            *before, last = self._messages(row)
            yield self._alike(tuple(before), [row], [last.content])

    def _alike(self, before: tuple[Message, ...], rows: Sequence[_Row], contents: Sequence[str]) -> Alike:
        taught = {label_id: (name, self.answers[label_id]) for label_id, name in self.names.items()}
        return Alike(
            self.split,
            before,
            [row[0] for row in rows],
            contents,
            [taught[row[3]] for row in rows],
            [row[4] for row in rows],
        )

    def _example(self, row: _Row) -> TrainingExample:
        item_id, _, _, label_id, group = row
        return TrainingExample(
            item_id, self._messages(row), self.answers[label_id], self.names[label_id], self.split, group
        )

    def _messages(self, row: _Row) -> tuple[Message, ...]:
        return (*self.prompt.fixed, *self.prompt.about(row[1], self._fields(row)))

    def _fields(self, row: _Row) -> Mapping[str, str]:
        """The item's other fields, where the prompt names any."""
        return json.loads(row[2]) if row[2] and self.prompt.fields else {}


@dataclass(frozen=True)
class TrainingSet:
    """`validation` is empty where none was asked for. `masked` counts the examples in which something was replaced."""

    task: Task
    version: PromptVersion
    train: Taught
    validation: Taught
    masked: int = 0


def training_set(
    conn: Connection,
    project_id: int,
    annotator_id: int,
    prompt_version_id: int,
    *,
    with_validation: bool,
    masker: Masker | None = None,
) -> TrainingSet:
    """Every train (and validation) item the annotator has labelled with one of the task's labels but the fallback.

    Test items cannot get in: they are never read here. With a `masker` the texts are those its host will be sent.
    """
    stored = prompt_versions.version(conn, prompt_version_id)
    if stored is None:
        raise WorkbenchError("That prompt version does not exist.", "Choose another on the Fine-tune page.")
    version = with_present_labels(conn, stored)
    task = tasks.task(conn, project_id)
    masker = masker or Masker(Masking(), b"")
    asked = (conn, project_id, annotator_id, task, version)
    train, masked = _examples(*asked, Split.TRAIN, masker)
    if not with_validation:
        return TrainingSet(task, version, train, replace(train, split=Split.VALIDATION, rows=[]), masked)
    validation, also = _examples(*asked, Split.VALIDATION, masker)
    return TrainingSet(task, version, train, validation, masked + also)


def _examples(
    conn: Connection,
    project_id: int,
    annotator_id: int,
    task: Task,
    version: PromptVersion,
    split: Split,
    masker: Masker,
) -> tuple[Taught, int]:
    """The examples, and in how many of them something was masked."""
    names = tasks.label_names(conn, project_id)
    answers = {label_id: answer(name) for label_id, name in names.items()}
    # A worked example of the prompt would teach its own answer.
    shown = {example.item_id for example in version.examples}
    examples = tuple(masker.example(example) for example in version.examples)
    prompt = compile_prompt(version.system, version.user, examples, task)
    taught = {label.name for label in task.labels}
    rows = [
        row
        for row in items.labelled_in(conn, project_id, annotator_id, split)
        if names[row[3]] in taught and row[0] not in shown
    ]
    sent = [_masked(row, masker) for row in rows] if masker else rows
    masked = sum(new is not old for new, old in zip(sent, rows, strict=True))
    return Taught(split, prompt, names, answers, sent), masked


def _masked(row: _Row, masker: Masker) -> _Row:
    """The row as its host will be sent it; the very same where nothing in it is masked."""
    item_id, text, fields, label_id, group = row
    item = Item(item_id, text, fields=json.loads(fields) if fields else {})
    sent = masker.item(item)
    return row if sent == item else (item_id, sent.text, json.dumps(dict(sent.fields)), label_id, group)
