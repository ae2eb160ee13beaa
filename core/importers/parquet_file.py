"""Parquet files: one table, with the names of classes where the Hugging Face library wrote them beside it."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.importers.files_in_cells import kept
from core.importers.options import DEFAULTS, Importer, ReadOptions
from core.importers.record_table import table_of
from core.importers.text_file import check_size
from core.importers.uncollected import uncollected
from core.model import TableData

FIRST_ROW = 1
MAGIC = b"PAR1"
_BATCH = 2_000


def read_parquet(source: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The whole table, all text: nested values as JSON, class numbers as names, bytes by their number. Raises
    WorkbenchError for what is no such file, and past the limits."""
    with uncollected():
        return _read(Path(source), options, None)


def _read(path: Path, options: ReadOptions, n: int | None) -> TableData:
    import pyarrow
    from pyarrow import parquet

    check_size(path, options.limits)
    try:
        with parquet.ParquetFile(path) as file:
            if n is None and file.metadata.num_rows > options.limits.rows:
                text = f"{path.name} has more than {options.limits.rows:,} rows."
                raise WorkbenchError(text, "Split the file and import one part.")
            written = file.schema_arrow.names
            classes = _classes(file.schema_arrow.metadata or {})
            records = list(islice(_records(file, classes, options), n))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise WorkbenchError(
            f"{path.name} is no Parquet file that can be read: {_line(error)}.", "Write it again."
        ) from error
    if not records:
        raise WorkbenchError(f"{path.name} has columns but no rows.", "Add at least one row.")
    return table_of(records, path, "Parquet", options.limits, FIRST_ROW, written)


def _records(file: Any, classes: Mapping[str, list[str]], options: ReadOptions) -> Iterator[dict[str, Any]]:
    done, total = 0, file.metadata.num_rows
    number = FIRST_ROW
    for batch in file.iter_batches(batch_size=_BATCH):
        for row in batch.to_pylist():
            yield {
                name: _plain(kept(value, name, number, options.keep), classes.get(name, []))
                for name, value in row.items()
            }
            number += 1
        done += batch.num_rows
        if options.progress:
            options.progress(done, total)


def _classes(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """The names of classes by column, of single ones and of lists, as Hugging Face data sets have them."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        found = {}
        for name, feature in features.items():
            inner = feature.get("feature", feature) if isinstance(feature, Mapping) else {}
            inner = inner[0] if isinstance(inner, list) and inner else inner
            if isinstance(inner, Mapping) and isinstance(inner.get("names"), list):
                found[name] = [str(one) for one in inner["names"]]
        return found
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def _plain(value: Any, names: list[str]) -> Any:
    """JSON's values; a class by its name, -1 as none."""
    if isinstance(value, list):
        return [_plain(one, names) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one, []) for key, one in value.items()}
    if names and type(value) is int:
        return names[value] if 0 <= value < len(names) else None
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


IMPORTER = Importer(
    "Parquet",
    "One table; nested values are kept as JSON text.",
    (".parquet", ".pq"),
    FIRST_ROW,
    read_parquet,
    lambda source, n, options: _read(Path(source), options, n),
)
