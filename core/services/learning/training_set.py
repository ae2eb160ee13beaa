"""What a fine-tune would learn from: one annotator's labels on the train split, asked with one prompt version."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from core.errors import WorkbenchError
from core.finetune.dataset import TrainingExample
from core.model import Item, Masking, PromptVersion, Split, Task
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

    def _example(self, row: _Row) -> TrainingExample:
        item_id, text, fields, label_id, group = row
        messages = (*self.prompt.fixed, *self.prompt.about(text, json.loads(fields) if fields else {}))
        return TrainingExample(item_id, messages, self.answers[label_id], self.names[label_id], self.split, group)


@dataclass(frozen=True)
class TrainingSet:
    """`validation` is empty where none was asked for. `masked` counts the examples in which something was replaced."""

    task: Task
    version: PromptVersion
    train: Sequence[TrainingExample]
    validation: Sequence[TrainingExample]
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
    validation: Sequence[TrainingExample] = ()
    also = 0
    if with_validation:
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
