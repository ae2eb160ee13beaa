"""Whatever is wrong with a file: it comes in whole, or one sentence says what is wrong and nothing has come in."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.importers import IMPORTERS
from core.model import TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.data.sources import Source, further_questions, other_kind, parts_in, read_source, recognise
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.importers.broken.samples import BYTES, INSIDE, RECORDS, WHOLE
from tests.importers.broken.ways import MEGABYTE, cuts, dressings, flips, markups, oddities, written

LONGEST = 600
NOT_FILES = {"huggingface"}
"""It reads repositories and folders; what it saves is read from zips here."""


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path_factory.mktemp("broken"))}))
    yield opened
    opened.close()


def bring(wb: Workbench, path: Path, data: bytes) -> None:
    """As the page brings a file in, with all that it proposes; where that is refused, as nothing but texts."""
    path.write_bytes(data)
    source = Source(str(path))
    try:
        table = read_source(source, store=wb.media.store)
    except WorkbenchError as error:
        assert_a_sentence(error)
        return
    finally:
        parts_in(source)
    other_kind(table)
    proposed = choice_of(table, source.first_row)
    if not is_stored(wb, table, proposed):
        is_stored(wb, table, ImportChoice("broken", proposed.text_columns, skip_empty=True, first_row=source.first_row))


def choice_of(table: TableData, first_row: int) -> ImportChoice:
    found = recognise(table)
    columns = found.columns
    choice = ImportChoice(
        "broken", columns.text or table.columns[:1], columns.labels, columns.id, skip_empty=True, first_row=first_row,
        annotator_column=columns.annotator, kind=found.kind, candidates=found.candidates, skip_misfits=True,
        models=frozenset(found.models))  # fmt: skip
    further = further_questions(table, found, [name for name in choice.roles if choice.roles[name] != "text"])
    if not choice.label_columns:
        return choice
    return replace(choice, further={one.column: one for one in further if one.is_told}, question=columns.labels[0])


def is_stored(wb: Workbench, table: TableData, choice: ImportChoice) -> bool:
    """Whether it becomes a project with items; else there is none, and a sentence."""
    before = [one.id for one in wb.projects.all()]
    try:
        project_id = wb.data.import_table(table, choice)
    except WorkbenchError as error:
        assert_a_sentence(error)
        assert [one.id for one in wb.projects.all()] == before
        return False
    assert 0 < wb.data.count(project_id, ItemFilter()) <= len(table.rows)
    wb.projects.remove(project_id)
    return True


def assert_a_sentence(error: WorkbenchError) -> None:
    assert error.message.rstrip().endswith((".", "…", "?", "”", ")")), error.message
    assert len(error.message) < LONGEST and "\n" not in error.message.strip()


def test_every_format_of_files_is_broken_here() -> None:
    suffixes = {Path(name).suffix for name in (*BYTES, *RECORDS, *INSIDE)}
    assert not [
        key for key, one in IMPORTERS.items() if suffixes.isdisjoint((*one.suffixes, ".conll")) and key not in NOT_FILES
    ]


@pytest.mark.parametrize("name", BYTES)
def test_a_file_that_is_whole_comes_in(name: str, wb: Workbench, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(BYTES[name])
    table = read_source(Source(str(tmp_path / name)), store=wb.media.store)
    assert is_stored(wb, table, choice_of(table, 1))


@pytest.mark.parametrize("name", BYTES)
def test_a_file_that_is_cut_or_damaged_or_in_another_encoding(name: str, wb: Workbench, tmp_path: Path) -> None:
    data = BYTES[name]
    for broken in (*cuts(data, 7), *flips(data, 12, seed=3), *dressings(data)):
        bring(wb, tmp_path / name, broken)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_with_something_odd_in_any_place(name: str, wb: Workbench, tmp_path: Path) -> None:
    record = RECORDS[name]
    tried = random.Random(name).sample([*oddities(record)], 12)
    for broken in tried:
        bring(wb, tmp_path / name, written(broken if name in WHOLE else [record, broken, record]))


@pytest.mark.parametrize("name", INSIDE)
def test_what_is_packed_in_a_file_is_damaged(name: str, wb: Workbench, tmp_path: Path) -> None:
    held, again = INSIDE[name]
    odd = (
        [*markups(held)]
        if held[:1] == b"<"
        else [written(one) for one in oddities(json.loads(held))]
        if held[:1] == b"{"
        else []
    )
    tried = random.Random(name).sample(odd, min(len(odd), 12))
    for broken in (*cuts(held, 3), *flips(held, 8, seed=5), *tried):
        bring(wb, tmp_path / name, again(broken))


@pytest.mark.parametrize("name", ["plain.json", "doccano.json", "chat.json"])
def test_a_megabyte_in_any_place_of_a_record(name: str, wb: Workbench, tmp_path: Path) -> None:
    for broken in oddities(RECORDS[name], (MEGABYTE,)):
        bring(wb, tmp_path / name, written([broken]))
