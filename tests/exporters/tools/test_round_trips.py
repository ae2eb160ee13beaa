"""What is written for another tool is read back the same: every format, every kind that it carries."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exporters import TOOL_EXPORTERS, Word
from core.importers import read_table, recognise
from core.model import Item, Said, Task
from core.model import QuestionKind as Kind
from tests.exporters.tools.written import read, spoken, task_of, write

COLUMNS = {
    "label_studio": {kind: "label" for kind in Kind} | {Kind.PREFERENCE: "y,x"},
    "argilla": {kind: "label" for kind in Kind},
    "kili": {kind: "CLASSIFICATION_JOB" for kind in Kind}
    | {
        Kind.SPANS: "NAMED_ENTITIES_RECOGNITION_JOB",
        Kind.PREFERENCE: "COMPARISON_JOB",
        Kind.TEXT: "TRANSCRIPTION_JOB",
    },
    "doccano": {kind: "label" for kind in Kind},
    "prodigy": {kind: "label" for kind in Kind},
    "spacy": {kind: "cats" for kind in Kind} | {Kind.SPANS: "entities"},
    "docbin": {kind: "cats" for kind in Kind} | {Kind.SPANS: "entities"},
}
"""Where each format is read to; the others have tests of their own."""
OTHERWISE = {"conll", "datasets", "trl_pairs", "openai_pairs"}
PAIRS = [(key, kind, over) for key in COLUMNS for kind in sorted(TOOL_EXPORTERS[key].kinds) for over in (False, True)]


def test_every_format_has_its_round_trip() -> None:
    assert set(TOOL_EXPORTERS) == {*COLUMNS, *OTHERWISE}


@pytest.mark.parametrize("key", ["kili", "spacy", "docbin"])
def test_levels_that_are_numbers_come_back_as_a_rating_where_the_tool_has_labels_alone(
    key: str, tmp_path: Path
) -> None:
    task = task_of(Kind.RATING)
    told = [(Item(n, f"text number {n}"), [Word("ana", False, str(1 + n % 5))]) for n in range(1, 9)]
    table = read_table(write(tmp_path, key, task, told))
    found = recognise(table)
    assert (found.kind, found.columns.labels) == (Kind.RATING, (COLUMNS[key][Kind.RATING],))
    told = [(item, [Word("ana", False, "PER")]) for item, _ in told]
    assert recognise(read_table(write(tmp_path, key, task_of(Kind.SINGLE_LABEL), told))).kind is Kind.SINGLE_LABEL


def test_texts_go_to_doccano_and_come_back_as_texts(tmp_path: Path) -> None:
    told = [(Item(n, f"text {n}"), [Word("ana", False, f"somebody wrote this about {n}")]) for n in range(1, 6)]
    table = read_table(write(tmp_path, "doccano", task_of(Kind.TEXT), told))
    found = recognise(table)
    assert (found.kind, found.columns.text, found.columns.labels) == (Kind.TEXT, ("text",), ("label",))
    assert table.notes[0].startswith("Recognised as a doccano export of texts: 5 items, 5 rows, 1 annotator, texts in")


def carried(key: str, task: Task, said: Said) -> Said | None:
    """What of an answer its format can hold, as it says of itself; None where that is nothing."""
    if key == "argilla" and said == ():
        return None
    if task.type is Kind.RANKING and key == "label_studio":
        return tuple(tuple(sorted(map(str, group))) for group in said)
    if task.type is Kind.PREFERENCE:
        outcome = str(said).replace("much ", "")
        return None if outcome == "Tie" and key == "label_studio" else outcome
    return said


@pytest.mark.parametrize(("key", "kind", "may_overlap"), [one for one in PAIRS if one[1] is Kind.SPANS or not one[2]])
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_what_is_written_comes_back(key: str, kind: Kind, may_overlap: bool, data: st.DataObject) -> None:
    task = task_of(kind, may_overlap=may_overlap)
    told = data.draw(spoken(task))
    is_of_one = key in ("spacy", "docbin")
    column = "sc" if is_of_one and may_overlap else COLUMNS[key][kind]
    with tempfile.TemporaryDirectory() as folder:
        found = read(write(Path(folder), key, task, told), task, column)
    expected: dict[str, dict[str, Said]] = {}
    for item, words in told:
        for one in words[:1] if is_of_one else words:
            if (held := carried(key, task, one.said)) is not None:
                expected.setdefault(item.text, {})["" if is_of_one else one.annotator] = held
    assert found == expected
