"""Free text round the whole loop, on real rewritten sentences, with a host on loopback."""

import json

import pytest

from core.errors import WorkbenchError
from core.importers import read_table, recognise
from core.model import Item, Masking, QuestionKind, Split, TableData, Task
from core.prompts.masking import Masker
from core.services.asking.requests import ModelRef, RunRequest
from core.services.data.bringing import ImportChoice
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import Decision, QueueFilter
from tests.fakes.host import says
from tests.fakes.waiting import finished, work_off
from tests.metrics.conftest import data_folder  # noqa: F401 - a fixture
from tests.services.said import project_with
from tests.services.test_asking_kinds import asker, replied

NAMES = ("request", "response one", "response two")


@pytest.fixture
def pairs(data_folder):  # noqa: F811
    """Requests, and what two systems wrote about each, the same request once."""
    lines = (data_folder / "pandalm_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    rows = {
        f"{one['instruction']}\n{one['input']}".strip(): (str(one["response1"]), str(one["response2"])) for one in read
    }
    return [(text, *both) for text, both in rows.items() if all(map(str.strip, both))][:120]


def brought(wb, rows, columns=NAMES):
    table = TableData(columns, rows)
    found = recognise(table)
    assert found.kind == QuestionKind.TEXT and found.columns.text == columns[:1]
    choice = ImportChoice("texts", found.columns.text, columns[1:], kind=found.kind)
    return wb.data.import_table(table, choice)


def test_texts_go_round_the_whole_loop(workbench, fake_host, pairs, tmp_path):
    wb = workbench
    project = brought(wb, pairs)
    assert wb.tasks.get(project).labels == () and wb.tasks.get(project).type is QuestionKind.TEXT
    wb.data.split(project)
    one, two = sorted(a.id for a in wb.projects.annotators(project))
    assert {label for _, label, _ in wb.data.label_distribution(project, one)} <= {"A text", "Empty"}

    version = wb.prompts.save(project, *wb.prompts.proposal(project))
    for text, first, _ in pairs:
        fake_host.for_item(text, says(f"<think>What do they want?</think>\n{first}"))
    with pytest.raises(WorkbenchError, match="cannot write free text"):
        wb.runs.start(RunRequest(project, (version.id,), (ModelRef("embedded", "minilm-l6"),)))
    for split in Split:
        [run] = wb.runs.start(RunRequest(project, (version.id,), (ModelRef("openai", "fake-large"),), split))
        run = finished(wb, run)
        assert run.done == run.total and not run.errors
    assert all("response_format" not in one.body for one in fake_host.asked)
    model = run.annotator_id

    view = wb.agreement.view(project, one, [model, two], None)
    of_model, of_two = view.candidates
    assert of_model.figures["same_text"].value == 1.0 and of_model.n == len(pairs)
    assert of_two.figures["chrf"].value < 0.9 and of_two.figures["chrf"].low < of_two.figures["chrf"].value
    assert of_two.labels() == () and "Same text" in view.sentence()
    compared = wb.compare.view(project, one, two, model, None)
    assert compared.figures.n == len(pairs) and compared.figures.differences["edit_similarity"].value > 0
    assert compared.conclusion() and compared.labels_note() is not None
    assert compared.notes() == "", "free text has no fallback to speak of"

    request = TuneRequest(project, one, version.id)
    preflight = wb.fine_tunes.preflight(request)
    assert preflight.ready and len(preflight.training.validation) > 0
    line = json.loads(preflight.jsonl().splitlines()[0])
    assert line["messages"][-1]["content"] in {first for _, first, _ in pairs}
    with pytest.raises(WorkbenchError, match="cannot write free text"):
        wb.fine_tunes.start(request, host="embedded", base_model="minilm-l6")
    job = wb.fine_tunes.start(request, host="openai", base_model="fake-large")
    work_off(wb)
    assert wb.fine_tunes.get(job.id).status == "succeeded"

    path = tmp_path / "again.csv"
    path.write_bytes(wb.export.file(project, shape="long", file_format="csv"))
    table = read_table(path)
    choice = ImportChoice("again", ("text",), ("label",), annotator_column="annotator", kind=QuestionKind.TEXT)
    again = wb.data.import_table(table, choice)
    assert said(wb, again) == said(wb, project)


