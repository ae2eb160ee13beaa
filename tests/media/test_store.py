"""Files are known by their bytes, stored once, whole, and found again by what their fields say."""

import hashlib

import pytest

from core.errors import WorkbenchError
from core.media import FORMATS, MediaStore, format_of, is_reference, parse_reference
from core.media import store as storing
from core.model import FieldShow
from tests.fakes.media import picture, sound


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (picture("PNG"), "png"),
        (picture("JPEG"), "jpg"),
        (picture("GIF"), "gif"),
        (picture("WEBP"), "webp"),
        (picture("BMP"), "bmp"),
        (picture("AVIF"), "avif"),
        (sound(), "wav"),
        (b"ID3\x04\0\0\0\0\0\0", "mp3"),
        (b"\xff\xfb\x90\x64" + b"\0" * 60, "mp3"),
        (b"\xff\xf1\x50\x80" + b"\0" * 60, "aac"),
        (b"fLaC\0\0\0\x22", "flac"),
        (b"OggS\0\x02", "ogg"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "m4a"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "mp4"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "webm"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_file_is_what_its_bytes_say(data, extension):
    assert format_of(data) is FORMATS[extension]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"hello, this is text", "not a known format"),
        (picture("TIFF"), "is TIFF, which browsers do not show"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is HEIC"),
        (b"RIFF\0\0\0\0AVI LIST", "is AVI"),
        (b'<svg xmlns="x">', "is SVG"),
        (b"BMW is a car maker, and this is no bitmap", "not a known format"),
        (b"\xff\xff\xff\xff" * 16, "not a known format"),
        (b"\xff\xfeh\0i\0", "not a known format"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(data, sentence, tmp_path):
    with pytest.raises(WorkbenchError, match=sentence):
        MediaStore(tmp_path).put(data)
    assert list(tmp_path.rglob("*")) == []


def test_a_file_too_large_is_refused_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(storing, "MAX_BYTES", 2**20)
    with pytest.raises(WorkbenchError, match="has 2 MB; the limit is 1 MB"):
        MediaStore(tmp_path).put(picture() + b"\0" * 2**21)
    assert list(tmp_path.rglob("*")) == []


def test_the_same_bytes_are_one_file_named_by_their_hash(tmp_path):
    store, data = MediaStore(tmp_path), picture()
    first, again = store.put(data), store.put(data)
    digest = hashlib.sha256(data).hexdigest()
    assert str(first) == str(again) == f"media:{digest}.png"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / digest[:2] / f"{digest}.png"]
    assert store.has(first) and store.read(str(first)) == data
    assert first.format.show is FieldShow.PICTURE


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storing.os, "replace", full)
    with pytest.raises(WorkbenchError, match="No space left on device"):
        MediaStore(tmp_path).put(picture())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "media:",
        "media:abc.png",
        f"media:{'a' * 64}.exe",
        f"media:{'A' * 64}.png",
        f" media:{'a' * 64}.png",
        f"media:{'a' * 64}.png\n",
        f"media:../{'a' * 61}.png",
    ],
)
def test_only_a_reference_is_one(text, tmp_path):
    assert not is_reference(text) and not MediaStore(tmp_path).has(text)
    with pytest.raises(WorkbenchError, match="does not name a stored file"):
        MediaStore(tmp_path).path(text)


def test_a_file_that_is_gone_is_said_to_be_missing(tmp_path):
    gone = parse_reference(f"media:{'a' * 64}.wav")
    assert gone is not None and gone.format.show is FieldShow.SOUND
    with pytest.raises(WorkbenchError, match="is missing from"):
        MediaStore(tmp_path).read(gone)
