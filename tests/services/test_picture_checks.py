"""Before anything is uploaded: which pictures no host learns from, and how much there would be to send."""

import io
import re

import pytest
from PIL import Image

from core.finetune.facts import Facts
from core.media import MediaStore
from core.services.learning import pictures
from core.services.learning.pictures import media_checks


def saved(kind="PNG", mode="RGB", **more):
    file = io.BytesIO()
    Image.new(mode, (4, 4)).save(file, kind, **more)
    return file.getvalue()


def checked(store, *references, **more):
    facts = Facts(shown=dict(zip(references, range(7, 99), strict=False)), most_shown=1, **more)
    facts.times.update(references)
    return media_checks((facts, Facts()), store)


@pytest.fixture
def store(tmp_path):
    return MediaStore(tmp_path)


def test_good_pictures_are_counted_with_what_they_take(store):
    good = [str(store.put(saved(kind))) for kind in ("PNG", "JPEG", "WEBP")]
    [check] = checked(store, *good)
    assert check.level == "ok" and re.match(r"3 files, [1-9][\d.]* kB as they are sent", check.finding)
    assert "not masked" in check.finding


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (saved("GIF"), "GIF files, which no host learns from: 1 item (7)."),
        (saved("JPEG", "CMYK"), "Pictures in CMYK colours: 1 item (7)."),
        (saved()[:20], "Damaged pictures"),
        (saved("WEBP", save_all=True, append_images=[Image.new("RGB", (4, 4), "red")]), "Animated pictures: 1 item"),
    ],
    ids=["gif", "cmyk", "cut off", "animated"],
)
def test_what_no_host_learns_from_blocks_with_its_items(store, data, said):
    [check] = checked(store, str(store.put(data)))
    assert check.level == "blocker" and check.finding.startswith(said) and "Convert them" in check.todo


def test_a_file_that_is_gone_or_too_large_or_too_much_blocks(store, monkeypatch):
    [check] = checked(store, f"media:{'a' * 64}.png")
    assert check.finding == "Missing files: 1 item (7)."
    picture = str(store.put(saved()))
    monkeypatch.setattr(pictures, "MOST_OF_A_FILE", 10)
    assert "hosts take 0 kB" in checked(store, picture)[0].finding
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    pictures._wrong_at.cache_clear()
    assert "Larger than 0 MB" in checked(store, picture)[0].finding
    monkeypatch.setattr(pictures, "MOST_A_LINE", 0)
    assert "A line shows 1 pictures" in checked(store, picture)[0].finding


def test_examples_of_text_have_nothing_to_be_looked_at(store):
    assert media_checks((Facts(), Facts()), store) == ()
