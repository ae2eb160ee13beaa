"""A DocBin of spaCy: its documents with their entities, span groups and categories."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.docbin import Document, NotADocBin, documents_in, is_docbin
from core.errors import WorkbenchError
from core.importers.options import DEFAULTS, Importer, ReadOptions
from core.importers.record_table import table_of
from core.importers.text_file import check_size
from core.importers.tools.gathered import Record
from core.importers.tools.levels import is_note
from core.importers.uncollected import uncollected
from core.model import TableData

FIRST_ROW = 1
_HINT = "Write it again with spaCy: DocBin(docs=docs).to_disk(path)."
__all__ = ["IMPORTER", "is_docbin", "read_docbin"]


def read_docbin(source: str | Path, options: ReadOptions = DEFAULTS, n: int | None = None) -> TableData:
    """The documents, or the first n of them, one a row. Raises WorkbenchError where it is no such file."""
    path = Path(source)
    size = check_size(path, options.limits)
    try:
        with uncollected():
            documents = list(islice(documents_in(path.read_bytes()), n))
    except NotADocBin as error:
        raise WorkbenchError(f"{path.name} is no DocBin of spaCy: {error}.", _HINT) from error
    if not documents:
        raise WorkbenchError(f"{path.name} contains no documents.", _HINT)
    if len(documents) > options.limits.rows:
        text = f"{path.name} has more than {options.limits.rows:,} documents."
        raise WorkbenchError(text, "Split it and import one part.")
    if options.progress:
        options.progress(size, size)
    found = table_of(list(map(_record, documents)), path, "spaCy DocBin", options.limits, FIRST_ROW)
    unsure = sum(not one.has_places for one in documents)
    note = f"In {unsure:,} documents it is not known where blanks were: one stands behind each word." if unsure else ""
    return replace(found, notes=(*found.notes, *filter(None, [note])))


def _record(document: Document) -> Record:
    """As spaCy's training data in JSON has it."""
    record: Record = {"text": document.text}
    if document.entities is not None:
        record["entities"] = [list(one) for one in document.placed(document.entities)]
    if document.groups:
        record["spans"] = {name: [list(one) for one in document.placed(m)] for name, m in document.groups.items()}
    return (
        record
        | ({"cats": document.cats} if document.cats else {})
        | {name: None for name in document.data if is_note(name)}
    )


IMPORTER = Importer(
    "spaCy DocBin",
    "The file that spaCy trains on: texts with entities, groups of spans and categories.",
    (".spacy",),
    FIRST_ROW,
    read_docbin,
    lambda source, n, options: read_docbin(source, options, n),
)
