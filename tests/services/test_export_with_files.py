"""Pictures go out in a zip beside the table that names them, and come back as the items they were."""

import zipfile

import pytest

from core.model import FieldShow, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.data.sources import Source, read_source, recognise
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
