"""Rows as Parquet, a group of rows at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from core.exporters.annotations import column_type
from core.exporters.files import Row, as_text

_GROUP = 10_000
"""Rows that are held at once. Small enough for memory, large enough for whoever reads the file."""


def write_parquet(rows: Iterable[Row], columns: Sequence[str], out: BinaryIO) -> int:
    """Each of our own columns with its type (`column_type`), all others as text; what a row lacks is null."""
    import pyarrow as pa  # a tenth of a second that only this export needs
    import pyarrow.parquet as pq

    arrow = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), datetime: pa.timestamp("us", tz="UTC")}
    types = {name: column_type(name) for name in columns}
    schema = pa.schema([(name, arrow.get(types[name], pa.string())) for name in columns])
    count = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        coming = iter(rows)
        while group := list(islice(coming, _GROUP)):
            cells = [[_cell(row.get(name), types[name]) for row in group] for name in columns]
            writer.write_table(
                pa.Table.from_arrays([pa.array(*one) for one in zip(cells, schema.types, strict=True)], schema=schema)
            )
            count += len(group)
    return count


def _cell(value: object, kind: type) -> object:
    return value if value is None or kind is not str else as_text(value)
