"""A project's annotations on the Hugging Face hub: private unless said otherwise, refused in a sentence, and the token
goes nowhere but there."""

import io
import logging
import time
from types import SimpleNamespace

import pytest

from core.errors import WorkbenchError
from core.model import TableData
from core.services.data.bringing import ImportChoice
from tests.fakes.written_hub import written_hub

ROWS = [("one", "a", "b"), ("two", "b", "b"), ("three", "a", "a")]


@pytest.fixture
def hub(monkeypatch):
    with written_hub() as one:
        for place in ("datasets.config.HF_ENDPOINT", "huggingface_hub.constants.ENDPOINT"):
            monkeypatch.setattr(place, one.url)
        # Between its tries the library waits for seconds.
        waiting = SimpleNamespace(sleep=lambda seconds: None, time=time.time, monotonic=time.monotonic)
        monkeypatch.setattr("huggingface_hub.utils._http.time", waiting)
        yield one


@pytest.fixture
def project(workbench, hub, monkeypatch):
    monkeypatch.setitem(workbench.settings.environment, "HF_TOKEN", hub.token)
    choice = ImportChoice("Mine & yours", ("text",), ("ana", "ben"))
    return workbench.data.import_table(TableData(("text", "ana", "ben"), ROWS), choice)


def test_a_data_set_is_pushed_private_with_every_annotator_and_a_page_that_names_its_files(workbench, hub, project):
    import pyarrow.parquet as parquet

    address = workbench.hub.push(project, "ada/mine")
    assert address == f"{hub.url}/datasets/ada/mine" and hub.private == {"ada/mine": True}
    files = hub.files["ada/mine"]
    assert set(files) == {"README.md", "data/all-00000-of-00001.parquet"}
    assert "path: data/all-*.parquet" in files["README.md"].decode() and "# Mine & yours" in files["README.md"].decode()
    held = parquet.read_table(io.BytesIO(files["data/all-00000-of-00001.parquet"]))
    assert held.column("text").to_pylist() == ["one", "two", "three"]
    assert held.column("label:ana").to_pylist() == [0, 1, 0] and b'"names"' in held.schema.metadata[b"huggingface"]


def test_what_is_there_already_stays_but_for_the_same_splits(workbench, hub, project):
    hub.files["ada/mine"], hub.private["ada/mine"] = {"README.md": b"ours", "x.csv": b"1"}, True
    workbench.hub.push(project, "ada/mine")
    assert hub.files["ada/mine"]["README.md"] == b"ours" and hub.files["ada/mine"]["x.csv"] == b"1"
    assert len(hub.files["ada/mine"]) == 3


def test_a_public_data_set_gets_nothing_unless_it_may_be_public(workbench, hub, project):
    hub.files["ada/mine"], hub.private["ada/mine"] = {}, False
    with pytest.raises(WorkbenchError, match="everybody can read it"):
        workbench.hub.push(project, "ada/mine")
    assert hub.files["ada/mine"] == {}
    workbench.hub.push(project, "ada/mine", private=False)
    assert hub.files["ada/mine"]


def says(status):
    return lambda hub: setattr(hub, "says", status)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (says(401), "does not know this token"),
        (lambda hub: setattr(hub, "may_write", False), "may not write to ada/mine"),
        (says(404), "There is no ada/mine on the hub"),
        (says(418), "with status 418"),
        (lambda hub: setattr(hub, "cuts", "create"), "connection to the hub broke off"),
        (lambda hub: setattr(hub, "cuts", "commit"), "connection to the hub broke off"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence_without_the_token_and_nothing_is_written(
    workbench, hub, project, change, sentence, caplog
):
    change(hub)
    with caplog.at_level(logging.DEBUG), pytest.raises(WorkbenchError, match=sentence) as said:
        workbench.hub.push(project, "ada/mine")
    assert said.value.hint and hub.token not in f"{said.value.message} {said.value.hint} {said.value.__cause__}"
    assert hub.files.get("ada/mine", {}) == {} and hub.token not in caplog.text


@pytest.mark.parametrize(
    "name", ["", "mine", "a/b/c", "../x", "ada/..", "ada/mi ne", "ада/моё", "https://x/y", "a/b--c"]
)
def test_a_name_that_none_can_have_is_refused_before_anything_is_asked(workbench, hub, project, name):
    with pytest.raises(WorkbenchError, match="no name of a data set"):
        workbench.hub.push(project, name)
    assert hub.asked == []


def test_without_a_token_nothing_is_asked_whatever_the_library_has_in_a_file(
    workbench, hub, project, monkeypatch, tmp_path
):
    monkeypatch.delitem(workbench.settings.environment, "HF_TOKEN")
    (tmp_path / "token").write_text("hf_of_the_library")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    assert not workbench.hub.has_token()
    with pytest.raises(WorkbenchError, match="no token"):
        workbench.hub.push(project, "ada/mine")
    assert hub.asked == []


def test_a_typed_token_goes_before_that_of_the_environment_and_is_kept_in_no_file(workbench, hub, project):
    hub.token = "hf_typed9c51d2e84b06"
    with pytest.raises(WorkbenchError, match="does not know this token"):
        workbench.hub.push(project, "ada/mine")
    workbench.hub.type_token(f" {hub.token}\n")
    workbench.hub.push(project, "ada/mine")
    assert hub.token in hub.tokens and hub.token not in repr(workbench.hub)
    for path in workbench.settings.data_dir.rglob("*"):
        assert not path.is_file() or hub.token.encode() not in path.read_bytes()
    assert all(hub.token.encode() not in content for content in hub.files["ada/mine"].values())
    workbench.hub.forget_token()
    with pytest.raises(WorkbenchError, match="does not know this token"):
        workbench.hub.push(project, "ada/mine")


def test_a_token_with_what_no_header_takes_is_refused_without_being_repeated(workbench):
    with pytest.raises(WorkbenchError) as said:
        workbench.hub.type_token("hf_a b")
    assert "hf_a" not in str(said.value)
