"""What was exported and is added to the project it is from is here already, in every format and for every kind."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.exporters import EXPORTERS, TOOL_EXPORTERS
from core.importers import FurtherQuestion
from core.model import AnnotatorKind, QuestionKind, Split, TableData
from core.services.data.bringing import ImportChoice, ItemFilter, mapped
from core.services.data.sources import Source, read_source, recognise
from core.services.data.words import usual_names
from core.services.review.storing import Decision
from core.tasks import TASKS
from tests.fakes.media import picture, sound
from tests.fakes.waiting import finished

TEXTS = (
    "Ann met Ben at the station in Rome today",
    "The treaty was signed by both sides in Geneva",
    "Rain stopped play before lunch on friday again",
    "Stocks fell sharply after the report came out",
    "The goalkeeper saved a late penalty at home",
)
SAID = {
    QuestionKind.SINGLE_LABEL: ("abaab", "bbaaa"),
    QuestionKind.SEVERAL_LABELS: (
        ('["a","b"]', '["c"]', "[]", '["a"]', '["b"]'),
        ('["a"]', '["c"]', "[]", "[]", '["b"]'),
    ),
    QuestionKind.RATING: ("12345", "21335"),
    QuestionKind.SPANS: (
        ('[[0,3,"PER"]]', '[[4,10,"X Y"]]', "[]", '[[0,6,"ORG"]]', '[[4,14,"PER"]]'),
        ('[[0,3,"PER"],[8,11,"PER"]]', "[]", '[[0,4,"PER"]]', '[[0,6,"PER"]]', "[]"),
    ),
    QuestionKind.PREFERENCE: (
        ("First is better", "Second is better", "First is better", "Second is better", "First is better"),
        ("Second is better", "Second is better", "Second is better", "First is better", "First is better"),
    ),
    QuestionKind.RANKING: (
        ('[["x"],["y"]]', '[["y"],["x"]]', '[["x"],["y"]]', '[["x"],["y"]]', '[["x"],["y"]]'),
        ('[["x"],["y"]]', '[["x"],["y"]]', '[["y"],["x"]]', '[["x"],["y"]]', '[["x"],["y"]]'),
    ),
    QuestionKind.TEXT: (
        tuple(f"summary number {n} by ana" for n in range(5)),
        tuple(f"what a model wrote about {n}" for n in range(5)),
    ),
}
DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
REAL = ("pandalm_pairs.jsonl", "goemotions_dev.csv", "wnut17_dev.conll", "huffpost8_train.csv")
TRAINING = {"trl_pairs", "openai_pairs"}
"""Files to train on hold prompts, and no items to come back to."""


@pytest.fixture(params=[*SAID], ids=str)
def kind(request):
    assert {*SAID} == {*TASKS}
    return request.param


@pytest.fixture(params=[True, False], ids=["with ids", "without ids"])
def project(request, kind, workbench):
    ana, model = SAID[kind]
    compared = ("x", "y") if kind in (QuestionKind.PREFERENCE, QuestionKind.RANKING) else ()
    rows = [
        [f"own{n}", TEXTS[n], f"source {n % 2}", ana[n], model[n], *(f"answer {name} to {n}" for name in compared)]
        for n in range(len(TEXTS))
    ]
    table = TableData(("nr", "text", "source", "ana", "m7", *compared), rows)
    if not request.param:
        table = replace(table, columns=table.columns[1:], rows=[row[1:] for row in rows])
    own = "nr" if request.param else None
    models = frozenset({"m7"})
    choice = ImportChoice("P", ("text",), ("ana", "m7"), own, kind=kind, candidates=compared, models=models)
    project_id = workbench.data.import_table(table, choice)
    workbench.data.split(project_id)
    return project_id


def exported(workbench, project_id, folder, shape, file_format):
    """The path of an export, with the tool's settings beside it."""
    tool = TOOL_EXPORTERS[file_format] if shape == "tool" else None
    path = folder / f"{shape}-{file_format}" / f"export{(tool or EXPORTERS[file_format]).suffix}"
    path.parent.mkdir(parents=True)
    path.write_bytes(workbench.export.file(project_id, shape=shape, file_format=file_format))
    if tool and tool.settings:
        (path.parent / tool.settings.file).write_text(workbench.export.settings(project_id, file_format))
    return path