def test_what_a_run_of_texts_comes_to_is_told_by_how_long_the_texts_are(workbench, pairs):
    project = brought(workbench, pairs)
    version = workbench.prompts.save(project, *workbench.prompts.proposal(project))
    [cell] = workbench.runs.estimate(RunRequest(project, (version.id,), (ModelRef("openai", "m"),), None)).cells
    written = sum(len(first) + len(second) for _, first, second in pairs) / (2 * len(pairs))
    asked = workbench.prompts.tokens_per_item(version)
    each = cell.expected.tokens.value / cell.calls
    assert each == pytest.approx(asked + written / 4, rel=0.2) and written / 4 > 20


def said(wb, project):
    rows = map(json.loads, wb.export.file(project, shape="long", file_format="jsonl").decode().splitlines())
    return {(row["annotator"], row["text"], row["label"]) for row in rows}


def test_an_empty_text_is_said_and_is_not_one_that_was_taken_back(workbench):
    project, who = project_with(workbench, Task((), type=QuestionKind.TEXT), ["a", "b"], {"ann": ["", "b's text"]})
    items = workbench.review.queue(project, QueueFilter())
    acts = [Decision(1, items[0], value=""), Decision(2, items[1], value=" kept \r\n as it is "), Decision(3, items[0])]
    workbench.review.store(project, "log", "zoe", acts)
    loaded = workbench.review.load(project, items, [who["ann"]], None)
    assert [one.opinions[0][1].said for one in loaded] == ["", "b's text"]
    assert {(a, label) for a, _, label in said(workbench, project)} == {
        ("ann", '""'),
        ("ann", "b's text"),
        ("zoe", '""'),
        ("zoe", "kept \n as it is"),
    }
    workbench.review.store(project, "log", "zoe", [Decision(4, items[0], takes_back=True)])
    assert ("zoe", '""') not in {(a, label) for a, _, label in said(workbench, project)}
    with pytest.raises(WorkbenchError, match="the limit is 100,000"):
        workbench.review.store(project, "log", "zoe", [Decision(5, items[0], value="x" * 1_000_000)])


def test_a_text_of_a_megabyte_is_refused_in_a_sentence_with_its_row(workbench):
    table = TableData(("text", "summary"), [("one", "short one"), ("two", "long " * 200_000)])
    check = workbench.data.check(table, ImportChoice("t", ("text",), ("summary",), kind=QuestionKind.TEXT))
    [problem] = check.problems
    assert problem.row == 3 and "the limit is 100,000" in problem.message


def test_splits_are_drawn_by_the_seed_though_every_text_is_another(workbench):
    texts = [f"text number {n}" for n in range(60)]
    project, who = project_with(workbench, Task((), type=QuestionKind.TEXT), texts, {"ann": texts})
    with workbench.db.write() as conn:
        from core.storage import projects

        projects.set_reference(conn, project, who["ann"])
    first = workbench.data.split(project, seed=1) and splits(workbench, project)
    assert first != (workbench.data.split(project, seed=2) and splits(workbench, project))


def splits(wb, project):
    from core.storage.items import ItemFilter

    return [item.split for item in wb.data.page(project, ItemFilter(), limit=100)]


def test_what_a_model_writes_about_a_masked_item_comes_back_in_the_items_own_words():
    masker = Masker(Masking(("email",)), b"salt")
    item = Item(1, "Write to ada@example.com today.")
    asked = asker(Task((), type=QuestionKind.TEXT), masker)
    hidden = masker.text("ada@example.com")
    assert hidden != "ada@example.com"
    read = asked.read(replied(f"```\nMail {hidden} now\n```"), item=item)
    assert read.parsed.said == "Mail ada@example.com now" and json.loads(read.parsed.value) == read.parsed.said
