"""Hugging Face data sets, read from local folders without network."""

import bz2
import gzip
import json
import lzma
import os
import socket
import zipfile
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.importers import IMPORTERS, ReadOptions, read_csv, read_huggingface

datasets = pytest.importorskip("datasets")
pyarrow = pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reading a local folder must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def typed():
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["neg", "pos"]),
            "tags": datasets.Sequence(datasets.ClassLabel(names=["x", "y"])),
            "score": datasets.Value("float64"),
        }
    )
    values = {"text": ["a", None, "🙂<b>"], "label": [0, 1, -1], "tags": [[0], [1, 0], []], "score": [1.5, None, 2.0]}
    return datasets.Dataset.from_dict(values, features=features)


EXPECTED = [["a", "neg", '["x"]', "1.5"], ["", "pos", '["y", "x"]', ""], ["🙂<b>", "", "[]", "2.0"]]


def test_a_folder_of_parquet_gives_class_names_empty_text_for_nothing_and_json_for_lists(typed, tmp_path: Path) -> None:
    typed.to_parquet(str(tmp_path / "train-00000.parquet"))
    table = read_huggingface(tmp_path)
    assert table.columns == ("text", "label", "tags", "score")
    assert table.rows == EXPECTED and table.problems == ()


def test_a_saved_data_set_is_read_with_and_without_splits(typed, tmp_path: Path) -> None:
    typed.save_to_disk(str(tmp_path / "one"))
    datasets.DatasetDict({"train": typed, "dev": typed.select([1])}).save_to_disk(str(tmp_path / "two"))
    assert read_huggingface(tmp_path / "one").rows == EXPECTED
    assert read_huggingface(tmp_path / "two", split="dev").rows == EXPECTED[1:2]
    with pytest.raises(WorkbenchError, match=r'no split "test". Choose one of: train, dev'):
        read_huggingface(tmp_path / "two", split="test")


