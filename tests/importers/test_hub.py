"""Data sets named on the hub: read from the hub alone, whatever they say of themselves."""

import pytest

from core.errors import WorkbenchError
from core.importers.huggingface import read_huggingface
from tests.fakes.media import picture
from tests.importers.fake_hub import fake_hub

ROWS = "text,label\ngood,pos\nbad,neg\n"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with fake_hub() as one:
        for place in ("datasets.config.HF_ENDPOINT", "huggingface_hub.constants.ENDPOINT"):
            monkeypatch.setattr(place, one.url)
        monkeypatch.setattr(
            "datasets.config.HUB_DATASETS_URL", one.url + "/datasets/{repo_id}/resolve/{revision}/{path}"
        )
        monkeypatch.setattr(
            "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
            one.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr("huggingface_hub.hf_file_system.constants.ENDPOINT", one.url)
        yield one


def readme(files):
    return f"---\nconfigs:\n- config_name: default\n  data_files: {files}\n---\n# Mine\n"


def test_a_data_set_of_the_hub_is_read(hub):
    hub.put("ada/mine", README__md=readme("train.csv"), train__csv=ROWS)
    table = read_huggingface("ada/mine")
    assert [list(row) for row in table.rows] == [["good", "pos"], ["bad", "neg"]]


@pytest.mark.parametrize(
    "files",
    [
        "{elsewhere}/x.csv",
        "[{{split: train, path: '{elsewhere}/x.csv'}}]",
        "[{{split: train, path: [train.csv, '{elsewhere}/x.csv']}}]",
        "'zip://x.csv::{elsewhere}/x.zip'",
        "'hf://datasets/a/b/x.zip::{elsewhere}/x.zip'",
        "s3://bucket/x.csv",
        "/etc/passwd",
        "file:///etc/passwd",
        "../../other/x.csv",
        "~/.ssh/id_rsa",
    ],
)
@pytest.mark.parametrize("name", ["README__md", "__huggingface__yaml"])
def test_a_data_set_that_names_data_on_other_servers_or_on_this_machine_is_refused_before_anything_is_asked(
    hub, files, name
):
    said = readme(files.format(elsewhere=f"{hub.url}/elsewhere"))
    hub.put("ada/mine", train__csv=ROWS, **{name: said if name == "README__md" else said.split("---")[1]})
    with pytest.raises(WorkbenchError, match="The data set ada/mine refers to data that is not on the hub: ") as error:
        read_huggingface("ada/mine")
    assert "Nothing was requested from there" in error.value.hint
    assert not [path for path in hub.asked if path.startswith("/elsewhere")]


def test_a_data_set_that_is_code_is_not_run_and_said_to_be_code(hub, tmp_path):
    ran = tmp_path / "ran"
    hub.put("ada/mine", mine__py=f"open({str(ran)!r}, 'w')", train__csv=ROWS)
    with pytest.raises(WorkbenchError, match="can only be read by running its code"):
        read_huggingface("ada/mine")
    assert not ran.exists()


@pytest.mark.parametrize(
    "name",
    [
        "csv",
        "json",
        "text",
        "parquet",
        "imagefolder",
        "http://127.0.0.1:1/x",
        "hf://buckets/a/b",
        "a/b/c",
        "a/../b",
        "x.py/..",
        "a b",
    ],
)
def test_what_is_no_name_on_the_hub_is_refused_without_asking_or_reading_the_folder_one_stands_in(
    hub, name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for suffix in ("csv", "json", "txt"):
        (tmp_path / f"private.{suffix}").write_text("text\nsecret\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="There is no data set"):
        read_huggingface(name)
    assert hub.asked == []


def test_a_data_set_that_is_not_there_is_said_not_to_be(hub):
    with pytest.raises(WorkbenchError, match="There is no data set ada/none"):
        read_huggingface("ada/none")


def test_pictures_of_a_data_set_on_the_hub_come_with_their_bytes_and_the_folder_as_label(hub):
    red, blue = picture(color="red"), picture(color="blue")
    hub.files["ada/zoo"] = {"train/cat/1.png": red, "train/dog/2.png": blue}
    kept: dict[str, bytes] = {}

    def keep(data, name):
        kept[name] = data
        return f"kept {name}"

    table = read_huggingface("ada/zoo", keep=keep)
    assert table.columns == ("image", "label")
    assert [list(row) for row in table.rows] == [["kept 1.png", "cat"], ["kept 2.png", "dog"]]
    assert kept == {"1.png": red, "2.png": blue}
