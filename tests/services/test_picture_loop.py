"""Pictures round the whole loop: imported, asked about, taught, asked about again, compared; and where bytes go."""

import json
from dataclasses import replace

import pytest
from PIL import Image

from core.errors import WorkbenchError
from core.hosts.wire import Manner
from core.model import TEXT_FIELD, Example, FieldLayout, FieldShow, QuestionKind, Split, TableData
from core.services.asking.asker import Asker
from core.services.asking.frozen import frozen_config
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.learning.fine_tuning import TuneRequest
from core.services.runs.running import Mode, ModelRef, RunRequest, Which
from tests.fakes.digits import data_uri, digits, png
from tests.fakes.waiting import work_off

SYSTEM = "Which digit is on the picture?\n\n{{labels}}"


@pytest.fixture
def project(workbench):
    """200 handwritten digits, each item nothing but its picture."""
    rows = [(workbench.media.put(data), digit) for data, digit in digits(200)]
    table = TableData(("picture", "digit"), rows)
    project = workbench.data.import_table(table, ImportChoice("Digits", ("picture",), ("digit",)))
    workbench.media.set_layout(project, [FieldLayout(TEXT_FIELD, FieldShow.PICTURE)])
    workbench.data.split(project)
    return project


@pytest.mark.encoder
def test_what_is_taught_digits_reads_digits_that_it_never_saw(workbench, project, tmp_path):
    wb = workbench
    version = wb.prompts.save(project, SYSTEM, "The picture:\n{{text}}", "first")
    people = wb.projects.annotators(project)[0].id
    preflight = wb.fine_tunes.preflight(TuneRequest(project, people, version.id, host="embedded"))
    assert not [check for check in preflight.checks if check.level == "blocker"]
    first = json.loads(preflight.jsonl().splitlines()[0])["messages"]
    assert [part["type"] for part in first[1]["content"]] == ["text", "image_url"]
    assert first[1]["content"][1]["image_url"]["url"] in {data_uri(data) for data, _ in digits(200)}

    [run] = wb.runs.start(RunRequest(project, (version.id,), (ModelRef("embedded", "minilm-l6"),), Split.TEST))
    work_off(wb)
    said = {wb.runs.get(run.id).message, *(trouble.message for trouble in wb.runs.troubles(run.id))}
    assert any("has not learned to see" in one for one in said), said

    job = wb.fine_tunes.start(TuneRequest(project, people, version.id), host="embedded", base_model="minilm-l6")
    work_off(wb)
    tuned = wb.fine_tunes.get(job.id)
    assert tuned.fine_tuned_model, tuned.message
    model = ModelRef("embedded", tuned.fine_tuned_model)
    for mode in (Mode.LIVE, Mode.BATCH):
        wb.runs.start(
            RunRequest(project, (version.id,), (model,), Split.TEST, mode=mode, which=Which.ALL, use_cache=False)
        )
        work_off(wb)
    reader = next(a for a in wb.projects.annotators(project) if a.model == tuned.fine_tuned_model)
    [seen] = wb.agreement.view(project, people, [reader.id], Split.TEST).candidates
    assert seen.figures["accuracy"].value > 0.6  # one in ten by chance
    hidden = b"base64,"
    assert hidden not in wb.db.path.read_bytes()


def test_what_will_fail_and_who_may_not_see_is_said_before_a_run_starts(workbench):
    wb, (good, other) = workbench, [data for data, _ in digits(2)]
    put = wb.media.put
    rows = [
        (put(good), "a"),
        (put(other), "b"),
        (put(png(Image.new("L", (4, 4)), format="BMP")), "a"),
        (f"media:{'a' * 64}.png", "b"),
        ("no", "a"),
    ]
    project = wb.data.import_table(TableData(("picture", "label"), rows), ImportChoice("P", ("picture",), ("label",)))
    version = wb.prompts.save(project, "{{labels}}", "{{text}}", "first")
    request = RunRequest(project, (version.id,), (ModelRef("embedded", "minilm-l6"),), None)
    assert wb.runs.estimate(request).notes == ()
    wb.media.set_layout(project, [FieldLayout(TEXT_FIELD, FieldShow.PICTURE)])
    notes = wb.runs.estimate(request).notes
    assert any(note.startswith("Models do not take the files of 1 item: convert") for note in notes)
    assert any(note.startswith("The files of 1 item are missing") for note in notes)
    assert any("Something else than a file" in note for note in notes)
    assert any("has not learned to see" in note for note in notes) and len(notes) == 4
    wb.runs.start(request)
    work_off(wb)
    assert any("BMP" in trouble.message for trouble in wb.runs.troubles(wb.runs.all(project)[0].id))
    again = RunRequest(project, (version.id,), (ModelRef("embedded", "minilm-l6"),), None, which=Which.CHANGED)
    assert wb.runs.estimate(again).items == 5  # the files that cannot be sent do not keep the form from reckoning


