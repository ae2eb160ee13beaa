"""Spans in conversations: they count in the conversation as it reads, wherever it is shown, asked about or written."""

import json

import pytest

from core.conversation import as_text, read_back, turns
from core.errors import WorkbenchError
from core.importers import read_jsonl
from core.model import TEXT_FIELD, FieldShow, QuestionKind, Split, TableData
from core.services.asking.requests import ModelRef, RunRequest
from core.services.data.bringing import ImportChoice, ItemFilter, mapped
from core.services.learning.fine_tuning import TuneRequest
from tests.fakes.host import says
from tests.fakes.waiting import finished

TALKS = [
    [
        {"role": "user", "content": f"Where is parcel {n}?"},
        {"role": "assistant", "content": f"In Oslo 🎉, since day {n}.\n\nAnything else?"},
    ]
    for n in range(12)
]
READ = "User: Where is parcel 3?\n\nAssistant: In Oslo 🎉, since day 3.\n\nAnything else?"


def spans_of(n):
    text = as_text(json.dumps(TALKS[n]))
    return [{"start": text.index("Oslo"), "end": text.index("Oslo") + 4, "label": "PLACE", "text": "Oslo"}]


@pytest.fixture
def project(workbench, tmp_path):
    path = tmp_path / "talks.jsonl"
    records = [{"messages": talk, "label": spans_of(n)} for n, talk in enumerate(TALKS)]
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    table = read_jsonl(path)
    choice = ImportChoice("Talks", ("conversation",), ("label",), kind=QuestionKind.SPANS)
    check = workbench.data.check(table, choice)
    assert check.ok and "the messages stay in the field “conversation”" in check.hints[-1].message
    project = workbench.data.import_table(table, choice, check=check)
    workbench.data.split(project)
    return project


def test_what_is_read_back_is_what_was_told_and_a_plain_text_is_none():
    told = json.dumps(TALKS[3])
    assert as_text(told) == READ and read_back(READ) == turns(told)
    assert read_back("Note: a text") is None and as_text("a text") is None


def test_the_text_is_the_conversation_as_it_reads_and_the_messages_stay_a_field(workbench, project):
    home = workbench.projects.get(project)
    assert [(one.name, one.show) for one in home.layout] == [(TEXT_FIELD, FieldShow.CONVERSATION)]
    lines = workbench.export.file(project, shape="long", file_format="jsonl").decode().splitlines()
    row = json.loads(lines[3])
    assert row["text"] == READ and turns(row["conversation"]) == read_back(READ)


def test_tools_get_a_text_in_which_the_offsets_fit(workbench, project):
    lines = workbench.export.file(project, shape="tool", file_format="doccano").decode().splitlines()
    one = json.loads(lines[3])
    [(start, end, label)] = one["label"]
    assert (one["text"], one["text"][start:end], label) == (READ, "Oslo", "PLACE")


def test_models_are_sent_the_same_text_and_their_quotes_are_found_in_it(workbench, project, fake_host):
    version = workbench.prompts.save(project, *workbench.prompts.proposal(project))
    fake_host.always(says('{"spans": [{"quote": "Oslo", "label": "PLACE", "occurrence": 1}]}'))
    run = finished(workbench, workbench.runs.start(
        RunRequest(project, (version.id,), (ModelRef("openai", "fake-large"),), Split.TEST))[0])  # fmt: skip
    assert run.done == run.total > 0 and not run.errors
    assert fake_host.asked[0].text.startswith("User: Where is parcel")
    gold = next(a.id for a in workbench.projects.annotators(project) if a.kind == "imported")
    [candidate] = workbench.agreement.view(project, gold, [run.annotator_id], Split.TEST).candidates
    assert candidate.figures["strict_f1"].value == 1.0
    lines = workbench.fine_tunes.preflight(TuneRequest(project, gold, version.id)).jsonl().splitlines()
    assert "<PLACE>Oslo</PLACE> 🎉" in json.loads(lines[0])["messages"][-1]["content"]


