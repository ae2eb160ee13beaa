"""A data set put on the Hugging Face hub: a Parquet file a split, and a page that names them where there is none yet.

The token is handed on as it is given: none is read from a file of the library's, and none is written.
"""

import os
import re
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_UNREACHED = (
    "ConnectionError",
    "ConnectError",
    "TransportError",
    "TimeoutException",
    "OfflineModeIsEnabled",
    "OSError",
)
_SECONDS = 20.0


def check_name(repository: str) -> str:
    """The name trimmed. Raises `WorkbenchError` where no data set of the hub can be called so."""
    name = repository.strip()
    if not _NAME.fullmatch(name) or ".." in name or "--" in name or name.endswith((".git", ".", "-")):
        raise WorkbenchError(
            f"“{name[:100]}” is no name of a data set on the hub.", "It is owner/name, of letters, digits, - _ and ."
        )
    return name


def open_repository(repository: str, token: str, *, private: bool) -> None:
    """The repository is there, and may be written to with this token. One that is public is not taken for a private
    one. Raises `WorkbenchError` for what the hub refuses."""
    try:
        hub = _hub(token)
        hub.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
        is_public = private and not hub.dataset_info(repository, timeout=_SECONDS).private
    except Exception as error:
        raise explained(error, repository) from None  # what the library says may hold the token
    if is_public:
        raise WorkbenchError(
            f"{repository} is on the hub already, and everybody can read it.",
            "Choose another name, or say that the data set may be public.",
        )


def push(repository: str, token: str, saved: Path, title: str) -> str:
    """Put a data set that was saved as a zip into the repository, in one commit; gives its address. Files of the same
    splits are replaced, all else there stays. Raises `WorkbenchError` for what the hub refuses."""
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(saved).extractall(f"{folder}/saved")
        splits = _written(Path(folder) / "saved", Path(folder) / "pushed" / "data")
        try:
            hub = _hub(token)
            there = {one.rfilename for one in hub.dataset_info(repository, timeout=_SECONDS).siblings or ()}
            if "README.md" not in there:
                (Path(folder) / "pushed" / "README.md").write_text(_page(title, splits), encoding="utf-8")
            told = "Annotations from LabelLoop"
            hub.upload_folder(
                repo_id=repository, repo_type="dataset", folder_path=f"{folder}/pushed", commit_message=told
            )
        except Exception as error:
            raise explained(error, repository) from None
    return f"{hub.endpoint}/datasets/{repository}"


def explained(error: Exception, repository: str) -> WorkbenchError:
    """One sentence for what the hub said; none of its own words, which may repeat the token."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if status == 401:
        return WorkbenchError("The hub does not know this token.", "Make one that may write, under Settings there.")
    if status == 403:
        return WorkbenchError(
            f"This token may not write to {repository}.",
            "Give it the right to write, or choose your own name as owner.",
        )
    if status == 404 or "RepositoryNotFoundError" in kinds:
        return WorkbenchError(
            f"There is no {repository} on the hub, and it could not be made.", "Check the owner's name, and the token."
        )
    if isinstance(status, int):
        return WorkbenchError(f"The hub refused {repository} with status {status}.", "Try again later.")
    if kinds & {*_UNREACHED}:
        return WorkbenchError(
            f"The connection to the hub broke off, so {repository} has not been written.",
            "Check the network, and push it again.",
        )
    return WorkbenchError(f"{repository} could not be pushed: {type(error).__name__}.", "Push it again.")


def _hub(token: str) -> Any:
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from datasets import config
    from huggingface_hub import HfApi, constants

    constants.HF_HUB_DISABLE_TELEMETRY = True
    return HfApi(endpoint=config.HF_ENDPOINT, token=token)


def _written(saved: Path, target: Path) -> list[str]:
    """The splits of a saved data set as Parquet files; gives their names."""
    from datasets import load_from_disk

    held = load_from_disk(str(saved))
    target.mkdir(parents=True)
    for split, rows in held.items():
        rows.to_parquet(str(target / f"{split}-00000-of-00001.parquet"))
    return list(held)


def _page(title: str, splits: Sequence[str]) -> str:
    plain = " ".join(re.sub(r"[^\w .,()&+-]", " ", title).split()) or "Annotations"
    files = "".join(f"  - split: {one}\n    path: data/{one}-*.parquet\n" for one in splits)
    return (
        f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n\n# {plain}\n\n"
        "One row per item; each column `label:…` is what one annotator says. Exported from LabelLoop.\n"
    )
