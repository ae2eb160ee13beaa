"""Everything a fine-tune was made of, in one zip; and its model card."""

import hashlib
import json
import zipfile

import pytest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, Split
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from tests.fakes.waiting import work_off

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quick_jobs(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)


@pytest.fixture
def tuned(small_project, workbench, fake_host):
    """A fine-tune that succeeded, and was measured on validation and test beside its base model."""
    fake_host.events = [
        {"id": "e1", "object": "fine_tuning.job.event", "created_at": 1, "level": "info", "message": "step 1",
         "type": "metrics", "data": {"step": 1, "train_loss": 0.5}}
    ]  # fmt: skip
    workbench.projects.set_reference(small_project.id, small_project.gold)
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    started = workbench.fine_tunes.start(request, host="openai", base_model="fake-large", parameters={"n_epochs": 2})
    work_off(workbench)
    job = workbench.fine_tunes.get(started.id)
    assert job.status is FineTuneStatus.SUCCEEDED
    workbench.runs.start_missing([*follow_ups(job, Split.VALIDATION), *follow_ups(job, Split.TEST)])
    work_off(workbench)
    return job


def parts(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def lines(data):
    return [json.loads(line) for line in data.splitlines()]


def test_the_zip_has_the_very_bytes_that_were_sent_and_says_their_hash(tuned, workbench, fake_host):
    found = parts(workbench.portable.export(tuned.id))
    sent = sorted(fake_host.files.values(), key=len, reverse=True)
    assert [found["training/train.jsonl"].decode(), found["training/validation.jsonl"].decode()] == sent
    told = json.loads(found["tune.json"])["config"]["files"]
    for name in ("train.jsonl", "validation.jsonl"):
        assert told[name]["sha256"] == hashlib.sha256(found[f"training/{name}"]).hexdigest()
        assert told[name]["sha256"] in found["README.md"].decode()
    assert [told[name]["lines"] for name in told] == [30, 12]


def test_every_part_is_as_the_manifest_says(tuned, workbench):
    found = parts(workbench.portable.export(tuned.id))
    manifest = json.loads(found.pop("manifest.json"))
    assert manifest["parts"].keys() == found.keys()
    for name, told in manifest["parts"].items():
        assert (hashlib.sha256(found[name]).hexdigest(), len(found[name])) == (told["sha256"], told["bytes"])
    assert manifest["lacks"] == []


def test_it_has_task_prompt_parameters_events_items_and_what_everybody_said(tuned, small_project, workbench):
    found = parts(workbench.portable.export(tuned.id))
    task, prompt, tune = (json.loads(found[name]) for name in ("task.json", "prompt.json", "tune.json"))
    assert [label["name"] for label in task["labels"]] == ["SPORTS", "POLITICS"]
    assert (prompt["system"], prompt["user"]) == ("Choose one of:\n{{labels}}", "{{text}}")
    assert tune["config"]["parameters"] == {"n_epochs": 2}
    assert (tune["fine_tuned_model"], tune["host"]["title"]) == (
        tuned.fine_tuned_model,
        workbench.hosts.title("openai"),
    )
    assert [event["message"] for event in lines(found["job/events.jsonl"])] == ["step 1"]
    items, said = lines(found["data/items.jsonl"]), lines(found["data/annotations.jsonl"])
    assert [one["text"] for one in items] == list(small_project.items().values())
    names = [one["name"] for one in json.loads(found["data/annotators.json"])]
    by = {name: [one for one in said if one["by"] == place] for place, name in enumerate(names)}
    assert sorted(map(len, by.values())) == [18, 30, 60], "the base on test, the tuned one on validation too, people"
    assert all(one["raw"] and one["seconds"] > 0 for name in names if "ft:" in name for one in by[name])


def test_without_test_it_tells_nothing_that_a_model_said_there_and_is_no_look(tuned, small_project, workbench):
    before = workbench.compare.looks(small_project.id)
    found = parts(workbench.portable.export(tuned.id, with_test=False))
    items, said = lines(found["data/items.jsonl"]), lines(found["data/annotations.jsonl"])
    people = {n for n, one in enumerate(json.loads(found["data/annotators.json"])) if one["kind"] != "model"}
    on_test = {one["n"] for one in items if one["split"] == "test"}
    assert {one["by"] for one in said if one["item"] in on_test} == people
    assert "| test |" not in found["README.md"].decode()
    assert workbench.compare.looks(small_project.id) == before


def test_its_card_tells_both_models_on_test_with_intervals_and_counts_it_once(tuned, small_project, workbench):
    assert workbench.portable.looks_ahead(tuned.id) == 2
    card = workbench.portable.card(tuned.id, with_test=True)
    assert [line.split("|")[2:4] for line in card.splitlines() if "| test |" in line] == [[" test ", " 18 "]] * 2
    assert "1.00 \\[" in card and "Licence of the base model:** unknown" in card
    assert workbench.portable.looks_ahead(tuned.id) == 0
    looks = workbench.compare.looks(small_project.id)
    workbench.portable.card(tuned.id, with_test=True)
    assert workbench.compare.looks(small_project.id) == looks == 2


def test_a_key_in_the_training_data_is_refused_by_a_sentence(tuned, small_project, workbench, monkeypatch):
    key = next(text.split()[-1] for text in small_project.items(Split.TRAIN).values() if len(text.split()[-1]) == 8)
    monkeypatch.setitem(workbench.settings.environment, "OPENAI_API_KEY", key)
    with pytest.raises(WorkbenchError, match=r"The key of a host is in training/train\.jsonl"):
        workbench.portable.export(tuned.id)
    assert not [one for one in (workbench.settings.data_dir / "exports").rglob("*") if one.is_file()]


def test_a_job_of_before_files_were_kept_is_exported_and_says_what_it_lacks(tuned, workbench):
    from core.storage import fine_tunes

    with workbench.db.write() as conn:
        fine_tunes.record(conn, tuned.id, config={k: v for k, v in tuned.config.items() if k != "files"})
    found = parts(workbench.portable.export(tuned.id))
    assert json.loads(found["manifest.json"])["lacks"] == ["training files"]
    assert "training/train.jsonl" not in found
    assert "| train.jsonl | 30 | not kept |" in found["README.md"].decode()


def test_the_kit_has_the_same_files_and_is_told_a_base(tuned, workbench, fake_host):
    found = parts(workbench.portable.kit(tuned.id, " Qwen/Qwen3-4B "))
    assert found.keys() == {
        "train.py",
        "config.json",
        "requirements.txt",
        "README.md",
        "train.jsonl",
        "validation.jsonl",
    }
    config = json.loads(found["config.json"])
    assert (config["model"], config["method"], config["trainer"]["num_train_epochs"]) == ("Qwen/Qwen3-4B", "sft", 2)
    assert found["train.jsonl"].decode() in fake_host.files.values()
    assert json.loads(parts(workbench.portable.kit(tuned.id))["config.json"])["model"] == ""
    with pytest.raises(WorkbenchError, match="no name of a model"):
        workbench.portable.kit(tuned.id, "../../etc")
