"""A Hugging Face data set as `save_to_disk` writes it, in one zip: unpacked, `load_from_disk` reads it.

One data set a split, one row an item; what each annotator says is a column, with the names of labels in its type.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from core.exporters.tools.shape import NO_FILES, Files, Spoken, ToolExporter, names_in, places_in, spans_in, text_key
from core.model import TEXT_FIELD, FieldShow, QuestionKind, Said, Task
from core.text import is_storable

_GROUP = 2_000
_MOST_BYTES = 16 * 2**20
_FILE = "data-00000-of-00001.arrow"
_UNDEALT = "all"
_ID, _SPLIT = "id", "split"


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    """One row an item, `label:NAME` by annotator; labels by name."""
    for item, words in spoken:
        row: dict[str, Any] = {_ID: item.external_id or str(item.id), text_key(files): item.text}
        row |= {_field(name, files): value for name, value in item.fields.items()}
        row |= {f"label:{one.annotator}": _held(task, one.said) for one in words}
        yield row | {_SPLIT: str(item.split) if item.split else _UNDEALT}


def _field(name: str, files: Files) -> str:
    return f"field:{name}" if name in (_ID, text_key(files), _SPLIT) or name.startswith(("label:", "field:")) else name


def _held(task: Task, said: Said) -> Any:
    if task.type is QuestionKind.SPANS:
        return [one._asdict() for one in spans_in(said)]
    if task.type is QuestionKind.RANKING:
        return places_in(said)
    return names_in(said) if task.type is QuestionKind.SEVERAL_LABELS else said


def _pack(task: Task, made: Iterator[dict[str, Any]], out: BinaryIO, files: Files = NO_FILES) -> int:
    """Rows are spooled first, since the columns are known only once all are seen."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder) / "rows.jsonl"
        columns: dict[str, None] = {_ID: None, text_key(files): None}
        counts: dict[str, int] = {}
        with spool.open("w", encoding="utf-8") as lines:
            for row in made:
                columns |= dict.fromkeys(row)
                counts[row[_SPLIT]] = counts.get(row[_SPLIT], 0) + 1
                lines.write(json.dumps(row) + "\n")
        columns.pop(_SPLIT, None)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("dataset_dict.json", json.dumps({"splits": list(counts)}))
            for split in counts:
                _write_split(archive, folder, split, _rows_of(spool, split), list(columns), task, files)
    return sum(counts.values())


def _rows_of(spool: Path, split: str) -> Iterator[dict[str, Any]]:
    with spool.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row[_SPLIT] == split:
                yield row


def _write_split(
    archive: zipfile.ZipFile,
    folder: str,
    split: str,
    rows: Iterator[dict[str, Any]],
    columns: list[str],
    task: Task,
    files: Files,
) -> None:
    import pyarrow as pa  # half a second that only this export needs

    features, place = _features(task, columns, files), {label.name: at for at, label in enumerate(task.choices)}
    numbered = {name for name in columns if name.startswith("label:")} if task.type is not QuestionKind.TEXT else set()
    shown = _files_in(columns, files)
    schema = features.arrow_schema
    path = Path(folder) / f"{split}.arrow"
    n = 0
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as writer:
        for group in _groups(rows, shown, files):
            n += len(group)
            cells = [
                [_held_in(row[name]) if name in shown else _cell(row.get(name), place if name in numbered else None)
                 for row in group]
                for name in columns
            ]  # fmt: skip
            writer.write_batch(
                pa.record_batch([pa.array(c, f.type) for c, f in zip(cells, schema, strict=True)], schema)
            )
    archive.write(path, f"{split}/{_FILE}", zipfile.ZIP_STORED if shown else zipfile.ZIP_DEFLATED)
    path.unlink()
    info = dict.fromkeys(("citation", "description", "homepage", "license"), "") | {"features": features.to_dict()}
    archive.writestr(f"{split}/dataset_info.json", json.dumps(info, indent=2))
    state: dict[str, Any] = {
        "_data_files": [{"filename": _FILE}],
        "_fingerprint": f"labelloop{n}",
        "_format_columns": None,
    }
    state |= {"_format_kwargs": {}, "_format_type": None, "_output_all_columns": False, "_split": split}
    archive.writestr(f"{split}/state.json", json.dumps(state, indent=2))


def _features(task: Task, columns: list[str], files: Files) -> Any:
    """The type of each column: answers with the names of labels, files as what they are, all else as text."""
    from datasets import Audio, ClassLabel, Features, Image, List, Value, Video

    classes = ClassLabel(names=[label.name for label in task.choices])
    span = {"start": Value("int64"), "end": Value("int64"), "label": classes}
    held = {
        QuestionKind.SPANS: List(span),
        QuestionKind.SEVERAL_LABELS: List(classes),
        QuestionKind.RANKING: List(List(classes)),
        QuestionKind.TEXT: Value("string"),
    }.get(task.type, classes)
    media = {FieldShow.PICTURE: Image, FieldShow.SOUND: Audio, FieldShow.FILM: Video}
    shown = _files_in(columns, files)
    return Features(
        {
            name: media[shown[name]]() if name in shown else held if name.startswith("label:") else Value("string")
            for name in columns
        }
    )


def _files_in(columns: list[str], files: Files) -> dict[str, FieldShow]:
    """The columns that hold files."""
    named = {text_key(files) if name == TEXT_FIELD else _field(name, files): show for name, show in files.shows.items()}
    return {name: show for name, show in named.items() if name in columns}


def _groups(
    rows: Iterator[dict[str, Any]], shown: Mapping[str, FieldShow], files: Files
) -> Iterator[list[dict[str, Any]]]:
    """Rows to be written at one time, with where their files lie: few enough that memory holds these."""
    group: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        found = {name: files.path(row[name]) if row.get(name) else None for name in shown}
        size += sum(path.stat().st_size for path in found.values() if path)
        group.append(row | found)
        if len(group) == _GROUP or size > _MOST_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _held_in(path: Path | None) -> dict[str, Any] | None:
    """A file as the library has it: its bytes, and what it is called."""
    return {"bytes": path.read_bytes(), "path": path.name} if path else None


def _cell(value: Any, place: Mapping[str, int] | None) -> Any:
    """A cell as the type of its column holds it: labels by their number in `place`, half a character as a question
    mark."""
    if value is None:
        return None
    if place is None:
        return value if is_storable(value) else value.encode("utf-8", "replace").decode()
    if isinstance(value, str):
        return place[value]
    return value | {"label": place[value["label"]]} if isinstance(value, dict) else [_cell(one, place) for one in value]


EXPORTER = ToolExporter(
    "Hugging Face datasets",
    "A zip: unpacked, `datasets.load_from_disk` reads it. One row per item, one data set per split; each annotator is "
    "a column whose type has the names of the labels.",
    "Confidence, notes, flags, reasons and history are not in it, nor how much levels and outcomes count.",
    ".zip",
    "application/zip",
    frozenset(QuestionKind),
    records,
    _pack,
    about_files="Pictures, sounds and films are in the data set itself, as `Image`, `Audio` and `Video`.",
    holds_files=True,
)
