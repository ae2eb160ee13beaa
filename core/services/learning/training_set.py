"""What a fine-tune would learn from: one annotator's labels on the train split, asked with one prompt version."""

from dataclasses import dataclass

from core.errors import WorkbenchError
from core.finetune.dataset import TrainingExample
from core.model import Masking, PromptVersion, Split, Task
from core.prompts import compile_prompt
from core.prompts.masking import Masker
from core.prompts.template import answer
from core.storage import annotations, items, prompt_versions, tasks
from core.storage.engine import Connection


@dataclass(frozen=True)
class TrainingSet:
    """`validation` is empty where none was asked for. `masked` counts the examples in which something was replaced."""

    task: Task
    version: PromptVersion
    train: tuple[TrainingExample, ...]
    validation: tuple[TrainingExample, ...]
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
    """Every train (and validation) item the annotator has labelled with something other than the fallback.

    Test items cannot get in: they are never read here. With a `masker` the texts are those its host will be sent.
    """
    version = prompt_versions.version(conn, prompt_version_id)
    if version is None:
        raise WorkbenchError("That prompt version does not exist.", "Choose another on the Fine-tune page.")
    task = tasks.task(conn, project_id)
    masker = masker or Masker(Masking(), b"")
    asked = (conn, project_id, annotator_id, task, version)
    train, masked = _examples(*asked, Split.TRAIN, masker)
    validation, also = _examples(*asked, Split.VALIDATION, masker) if with_validation else ((), 0)
    return TrainingSet(task, version, train, validation, masked + also)


def _examples(
    conn: Connection,
    project_id: int,
    annotator_id: int,
    task: Task,
    version: PromptVersion,
    split: Split,
    masker: Masker,
) -> tuple[tuple[TrainingExample, ...], int]:
    """The examples, and in how many of them something was masked."""
    names = tasks.label_names(conn, project_id)
    labelled = annotations.label_ids_of(conn, annotator_id)
    # A worked example of the prompt would teach its own answer.
    shown = {example.item_id for example in version.examples}
    ids = [i for i in items.ids_in(conn, project_id, split) if i in labelled and i not in shown]
    ids = [i for i in ids if labelled[i] != task.fallback.id]
    found = items.get_many(conn, ids)
    groups = items.duplicate_groups_of(conn, ids)
    examples = tuple(masker.example(example) for example in version.examples)
    prompt = compile_prompt(version.system, version.user, examples, task)
    sent = {i: masker.item(found[i]) for i in ids}
    taught = tuple(
        TrainingExample(
            item_id=i,
            messages=tuple(prompt.render(sent[i])),
            answer=answer(names[labelled[i]]),
            label=names[labelled[i]],
            split=split,
            duplicate_group=groups.get(i),
        )
        for i in ids
    )
    return taught, sum(sent[i] != found[i] for i in ids)
