"""The other programs' own libraries read what is written for them.

`datasets` comes with the product; spaCy and Label Studio's SDK are installed for the tests alone.
"""

import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exporters import TOOL_EXPORTERS, Word
from core.importers import read_huggingface
from core.model import Item, Label, Options, Span, Split, Task
from core.model import QuestionKind as Kind
from tests.exporters.tools.written import json_lines, said_in, spoken, task_of, write

SPANS = [(kind, over) for kind in sorted(TOOL_EXPORTERS["docbin"].kinds) for over in (False, True)]
SPANS = [(kind, over) for kind, over in SPANS if kind is Kind.SPANS or not over]


@pytest.mark.parametrize("kind", sorted(TOOL_EXPORTERS["datasets"].kinds))
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_datasets_loads_every_annotator_with_the_names_of_labels(kind: Kind, data: st.DataObject) -> None:
    from datasets import load_from_disk

    task = task_of(kind)
    told = data.draw(spoken(task))
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(write(Path(folder), "datasets", task, told)).extractall(f"{folder}/out")
        held = load_from_disk(f"{folder}/out")["all"]
        rows, features = list(held), held.features
        table = read_huggingface(f"{folder}/out", split="all")
    classes = features["label:ana"]
    classes = {
        Kind.SPANS: lambda: classes.feature["label"],
        Kind.SEVERAL_LABELS: lambda: classes.feature,
        Kind.RANKING: lambda: classes.feature.feature,
    }.get(kind, lambda: classes)()
    name_of = str if kind is Kind.TEXT else classes.int2str
    if kind is not Kind.TEXT:
        assert classes.names == [label.name for label in task.choices]
    for (item, words), row in zip(told, rows, strict=True):
        assert (row["text"], row["other"]) == (item.text, "=1")
        for one in words:
            held = row[f"label:{one.annotator}"]
            if kind is Kind.SPANS:
                said = tuple(Span(mark["start"], mark["end"], name_of(mark["label"])) for mark in held)
            elif kind is Kind.RANKING:
                said = tuple(tuple(map(name_of, group)) for group in held)
            else:
                said = tuple(map(name_of, held)) if isinstance(held, list) else name_of(held)
            assert said == one.said
    places = {name: table.columns.index(name) for name in ("text", "label:ana")}
    again = {row[places["text"]]: said_in(kind, row[places["label:ana"]]) for row in table.rows}
    assert again == {item.text: words[0].said for item, words in told}


def test_a_data_set_a_split_and_nothing_where_nothing_is_said(tmp_path: Path) -> None:
    from datasets import load_from_disk

    items = [Item(n, f"text {n}", split=split) for n, split in enumerate((Split.TRAIN, Split.TEST, None), start=1)]
    told = [(items[0], [Word("ana", False, "PER")]), (items[1], []), (items[2], [Word("ben", False, "NOUN")])]
    path = write(tmp_path, "datasets", task_of(Kind.SINGLE_LABEL), told)
    zipfile.ZipFile(path).extractall(tmp_path / "out")
    held = load_from_disk(str(tmp_path / "out"))
    assert {split: list(one["label:ana"]) for split, one in held.items()} == {
        "train": [0],
        "test": [None],
        "all": [None],
    }


@pytest.mark.parametrize(("kind", "may_overlap"), SPANS)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_spacy_loads_the_docbin_with_the_very_text_and_marks(
    kind: Kind, may_overlap: bool, data: st.DataObject
) -> None:
    spacy = pytest.importorskip("spacy")
    task = task_of(kind, may_overlap=may_overlap)
    told = data.draw(spoken(task))
    with tempfile.TemporaryDirectory() as folder:
        held = spacy.tokens.DocBin().from_disk(write(Path(folder), "docbin", task, told))
        docs = list(held.get_docs(spacy.blank("xx").vocab))
    assert [doc.text for doc in docs] == [item.text for item, _ in told]
    for (_, words), doc in zip(told, docs, strict=True):
        if kind is Kind.SPANS:
            marks = doc.spans["sc"] if may_overlap else doc.ents
            assert {(one.start_char, one.end_char, one.label_) for one in marks} == set(words[0].said)
        else:
            chosen = [name for name, share in doc.cats.items() if share]
            assert sorted(chosen) == sorted([words[0].said] if isinstance(words[0].said, str) else words[0].said)


