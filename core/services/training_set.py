"""What a fine-tune would learn from: one annotator's labels on the train split, asked with one prompt version."""

from dataclasses import dataclass

from core.errors import WorkbenchError
from core.finetune.dataset import TrainingExample
from core.model import PromptVersion, Split, Task
from core.prompts import compile_prompt
from core.prompts.template import answer
from core.storage import annotations, annotators, items, projects
from core.storage.engine import Connection


@dataclass(frozen=True)
class TrainingSet:
    """`validation` is empty where none was asked for."""

    task: Task
    version: PromptVersion
    train: tuple[TrainingExample, ...]
    validation: tuple[TrainingExample, ...]


def training_set(
    conn: Connection, project_id: int, annotator_id: int, prompt_version_id: int, *, with_validation: bool
) -> TrainingSet:
    """Every train (and validation) item the annotator has labelled with something other than the fallback.

    Test items cannot get in: they are never read here.
    """
    version = annotators.version(conn, prompt_version_id)
    if version is None:
        raise WorkbenchError("That prompt version does not exist.", "Choose another on the Fine-tune page.")
    task = projects.task(conn, project_id)
    train = _examples(conn, project_id, annotator_id, task, version, Split.TRAIN)
    validation = _examples(conn, project_id, annotator_id, task, version, Split.VALIDATION) if with_validation else ()
    return TrainingSet(task, version, train, validation)


def _examples(
    conn: Connection, project_id: int, annotator_id: int, task: Task, version: PromptVersion, split: Split
) -> tuple[TrainingExample, ...]:
    names = projects.label_names(conn, project_id)
    labelled = annotations.label_ids_of(conn, annotator_id)
    # A worked example of the prompt would teach its own answer.
    shown = {example.item_id for example in version.examples}
    ids = [i for i in items.ids_in(conn, project_id, split) if i in labelled and i not in shown]
    ids = [i for i in ids if labelled[i] != task.fallback.id]
    found = items.get_many(conn, ids)
    groups = items.duplicate_groups_of(conn, ids)
    prompt = compile_prompt(version.system, version.user, version.examples, task)
    return tuple(
        TrainingExample(
            item_id=i,
            messages=tuple(prompt.render(found[i])),
            answer=answer(names[labelled[i]]),
            label=names[labelled[i]],
            split=split,
            duplicate_group=groups.get(i),
        )
        for i in ids
    )