def as_proposed(workbench, project_id, path):
    """The table and how the page proposes to add it."""
    source = Source(str(path))
    table = workbench.data.about_question(project_id, read_source(source, store=workbench.media.store))
    known = workbench.data.known_columns(project_id)
    found = mapped(table, known)
    columns = found.found.columns
    assert found.misfit == "" and columns.labels
    names = {} if columns.annotator else {**usual_names(table, columns.labels), **found.names}
    choice = ImportChoice(
        "more",
        columns.text,
        columns.labels,
        columns.id,
        first_row=source.first_row,
        annotator_column=columns.annotator,
        annotator_names=names,
        kind=found.found.kind,
        candidates=found.found.candidates,
        skip_empty=True,
        kept_messages=known.messages,
    )
    return table, choice


def test_every_export_is_here_already(project, workbench, tmp_path):
    formats = [("tool", one) for one in workbench.export.tool_formats(project) if one not in TRAINING]
    for shape, file_format in [*((shape, one) for shape in ("long", "wide") for one in EXPORTERS), *formats]:
        table, choice = as_proposed(workbench, project, exported(workbench, project, tmp_path, shape, file_format))
        found = workbench.data.preview(project, table, choice)
        assert found.is_empty and found.known == len(TEXTS), (shape, file_format, found)


def test_what_was_changed_in_an_export_is_a_further_word_of_the_same_annotator(workbench, tmp_path):
    rows = [(text, "ab"[n % 2], "ab"[n % 2]) for n, text in enumerate(TEXTS)]
    choice = ImportChoice("P", ("text",), ("ana", "m7"), models=frozenset({"m7"}))
    project = workbench.data.import_table(TableData(("text", "ana", "m7"), rows), choice)
    for shape, file_format in (("long", "jsonl"), ("tool", "doccano"), ("tool", "label_studio")):
        path = exported(workbench, project, tmp_path, shape, file_format)
        text = path.read_text(encoding="utf-8")
        assert text.count('"a"') >= 3
        path.write_text(text.replace('"a"', '"b"', 1), encoding="utf-8")
        table, choice = as_proposed(workbench, project, path)
        found = workbench.data.preview(project, table, choice)
        assert (found.new, found.annotations, found.differing) == (0, 1, 1), (shape, file_format)
    upload = workbench.data.add_table(project, table, choice)
    kinds = {one.name: one.kind for one in workbench.projects.annotators(project)}
    assert kinds == {"ana": AnnotatorKind.IMPORTED, "m7": AnnotatorKind.MODEL}
    workbench.data.undo_upload(project, upload.id)
    assert not workbench.data.preview(project, table, choice).is_empty


def test_what_a_person_and_a_run_say_comes_back_as_theirs(small_project, workbench, tmp_path):
    finished(workbench, small_project.start(Split.VALIDATION))
    label, first = workbench.tasks.get(small_project.id).labels[0], sorted(small_project.items(Split.TRAIN))[0]
    decision = Decision(1, first, label.name, label_id=label.id)
    workbench.review.store(small_project.id, "log", "me", [decision])
    kinds = {one.kind for one in workbench.projects.annotators(small_project.id)}
    assert kinds == {AnnotatorKind.IMPORTED, AnnotatorKind.MODEL, AnnotatorKind.PERSON}
    for shape, file_format in (("long", "csv"), ("wide", "csv"), ("tool", "label_studio"), ("tool", "argilla")):
        path = exported(workbench, small_project.id, tmp_path, shape, file_format)
        table, choice = as_proposed(workbench, small_project.id, path)
        assert workbench.data.preview(small_project.id, table, choice).is_empty, (shape, file_format)


