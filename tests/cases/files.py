"""Files as people have them: each is read, checked and imported as the page proposes it, and looked at as a project."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from core.model import TableData
from core.services.common.values import Sayings
from core.services.data.bringing import Check, ImportChoice
from core.services.data.sources import Source, guess_columns, read_source
from core.settings import Settings
from core.storage import annotations, items
from core.workbench import Workbench, open_workbench
from tests.cases import Case, folder


@dataclass(frozen=True)
class Brought:
    """What became of a file: the texts in order, each annotator's labels by text, and what was said before."""

    texts: tuple[str, ...]
    said: Mapping[str, Mapping[str, str]]
    check: Check

    def counts(self, annotator: str) -> dict[str, int]:
        return dict(sorted(Counter(self.said[annotator].values()).items()))


def bring(empty: Path, source: Source, **changes: object) -> Brought:
    """As `bring_into`, a workbench of its own."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(empty)}))
    try:
        return bring_into(wb, source, **changes)
    finally:
        wb.close()


def bring_into(wb: Workbench, source: Source, **changes: object) -> Brought:
    """Read, check and import as the page proposes it, rows without text left out; `changes` are the user's."""
    table = read_source(source)
    guess = guess_columns(table)
    choice = ImportChoice("case", guess.text, guess.labels, guess.id, annotator_column=guess.annotator)
    choice = replace(choice, skip_empty=True, first_row=source.first_row, **changes)  # type: ignore[arg-type]
    check = wb.data.check(table, choice)
    return _read(wb, wb.data.import_table(table, choice, check=check), check)


def _read(wb: Workbench, project_id: int, check: Check) -> Brought:
    people = {a.id: a.name for a in wb.projects.annotators(project_id)}
    with wb.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project_id, None))
        names = Sayings(conn, project_id)
        entries = annotations.current_of(conn, list(found), names)
    said: dict[str, dict[str, str]] = {}
    for item_id, by in entries.items():
        for annotator, entry in by.items():
            if entry.said is not None:
                said.setdefault(people[annotator], {})[found[item_id].text] = entry.said
    return Brought(tuple(item.text for _, item in sorted(found.items())), said, check)


def _pandas_index(empty: Path) -> object:
    source = _file("pandas_index.csv")
    return guess_columns(read_source(source)).id, bring(empty, source).counts("label")


def _header_twice(empty: Path) -> object:
    source = _file("header_twice.csv")
    return read_source(source).columns, bring(empty, source).counts("label")


def _one_or_one_point_zero(empty: Path) -> object:
    brought = bring(empty, _file("one_or_one_point_zero.csv"))
    a, b = brought.said["coder_a"], brought.said["coder_b"]
    return sum(b[text] == a[text] for text in b), len(b), brought.counts("coder_a"), brought.counts("coder_b")


def _doccano(empty: Path) -> object:
    brought = bring(empty, _file("doccano.jsonl"))
    return len(brought.texts), brought.counts("label"), [one.why for one in brought.check.asked.values()]


def _backslash_quotes(empty: Path) -> object:
    brought = bring(empty, _file("backslash_quotes.csv"))
    return brought.texts[0], brought.texts[2], brought.counts("label")


def _hf_none(empty: Path) -> object:
    root = folder()
    assert root is not None
    as_folder = read_source(Source(str(root / "files" / "hf_none"), is_hub=True))
    uploaded = read_source(_file("hf_none/train.csv"))
    brought = bring(empty, Source(str(root / "files" / "hf_none"), is_hub=True))
    return as_folder.rows == uploaded.rows, brought.counts("label")


def _label_studio(empty: Path) -> object:
    brought = bring(empty, _file("label_studio.json"))
    return brought.texts, brought.counts("topic")


def _nan(empty: Path) -> object:
    brought = bring(empty, _file("nan.jsonl"))
    return len(brought.texts), brought.counts("label")


def _long(empty: Path) -> object:
    brought = bring(empty, _file("long.csv"))
    return len(brought.texts), brought.counts("ana"), brought.counts("ben")


