"""Pictures and sounds go to other tools and come back with the same bytes and answers."""

import json
import zipfile

import pytest

from core.errors import WorkbenchError
from core.model import TEXT_FIELD, FieldShow, QuestionKind, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.data.sources import Source, read_source, recognise
from tests.fakes.media import picture, sound

RED, BLUE, HUM = picture(color="red"), picture("JPEG", color="blue"), sound()
PICTURES = ("label_studio", "argilla", "prodigy", "kili", "datasets")


@pytest.fixture
def pictures(workbench):
    """Items that are pictures."""
    put = workbench.media.put
    rows = [(put(RED), "r1", "warm"), (put(BLUE), "b1", "cold")]
    table = TableData(("picture", "code", "label"), rows)
    return workbench.data.import_table(table, ImportChoice("P", ("picture",), ("label",)))


@pytest.fixture
def described(workbench):
    """Items that are texts, each with a picture and a sound."""
    put = workbench.media.put
    rows = [("a red thing", put(RED), put(HUM), "warm"), ("a blue thing", put(BLUE), "", "cold")]
    table = TableData(("text", "my photo", "hum", "label"), rows)
    return workbench.data.import_table(table, ImportChoice("P", ("text",), ("label",)))


def back(workbench, path, text):
    """`(text or picture's bytes, other files' bytes, label)` of each item, as the zip brings them."""
    table = read_source(Source(str(path)), store=workbench.media.store)
    found = recognise(table)
    columns = found.columns
    text = next(name for name in table.columns if name in text)
    choice = ImportChoice("again", (text,), columns.labels, annotator_column=columns.annotator, kind=found.kind)
    project_id = workbench.data.import_table(table, choice)
    items = workbench.data.page(project_id, ItemFilter())
    labels = workbench.data.labels_of(project_id, [one.id for one in items], models_on_test=True)

    def bytes_in(value):
        return workbench.media.read(value) if value.startswith("media:") else value

    return [
        (
            bytes_in(one.text),
            {bytes_in(value) for value in one.fields.values() if value.startswith("media:")},
            *labels[one.id].values(),
        )
        for one in items
    ]


@pytest.mark.parametrize("tool", PICTURES)
def test_items_that_are_pictures_come_back_from_another_tools_file(tool, workbench, pictures):
    path = workbench.export.build(pictures, f"{tool}.zip", shape="tool", file_format=tool)
    assert back(workbench, path, ("image", "text")) == [(RED, set(), "warm"), (BLUE, set(), "cold")]


@pytest.mark.parametrize("tool", [*PICTURES, "doccano"])
def test_files_beside_a_text_come_back_from_another_tools_file(tool, workbench, described):
    path = workbench.export.build(described, f"{tool}.zip", shape="tool", file_format=tool)
    assert back(workbench, path, ("text",)) == [
        ("a red thing", {RED, HUM}, "warm"),
        ("a blue thing", {BLUE}, "cold"),
    ]


def test_the_library_loads_pictures_and_sounds_as_such_with_their_bytes(workbench, described, tmp_path):
    from datasets import Audio, Image, load_from_disk

    path = workbench.export.build(described, "d.zip", shape="tool", file_format="datasets")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "d")
    held = load_from_disk(str(tmp_path / "d"))["all"]
    assert (held.features["my photo"], held.features["hum"]) == (Image(), Audio())
    first, second = held.cast_column("my photo", Image(decode=False)).cast_column("hum", Audio(decode=False))
    assert (first["my photo"]["bytes"], first["hum"]["bytes"]) == (RED, HUM)
    assert (second["my photo"]["bytes"], second["hum"]) == (BLUE, None)
    assert held.select_columns("my photo")[0]["my photo"].size == (3, 2)
    assert held.features["label:label"].int2str(first["label:label"]) == "warm"


def test_label_studio_shows_each_field_as_what_it_is(workbench, described):
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    config = workbench.export.settings(described, "label_studio")
    assert '<Image name="my_photo" value="$my_photo"/>' in config and '<Audio name="hum" value="$hum"/>' in config
    path = workbench.export.build(described, "ls.zip", shape="tool", file_format="label_studio")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        tasks = json.loads(archive.read("annotations.json"))
        assert archive.read("label_config.xml").decode() == config
    served = [task["data"]["my_photo"] for task in tasks]
    assert all(one.removeprefix("/data/local-files/?d=") in names for one in served)
    asked = interface.LabelInterface(config)
    asked.validate()
    for task in tasks:
        assert asked.validate_task({"data": task["data"]}) is True
        assert asked.validate_prediction(task["annotations"][0], return_errors=True) == []


