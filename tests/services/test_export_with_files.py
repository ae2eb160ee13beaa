"""Pictures go out in a zip beside the table that names them, and come back as the items they were."""

import errno
import zipfile

import pytest

from core.errors import WorkbenchError
from core.model import FieldShow, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.data.sources import Source, read_source, recognise
from core.services.export import tool_files
from core.services.export.with_files import whole
from tests.fakes.media import picture


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_a_zip_that_was_exported_is_imported_with_the_same_pictures(file_format, workbench):
    put = workbench.media.put
    rows = [(put(picture(color="red")), "a"), (put(picture(color="blue")), "b")]
    table = TableData(("picture", "label"), rows)
    project_id = workbench.data.import_table(table, ImportChoice("P", ("picture",), ("label",)))
    assert workbench.export.has_files(project_id)
    path = workbench.export.build(project_id, "back.zip", shape="wide", file_format=file_format)
    with zipfile.ZipFile(path) as archive:
        assert len([name for name in archive.namelist() if name.startswith("media/")]) == 2
    back = read_source(Source(str(path)), store=workbench.media.store)
    found = recognise(back).columns
    assert (found.text, len(found.labels)) == (("text",), 1)
    again = workbench.data.import_table(back, ImportChoice("Q", found.text, found.labels))
    texts = [[one.text for one in workbench.data.page(one, ItemFilter())] for one in (project_id, again)]
    assert texts[0] == texts[1]
    assert workbench.projects.get(again).layout[0].show is FieldShow.PICTURE


def test_a_project_with_a_long_name_in_any_script_is_written(workbench):
    rows = [(workbench.media.put(picture(color="red")), "a")]
    table = TableData(("picture", "label"), rows)
    project_id = workbench.data.import_table(table, ImportChoice("情感" * 60, ("picture",), ("label",)))
    name = f"{'情感' * 60}-wide-0123abcd.zip"
    path = workbench.export.build(project_id, name, shape="wide", file_format="csv")
    assert path.is_file() and path.name.endswith("感-wide-0123abcd.zip") and len(path.name.encode()) <= 200


@pytest.mark.parametrize(
    ("number", "advised"),
    [(errno.ENOSPC, "Free some space"), (errno.EDQUOT, "Free some space"), (errno.EACCES, "perm")],
)
def test_space_is_advised_only_where_it_lacks(number, advised, tmp_path):
    def refuse(out):
        raise OSError(number, "no")

    with pytest.raises(WorkbenchError) as said:
        whole(tmp_path / "a.zip", refuse)
    assert advised in said.value.hint and not list(tmp_path.iterdir())


def test_what_annotators_kept_is_asked_for_once_however_many_pages_there_are(workbench, monkeypatch):
    rows = [(f"text {i}", "a") for i in range(5)]
    choice = ImportChoice("P", ("text",), ("label",))
    project_id = workbench.data.import_table(TableData(("text", "label"), rows), choice)
    asked = []
    monkeypatch.setattr(tool_files, "_PAGE", 2)
    monkeypatch.setattr(tool_files, "kept_by", lambda *told: asked.append(told) or {})
    assert workbench.export.file(project_id, shape="tool", file_format="doccano").count(b"\n") == 5
    assert len(asked) == 1
