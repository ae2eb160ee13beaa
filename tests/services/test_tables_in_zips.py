"""Zips and folders that hold tables: which one is read, what is said of the others, and odd saved data sets."""

import io
import json
from pathlib import Path

import datasets
import pytest

from core.errors import WorkbenchError
from core.importers import recognise
from core.model import QuestionKind
from core.services.data.sources import Source, parts_in, read_source, spool_together
from tests.fakes.media import picture, zipped

ROWS = b"text,label\nThe match went on,sports\nThe vote was held,politics\n"


@pytest.fixture
def put(tmp_path):
    def putting(files, part=None):
        path = tmp_path / "held.zip"
        path.write_bytes(files if isinstance(files, bytes) else zipped(files))
        return Source(str(path), part=part)

    return putting


@pytest.fixture
def read(put, workbench):
    return lambda files, part=None: read_source(put(files, part), store=workbench.media.store)


def saved(tmp_path: Path, name: str, text: str, splits: tuple[str, ...] = ()) -> dict[str, bytes]:
    """The files of a data set that the library wrote, below a folder of that name."""
    rows = datasets.Dataset.from_dict({"text": [f"{text} {n}" for n in range(2)], "label": ["a", "b"]})
    whole = datasets.DatasetDict({one: rows for one in splits}) if splits else rows
    whole.save_to_disk(str(tmp_path / "saved" / name))
    root = tmp_path / "saved"
    return {str(one.relative_to(root)): one.read_bytes() for one in (root / name).rglob("*") if one.is_file()}


def test_of_several_tables_one_is_chosen_and_the_others_are_named(put, read):
    files = {"a.csv": ROWS, "more/b.jsonl": b'{"text": "Stocks fell", "label": "money"}\n', "a.png": picture()}
    assert parts_in(put(files)) == ("a.csv", "more/b.jsonl")
    table = read(files, "more/b.jsonl")
    assert table.rows == [["Stocks fell", "money"]]
    assert "Also in it, and not read: a.csv." in table.notes
    assert put(files, "a.csv").first_row == 2 and put(files, "more/b.jsonl").first_row == 1


def test_the_largest_table_is_offered_first(put):
    files = {"about.json": b'[{"text": "a note"}]', "test.csv": ROWS, "train.csv": ROWS * 2}
    assert parts_in(put(files)) == ("train.csv", "test.csv", "about.json")


def test_of_several_saved_data_sets_one_is_chosen_and_the_others_are_named(put, read, tmp_path):
    files = saved(tmp_path, "one", "first") | saved(tmp_path, "two", "second", ("train", "test"))
    assert parts_in(put(files)) == ("two", "one")
    with pytest.raises(WorkbenchError, match="held.zip contains several data sets: two, one"):
        read(files)
    assert [row[0] for row in read(files, "one").rows] == ["first 0", "first 1"]
    table = read(files, "two")
    assert [row[0] for row in table.rows] == ["second 0", "second 1"] * 2
    assert table.about == "Hugging Face data set, train, test" and table.notes == ("Also in it, and not read: one.",)


def test_a_part_that_is_not_there_is_refused_with_those_that_are(read):
    with pytest.raises(WorkbenchError, match="held.zip contains no table “c.csv”") as refused:
        read({"a.csv": ROWS, "b.csv": ROWS}, "c.csv")
    assert refused.value.hint == "Choose one of: a.csv, b.csv."


