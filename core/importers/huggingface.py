"""Data sets of the Hugging Face hub, or local folders that `datasets` can read."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.importers.files_in_cells import Open, kept, on_the_hub, within
from core.importers.hub import open_on_hub
from core.importers.joining import joined
from core.importers.label_cells import is_missing
from core.importers.local_folder import open_folder, read_files
from core.importers.options import DEFAULTS, Importer, Keep, Progress, ReadOptions
from core.importers.problems import ProblemList
from core.importers.saved_folder import has_files, is_saved, splits_of
from core.importers.text_file import clean_cells
from core.model import TableData

FIRST_ROW = 1
_PROGRESS_EVERY = 200
_BATCH = 200


def read_huggingface(
    name_or_folder: str | Path,
    config: str | None = None,
    split: str = "train",
    revision: str | None = None,
    rows: int = 1_000,
    progress: Progress | None = None,
    keep: Keep | None = None,
) -> TableData:
    """The first `rows` rows of one split, streamed: a repository "owner/name" on the hub, or a local folder.

    A folder may hold CSV, JSONL or Parquet files, pictures or sounds, or what `save_to_disk` wrote; nothing outside it
    is read, and CSV and JSON cells stay as they are written. Class numbers become class names, None becomes "", nested
    values become JSON text, media what `keep` makes of their bytes (in the cell, in the folder or on the hub), else
    their path. Nothing is uploaded or reported; code in a repository is never run, and data that a README names
    elsewhere is never asked for. Raises WorkbenchError where it cannot be found, reached or read, listing the choices
    where there are.
    """
    _silence()
    folder = Path(name_or_folder).expanduser()
    if rows < 1:
        raise WorkbenchError("The number of rows must be at least 1.", "Ask for some rows.")
    try:
        if folder.is_dir() and not is_saved(folder):
            builder = open_folder(folder, config, split)
            table = read_files(builder, split, rows)
            found = None if table is not None else builder.as_streaming_dataset(split=split)
        else:
            table = None
            found = _open_saved(folder, split) if is_saved(folder) else _open(name_or_folder, config, split, revision)
        if table is None:
            table = _streamed(found, rows, progress, keep, within(folder) if folder.is_dir() else on_the_hub)
    except WorkbenchError:
        raise
    except Exception as error:
        # The library raises its own, its parsers' and its network layer's errors, of no common type.
        raise _explained(error, str(name_or_folder), folder.exists(), config, split, revision) from error
    if not table.rows:
        raise WorkbenchError(f'The split "{split}" of {name_or_folder} has no rows.', "Choose another split.")
    if found is None and progress:
        for done in range(_PROGRESS_EVERY, len(table.rows) + 1, _PROGRESS_EVERY):
            progress(done, rows)
    return replace(table, about=_about(name_or_folder, config, split, revision))


def _streamed(found: Any, rows: int, progress: Progress | None, keep: Keep | None, read: Open) -> TableData:
    columns, features = _features(found)
    records = [
        [_text(kept(row.get(name), name, number, keep, read), features.get(name)) for name in columns]
        for number, row in enumerate(_take(found, rows, progress), start=FIRST_ROW)
    ]
    problems = ProblemList()
    clean_cells(records, columns, FIRST_ROW, problems)
    return TableData(columns, records, "", problems.all())


def _silence() -> None:
    """No reports to the hub, whether or not its library was imported before with other settings."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = True


def read_saved(folder: Path, rows: int, progress: Progress | None = None, keep: Keep | None = None) -> TableData:
    """All splits of a folder that `save_to_disk` wrote, `rows` of each, one below the other; those without rows are
    named. Raises WorkbenchError as `read_huggingface` does."""
    splits = splits_of(folder)
    found: dict[str, TableData] = {}
    for split in splits or ("train",):
        try:
            found[split] = read_huggingface(folder, split=split, rows=rows, progress=progress, keep=keep)
        except WorkbenchError as error:
            if len(splits) < 2 or "has no rows" not in error.message:
                raise
    if not found:
        raise WorkbenchError(f"{folder.name} has no rows in any split.", "Choose another data set.")
    empty = [f"“{one}”" for one in splits if one not in found]
    notes = (f"No rows are in the split{'s' * (len(empty) > 1)} {', '.join(empty)}.",) if empty else ()
    whole = joined(list(found.values()))
    about = f"Hugging Face data set, {', '.join(found) if splits else folder.name}"
    return replace(whole, about=about, notes=(*whole.notes, *notes))


def _open_saved(folder: Path, split: str) -> Any:
    from datasets import load_from_disk

    splits = splits_of(folder)
    if splits and split not in splits:
        raise WorkbenchError(f'{folder.name} has no split "{split}".', f"Choose one of: {', '.join(splits)}.")
    place = folder / split if splits else folder
    if not has_files(place):  # the library fails there
        raise WorkbenchError(f'The split "{split}" of {folder} has no rows.', "Choose another split.")
    try:
        return load_from_disk(str(place))
    except Exception as error:  # whatever the library, Arrow or Python itself make of damaged files
        text = f"The saved data set {folder.name} is damaged: the library cannot read its state, features or rows."
        raise WorkbenchError(text, "Write it again with save_to_disk.") from error


def _open(name: str | Path, config: str | None, split: str, revision: str | None) -> Any:
    source = str(name).strip()
    if source.startswith((".", "/", "~")):
        raise WorkbenchError(f"There is no folder {name}.", "Check the path on the machine that runs LabelLoop.")
    return open_on_hub(source, config, split, revision)