def test_spans_cannot_be_asked_further_of_conversations_stored_as_messages(workbench):
    rows = [(json.dumps(talk), "good") for talk in TALKS]
    home = workbench.data.import_table(TableData(("chat", "label"), rows), ImportChoice("T", ("chat",), ("label",)))
    with pytest.raises(WorkbenchError, match="stored as messages"):
        workbench.projects.ask_further(home, "Where?", QuestionKind.SPANS, ["PLACE"])
    workbench.projects.ask_further(home, "Kind?", QuestionKind.SINGLE_LABEL, ["A", "B"])


def test_a_later_file_of_messages_joins_by_the_same_text(workbench, project, tmp_path):
    path = tmp_path / "more.jsonl"
    more = [
        *TALKS[:2],
        [{"role": "user", "content": "A new one?"}, {"role": "assistant", "content": "Yes, from Rome."}],
    ]
    path.write_text("\n".join(json.dumps({"messages": talk}) for talk in more), encoding="utf-8")
    table = read_jsonl(path)
    choice = ImportChoice("more", ("conversation",), kind=QuestionKind.SPANS)
    upload = workbench.data.add_table(project, table, choice)
    assert upload.last_item - upload.first_item == 0, "two of three were here"


def a_question_beside(workbench, home):
    return workbench.projects.ask_further(home, "Kind?", QuestionKind.SINGLE_LABEL, ["good", "bad"])


@pytest.mark.parametrize("column", ["conversation", "messages", "chat"])
def test_a_later_file_that_answers_another_question_joins_the_same_conversations(workbench, project, column):
    further = a_question_beside(workbench, project)
    rows = [(json.dumps(talk, indent=n), "good") for n, talk in enumerate([*TALKS[:3], TALKS[3][:1]])]
    table, choice = TableData((column, "kind"), rows), ImportChoice("kinds", (column,), ("kind",))
    found = workbench.data.preview(further, table, choice)
    assert (found.known, found.new, found.joined, found.missing) == (3, 1, 3, ())
    workbench.data.add_table(further, table, choice, addition=found)
    newest = max(workbench.data.page(project, ItemFilter(), limit=50), key=lambda one: one.id)
    assert newest.text == as_text(rows[3][0]) and newest.fields == {"conversation": rows[3][0]}


def test_the_page_proposes_the_messages_of_a_later_file_and_its_check_reads_them(workbench, project):
    known = workbench.data.known_columns(a_question_beside(workbench, project))
    assert (known.messages, known.text) == ("conversation", ("conversation",))
    rows = [(json.dumps(talk), "good" if n % 2 else "bad") for n, talk in enumerate(TALKS)]
    found = mapped(TableData(("conversation", "kind"), rows), known).found
    assert (found.columns.text, found.columns.labels) == (("conversation",), ("kind",))
    same_twice = TableData(("conversation", "kind"), [(json.dumps(TALKS[0], indent=n), "good") for n in (0, 2)])
    choice = ImportChoice("k", ("conversation",), ("kind",), kept_messages=known.messages)
    assert workbench.data.check(same_twice, choice).repeats == 1


def test_a_column_that_is_called_as_text_is_a_column_like_any_other(workbench):
    rows = [(f"Ann met Ben {n}", '[[0, 3, "PER"]]', "seen") for n in range(4)]
    table = TableData(("note as text", "label", "note"), rows)
    choice = ImportChoice("Notes", ("note as text",), ("label",), kind=QuestionKind.SPANS)
    check = workbench.data.check(table, choice)
    assert check.ok and not any("conversations" in one.message for one in check.hints)
    home = workbench.data.import_table(table, choice)
    assert FieldShow.CONVERSATION not in {one.show for one in workbench.projects.get(home).layout}
    assert workbench.data.known_columns(home).messages == ""


def test_a_column_of_that_name_beside_the_messages_stays_as_it_is(workbench):
    rows = [(json.dumps(talk), json.dumps(spans_of(n)), "mine") for n, talk in enumerate(TALKS)]
    table = TableData(("chat", "label", "chat as text"), rows)
    choice = ImportChoice("Talks", ("chat",), ("label",), kind=QuestionKind.SPANS)
    home = workbench.data.import_table(table, choice)
    one = workbench.data.page(home, ItemFilter(), limit=1)[0]
    assert (one.text, one.fields["chat as text"]) == (as_text(rows[0][0]), "mine")
