"""The very files of an earlier fine-tune go to another host, whatever has become of the project."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, Masking
from core.services.common.training_files import files_of_job, training_files_of
from core.services.hosts.drafts import HostDraft
from core.services.learning.fine_tuning import TuneRequest
from core.services.learning.vocabulary import Level
from core.storage import taught
from tests.fakes.waiting import work_off

pytestmark = pytest.mark.slow


@pytest.fixture
def first(small_project, workbench, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    job = workbench.fine_tunes.start(request, host="openai", base_model="fake-large", parameters={"n_epochs": 2})
    work_off(workbench)
    return workbench.fine_tunes.get(job.id)


def another_host(wb, fake_host, **more):
    return wb.hosts.add("vllm", HostDraft("Mine", fake_host.base_url, **more)).key


def test_the_bytes_are_those_of_the_first_whatever_changed_since(first, small_project, workbench, fake_host):
    sent = sorted(fake_host.files.values())
    task = workbench.tasks.get(small_project.id)
    told = tuple(replace(one, description=f"{one.description}, by subject") for one in task.labels)
    workbench.tasks.save(small_project.id, replace(task, labels=told))
    anew = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    assert workbench.fine_tunes.preflight(anew).jsonl() not in sent, "built now it would be another file"
    fake_host.files.clear()
    request = workbench.fine_tunes.same_set(first.id)
    assert workbench.fine_tunes.kept_sets(small_project.id) == {first.id: "tuned 1"}
    job = workbench.fine_tunes.start(request, host=another_host(workbench, fake_host), base_model="fake-small")
    work_off(workbench)
    job = workbench.fine_tunes.get(job.id)
    assert job.status is FineTuneStatus.SUCCEEDED, job.message
    assert sorted(fake_host.files.values()) == sent
    assert files_of_job(job) == files_of_job(first)
    assert (job.n_train, job.n_validation, job.config["per_label"]) == (30, 12, first.config["per_label"])
    assert job.config["asked"] == first.config["asked"] and job.config["same_as"] == first.id


def test_what_it_taught_stays_out_of_the_scores_of_the_new_model_too(first, workbench, fake_host):
    request = workbench.fine_tunes.same_set(first.id)
    job = workbench.fine_tunes.start(request, host=another_host(workbench, fake_host), base_model="fake-small")
    work_off(workbench)
    with workbench.db.read() as conn:
        assert set(taught.keys_of(conn, [job.id])) == set(taught.keys_of(conn, [first.id]))


def test_the_preflight_says_that_nothing_is_built_anew_and_shows_the_lines(first, workbench):
    found = workbench.fine_tunes.preflight(workbench.fine_tunes.same_set(first.id))
    assert found.ready and "as they were sent" in found.checks[-1].finding
    assert found.sample(2) == found.jsonl().splitlines()[:2]
    assert len(found.training.train) == 30 and found.tokens > 0
    assert sum(n for _, n in found.lengths) == 30
    assert [who for who, _ in found.seen()[0]] == ["system", "user", "assistant"] and len(found.seen()) == 10


def test_a_host_that_masks_more_does_not_get_a_file_that_was_masked_less(first, workbench, fake_host):
    request = replace(workbench.fine_tunes.same_set(first.id), masking=Masking(("email",)))
    found = workbench.fine_tunes.preflight(request)
    assert [one.title for one in found.checks if one.level is Level.BLOCKER] == ["Masked for this host"]


def test_a_file_that_is_gone_is_said_and_nothing_is_started(first, small_project, workbench):
    training_files_of(workbench.db).path(files_of_job(first)["train.jsonl"].sha256).unlink()
    assert workbench.fine_tunes.kept_sets(small_project.id) == {}
    with pytest.raises(WorkbenchError, match="not kept here"):
        workbench.fine_tunes.start(workbench.fine_tunes.same_set(first.id), host="openai", base_model="fake-small")
    assert len(workbench.fine_tunes.all(small_project.id)) == 1
