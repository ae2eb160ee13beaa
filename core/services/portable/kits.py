"""The training set of a fine-tune as a kit that trains it elsewhere."""

import re
from pathlib import Path

from core.errors import WorkbenchError
from core.model import FineTune
from core.portable.bundle import Part
from core.portable.kit import Kit, kit_files
from core.services.common.training_files import TRAIN, VALIDATION, TrainingFiles, files_of_job
from core.services.hosts.models import tuned_title
from core.services.learning.fine_tuning import method_of
from core.services.portable.packing import copier, text_part

_ON_THE_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_DATA = re.compile(rb'"data:[^"]*"')
NOT_KEPT = "The training file of this fine-tune is not kept here."


def kit_parts(job: FineTune, base: str, files: TrainingFiles) -> list[Part]:
    """The files of the kit, the training set among them as it was sent.

    Raises `WorkbenchError` for a base that no model is called, and where the training file is not kept.
    """
    kept = {name: files.path(one.sha256) for name, one in files_of_job(job).items()}
    train = kept.get(TRAIN)
    if train is None:
        raise WorkbenchError(
            NOT_KEPT, "Those of new fine-tunes are; of this one download the training data on Export instead."
        )
    longest, is_vision = _looked_through(train)
    validation = kept.get(VALIDATION)
    kit = Kit(
        name=tuned_title(job),
        base=hub_name(base) or base_on_the_hub(job),
        method=str(method_of(job)),
        is_vision=is_vision,
        has_validation=validation is not None,
        parameters=job.config.get("parameters") or {},
        seed=int(job.config.get("seed") or 0),
        n_train=files_of_job(job)[TRAIN].lines,
        longest=longest,
    )
    parts = [text_part(name, text) for name, text in kit_files(kit).items()]
    parts.append(Part(TRAIN, copier(train)))
    return [*parts, Part(VALIDATION, copier(validation))] if validation else parts


def base_on_the_hub(job: FineTune) -> str:
    """The base model where its name is one of the Hub; else ""."""
    return job.base_model if _ON_THE_HUB.fullmatch(job.base_model) else ""


def hub_name(typed: str) -> str:
    """What was typed as the name of a model. Raises `WorkbenchError` for what no model is called."""
    typed = typed.strip()
    if typed and not _ON_THE_HUB.fullmatch(typed):
        raise WorkbenchError(
            f"“{typed[:60]}” is no name of a model on the Hugging Face Hub.", "Enter owner/name, or leave it empty."
        )
    return typed


def _looked_through(train: Path) -> tuple[int, bool]:
    """The characters of the longest line without its pictures, and whether any line has one."""
    longest, is_vision = 0, False
    with train.open("rb") as file:
        for line in file:
            is_vision = is_vision or b'"image_url"' in line
            longest = max(longest, len(_DATA.sub(b"", line).decode("utf-8", "replace")))
    return longest, is_vision