def test_a_folder_of_files_is_read_by_split_and_only_as_far_as_asked(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label\n" + "".join(f"t{n},x\n" for n in range(1_000)), encoding="utf-8")
    (tmp_path / "test.csv").write_text('text,label\n"é, 🙂",y\n', encoding="utf-8")
    seen: list[tuple[int, int | None]] = []
    table = read_huggingface(tmp_path, rows=400, progress=lambda done, total: seen.append((done, total)))
    assert [row[0] for row in table.rows] == [f"t{n}" for n in range(400)]
    assert seen == [(200, 400), (400, 400)]
    assert read_huggingface(tmp_path, split="test").rows == [["é, 🙂", "y"]]
    with pytest.raises(WorkbenchError, match=r'no split "dev". Choose one: '):
        read_huggingface(tmp_path, split="dev")


def test_nested_values_become_json_text(tmp_path: Path) -> None:
    record = {"text": "a", "meta": {"by": ["é", None], "n": 1}}
    (tmp_path / "train.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (row,) = read_huggingface(tmp_path).rows
    assert row[0] == "a" and json.loads(row[1]) == record["meta"] and "é" in row[1]


def test_cells_of_a_folder_are_as_written_and_as_the_same_file_uploaded(tmp_path: Path) -> None:
    content = "id,text,label,n\n0071,a b,None,1\n0072,c,NA,\n0073,d,null,3\n"
    (tmp_path / "train.csv").write_text(content, encoding="utf-8")
    table = read_huggingface(tmp_path)
    assert table.rows == [["0071", "a b", "None", "1"], ["0072", "c", "NA", ""], ["0073", "d", "null", "3"]]
    uploaded = read_csv(tmp_path / "train.csv")
    assert (table.columns, table.rows) == (uploaded.columns, uploaded.rows)


def test_whole_numbers_with_gaps_stay_whole_and_not_a_number_is_nothing(tmp_path: Path) -> None:
    rows = [{"text": "a", "n": 1}, {"text": "b", "n": None}, {"text": "c", "n": float("nan")}]
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [row[1] for row in read_huggingface(tmp_path).rows] == ["1", "", ""]
    datasets.Dataset.from_dict({"n": [1.5, float("nan"), float("inf")]}).to_parquet(str(tmp_path / "p.parquet"))
    (tmp_path / "train.jsonl").unlink()
    assert read_huggingface(tmp_path).rows == [["1.5"], [""], [""]]


def test_packed_and_several_files_of_a_split_are_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train-0.csv").write_text("text,label\na,None\n", encoding="utf-8")
    with gzip.open(tmp_path / "data" / "train-1.csv.gz", "wt", encoding="utf-8") as file:
        file.write("text,label\nb,01\n")
    assert sorted(map(tuple, read_huggingface(tmp_path).rows)) == [("a", "None"), ("b", "01")]


def test_class_numbers_in_files_get_the_names_the_folder_gives_them(tmp_path: Path) -> None:
    head = (
        "---\ndataset_info:\n  features:\n  - name: text\n    dtype: string\n  - name: label\n    dtype:\n"
        "      class_label:\n        names:\n          '0': neg\n          '1': pos\n---\n"
    )
    (tmp_path / "README.md").write_text(head, encoding="utf-8")
    (tmp_path / "train.csv").write_text("text,label\na,0\nb,1\nc,-1\n", encoding="utf-8")
    assert read_huggingface(tmp_path).rows == [["a", "neg"], ["b", "pos"], ["c", ""]]
    (tmp_path / "train.csv").write_text("text,label\na,0.0\nb,1.0\nc,-1.0\nd,\ne,01\nf,1.5\n", encoding="utf-8")
    named = ["neg", "pos", "", "", "01", "1.5"]
    assert [row[1] for row in read_huggingface(tmp_path).rows] == named
    (tmp_path / "train.csv").unlink()
    (tmp_path / "train.jsonl").write_text('{"text": "1.0", "label": 1.0}\n{"text": "b", "label": null}\n')
    assert read_huggingface(tmp_path).rows == [["1.0", "pos"], ["b", ""]]


def readme(folder: Path, **options: object) -> None:
    lines = [f"  {name}: {json.dumps(value)}\n" for name, value in options.items()]
    head = "---\nconfigs:\n- config_name: default\n  data_files: d.csv\n"
    (folder / "README.md").write_text(head + "".join(lines) + "---\n", encoding="utf-8")


@pytest.mark.parametrize("named", ["names", "column_names"])
def test_a_file_whose_columns_are_named_in_the_readme_keeps_its_first_row(tmp_path: Path, named: str) -> None:
    readme(tmp_path, **{named: ["text", "label"]}, header=None)
    (tmp_path / "d.csv").write_text("first row,NA\nsecond row,x\n", encoding="utf-8")
    table = read_huggingface(tmp_path)
    assert table.columns == ("text", "label") and table.rows == [["first row", "NA"], ["second row", "x"]]


@pytest.mark.parametrize(
    "options",
    [
        {"skiprows": 1},
        {"header": None},
        {"header": 1},
        {"header": 0, "names": ["a", "b"]},
        {"quotechar": "'"},
        {"escapechar": "\\"},
        {"quoting": 3},
        {"usecols": [0]},
        {"comment": "#"},
        {"skipfooter": 1},
        {"decimal": ","},
        {"thousands": "."},
        {"nrows": 1},
    ],
)
def test_a_way_of_reading_that_is_not_ours_is_refused_by_name_before_a_row_is_lost(tmp_path: Path, options) -> None:
    readme(tmp_path, **options)
    (tmp_path / "d.csv").write_text("text,label\na,x\nb,y\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match=f'how its files are to be read \\("{next(iter(options))}"\\)'):
        read_huggingface(tmp_path)


def test_a_separator_and_an_encoding_of_the_readme_are_obeyed(tmp_path: Path) -> None:
    readme(tmp_path, sep=";", encoding="cp1251", header=0, na_filter=False)
    (tmp_path / "d.csv").write_bytes("text;label\nпривет, мир;NA\n".encode("cp1251"))
    assert read_huggingface(tmp_path).rows == [["привет, мир", "NA"]]


def test_lines_of_text_are_rows_as_written(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("None\n\n 0071 \r\nlast", encoding="utf-8", newline="")
    table = read_huggingface(tmp_path)
    assert (table.columns, table.rows) == (("text",), [["None"], [""], [" 0071 "], ["last"]])


def test_a_zip_and_a_zstandard_file_give_the_rows_of_the_files_inside(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        archive.writestr("../a.csv", "text,label\na,None\n")
        archive.writestr("in/b.csv", "label,text\n01,b\n")
        archive.writestr("in/notes.md", "no data")
        archive.writestr("__MACOSX/._b.csv", b"\x00\x05")
    assert sorted(map(tuple, read_huggingface(tmp_path).rows)) == [("a", "None"), ("b", "01")]
    (tmp_path / "train.zip").unlink()
    with pyarrow.CompressedOutputStream(str(tmp_path / "train.csv.zst"), "zstd") as file:
        file.write(b"text,label\na,NA\n")
    assert read_huggingface(tmp_path).rows == [["a", "NA"]]


BOMB = b"text\n" + b"a" * 60_000_000


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [("gz", "csv"), ("gz", "json"), ("gz", "txt"), ("bz2", "csv"), ("xz", "json"), ("zst", "txt"), ("zip", "csv")],
)
def test_a_packed_file_that_swells_beyond_measure_gets_one_sentence(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"train.{kind}.{suffix}"
    if suffix == "zip":
        path = tmp_path / "train.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"train.{kind}", BOMB)
    else:
        pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lambda data: lzma.compress(data, preset=0)}
        path.write_bytes(pack[suffix](BOMB) if suffix in pack else pyarrow.compress(BOMB, "zstd", asbytes=True))
    with pytest.raises(WorkbenchError, match=f"{path.name} unpacks to more than 50 MB.") as error:
        read_huggingface(tmp_path)
    assert error.value.hint and "\n" not in error.value.message


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst", "zip"])
def test_a_packed_file_that_is_broken_or_none_is_said_to_be(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"train.csv.{suffix}" if suffix != "zip" else tmp_path / "train.zip"
    for content in (b"text,label\na,x\n", b"\x1f\x8b\x08\x00", b"PK\x03\x04" + b"\x00" * 40):
        path.write_bytes(content)
        with pytest.raises(WorkbenchError) as error:
            read_huggingface(tmp_path)
        assert error.value.hint and "\n" not in error.value.message


@pytest.mark.parametrize("named", ["README.md", ".huggingface.yaml"])
@pytest.mark.parametrize("what", ["aliases", "itself", "deep", "steps", "long"])
def test_a_head_that_swells_beyond_measure_is_refused_at_once(tmp_path: Path, named: str, what: str) -> None:
    (tmp_path / "train.csv").write_text("text,label\na,x\n", encoding="utf-8")
    levels = zip("abcdefghi", "bcdefghij", strict=True)
    head = {
        "aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in levels)
        + "configs: *i\n",
        "itself": "configs: &a [*a, x]\n",
        "deep": "configs: " + "[" * 300_000 + "]" * 300_000 + "\n",
        "steps": "configs:\n" + "- " * 300_000 + "x\n",
        "long": "configs: [" + "x," * 3_000_000 + "]\n",
    }[what]
    (tmp_path / named).write_text(f"---\n{head}---\n" if named == "README.md" else head, encoding="utf-8")
    with pytest.raises(WorkbenchError, match=f"{named} in the folder") as error:
        read_huggingface(tmp_path)
    assert error.value.hint and len(error.value.message) < 300


@pytest.mark.parametrize("named", ["README.md", ".huggingface.yaml"])
@pytest.mark.parametrize(
    "files",
    [
        "http://127.0.0.1:1/x.csv",
        "[{split: train, path: 'https://example.org/x.parquet'}]",
        "[{split: train, path: ['train.csv', 'hf://datasets/a/b/x.csv']}]",
        "'zip://x.csv::http://example.org/x.zip'",
        "/etc/passwd",
        "../other.csv",
        "s3://bucket/x.csv",
    ],
)
def test_a_folder_that_names_data_elsewhere_is_refused_before_anything_is_asked(
    tmp_path: Path, named: str, files: str
) -> None:
    (tmp_path / "train.csv").write_text("text\na\n", encoding="utf-8")
    configs = f"configs:\n- config_name: default\n  data_files: {files}\n"
    text = f"---\n{configs}---\n" if named.endswith(".md") else configs
    (tmp_path / named).write_text(text, encoding="utf-8")
    with pytest.raises(WorkbenchError, match="refers to data that is not in it"):
        read_huggingface(tmp_path)


def test_media_of_a_saved_data_set_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    features = datasets.Features({"text": datasets.Value("string"), "media": datasets.Image()})
    table = {"text": ["a"], "media": [{"bytes": None, "path": "http://127.0.0.1:1/x.png"}]}
    monkeypatch.setattr("datasets.Dataset._estimate_nbytes", lambda self: 1)
    datasets.Dataset.from_dict(table, features=features).save_to_disk(str(tmp_path / "saved"))
    assert "http://127.0.0.1:1/x.png" in read_huggingface(tmp_path / "saved").rows[0][1]


def test_a_script_in_a_folder_is_never_run(tmp_path: Path) -> None:
    folder = tmp_path / "scripted"
    folder.mkdir()
    mark = tmp_path / "ran"
    (folder / "scripted.py").write_text(f"open({str(mark)!r}, 'w').close()\n", encoding="utf-8")
    (folder / "train.csv").write_text("text\na\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="only be read by running its code"):
        read_huggingface(folder)
    assert not mark.exists()


def test_configurations_are_listed_when_one_is_needed(tmp_path: Path) -> None:
    configs = "---\nconfigs:\n- config_name: one\n  data_files: a.csv\n- config_name: two\n  data_files: b.csv\n---\n"
    (tmp_path / "README.md").write_text(configs, encoding="utf-8")
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"text\nfrom {name}\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="several configurations. Choose one: one, two"):
        read_huggingface(tmp_path)
    with pytest.raises(WorkbenchError, match='no configuration "three". Choose one: one, two'):
        read_huggingface(tmp_path, config="three")
    assert read_huggingface(tmp_path, config="two").rows == [["from b"]]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: None, "contains no data files"),
        (lambda folder: (folder / "train.jsonl").write_text('{"text":\n'), "could not be read"),
        (lambda folder: (folder / "train.csv").write_text("text\n"), "has no rows"),
    ],
)
def test_a_folder_without_usable_data_is_refused_with_one_sentence(tmp_path: Path, make, sentence: str) -> None:
    make(tmp_path)
    with pytest.raises(WorkbenchError, match=sentence) as error:
        read_huggingface(tmp_path)
    assert error.value.hint and "\n" not in error.value.message


def test_names_that_cannot_be_are_refused_without_asking_the_hub() -> None:
    with pytest.raises(WorkbenchError, match=r"There is no folder ./nowhere"):
        read_huggingface("./nowhere")
    with pytest.raises(WorkbenchError, match="There is no data set bad name!!"):
        read_huggingface("bad name!!")
    with pytest.raises(WorkbenchError, match="at least 1"):
        read_huggingface("x", rows=0)


def test_a_hub_out_of_reach_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WorkbenchError, match="The hub could not be reached for owner/never-seen-before") as error:
        read_huggingface("owner/never-seen-before")
    assert "local folder" in error.value.hint


def test_reading_turns_telemetry_off(typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    typed.to_parquet(str(tmp_path / "train.parquet"))
    read_huggingface(tmp_path)
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"


def test_the_importer_reads_and_previews_with_the_options_given(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text\n" + "".join(f"t{n}\n" for n in range(20)), encoding="utf-8")
    importer = IMPORTERS["huggingface"]
    assert len(importer.read(tmp_path, ReadOptions(rows=15)).rows) == 15
    assert len(importer.peek(str(tmp_path), 3, ReadOptions()).rows) == 3
