"""The masker of a workbench, and training files as the host will be asked."""

import json
import re
from dataclasses import replace

import pytest

from core.finetune import Level
from core.model import FineTuneStatus, Label, Masking, Split, TableData, Task
from core.services.asking.frozen import masking_of
from core.services.asking.masking import masker_for
from core.services.asking.requests import Mode, ModelRef, RunRequest
from core.services.data.bringing import ImportChoice
from core.services.hosts.drafts import HostDraft
from core.services.learning.fine_tuning import TuneRequest
from core.splits import Shares
from core.storage import items
from core.storage.engine import open_database
from tests.fakes.waiting import finished, work_off

EMAILS = Masking(("email",))


def test_the_salt_outlives_the_program_and_is_another_for_each_workbench(db, tmp_path):
    first = masker_for(db, EMAILS).text("a@example.com")
    again = open_database(db.path)
    other = open_database(tmp_path / "other.sqlite3")
    try:
        assert masker_for(again, EMAILS).text("a@example.com") == first
        assert masker_for(other, EMAILS).text("a@example.com") != first
    finally:
        again.close()
        other.close()


def test_without_masking_nothing_is_written(db):
    assert not masker_for(db, Masking())
    with db.read() as conn:
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM facts").scalar_one() == 0


def test_a_configuration_that_says_nothing_of_masking_masks_nothing():
    assert masking_of({}) == masking_of({"masking": None}) == Masking()
    assert masking_of({"masking": {"kinds": ["email"], "names": ["Anna"]}}) == Masking(("email",), ("Anna",))


@pytest.fixture
def mails(workbench):
    """Forty mails with an address each, half of them spam; the request that teaches them."""
    texts = [f"user{i}@example.com writes word{i} about thing{i} for reason{i}" for i in range(40)]
    table = TableData(("text", "gold"), [(text, "SPAM" if i % 2 else "HAM") for i, text in enumerate(texts)])
    task = Task((Label("SPAM"), Label("HAM")))
    project = workbench.data.import_table(table, ImportChoice("Mails", ("text",), ("gold",)), task=task)
    workbench.data.split(project, Shares(0.6, 0.2, 0.2), seed=1)
    version = workbench.prompts.save(project, "{{labels}}", "{{text}}", "plain")
    (gold,) = workbench.projects.annotators(project)
    return TuneRequest(project, gold.id, version.id)


def test_what_the_host_masks_is_masked_in_the_files_it_is_sent(mails, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    workbench.hosts.edit("openai", HostDraft("Gateway", fake_host.base_url, masking=EMAILS))
    job = workbench.fine_tunes.start(mails, host="openai", base_model="fake-large")
    # What the host masks from now on is no matter of this job: it was frozen.
    workbench.hosts.edit("openai", HostDraft("Gateway", fake_host.base_url))
    work_off(workbench)
    assert workbench.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED
    sent = [
        json.loads(line)["messages"][-2]["content"] for text in fake_host.files.values() for line in text.splitlines()
    ]
    assert len(sent) == 32
    assert all(re.match(r"\[EMAIL_[0-9A-F]{8}\] writes", text) for text in sent)


@pytest.mark.slow
def test_a_text_is_masked_alike_wherever_it_is_sent(mails, workbench, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    fake_host.answer = lambda text: "SPAM"
    workbench.hosts.edit("openai", HostDraft("Gateway", fake_host.base_url, masking=EMAILS))
    model, version = ModelRef("openai", "fake-large"), workbench.prompts.get(mails.version_id)
    request = RunRequest(mails.project_id, (version.id,), (model,), Split.VALIDATION)
    by_file = workbench.runs.start(replace(request, mode=Mode.FILE))[0]
    lines = workbench.batches.export(by_file.id).path.read_text(encoding="utf-8").splitlines()
    workbench.runs.cancel(by_file.id)
    asked_in_files = {json.loads(line)["body"]["messages"][-1]["content"] for line in lines}
    trial_items = workbench.prompts.trial_items(mails.project_id, n=8)
    workbench.prompts.try_on(version, "openai", model.model, trial_items)
    tried = {asked.text for asked in fake_host.asked}
    finished(workbench, workbench.runs.start(replace(request, use_cache=False))[0])
    ran = {asked.text for asked in fake_host.asked}
    workbench.fine_tunes.start(mails, host="openai", base_model="fake-large")
    work_off(workbench)
    validation = list(fake_host.files.values())[-1].splitlines()
    taught = {json.loads(line)["messages"][-2]["content"] for line in validation}
    assert asked_in_files == tried == ran == taught
    assert len(ran) == 8 and all(re.match(r"\[EMAIL_[0-9A-F]{8}\] writes", text) for text in ran)


def test_the_pre_flight_shows_the_masked_lines_and_says_how_many(mails, workbench):
    plain = workbench.fine_tunes.preflight(mails)
    assert "@example.com" in plain.jsonl() and "Masked before sending" not in {one.title for one in plain.checks}
    masked = workbench.fine_tunes.preflight(replace(mails, masking=EMAILS))
    assert "@example.com" not in masked.jsonl() + masked.validation_jsonl()
    check = next(one for one in masked.checks if one.title == "Masked before sending")
    assert check.level is Level.OK and check.finding.startswith("In 32 of 32 examples some text is masked")


def test_worked_examples_are_masked_with_the_same_placeholders_as_items(mails, workbench):
    with workbench.db.read() as conn:
        shown = items.ids_in(conn, mails.project_id, Split.TRAIN)[:1]
        text = items.get_many(conn, shown)[shown[0]].text
    version = workbench.prompts.save(mails.project_id, "{{labels}}", "{{text}}", "shots", shown)
    ready = workbench.fine_tunes.preflight(replace(mails, version_id=version.id, masking=EMAILS))
    expected = masker_for(workbench.db, EMAILS).text(text)
    assert json.loads(ready.sample(1)[0])["messages"][1]["content"] == expected != text