def test_items_of_one_text_are_told_apart_where_another_tool_numbers_them(workbench, tmp_path):
    rows = [("own1", "the same words", "a"), ("own2", "the same words", "b"), ("own3", "other words", "a")]
    columns = ("id", "text", "label")
    choice = ImportChoice("P", ("text",), ("label",), "id", keep_duplicates=True)
    project = workbench.data.import_table(TableData(columns, rows), choice)
    path = exported(workbench, project, tmp_path, "tool", "label_studio")
    table, choice = as_proposed(workbench, project, path)
    assert workbench.data.preview(project, table, choice).is_empty


def test_new_rows_in_a_tools_file_bring_the_fields_that_the_project_has(workbench, tmp_path):
    rows = [(text, f"source {n}", "ab"[n % 2]) for n, text in enumerate(TEXTS)]
    project = workbench.data.import_table(
        TableData(("text", "source", "ana"), rows), ImportChoice("P", ("text",), ("ana",))
    )
    path = exported(workbench, project, tmp_path, "tool", "kili")
    assets = json.loads(path.read_text(encoding="utf-8"))
    more = assets[0] | {"externalId": "new", "content": "A text nobody knows", "jsonMetadata": {"source": "source 9"}}
    path.write_text(json.dumps([*assets, more]), encoding="utf-8")
    table, choice = as_proposed(workbench, project, path)
    upload = workbench.data.add_table(project, table, choice)
    [item] = workbench.data.page(project, ItemFilter(upload_id=upload.id))
    assert (item.text, item.fields) == ("A text nobody knows", {"source": "source 9"})


def test_a_file_without_names_says_what_somebody_new_says_where_the_reference_says_otherwise(workbench, tmp_path):
    rows = [(text, "ab"[n % 2]) for n, text in enumerate(TEXTS)]
    project = workbench.data.import_table(TableData(("text", "ana"), rows), ImportChoice("P", ("text",), ("ana",)))
    path = exported(workbench, project, tmp_path, "tool", "spacy")
    said = json.loads(path.read_text(encoding="utf-8"))
    said[0][1]["cats"] = {name: 1.0 - share for name, share in said[0][1]["cats"].items() if name in "ab"}
    path.write_text(json.dumps(said), encoding="utf-8")
    table, choice = as_proposed(workbench, project, path)
    found = workbench.data.preview(project, table, choice)
    assert (found.new, found.annotations, found.differing) == (0, len(TEXTS), 0)


@pytest.fixture
def questions(workbench):
    """Three about the same items: a topic, a level, and marks, each answered by somebody of its own."""
    rows = [
        [f"own{n}", text, "ab"[n % 2], "12345"[n], '[[0,3,"PER"]]' if n % 4 == 0 else "[]", f"note {n}"]
        for n, text in enumerate(TEXTS)
    ]
    further = {
        "stars": FurtherQuestion("stars", QuestionKind.RATING),
        "marks": FurtherQuestion("marks", QuestionKind.SPANS),
    }
    choice = ImportChoice("P", ("text",), ("topic",), "id", further=further, question="topic")
    table = TableData(("id", "text", "topic", "stars", "marks", "note text"), rows)
    return [one.id for one in workbench.projects.questions(workbench.data.import_table(table, choice))]


@pytest.mark.parametrize(
    ("shape", "file_format"),
    [("long", "csv"), ("long", "jsonl"), ("wide", "csv"), ("wide", "excel"), ("tool", "label_studio")],
)
def test_a_file_of_all_questions_joins_each_of_them_with_what_is_said_to_it(
    questions, workbench, tmp_path, shape, file_format
):
    content = workbench.export.file(questions[0], shape=shape, file_format=file_format, all_questions=True)
    path = tmp_path / f"all{(TOOL_EXPORTERS if shape == 'tool' else EXPORTERS)[file_format].suffix}"
    path.write_bytes(content)
    for project_id in questions:
        table, choice = as_proposed(workbench, project_id, path)
        found = workbench.data.preview(project_id, table, choice)
        assert found.is_empty and found.known == len(TEXTS), project_id
        if shape != "tool":
            title = workbench.projects.get(project_id).question
            assert table.notes[-1].startswith(
                f"Only the answers to “{title}” are added. The file also has answers to “"
            )