def test_the_preview_shows_the_picture_where_the_prompt_names_it(workbench, project):
    draft = workbench.prompts.draft(project, SYSTEM, "Look: {{text}}")
    [_, asked] = workbench.prompts.preview(draft)
    assert [type(part).__name__ for part in asked.content] == ["TextPart", "MediaPart"]
    workbench.media.set_layout(project, ())
    assert workbench.prompts.preview(draft) == []


def test_pictures_go_into_a_batch_file_and_a_missing_one_is_the_error_of_its_item(workbench, project):
    wb = workbench
    version = wb.prompts.save(project, "{{labels}}", "{{text}}", "first")
    shown = wb.prompts.trial_items(project, n=1)[0]
    wb.media.path(shown.text).unlink()
    [run] = wb.runs.start(
        RunRequest(project, (version.id,), (ModelRef("embedded", "minilm-l6"),), Split.VALIDATION, mode=Mode.FILE)
    )
    lines = list(map(json.loads, wb.batches.export(run.id).path.read_text().splitlines()))
    urls = [line["body"]["messages"][1]["content"][0]["image_url"]["url"] for line in lines]
    assert len(urls) == wb.runs.get(run.id).total - 1 and set(urls) <= {data_uri(data) for data, _ in digits(200)}
    [trouble] = wb.runs.troubles(run.id)
    assert trouble.item.id == shown.id and "is missing from" in trouble.message


def test_a_first_prompt_names_the_pictures_beside_the_text(workbench):
    wb = workbench
    rows = [(f"number {n}", wb.media.put(data), digit) for n, (data, digit) in enumerate(digits(4))]
    table = TableData(("name", "photo", "digit"), rows)
    project = wb.data.import_table(table, ImportChoice("P", ("name",), ("digit",)))
    wb.media.set_layout(project, ())
    assert "photo" not in wb.prompts.proposal(project)[1]
    wb.media.set_layout(project, [FieldLayout(TEXT_FIELD), FieldLayout("photo", FieldShow.PICTURE)])
    system, user = wb.prompts.proposal(project)
    assert user.endswith("{{photo}}") and not wb.prompts.check(project, system, user)
    [trial] = wb.prompts.preview(wb.prompts.draft(project, "", user))
    assert [type(part).__name__ for part in trial.content] == ["TextPart", "MediaPart"]


def test_what_the_embedded_host_cannot_learn_from_pictures_is_said_before_it_is_sent(workbench):
    wb = workbench
    rows = [(wb.media.put(data), '[{"start": 0, "end": 1, "label": "a"}]') for data, _ in digits(12)]
    table = TableData(("picture", "spans"), rows)
    choice = ImportChoice("P", ("picture",), ("spans",), kind=QuestionKind.SPANS)
    project = wb.data.import_table(table, choice)
    wb.media.set_layout(project, [FieldLayout(TEXT_FIELD, FieldShow.PICTURE)])
    wb.data.split(project)
    version = wb.prompts.save(project, "{{labels}}", "{{text}}", "first")
    people = wb.projects.annotators(project)[0].id
    checks = wb.fine_tunes.preflight(TuneRequest(project, people, version.id, host="embedded")).checks
    assert any(check.level == "blocker" and "labels, sets of labels and levels" in check.finding for check in checks)


def test_a_trial_asks_about_the_others_where_one_file_cannot_be_sent_and_an_example_that_cannot_is_named(workbench):
    wb = workbench
    files = [wb.media.put(data) for data, _ in digits(3)] + [wb.media.put(b"fLaC" + bytes(60))]
    table = TableData(("name", "photo", "digit"), [(f"number {n}", file, f"{n}") for n, file in enumerate(files)])
    project = wb.data.import_table(table, ImportChoice("P", ("name",), ("digit",)))
    wb.media.set_layout(project, [FieldLayout(TEXT_FIELD), FieldLayout("photo", FieldShow.PICTURE)])
    every = wb.data.page(project, ItemFilter(), limit=9)
    draft = wb.prompts.draft(project, SYSTEM, "{{text}} {{photo}}")
    *fine, odd = wb.prompts.try_on(draft, "embedded", "minilm-l6", every)
    assert "Models do not take FLAC files" in odd.failure.message
    assert all(one.failure is None or "FLAC" not in one.failure.message for one in fine) and len(fine) == 3
    shown = replace(draft, examples=(Example(odd.item.id, "x", "3", odd.item.fields),))
    config = frozen_config(wb.tasks.get(project), shown, wb.projects.get(project).layout)
    asker = Asker(None, "m", config, Manner())
    with pytest.raises(WorkbenchError, match=r"A worked example cannot be sent. Models do not take FLAC files"):
        asker.request(every[0])
