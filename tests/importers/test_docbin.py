"""DocBins of spaCy: read without it, and refused in a sentence where they are none."""

import zlib
from pathlib import Path

import pytest

from core.docbin import Document, Marked, Writer
from core.docbin.message_pack import packed, unpacked
from core.docbin.strings import key_of
from core.errors import WorkbenchError
from core.importers import format_of, read_table, recognise
from core.model import QuestionKind

ANN = Document(["Ann", "met", "Ben"], [True, True, False], [Marked(0, 1, "PERSON"), Marked(2, 3, "x y")])


def docbin(*documents: Document) -> bytes:
    writer = Writer()
    for one in documents:
        writer.add(one)
    return writer.to_bytes()


@pytest.mark.parametrize(
    ("text", "key"),
    [("PER", 4317129024397789502), ("PERSON", 380), ("ORTH", 65), ("", 0), ("IS_ALPHA", 1), ("PROPN", 96)],
)
def test_strings_have_the_numbers_that_spacy_gives_them(text: str, key: int) -> None:
    assert key_of(text) == key


def test_a_docbin_is_known_by_its_content_and_its_entities_are_spans(tmp_path: Path) -> None:
    path = tmp_path / "train.bin"
    path.write_bytes(docbin(ANN, Document(["none"], [False], [])))
    assert format_of(path) == "docbin"
    table = read_table(path)
    found = recognise(table)
    assert (found.kind, found.columns.text, found.columns.labels) == (QuestionKind.SPANS, ("text",), ("entities",))
    assert [row[0] for row in table.rows] == ["Ann met Ben", "none"] and table.rows[1][1] == "[]"
    assert table.rows[0][1] == ('[{"start": 0, "end": 3, "label": "PERSON"}, {"start": 8, "end": 11, "label": "x y"}]')


def changed(**more: object) -> bytes:
    return zlib.compress(packed(unpacked(zlib.decompress(docbin(ANN))) | more))


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (docbin(ANN)[:-8], "cut off or broken"),
        (zlib.compress(b"\x81"), "cut off or broken"),
        (zlib.compress(packed({"a": 1})), "holds something else"),
        (changed(attrs=[77]), "holds something else"),
        (changed(tokens=b"\0" * 9), "do not fit together"),
        (changed(spaces=b"\1"), "do not fit together"),
        (changed(span_groups=[b"\xc1"]), "span groups are broken"),
        (changed(span_groups=[packed({b"\x80": ["sc"]})]), "span groups are broken"),
        (zlib.compress(b"\x91" * 3_000), "holds something else|cut off or broken"),
        (docbin(), "contains no documents"),
        (b"no such thing at all", "no DocBin"),
    ],
)
def test_what_is_no_docbin_is_refused_in_a_sentence(tmp_path: Path, held: bytes, why: str) -> None:
    path = tmp_path / "train.spacy"
    path.write_bytes(held)
    with pytest.raises(WorkbenchError, match=why):
        read_table(path)


def test_unknown_spaces_are_said(tmp_path: Path) -> None:
    path = tmp_path / "train.spacy"
    path.write_bytes(changed(flags=[{"has_unknown_spaces": True}]))
    assert any("not known where blanks were" in note for note in read_table(path).notes)