def test_spacy_learns_from_the_pairs_in_json(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.training import Example

    told = [(Item(1, "Ann met Ben."), [Word("ana", False, (Span(0, 3, "PER"), Span(8, 11, "PER")))])]
    nlp = spacy.blank("en")
    pairs = json.loads(write(tmp_path, "spacy", task_of(Kind.SPANS), told).read_text(encoding="utf-8"))
    (example,) = [Example.from_dict(nlp.make_doc(text), given) for text, given in pairs]
    assert [(one.text, one.label_) for one in example.reference.ents] == [("Ann", "PER"), ("Ben", "PER")]


@pytest.mark.parametrize("kind", sorted(TOOL_EXPORTERS["label_studio"].kinds))
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_label_studio_takes_tasks_annotations_and_predictions_under_our_configuration(
    kind: Kind, data: st.DataObject
) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    task = task_of(kind)
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), "label_studio", task, data.draw(spoken(task)))
        written = json.loads(path.read_text(encoding="utf-8"))
        config = (Path(folder) / "label_config.xml").read_text(encoding="utf-8")
    asked = interface.LabelInterface(config)
    asked.validate()
    for one in written:
        assert asked.validate_task({"data": one["data"]}) is True
        for said in (*one["annotations"], *one["predictions"]):
            assert asked.validate_prediction(said, return_errors=True) == []


def test_pairs_have_the_keys_of_trl_and_of_openai(tmp_path: Path) -> None:
    task = task_of(Kind.PREFERENCE)
    item = Item(1, "Why?", fields={"x": "because", "y": "so"})
    told = [(item, [Word("ana", False, "First is much better"), Word("ben", False, "Tie")])]
    told.append((Item(2, "When?", fields={"x": "now", "y": "later"}), [Word("ana", False, "Second is better")]))
    assert json_lines(write(tmp_path, "trl_pairs", task, told)) == [
        {"prompt": "Why?", "chosen": "so", "rejected": "because"},
        {"prompt": "When?", "chosen": "now", "rejected": "later"},
    ]
    assert json_lines(write(tmp_path, "openai_pairs", task, told))[0] == {
        "input": {"messages": [{"role": "user", "content": "Why?"}]},
        "preferred_output": [{"role": "assistant", "content": "so"}],
        "non_preferred_output": [{"role": "assistant", "content": "because"}],
    }


def test_a_ranking_becomes_a_pair_for_each_two_that_it_tells_apart(tmp_path: Path) -> None:
    labels = tuple(Label(name) for name in ("x", "y", "z"))
    options = Options(candidates=("x", "y", "z"))
    task = Task(labels, Label("UNABLE", is_fallback=True), type=Kind.RANKING, options=options)
    item = Item(1, "Why?", fields={"x": "because", "y": "so", "z": "well"})
    told = [(item, [Word("ana", False, (("y",), ("x", "z"))), Word("ben", False, (("x", "y", "z"),))])]
    assert json_lines(write(tmp_path, "trl_pairs", task, told)) == [
        {"prompt": "Why?", "chosen": "so", "rejected": "because"},
        {"prompt": "Why?", "chosen": "so", "rejected": "well"},
    ]


def test_what_people_made_of_models_texts_goes_before_it_in_pairs(tmp_path: Path) -> None:
    told = [
        (Item(1, "Say it."), [Word("ana", False, "better"), Word("ben", False, "worse"), Word("m", True, "worse")]),
        (Item(2, "Again."), [Word("ana", False, "same"), Word("m", True, "same")]),
        (Item(3, "More."), [Word("m", True, "alone")]),
    ]
    assert json_lines(write(tmp_path, "trl_pairs", task_of(Kind.TEXT), told)) == [
        {"prompt": "Say it.", "chosen": "better", "rejected": "worse"}
    ]