def _features(found: Any) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """Column names and their types; some streamed formats only tell after a look at the first rows."""
    if found.features is None:
        found = found._resolve_features()
    features = dict(found.features or {})
    return tuple(features), features


def _take(found: Any, rows: int, progress: Progress | None) -> Iterator[Mapping[str, Any]]:
    """The rows as they are stored: the library opens no media, for their addresses may lead anywhere."""
    for number, row in enumerate(islice(_undecoded(found), rows), start=1):
        if progress and number % _PROGRESS_EVERY == 0:
            progress(number, rows)
        yield row


def _undecoded(found: Any) -> Iterator[Mapping[str, Any]]:
    from datasets import IterableDataset
    from datasets.features.features import require_decoding

    if not isinstance(found, IterableDataset):
        for batch in found.with_format("arrow").iter(batch_size=_BATCH):
            yield from batch.to_pylist()
        return
    needs = any(require_decoding(feature) for feature in (found.features or {}).values())
    yield from found.decode(False) if needs else found


def _text(value: Any, feature: Any) -> str:
    if value is None or (value != [] and is_missing(value)):
        return ""
    if isinstance(value, str):
        return value
    return _plain_text(_named(value, feature))


def _plain_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=_unusual)


def _named(value: Any, feature: Any) -> Any:
    """Class numbers as names, in lists too; -1 is what data sets without labels for a split put there."""
    if hasattr(feature, "int2str"):
        if isinstance(value, Iterable):
            return [_named(one, feature) for one in value]
        return feature.int2str(value) if 0 <= value < feature.num_classes else ""
    inner = getattr(feature, "feature", None)
    if isinstance(value, list) and inner is not None:
        return [_named(one, inner) for one in value]
    if isinstance(value, dict) and isinstance(feature, dict):
        return {key: _named(one, feature.get(key)) for key, one in value.items()}
    return value


def _unusual(value: object) -> str:
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return str(value)


def _about(name: str | Path, config: str | None, split: str, revision: str | None) -> str:
    parts = [f"Hugging Face {name}", config or "", split, f"at {revision}" if revision else ""]
    return ", ".join(part for part in parts if part)


def _explained(
    error: Exception, name: str, is_local: bool, config: str | None, split: str, revision: str | None
) -> WorkbenchError:
    """One sentence for what the library said."""
    if isinstance(error, StopIteration):
        return WorkbenchError(f'The split "{split}" of {name} has no rows.', "Choose another split.")
    said, kinds = str(error), {kind.__name__ for kind in type(error).__mro__}
    if "Config name is missing" in said:
        return WorkbenchError(f"{name} has several configurations.", f"Choose one: {_listed(said)}.")
    if "BuilderConfig" in said and "not found" in said:
        return WorkbenchError(f'{name} has no configuration "{config}".', f"Choose one: {_listed(said)}.")
    if ("Bad split" in said or "Unknown split" in said) and "plit" in said:
        return WorkbenchError(f'{name} has no split "{split}".', f"Choose one: {_listed(said)}.")
    if kinds & {"DataFilesNotFoundError", "EmptyDatasetError"}:
        return WorkbenchError(
            f"{name} contains no data files that can be read.", "It needs CSV, JSONL or Parquet files."
        )
    if "RevisionNotFoundError" in kinds or (revision and "revision" in said.lower()):
        return WorkbenchError(f'{name} has no revision "{revision}".', "Leave it empty for the newest.")
    if "script" in said and "support" in said:
        return WorkbenchError(f"{name} can only be read by running its code.", "Use a copy of it in Parquet.")
    is_missing_there = "RepositoryNotFoundError" in kinds and "GatedRepoError" not in kinds
    if not is_missing_there and ("GatedRepoError" in kinds or "gated" in said.lower()):
        return WorkbenchError(f"{name} asks for consent first.", "Accept its terms on the hub and set HF_TOKEN.")
    if not is_local and kinds & {
        "ConnectionError",
        "OfflineModeIsEnabled",
        "TimeoutError",
        "TimeoutException",
        "ConnectError",
    }:
        return WorkbenchError(f"The hub could not be reached for {name}.", "Check the network, or use a local folder.")
    if "DatasetNotFoundError" in kinds or "RepositoryNotFoundError" in kinds or "HFValidationError" in kinds:
        return WorkbenchError(f"There is no data set {name}.", "Check its spelling: owner/name, or a folder.")
    if isinstance(error, TypeError | LookupError | AttributeError):  # no words for users
        said = "the library does not understand how its files are laid out."
    line = said.strip().splitlines()[0][:200] if said.strip() else type(error).__name__
    return WorkbenchError(f"{name} could not be read: {line}", "Check its files, or save it as CSV or JSONL.")


def _listed(said: str) -> str:
    """The choices the library names, in brackets, behind its complaint."""
    start, end = said.find("["), said.find("]")
    if 0 <= start < end:
        return said[start + 1 : end].replace("'", "").strip()
    return "see the page of the data set"


def _read(source: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    return read_huggingface(
        source, options.config, options.split, options.revision, options.rows, options.progress, options.keep
    )


def _peek(source: str | Path, n: int, options: ReadOptions = DEFAULTS) -> TableData:
    return read_huggingface(source, options.config, options.split, options.revision, n)


IMPORTER = Importer(
    "Hugging Face",
    "A data set on the hub, or a folder on this machine that `datasets` can read; streamed.",
    (),
    FIRST_ROW,
    _read,
    _peek,
)
