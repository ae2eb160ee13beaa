"""How a table becomes a project."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ImportChoice:
    """How a table becomes a project. Each label column becomes one `imported` annotator, the first the reference.

    `merge_labels` maps a spelling in the file to the one it should count as. Rows with the text of an earlier row are
    left out unless `keep_duplicates`.
    """

    name: str
    text_columns: tuple[str, ...]
    label_columns: tuple[str, ...] = ()
    id_column: str | None = None
    merge_labels: Mapping[str, str] = field(default_factory=dict)
    keep_duplicates: bool = False
    skip_empty: bool = False
    first_row: int = 2