def _long_within_one(empty: Path) -> object:
    path = empty / "long.csv"
    root = folder()
    assert root is not None
    path.write_text((root / "files" / "long.csv").read_text() + "Keeper signs for two years,ana,economy\n")
    brought = bring(empty, Source(str(path)))
    shown = [(one.who, one.labels, one.rows) for one in brought.check.conflicts]
    return shown, brought.said["ana"]["Keeper signs for two years"]


def _zero_width(empty: Path) -> object:
    brought = bring(empty, _file("zero_width.csv"))
    return brought.counts("label"), len(brought.check.label_variants)


def _export_and_back(empty: Path) -> object:
    """Exported for spreadsheets and brought in again: what may be computed, and whether the texts came back."""
    texts = ["=HYPERLINK(1)", "+49 170", "-1+2", "@SUM(A1)", "'=1", "\u00e9t\u00e9", "\t=x"]
    columns, rows = ("text", "label"), [(text, "=a" if n % 2 else "b") for n, text in enumerate(texts)]
    (empty / "a").mkdir()
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(empty / "a")}))
    project = wb.data.import_table(TableData(columns, rows), ImportChoice("case", ("text",), ("label",)))
    content = wb.export.file(project, shape="wide", file_format="csv")
    wb.close()
    (empty / "export.csv").write_bytes(content)
    cells = [cell for row in csv.reader(StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    computed = [cell for cell in cells if cell.lstrip()[:1] in {*"=+-@"} and cell]
    (empty / "b").mkdir()
    again = bring(empty / "b", Source(str(empty / "export.csv")))
    return content.startswith(b"\xef\xbb\xbf"), computed, list(again.texts) == texts, again.counts("label")


def _one_label_only(empty: Path) -> object:
    path = empty / "yes.csv"
    rows = [f"words number {n},{'ab'[n % 2]},yes" for n in range(6)]
    path.write_text("\n".join(["text,label,coder", *rows]))
    return bring(empty, Source(str(path)), label_columns=("label", "coder"), annotator_column=None).counts("coder")


def _file(name: str) -> Source:
    root = folder()
    assert root is not None
    return Source(str(root / "files" / name))


def cases() -> Iterator[Case]:
    """In the order of the table that says what is right."""
    yield Case("pandas_index.csv", ("column 1", {"bad": 2, "good": 2}), _pandas_index)
    names = ("Timestamp", "Comment", "Rating", "Comment (2)", "label")
    yield Case("header_twice.csv", (names, {"complaint": 2, "praise": 2}), _header_twice)
    quoted = ('She said "never again" and left', '"Best soup in town"', {"neg": 2, "pos": 2})
    yield Case("backslash_quotes.csv", quoted, _backslash_quotes)
    written = {"NA": 1, "None": 2, "card": 2, "charge": 2, "null": 1}
    yield Case("hf_none (a folder)", (True, written), _hf_none)
    agreed = (8, 8, {"0": 5, "1": 5}, {"0": 4, "1": 4})
    yield Case("one_or_one_point_zero.csv", agreed, _one_or_one_point_zero)
    several = (6, {"politics": 2, "sports": 2}, ["several labels in one cell"])
    yield Case("doccano.jsonl", several, _doccano)
    texts = ("The match went to penalties", "Parliament passed the budget")
    yield Case("label_studio.json", (texts, {"politics": 1, "sports": 1}), _label_studio)
    yield Case("nan.jsonl", (5, {"politics": 2, "sports": 2}), _nan)
    apart = (4, {"politics": 2, "sports": 2}, {"economy": 2, "sports": 2})
    yield Case("long.csv", apart, _long)
    conflict = [("ana", ("sports", "economy"), (8, 10))]
    yield Case("long.csv, one annotator twice", (conflict, "economy"), _long_within_one)
    yield Case("zero_width.csv", ({"complaint": 4, "praise": 4}, 5), _zero_width)
    yield Case("export for spreadsheets, and back", (True, [], True, {"=a": 3, "b": 4}), _export_and_back)
    yield Case("an annotator of one label only", {"yes": 6}, _one_label_only)
