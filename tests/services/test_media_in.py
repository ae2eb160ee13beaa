"""Pictures, sounds and films come in by zip, by folder and in cells; what is wrong with one is said by its name."""

import base64
import io
import json
import random
import stat
import zipfile

import pyarrow as pa
import pytest
from pyarrow import parquet

from core.errors import WorkbenchError
from core.media import is_reference
from core.model import TEXT_FIELD, FieldShow
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.data.sources import Source, find_upload, read_source, recognise, spool_together
from core.services.media import holders
from core.services.media.proposing import shown_as
from tests.fakes.media import animated, picture, sound, zipped

RED, BLUE = picture(color="red"), picture(color="blue")


@pytest.fixture
def read(workbench, tmp_path):
    def reading(files, name="pictures.zip"):
        path = tmp_path / name
        path.write_bytes(files if isinstance(files, bytes) else zipped(files))
        return read_source(Source(str(path)), store=workbench.media.store)

    return reading


def test_a_zip_of_folders_gives_one_item_a_picture_and_its_folder_as_a_label(read, workbench):
    table = read({"zoo/dog/10.png": BLUE, "zoo/cat/2.png": RED, "__MACOSX/x.png": b"", "zoo/dog/9.png": picture()})
    assert [row[1:] for row in table.rows] == [["2.png", "cat"], ["9.png", "dog"], ["10.png", "dog"]]
    assert table.columns == ("picture", "file name", "folder") and table.notes == ()
    found = recognise(table)
    assert (found.columns.text, found.columns.labels) == (("picture",), ("folder",))
    project_id = workbench.data.import_table(table, ImportChoice("Zoo", ("picture",), ("folder",)))
    assert {*workbench.tasks.get(project_id).names} >= {"cat", "dog"}
    first, *_ = workbench.data.page(project_id, ItemFilter())
    assert workbench.media.read(first.text) == RED and first.fields == {"file name": "2.png"}
    shown = workbench.projects.get(project_id).layout
    assert [(one.name, one.show) for one in shown] == [(TEXT_FIELD, "picture"), ("file name", "text")]


def test_a_table_in_the_zip_names_its_files_by_path_or_by_name(read):
    table = b"picture,caption,label\nimages/a.png,A red thing there,r\nb.png,A blue thing there,b\nc.png,None of it,r\n"
    found = read({"data/metadata.csv": table, "data/images/a.png": RED, "data/b.png": BLUE, "data/d.png": RED})
    assert found.columns == ("picture", "caption", "label", "picture file name")
    assert [is_reference(row[0]) for row in found.rows] == [True, True, False]
    assert found.rows[2] == ["", "None of it", "r", "c.png"]
    assert "1 file that the table names are not there: c.png." in found.notes
    assert any("does not name were left out: data/d.png" in note for note in found.notes)


def test_files_dropped_together_are_read_as_one_folder(workbench, tmp_path):
    uploads = tmp_path / "uploads"
    rows = json.dumps([{"image": "/data/upload/1/ab12-a.png", "n": 1}]).encode()
    dropped = [("t.json", io.BytesIO(rows)), ("a.png", io.BytesIO(RED)), ("a.png", io.BytesIO(BLUE))]
    folder = spool_together(uploads, dropped)
    assert find_upload(uploads, folder.parent.name) == folder
    assert [path.name for path in uploads.iterdir()] == [folder.parent.name]
    table = read_source(Source(str(folder)), store=workbench.media.store)
    assert workbench.media.read(table.rows[0][0]) == RED


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"../a.png": RED}, "“../a.png”, a name that leads out of the zip"),
        ({"/etc/a.png": RED}, "a name that leads out"),
        ({"notes.txt": b"hello"}, "contains no picture, sound or film"),
        ({"a.csv": b"x\n1\n", "b.csv": b"x\n1\n"}, "several tables: a.csv, b.csv"),
        ({"bomb.bmp": b"BM" + bytes(80 * 2**20)}, "unpacks to 80 MB, over 200 times its size"),
        (b"no zip at all", "is no zip that can be read"),
        ({"a.png": b""}, "a.png: The file is empty"),
    ],
)
def test_a_zip_that_is_no_use_or_does_harm_is_refused_whole(files, sentence, read, workbench):
    with pytest.raises(WorkbenchError, match=sentence):
        read(files)
    assert not workbench.settings.media_dir.exists()


def test_links_and_zips_in_a_zip_are_left_out_and_named(read):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        link = zipfile.ZipInfo("secret.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", zipped({"a.png": RED}))
        archive.writestr("a.png", RED)
    table = read(written.getvalue())
    assert len(table.rows) == 1
    assert any(note.startswith("secret.png is a link") for note in table.notes)
    assert any(note.startswith("inner.zip is a zip inside the zip") for note in table.notes)


def test_a_link_in_a_folder_is_not_followed(workbench, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(RED)
    (tmp_path / "outside.png").write_bytes(BLUE)
    (folder / "b.png").symlink_to(tmp_path / "outside.png")
    table = read_source(Source(str(folder)), store=workbench.media.store)
    assert len(table.rows) == 1 and table.notes == ("b.png is a link and was left out.",)


def test_too_many_files_are_refused(read, monkeypatch):
    monkeypatch.setattr(holders, "MOST_FILES", 1)
    with pytest.raises(WorkbenchError, match="contains 2 files; the limit is 1"):
        read({"a.png": RED, "b.png": BLUE})


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (RED[:50], "bad.bin: The picture is broken or cut off. It was left out."),
        (picture("JPEG", (900, 900))[:700], "bad.bin: The picture is broken or cut off. It was left out."),
        (b"", "bad.bin: The file is empty. It was left out."),
        (picture("TIFF"), "bad.bin: The file is TIFF, which browsers do not show. It was left out."),
        (sound(b""), "bad.bin: The sound has no samples. It was left out."),
        (sound()[:20], "bad.bin: The sound is broken or cut off. It was left out."),
    ],
)
def test_a_file_that_cannot_be_shown_is_left_out_in_one_sentence(data, sentence, read):
    table = read({"bad.bin": data, "good.png": RED})
    assert len(table.rows) == 1 and table.notes == (sentence,)