def test_the_answers_to_one_question_that_are_news_are_added_to_that_one_alone(questions, workbench, tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_bytes(workbench.export.file(questions[0], shape="long", file_format="jsonl", all_questions=True))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"label": "5"', '"label": "1"'), encoding="utf-8")
    assert text.count('"label": "5"') == 1
    news = []
    for project_id in questions:
        found = workbench.data.preview(project_id, *as_proposed(workbench, project_id, path))
        news.append((found.new, found.annotations))
    assert news == [(0, 0), (0, 1), (0, 0)]


def test_pictures_and_sounds_that_were_exported_are_known_by_their_bytes(workbench):
    put = workbench.media.put
    colours = ("red", "blue", "green", "pink")
    alone = TableData(("picture", "ana"), [(put(picture(color=one)), "ab"[n % 2]) for n, one in enumerate(colours)])
    beside = TableData(
        ("text", "my pic", "hum", "ana"),
        [
            (TEXTS[n], put(picture(color=one)), put(sound(bytes([n]) * 160)), "ab"[n % 2])
            for n, one in enumerate(colours)
        ],
    )
    for table in (alone, beside):
        project = workbench.data.import_table(table, ImportChoice(table.columns[0], table.columns[:1], ("ana",)))
        tools = [("tool", one) for one in workbench.export.tool_formats(project)]
        for shape, file_format in (("long", "csv"), ("wide", "jsonl"), *tools):
            path = workbench.export.build(project, f"{shape}-{file_format}.zip", shape=shape, file_format=file_format)
            found = workbench.data.preview(project, *as_proposed(workbench, project, path))
            assert found.is_empty and found.known == len(colours), (shape, file_format, found)


def test_conversations_that_were_exported_are_here_already(workbench, tmp_path):
    talks = [
        json.dumps([{"role": "user", "content": text}, {"role": "assistant", "content": f"Answer {n}"}])
        for n, text in enumerate(TEXTS)
    ]
    kinds = {QuestionKind.SINGLE_LABEL: ("a", "b"), QuestionKind.SPANS: ('[[6,9,"PER"]]', "[]")}
    for kind, said in kinds.items():
        table = TableData(("chat", "source", "ana"), [(one, f"s{n}", said[n % 2]) for n, one in enumerate(talks)])
        project = workbench.data.import_table(table, ImportChoice(f"P {kind}", ("chat",), ("ana",), kind=kind))
        for shape, file_format in (("long", "csv"), ("wide", "parquet"), ("tool", "label_studio"), ("tool", "argilla")):
            path = exported(workbench, project, tmp_path / kind, shape, file_format)
            found = workbench.data.preview(project, *as_proposed(workbench, project, path))
            assert found.is_empty and found.known == len(TEXTS), (kind, shape, file_format)


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here")
@pytest.mark.parametrize(
    "name", ["pandalm_pairs.jsonl", "goemotions_dev.csv", "wnut17_dev.conll", "huffpost8_train.csv"]
)
def test_real_data_that_was_exported_is_here_already(name, workbench, tmp_path):
    table = read_source(Source(str(DATA / name)))
    table = replace(table, rows=table.rows[:150])
    found = recognise(table)
    columns = found.columns
    choice = ImportChoice(
        "P", columns.text, columns.labels, columns.id, kind=found.kind, candidates=found.candidates, skip_empty=True
    )
    project = workbench.data.import_table(table, choice)
    # Tagged words lose the text around them where a mark begins or ends within a word.
    tools = [("tool", one) for one in workbench.export.tool_formats(project) if one not in {*TRAINING, "conll"}]
    for shape, file_format in (("long", "csv"), ("wide", "excel"), *tools):
        path = exported(workbench, project, tmp_path, shape, file_format)
        assert workbench.data.preview(project, *as_proposed(workbench, project, path)).is_empty, (shape, file_format)
