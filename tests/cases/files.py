"""Files as people have them: each is read, checked and imported as the page proposes it, and looked at as a project."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.services.data.bringing import ImportChoice
from core.services.data.sources import Source, guess_columns, read_source
from core.settings import Settings
from core.storage import annotations, items, projects
from core.workbench import Workbench, open_workbench
from tests.cases import Case, folder


@dataclass(frozen=True)
class Brought:
    """What became of a file: the texts in order, and each annotator's labels by text."""

    texts: tuple[str, ...]
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def counts(self, annotator: str) -> dict[str, int]:
        return dict(sorted(Counter(self.said[annotator].values()).items()))


def bring(empty: Path, source: Source, choice: ImportChoice) -> Brought:
    """Read, check and import, with the spellings merged as the check proposes."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(empty)}))
    try:
        table = read_source(source)
        choice = replace(choice, name="case", first_row=source.first_row)
        check = wb.data.check(table, choice)
        project_id = wb.data.import_table(table, replace(choice, merge_labels=check.label_variants), check=check)
        return _read(wb, project_id)
    finally:
        wb.close()


def _read(wb: Workbench, project_id: int) -> Brought:
    people = {a.id: a.name for a in wb.projects.annotators(project_id)}
    with wb.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project_id, None))
        names = projects.label_names(conn, project_id)
        entries = annotations.current_of(conn, list(found), names)
    said: dict[str, dict[str, str]] = {}
    for item_id, by in entries.items():
        for annotator, entry in by.items():
            if entry.label is not None:
                said.setdefault(people[annotator], {})[found[item_id].text] = entry.label
    return Brought(tuple(item.text for _, item in sorted(found.items())), said)


def _pandas_index(empty: Path) -> object:
    source = _file("pandas_index.csv")
    guess = guess_columns(read_source(source))
    brought = bring(empty, source, ImportChoice("", guess.text, (guess.label or "",), guess.id))
    return guess.id, guess.text, brought.counts("label")


def _header_twice(empty: Path) -> object:
    brought = bring(empty, _file("header_twice.csv"), ImportChoice("", ("Comment",), ("label",)))
    return read_source(_file("header_twice.csv")).columns, brought.counts("label")


def _file(name: str) -> Source:
    root = folder()
    assert root is not None
    return Source(str(root / "files" / name))


def cases() -> Iterator[Case]:
    """In the order of the table that says what is right."""
    yield Case("pandas_index.csv", ("column 1", ("text",), {"bad": 2, "good": 2}), _pandas_index)
    names = ("Timestamp", "Comment", "Rating", "Comment (2)", "label")
    yield Case("header_twice.csv", (names, {"complaint": 2, "praise": 2}), _header_twice)
