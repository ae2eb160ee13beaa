"""What a fine-tune would learn from: one annotator's labels on the train split, asked with one prompt version."""

from dataclasses import dataclass

from core.errors import WorkbenchError
from core.finetune.dataset import TrainingExample
from core.model import Masking, PromptVersion, Split, Task
from core.prompts import compile_prompt
from core.prompts.masking import Masker
from core.prompts.template import answer
from core.storage import items, prompt_versions, tasks
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
    answers = {label_id: answer(name) for label_id, name in names.items()}
    # A worked example of the prompt would teach its own answer.
    shown = {example.item_id for example in version.examples}
    examples = tuple(masker.example(example) for example in version.examples)
    prompt = compile_prompt(version.system, version.user, examples, task)
    taught, masked = [], 0
    for item, label_id, group in items.labelled_in(conn, project_id, annotator_id, split):
        if item.id in shown or label_id == task.fallback.id:
            continue
        sent = masker.item(item)
        masked += sent is not item and sent != item
        messages = tuple(prompt.render(sent))
        taught.append(TrainingExample(item.id, messages, answers[label_id], names[label_id], split, group))
    return tuple(taught), masked
