"""All questions about the items in one file of another tool: what is written comes back, by everybody who said it, to
the question it was said to; and the tools' own libraries read it."""

import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exporters import NO_FILES, TOOL_EXPORTERS, Asked, Word
from core.importers import read_table, unlisted
from core.model import Item, Label, Said, Task
from core.model import QuestionKind as Kind
from tests.exporters.tools.written import FALLBACK, TEXTS, said_in, said_to, task_of

TOOLS = [key for key, tool in TOOL_EXPORTERS.items() if tool.of_all]
TITLES = {
    Kind.SINGLE_LABEL: "Toxic?",
    Kind.SEVERAL_LABELS: "Which kinds?",
    Kind.SPANS: "Where?",
    Kind.RATING: "How bad?",
}
TITLES |= {Kind.TEXT: "Say it better", Kind.RANKING: "Which order?", Kind.PREFERENCE: "Which is better?"}
WHO = (("ana", False), ("ben, b.", False), ("model m7", True))


def asked_of(key: str) -> list[Asked]:
    """A question of each kind that the tool can ask; the spans hang on the labels, the rating on the sets."""
    asked = [
        Asked(f"q_{kind.value}", task_of(kind), TITLES[kind]) for kind in Kind if kind in TOOL_EXPORTERS[key].kinds
    ]
    hanging = {Kind.SPANS: (Kind.SINGLE_LABEL, ("PER", "NOUN")), Kind.RATING: (Kind.SEVERAL_LABELS, ("PER", "😀"))}
    return [
        one._replace(on=f"q_{hanging[one.task.type][0].value}", labels=hanging[one.task.type][1])
        if one.task.type in hanging
        else one
        for one in asked
    ]


Told = list[tuple[Item, list[list[Word]]]]


