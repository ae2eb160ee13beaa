"""A small whole file of each format: what is broken in turn."""

import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import xlsxwriter
from pyarrow import parquet

from core.docbin import Document, Marked, Writer
from tests.fakes.media import picture, zipped
from tests.importers.test_tools_never_raise import EXAMPLES

Remake = Callable[[bytes], bytes]
TEXTS = ("Ann met Ben in Rome", "Rain stopped play early", "The vote was held again", "Ben left Rome for good")
LABELS = ("people", "sports", "politics", "people")
WHO = ("ana", "ben", "ana", "ben")


def _csv() -> bytes:
    rows = [
        f'{n},"{text}, they said",{label},{who}'
        for n, (text, label, who) in enumerate(zip(TEXTS, LABELS, WHO, strict=True))
    ]
    return "\n".join(["id,text,label,annotator", *rows, ""]).encode()


def _spans() -> bytes:
    rows = [f'{text}\t[{{"start": 0, "end": 3, "label": "W"}}]\t{len(text)}' for text in TEXTS]
    return "\n".join(["text\tspans\tlength", *rows, ""]).encode()


def _excel() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, is_day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["id", "text", "label", "day"])
        for n, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True)):
            sheet.write_row(n + 1, 0, [n, text, label])
            sheet.write_number(n + 1, 3, 45_000 + n, is_day)
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    held = {"text": list(TEXTS), "labels": [[one] for one in LABELS], "n": [1, None, 3, 4]}
    parquet.write_table(pa.table(held), out)
    return out.getvalue()


def _docbin() -> bytes:
    writer = Writer()
    for text, label in zip(TEXTS, LABELS, strict=True):
        words = text.split()
        spaces = [True] * (len(words) - 1) + [False]
        writer.add(
            Document(words, spaces, [Marked(0, 1, "W")], {"sc": [Marked(1, 3, "X")]}, {label: 1.0, "other": 0.0})
        )
    return writer.to_bytes()


def _conll() -> bytes:
    return "\n\n".join("\n".join(f"{word}\tB-W" for word in text.split()) for text in TEXTS).encode() + b"\n"


def _saved() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["a", "b"])})
        rows = datasets.Dataset.from_dict({"text": list(TEXTS), "label": [0, 1, 1, -1]}, features=features)
        datasets.DatasetDict({"train": rows}).save_to_disk(f"{folder}/set")
        found = [one for one in Path(folder).rglob("*") if one.is_file()]
        return zipped({str(one.relative_to(folder)): one.read_bytes() for one in found})


def _pictures() -> bytes:
    table = "\n".join(["file_name,label", *(f"{n}.png,{label}" for n, label in enumerate(LABELS)), ""]).encode()
    pictures = {f"{n}.png": picture(color=(9 * n, 0, 0)) for n in range(len(LABELS))}
    return zipped({"metadata.csv": table, **pictures})


def _xml() -> bytes:
    config = '<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="a"/></Choices></View>'
    return zipped({"e.json": json.dumps([EXAMPLES["label_studio"]] * 3).encode(), "e.xml": config.encode()})


def _interface() -> bytes:
    job = {"mlTask": "CLASSIFICATION", "kind": "rating", "content": {"input": "radio", "categories": {
        "A": {"name": "low", "score": 1, "children": []}, "B": {"name": "high", "score": 2}}}}  # fmt: skip
    files = {"e.json": json.dumps([EXAMPLES["kili"]] * 3), "interface.json": json.dumps({"jobs": {"C": job}})}
    return zipped({name: text.encode() for name, text in files.items()})


def _inside(archive: bytes, name: str) -> tuple[bytes, Remake]:
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        files = {one: held.read(one) for one in held.namelist()}
    return files[name], lambda data: zipped(files | {name: data})


BYTES: dict[str, bytes] = {
    "a.csv": _csv(),
    "spans.tsv": _spans(),
    "a.xlsx": _excel(),
    "a.parquet": _parquet(),
    "a.spacy": _docbin(),
    "a.conll": _conll(),
    "saved.zip": _saved(),
    "pictures.zip": _pictures(),
    "lines.jsonl": "\n".join(json.dumps({"text": t, "label": x}) for t, x in zip(TEXTS, LABELS, strict=True)).encode(),
    "tasks.json": json.dumps([EXAMPLES["label_studio"]] * 3).encode(),
}
"""By what a file is called, its bytes."""

RECORDS: dict[str, Any] = {f"{tool}.json": one for tool, one in EXAMPLES.items()} | {
    "plain.json": {"id": 1, "text": "A text", "label": "a", "spans": [[0, 1, "x"]], "labels": ["a", "b"], "n": 1.5},
    "pair.json": {"prompt": "p", "response_a": "Some words here", "response_b": "Other words here", "winner": "a"},
    "ranked.json": {"prompt": "p", "answer_1": "a b c", "answer_2": "d e f", "ranking": [[1], [2]]},
    "viewer.json": {"features": [{"name": "t", "type": {"names": ["a"], "_type": "ClassLabel"}}], "rows": [
        {"row_idx": 0, "row": {"t": 0, "text": "some words"}}]},
}  # fmt: skip
"""By what a file is called, one record; the file is a list of several, or the object itself where it is a whole."""
WHOLE = {"viewer.json"}

INSIDE: dict[str, tuple[bytes, Remake]] = {
    "config.zip": _inside(_xml(), "e.xml"),
    "interface.zip": _inside(_interface(), "interface.json"),
    "splits.zip": _inside(_saved(), "set/dataset_dict.json"),
    "state.zip": _inside(_saved(), "set/train/state.json"),
    "features.zip": _inside(_saved(), "set/train/dataset_info.json"),
    "sheet.xlsx": _inside(_excel(), "xl/worksheets/sheet1.xml"),
    "texts.xlsx": _inside(_excel(), "xl/sharedStrings.xml"),
    "styles.xlsx": _inside(_excel(), "xl/styles.xml"),
    "book.xlsx": _inside(_excel(), "xl/workbook.xml"),
    "inner.spacy": (zlib.decompress(_docbin()), zlib.compress),
}
"""By what a file is called, what is packed in it, and how it is packed again once that is broken."""