def test_what_is_to_know_of_files_that_are_taken_is_said(read):
    print_colours = picture("JPEG", mode="CMYK", color=(9, 9, 9, 9))
    table = read({"a.gif": animated(), "b.jpg": print_colours, "c.wav": sound(bytes(160)), "d.wav": sound()})
    assert len(table.rows) == 4
    told = " ".join(table.notes)
    assert "animated: models and lists see the first frame (a.gif)" in told
    assert "CMYK" in told and "(b.jpg)" in told and "silent from beginning to end (c.wav)" in told


def test_a_picture_with_too_many_pixels_is_left_out(read, monkeypatch):
    monkeypatch.setattr("core.media.examining.MAX_PIXELS", 5)
    with pytest.raises(WorkbenchError, match="3 × 2 pixels, too many to show"):
        read({"a.png": RED})


def test_files_written_into_cells_are_stored(workbench, tmp_path):
    path = tmp_path / "cells.jsonl"
    written = (base64.b64encode(one).decode() for one in (RED, BLUE))
    path.write_text("\n".join(json.dumps({"image": f"data:image/png;base64,{one}", "label": "a"}) for one in written))
    table = read_source(Source(str(path)), store=workbench.media.store)
    assert [workbench.media.read(row[0]) for row in table.rows] == [RED, BLUE]


def test_pictures_in_parquet_as_data_sets_write_them_are_stored(workbench, tmp_path):
    held = [{"bytes": RED, "path": "x/a.png"}, {"bytes": b"none", "path": "b.png"}]
    parquet.write_table(pa.table({"image": held, "label": ["r", "b"]}), tmp_path / "p.parquet")
    table = read_source(Source(str(tmp_path / "p.parquet")), store=workbench.media.store)
    assert workbench.media.read(table.rows[0][0]) == RED and table.rows[1][0] == ""
    assert "b.png: The file is not a known format. It was left out." in table.notes


def test_without_a_store_nothing_is_written(workbench, tmp_path):
    parquet.write_table(pa.table({"image": [{"bytes": RED, "path": None}]}), tmp_path / "p.parquet")
    assert "bytes" in read_source(Source(str(tmp_path / "p.parquet"))).rows[0][0]
    assert not workbench.settings.media_dir.exists()


@pytest.mark.parametrize(
    ("cells", "show"),
    [
        ([json.dumps([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}])], "conversation"),
        ([json.dumps([{"from": "human", "value": "hi"}, {"from": "gpt", "value": "ho"}])], "conversation"),
        ([json.dumps([{"role": "user", "content": [{"type": "text", "text": "hi"}]}])], "conversation"),
        (["https://example.com/a.png", "http://b.example"], "link"),
        (["https://example.com/a.png", "see there"], "text"),
        ([json.dumps([1, 2])], "text"),
        (["[" * 100_000], "text"),
        ([""], "text"),
    ],
)
def test_how_a_field_is_shown_is_read_off_its_cells(cells, show):
    assert shown_as(cells) is FieldShow(show)


def test_damaged_files_are_left_out_whatever_a_decoder_makes_of_them(read):
    whole, dice = animated(), random.Random(3)
    damaged = {}
    for number in range(80):
        data = bytearray(whole)
        for _ in range(4):
            data[dice.randrange(6, len(data))] = dice.randrange(256)
        damaged[f"{number:02}.gif"] = bytes(data)
    table = read(damaged | {"good.png": RED})
    assert 0 < len(table.rows) < 81, "some are whole enough, and some are not"
    assert any("The picture is broken or cut off. It was left out." in note for note in table.notes)


def test_a_file_beyond_the_limit_is_left_out_unread(read, monkeypatch):
    monkeypatch.setattr("core.media.store.MAX_BYTES", 2**20)
    seen, reading = [], holders.Held.read

    def watched(held, most=-1):
        seen.append((held.name, most))
        return reading(held, most)

    monkeypatch.setattr(holders.Held, "read", watched)
    table = read({"big.mp4": bytes(2**20 + 1), "small.png": RED})
    assert len(table.rows) == 1 and "The file has 1 MB; the limit is 1 MB." in table.notes[0]
    assert ("small.png", -1) in seen and ("big.mp4", -1) not in seen


def test_a_folder_of_too_many_files_is_refused_as_that(workbench, tmp_path, monkeypatch):
    folder = tmp_path / "many"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(RED)
    monkeypatch.setattr(holders, "MOST_FILES", 1)
    with pytest.raises(WorkbenchError, match="contains 2 files; the limit is 1"):
        read_source(Source(str(folder)), store=workbench.media.store)


def test_a_column_of_files_is_not_joined_with_a_text(read, workbench):
    table = read({"items.csv": b"picture,caption\na.png,a red thing\n", "a.png": RED})
    choice = ImportChoice("P", ("picture", "caption"))
    (problem,) = workbench.data.check(table, choice).problems
    assert problem.message == "“picture” contains files, which cannot be joined with “caption” into one text."
    with pytest.raises(WorkbenchError, match="cannot be joined"):
        workbench.data.import_table(table, choice)
    assert workbench.data.check(table, ImportChoice("P", ("picture",))).ok


def test_folders_that_are_splits_are_no_labels(read):
    table = read({"data/train/1.png": RED, "data/test/2.png": BLUE})
    assert (table.columns, table.answers) == (("picture", "file name"), ())