def test_files_whose_names_are_one_word_in_label_studio_are_told_apart_there_and_come_back(workbench):
    put = workbench.media.put
    rows = [("a red thing", put(RED), put(BLUE), "as it is", "warm")]
    table = TableData(("text", "my pic", "my-pic", "my_pic", "label"), rows)
    project_id = workbench.data.import_table(table, ImportChoice("P", ("text",), ("label",)))
    config = workbench.export.settings(project_id, "label_studio")
    assert 'name="my_pic"' in config and 'name="my_pic_"' in config
    path = workbench.export.build(project_id, "ls.zip", shape="tool", file_format="label_studio")
    with zipfile.ZipFile(path) as archive:
        [task] = json.loads(archive.read("annotations.json"))
    assert len(set(task["data"].values())) == len(task["data"]) == 4
    table = read_source(Source(str(path)), store=workbench.media.store)
    held = dict(zip(table.columns, table.rows[0], strict=True))
    assert [workbench.media.read(held[name]) for name in ("my pic", "my-pic")] == [RED, BLUE]
    assert held["my_pic"] == "as it is"


def test_pictures_that_are_compared_are_shown_side_by_side_in_label_studio(workbench):
    put = workbench.media.put
    rows = [("which is warmer", put(RED), put(BLUE), "First is better")]
    table = TableData(("text", "one", "two", "better"), rows)
    choice = ImportChoice("P", ("text",), ("better",), kind=QuestionKind.PREFERENCE, candidates=("one", "two"))
    project_id = workbench.data.import_table(table, choice)
    config = workbench.export.settings(project_id, "label_studio")
    assert '<Image name="one" value="$one"/>' in config and '<Pairwise name="one,two" toName="one,two"/>' in config


def test_a_folder_for_each_split_brings_its_own_table(workbench, tmp_path):
    folder = tmp_path / "data"
    for split, data, label in (("train", RED, "warm"), ("test", BLUE, "cold")):
        (folder / split).mkdir(parents=True)
        (folder / split / "0001.img").write_bytes(data)
        (folder / split / "metadata.jsonl").write_text(json.dumps({"file_name": "0001.img", "label": label}))
    table = read_source(Source(str(folder)), store=workbench.media.store)
    assert table.columns[:2] == ("file_name", "label") and table.notes == ()
    assert sorted((workbench.media.read(row[0]), row[1]) for row in table.rows) == sorted(
        [(RED, "warm"), (BLUE, "cold")]
    )


def test_a_folder_of_pictures_is_read_by_the_library_with_its_labels(workbench, tmp_path):
    for label, data in (("warm", RED), ("cold", BLUE)):
        (tmp_path / "data" / label).mkdir(parents=True)
        (tmp_path / "data" / label / f"{label}.png").write_bytes(data)
    table = read_source(Source(str(tmp_path / "data"), is_hub=True), store=workbench.media.store)
    assert table.columns == ("image", "label")
    assert {(workbench.media.read(row[0]), row[1]) for row in table.rows} == {(RED, "warm"), (BLUE, "cold")}


def test_a_picture_that_lies_outside_the_folder_is_not_read(workbench, tmp_path):
    import pyarrow as pa
    from datasets import Features, Image
    from pyarrow import parquet

    (tmp_path / "secret.png").write_bytes(RED)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "own.png").write_bytes(BLUE)
    schema = Features({"image": Image()}).arrow_schema
    paths = [str(tmp_path / "secret.png"), "../secret.png", "own.png", "hf://datasets/a/b@main::/etc/passwd"]
    rows = [{"bytes": None, "path": path} for path in paths]
    parquet.write_table(pa.table({"image": rows}, schema=schema), tmp_path / "data" / "train.parquet")
    table = read_source(Source(str(tmp_path / "data"), is_hub=True), store=workbench.media.store)
    assert [row[0].startswith("media:") for row in table.rows] == [False, False, True, False]


def test_what_stands_first_is_still_a_picture(workbench, pictures):
    assert workbench.projects.get(pictures).layout[0].show is FieldShow.PICTURE
    assert workbench.projects.get(pictures).layout[0].name == TEXT_FIELD


@pytest.mark.parametrize("tool", ["datasets", "label_studio"])
def test_how_far_a_file_is_built_is_told(tool, workbench, pictures):
    told = []
    workbench.export.build(pictures, "p.zip", shape="tool", file_format=tool, progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0


def test_a_file_that_cannot_be_built_leaves_the_one_before(workbench, pictures, monkeypatch):
    path = workbench.export.build(pictures, "p.zip", shape="wide", file_format="csv")
    before, beside = path.read_bytes(), sorted(one.name for one in path.parent.iterdir())
    monkeypatch.setattr("core.services.export.with_files.MOST_BYTES", 10)
    with pytest.raises(WorkbenchError, match="the limit is"):
        workbench.export.build(pictures, "p.zip", shape="wide", file_format="csv")
    assert path.read_bytes() == before and sorted(one.name for one in path.parent.iterdir()) == beside
