"""A data set of the Hugging Face hub, looked at before it is read."""

import re
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.importers.folder_head import NAMES, refuse_elsewhere_of_hub

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[\w.-]{1,96})?")
_SECONDS = 20.0


def open_on_hub(name: str, config: str | None, split: str, revision: str | None) -> Any:
    """One split, streamed. Raises WorkbenchError where it names data elsewhere, before anything is asked there."""
    from datasets import load_dataset

    return load_dataset(name, name=config or None, split=split, revision=_looked_at(name, revision), streaming=True)


def _looked_at(name: str, revision: str | None) -> str | None:
    """The commit that was looked at, so that it is the one that is read."""
    from datasets import config
    from datasets.packaged_modules import _PACKAGED_DATASETS_MODULES
    from huggingface_hub import HfApi

    # The library takes the name of a format for the files of the folder in which the program runs.
    if not _NAME.fullmatch(name) or name in _PACKAGED_DATASETS_MODULES:
        said = f"There is no data set {name[:100]}."
        raise WorkbenchError(said, "Check its spelling: owner/name, or a folder.")
    hub = HfApi(endpoint=config.HF_ENDPOINT)
    info = hub.dataset_info(name, revision=revision or None, timeout=_SECONDS)
    there = {one.rfilename for one in info.siblings or ()}
    for file in NAMES:
        if file in there:
            path = hub.hf_hub_download(name, file, repo_type="dataset", revision=info.sha)
            refuse_elsewhere_of_hub(Path(path), name)
    return info.sha