ODD = {
    "no object": b"[]",
    "no json": b"{",
    "no text": b"\xff\xfe",
    "no splits": b"{}",
    "nothing": b'{"splits": []}',
    "a number": b'{"splits": [1]}',
    "a text": b'{"splits": "train"}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("said", ODD.values(), ids=ODD)
def test_a_list_of_splits_that_is_none_is_said_to_be(said, read, tmp_path):
    files = saved(tmp_path, "two", "text", ("train",)) | {"two/dataset_dict.json": said}
    with pytest.raises(WorkbenchError, match=r"^two/dataset_dict.json (is not|lists no)") as refused:
        read(files)
    assert refused.value.hint == "Write the data set again with save_to_disk."


def test_splits_and_files_outside_a_saved_data_set_are_not_read(read, tmp_path):
    files = saved(tmp_path, "two", "text", ("train",))
    for name in ("../..", "/etc", "a/b", "."):
        with pytest.raises(WorkbenchError, match="data that is not in it"):
            read(files | {"two/dataset_dict.json": json.dumps({"splits": [name]}).encode()})
    state = json.loads(files["two/train/state.json"])
    for held, sentence in (
        ([{"filename": "../../../other.arrow"}], "data that is not in it"),
        ([{"filename": "gone.arrow"}], "state.json lists the file gone.arrow, which is not there"),
        ([3], "state.json does not list the files"),
    ):
        with pytest.raises(WorkbenchError, match=sentence):
            read(files | {"two/train/state.json": json.dumps(state | {"_data_files": held}).encode()})


def test_a_split_that_is_listed_and_not_there_is_named(read, tmp_path):
    files = saved(tmp_path, "two", "text", ("train",)) | {"two/dataset_dict.json": b'{"splits": ["train", "dev"]}'}
    with pytest.raises(WorkbenchError, match="lists the split “dev”, which is not there"):
        read(files)


def test_a_split_without_rows_is_named_and_the_others_are_read(read, tmp_path):
    rows = datasets.Dataset.from_dict({"text": ["one", "two"]})
    datasets.DatasetDict({"train": rows, "test": rows.select([])}).save_to_disk(str(tmp_path / "saved"))
    files = {str(one.relative_to(tmp_path)): one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    table = read(files)
    assert len(table.rows) == 2 and table.notes == ("No rows are in the split “test”.",)


def test_a_damaged_table_in_a_zip_is_refused_in_a_sentence(read):
    files = zipped({"a.csv": ROWS * 1_000})
    for place in range(60, len(files) - 100, 7):
        broken = files[:place] + bytes([files[place] ^ 0xFF]) + files[place + 1 :]
        try:
            read(broken)
        except WorkbenchError as error:
            assert error.message and error.hint


def test_an_export_and_its_settings_that_are_dropped_together_are_read_together(workbench, tmp_path):
    tasks = [{"id": 1, "data": {"text": "Hi"}, "annotations": [{"result": [
        {"from_name": "c", "to_name": "text", "type": "choices", "value": {"choices": ["yes"]}}]}]}]  # fmt: skip
    config = (
        b'<View><Text name="text" value="$text"/><Choices name="c" toName="text"><Choice value="no"/></Choices></View>'
    )
    dropped = [("e.json", io.BytesIO(json.dumps(tasks).encode())), ("config.xml", io.BytesIO(config))]
    table = read_source(Source(str(spool_together(tmp_path, dropped))), store=workbench.media.store)
    assert "Questions and labels are from the configuration config.xml." in table.notes


def test_tables_that_are_read_as_one_keep_what_each_tells_of_its_answers(read):
    def lines(*records):
        return "\n".join(map(json.dumps, records)).encode()

    marked = {"file_name": "a.png", "text": "Ann met Bo", "entities": [[0, 3, "PER"]]}
    sorted_ = {"file_name": "b.png", "text": "A vote", "cats": {"good": 1.0, "bad": 1.0}}
    files = {
        "x/metadata.jsonl": lines(marked),
        "y/metadata.jsonl": lines(sorted_),
        "x/a.png": picture(),
        "y/b.png": picture(),
    }
    table = read(files)
    told = {one.name: one.kind for one in table.answers}
    assert told == {"entities": QuestionKind.SPANS, "cats": QuestionKind.SEVERAL_LABELS}
    assert recognise(table).kind is QuestionKind.SPANS