@st.composite
def told(draw: st.DrawFn, asked: Sequence[Asked]) -> Told:
    """Items with what two people and a model say to each question; to one that hangs on another only where that has
    one of its labels. The first is labelled by all in any case, so that the file tells what is asked."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=3, unique_by=lambda text: " ".join(text.split())))
    items = [Item(n, text, fields={"x": "the x", "y": "the y"}) for n, text in enumerate(texts, start=1)]
    found: Told = []
    for item in items:
        by_question: list[list[Word]] = []
        said: dict[tuple[str, str], Said] = {}
        for one in asked:
            words = []
            for name, is_model in WHO:
                above = said.get((one.on, name), ())
                is_asked = not one.on or bool({above if isinstance(above, str) else "", *above} & {*one.labels})
                if is_asked and (item.id == 1 or draw(st.booleans())):
                    said[one.name, name] = draw(said_to(one.task, item, item.id == 1))
                    words.append(Word(name, is_model, said[one.name, name]))
            by_question.append(words)
        found.append((item, by_question))
    return found


def write(folder: Path, key: str, asked: Sequence[Asked], said: Told) -> Path:
    tool, out = TOOL_EXPORTERS[key], io.BytesIO()
    assert tool.of_all and tool.settings
    tool.pack(asked[0].task, tool.of_all.records(asked, said), out, NO_FILES)
    path = folder / f"data{tool.suffix}"
    path.write_bytes(out.getvalue())
    (folder / tool.settings.file).write_text(tool.of_all.settings(asked, NO_FILES), encoding="utf-8")
    return path


def _names(said: Said) -> Sequence[str]:
    return [said] if isinstance(said, str) else [one for one in said if isinstance(one, str)]


def column_of(key: str, one: Asked) -> str:
    """Where the answers to a question are read to: under its title, or where a tool has none its name there."""
    if key == "label_studio":
        return "y,x" if one.task.type is Kind.PREFERENCE else one.name
    return one.title


def carried(key: str, one: Asked, said: Said) -> Said | None:
    """What of an answer the format can hold, as it says of itself."""
    if said == () and one.task.type in (Kind.SPANS, Kind.SEVERAL_LABELS):
        return None if key == "argilla" else said
    if one.task.type is Kind.RANKING and key == "label_studio":
        return tuple(tuple(sorted(map(str, group))) for group in said)
    if one.task.type is Kind.PREFERENCE:
        outcome = str(said).replace("much ", "")
        return None if outcome == "Tie" and key == "label_studio" else outcome
    return said


@pytest.mark.parametrize("key", TOOLS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_all_questions_come_back_by_everybody_each_as_its_kind(key: str, data: st.DataObject) -> None:
    asked = asked_of(key)
    said = data.draw(told(asked))
    with tempfile.TemporaryDirectory() as folder:
        table = read_table(write(Path(folder), key, asked, said))
    assert not table.problems
    kinds = {one.name: one.kind for one in table.answers}
    text, who = table.columns.index("text"), table.columns.index("annotator")
    for place, one in enumerate(asked):
        expected = {
            (item.text, word.annotator): held
            for item, words in said
            for word in words[place]
            if (held := carried(key, one, word.said)) is not None
        }
        column = column_of(key, one)
        if not expected:
            continue
        assert kinds[column] == one.task.type
        at = table.columns.index(column)
        cells = (
            unlisted([row[at] for row in table.rows]) if one.task.type is Kind.TEXT else [row[at] for row in table.rows]
        )
        found = {
            (row[text], row[who]): held
            for row, cell in zip(table.rows, cells, strict=True)
            if row[who] and (held := said_in(one.task.type, cell)) is not None
        }
        # Who submits something and marks nothing says that there is none; but where the question was not asked.
        silent = {
            (item.text, word.annotator)
            for item, words in said
            for at, other in enumerate(asked)
            if not one.on or other.name == one.on or key == "argilla"
            for word in words[at]
            if not one.on or not {*_names(word.said)}.isdisjoint(one.labels) or key == "argilla"
        }
        spoken = {pair for pair, held in found.items() if held != () or pair in expected or pair not in silent}
        assert {pair: found[pair] for pair in spoken} == expected


def test_a_question_that_hangs_on_another_is_nested_in_kili_and_shown_there_alone_in_label_studio() -> None:
    asked = asked_of("kili")
    kili = TOOL_EXPORTERS["kili"].of_all
    studio = TOOL_EXPORTERS["label_studio"].of_all
    assert kili and studio
    jobs = json.loads(kili.settings(asked, NO_FILES))["jobs"]
    children = {one["name"]: one["children"] for one in jobs["Q_SINGLE_LABEL"]["content"]["categories"].values()}
    assert [name for name, held in children.items() if held == ["Q_SPANS"]] == ["PER", "NOUN"]
    assert jobs["Q_SPANS"]["isChild"] and jobs["Q_RATING"]["isChild"] and not jobs["Q_SINGLE_LABEL"]["isChild"]
    item = Item(1, "text")
    words = [[Word("ana", False, "PER")] if one.name == "q_single_label" else [] for one in asked]
    place = next(at for at, one in enumerate(asked) if one.name == "q_spans")
    words[place] = [Word("ana", False, ())]
    (asset,) = kili.records(asked, [(item, words)])
    (category,) = asset["labels"][0]["jsonResponse"]["Q_SINGLE_LABEL"]["categories"]
    assert category == {"name": "PER", "children": {"Q_SPANS": {"annotations": []}}}
    config = studio.settings(asked_of("label_studio"), NO_FILES)
    where = 'visibleWhen="choice-selected" whenTagName="q_single_label" whenChoiceValue="PER,NOUN"'
    assert f"  <View {where}>\n  <Labels" in config


def test_what_is_said_without_what_it_hangs_on_stands_beside_it_in_kili_and_comes_back(tmp_path: Path) -> None:
    asked = [one for one in asked_of("kili") if one.name in ("q_single_label", "q_spans")]
    said: Told = [(Item(1, "text"), [[Word("ana", False, 'a, "b"; c')], [Word("ana", False, ())]])]
    table = read_table(write(tmp_path, "kili", asked, said))
    assert dict(zip(table.columns, table.rows[0], strict=True))["Where?"] == "[]"


NAMED = (Label("poor", score=-2.0), Label("fair, at best", score=0.5), Label("1st class", score=10.0))


@pytest.mark.parametrize("key", ["label_studio", "argilla", "kili", "spacy", "docbin"])
@given(scores=st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3, unique=True))
@settings(max_examples=10, deadline=None)
def test_levels_with_names_come_back_as_a_rating_with_what_each_counts(key: str, scores: list[float]) -> None:
    levels = tuple(Label(one.name, score=score) for one, score in zip(NAMED, scores, strict=True))
    task = Task(levels, FALLBACK, type=Kind.RATING)
    said = [(Item(n, f"text {n}"), [Word("ana", False, task.names[n % 3])]) for n in range(1, 5)]
    tool, out = TOOL_EXPORTERS[key], io.BytesIO()
    tool.write(task, said, out)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{tool.suffix}"
        path.write_bytes(out.getvalue())
        if tool.settings:
            (Path(folder) / tool.settings.file).write_text(tool.settings.text(task, NO_FILES), encoding="utf-8")
        table = read_table(path)
    (answer,) = table.answers
    counts = dict(zip(answer.labels, answer.scores, strict=False))
    assert (answer.kind, counts) == (Kind.RATING, {one.name: one.score for one in levels})
    at = table.columns.index(answer.name)
    assert [row[at] for row in table.rows] == [words[0].said for _, words in said]


@pytest.mark.parametrize("key", ["spacy", "docbin"])
def test_spacy_reads_ratings_with_what_we_say_of_their_levels(key: str, tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.training import Example

    task, out = Task(NAMED, FALLBACK, type=Kind.RATING), io.BytesIO()
    TOOL_EXPORTERS[key].write(task, [(Item(1, "so so"), [Word("ana", False, "poor")])], out)
    nlp = spacy.blank("en")
    if key == "spacy":
        docs = [Example.from_dict(nlp.make_doc(text), held).reference for text, held in json.loads(out.getvalue())]
    else:
        docs = list(spacy.tokens.DocBin(store_user_data=True).from_bytes(out.getvalue()).get_docs(nlp.vocab))
        assert list(docs[0].user_data) == ["levels of a rating: -2.0, 0.5, 10.0"]
    assert docs[0].cats == {"poor": 1.0, "fair, at best": 0.0, "1st class": 0.0, "UNABLE": 0.0}


@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_label_studio_takes_all_questions_under_our_configuration(data: st.DataObject) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    asked = asked_of("label_studio")
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), "label_studio", asked, data.draw(told(asked)))
        written = json.loads(path.read_text(encoding="utf-8"))
        config = (Path(folder) / "label_config.xml").read_text(encoding="utf-8")
    known = interface.LabelInterface(config)
    known.validate()
    for one in written:
        assert known.validate_task({"data": one["data"]}) is True
        for said in (*one["annotations"], *one["predictions"]):
            assert known.validate_prediction(said, return_errors=True) == []


@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_argilla_takes_the_records_under_our_settings(data: st.DataObject) -> None:
    models = pytest.importorskip("argilla._models")
    from argilla.records._io import JsonIO

    asked = asked_of("argilla")
    said = data.draw(told(asked))
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), "argilla", asked, said)
        held = json.loads((Path(folder) / "settings.json").read_text(encoding="utf-8"))
        records = JsonIO._records_from_json(path)
    assert [models.FieldModel(**one).name for one in held["fields"]] == ["text"]
    questions: dict[str, Any] = {one["name"]: models.QuestionModel(**one) for one in held["questions"]}
    assert {name: one.title for name, one in questions.items()} == {one.name: one.title for one in asked}
    assert [one["value"] for one in questions["q_rating"].settings.options] == [1, 2, 3, 4, 5]
    for record, (_, words) in zip(records, said, strict=True):
        assert set(record.responses.to_dict()) == {
            one.name
            for one, own in zip(asked, words, strict=True)
            if any(not word.is_model and carried("argilla", one, word.said) is not None for word in own)
        }
