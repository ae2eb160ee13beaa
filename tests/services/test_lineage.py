"""A fine-tune that starts from a tuned model: its lineage is kept and shown, and what any of it was taught counts in no
figure."""

import pytest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, Label, Split, Task
from core.services.common.taught import left_out, taught_items
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from core.services.learning.vocabulary import Level
from core.storage import fine_tunes
from tests.fakes.waiting import work_off
from tests.fakes.worlds import make_project
from tests.services.test_joint_tunes import World

pytestmark = pytest.mark.slow
BASE = "fake-large"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)


def request_of(project):
    return TuneRequest(project.id, project.gold, project.version_id)


def tuned(project, base=BASE, request=None):
    wb = project.wb
    job = wb.fine_tunes.start(request or request_of(project), host="openai", base_model=base)
    work_off(wb)
    job = wb.fine_tunes.get(job.id)
    assert job.status is FineTuneStatus.SUCCEEDED, job.message
    return job


def texts(project, split):
    return set(project.items(split).values())


def checks(preflight, level):
    return {check.title: check.finding for check in preflight.checks if check.level is level}


@pytest.fixture
def second(small_project, workbench):
    """A project with the same items, dealt otherwise."""
    return make_project(workbench, name="Again", seed=5)


def test_a_tune_keeps_all_that_it_came_out_of_and_names_it(small_project, second, workbench):
    first = tuned(small_project)
    after = tuned(small_project, first.fine_tuned_model)
    last = tuned(second, after.fine_tuned_model)
    assert [workbench.fine_tunes.lineage(job) for job in (first, after)] == [
        [BASE, "tuned 1"],
        [BASE, "tuned 1", "tuned 2"],
    ]
    assert workbench.fine_tunes.lineage(last) == [BASE, "tuned 1 of “Small”", "tuned 2 of “Small”", "tuned 1"]
    assert last.config["lineage"] == [BASE, first.fine_tuned_model, after.fine_tuned_model]


def test_the_lineage_outlives_the_fine_tunes_it_began_with(small_project, second, workbench):
    first = tuned(small_project)
    last = tuned(second, first.fine_tuned_model)
    with workbench.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM fine_tunes WHERE id = ?", (first.id,))
    assert workbench.fine_tunes.lineage(last) == [BASE, first.fine_tuned_model, "tuned 1"]


def test_one_can_start_from_every_tune_of_the_host_that_answers_questions(small_project, second, workbench):
    mine, other = tuned(small_project), tuned(second)
    writes = tuned(small_project)
    with workbench.db.write() as conn:
        fine_tunes.record(conn, writes.id, config={**writes.config, "writes_only": True})
    offered = workbench.fine_tunes.starts(small_project.id, "openai")
    assert offered == {mine.fine_tuned_model: "tuned 1", other.fine_tuned_model: "tuned 1 of “Again”"}
    assert list(offered) == [mine.fine_tuned_model, other.fine_tuned_model]
    assert workbench.fine_tunes.starts(small_project.id, "embedded") == {}


def test_no_model_is_validated_on_what_the_one_it_starts_from_was_taught(small_project, second, workbench, fake_host):
    first = tuned(small_project)
    known = texts(small_project, Split.TRAIN)
    request = TuneRequest(second.id, second.gold, second.version_id, base_model=first.fine_tuned_model)
    made = workbench.fine_tunes.preflight(request)
    shown = {one.messages[-1].content for one in made.training.validation}
    assert shown == texts(second, Split.VALIDATION) - known and len(shown) < 12
    gone = 12 - len(shown)
    assert checks(made, Level.OK)["Validation it has not seen"].startswith(f"{gone} validation items that")
    job = tuned(second, first.fine_tuned_model)
    assert job.n_validation == len(shown)
    assert list(fake_host.files.values())[-1] == made.validation_jsonl()


def test_test_items_that_the_start_was_taught_are_said_before_and_left_out_of_figures_after(
    small_project, second, workbench
):
    first = tuned(small_project)
    seen = texts(small_project, Split.TRAIN) & texts(second, Split.TEST)
    request = TuneRequest(second.id, second.gold, second.version_id, base_model=first.fine_tuned_model)
    said = checks(workbench.fine_tunes.preflight(request), Level.WARNING)["Starts from a tuned model"]
    assert f"was taught {len(seen)} of 18 test items" in said
    job = tuned(second, tuned(second, first.fine_tuned_model).fine_tuned_model)
    for run in follow_ups(job, Split.TEST):
        workbench.runs.start(run)
    work_off(workbench)
    _, annotator = workbench.fine_tunes.pair(job)
    view = workbench.agreement.view(second.id, second.gold, [annotator], Split.TEST)
    assert [(one.n, one.taught) for one in view.candidates] == [(18 - len(seen), len(seen))]


def test_all_questions_that_a_joint_tune_answers_leave_out_what_its_ancestors_were_taught(workbench, fake_host):
    other = make_project(workbench, name="Other", seed=5)
    first = tuned(other)
    world = World(workbench)
    job = tuned(world.small, first.fine_tuned_model, world.request())
    for run in follow_ups(job, Split.TEST):
        workbench.runs.start(run)
    work_off(workbench)
    taught = {i for i, text in world.all.items() if text in texts(other, Split.TRAIN)} | set(world.split(Split.TRAIN))
    for project in (world.topic, world.moods, world.harm):
        model = next(one for one in workbench.projects.annotators(project) if one.model == job.fine_tuned_model)
        with workbench.db.read() as conn:
            assert taught_items(conn, model.id) == taught
            assert left_out(conn, [model.id], Split.TEST) == taught & set(world.split(Split.TEST)) != frozenset()


def test_on_the_embedded_host_labels_in_common_are_what_is_taken_over(small_project, workbench):
    made = tuned(small_project)
    with workbench.db.write() as conn:
        fine_tunes.record(conn, made.id, host="embedded")
    base = made.fine_tuned_model

    def found(level, labels):
        project = make_project(workbench, name=f"Of {labels}", seed=3)
        ids = [label.id for label in workbench.tasks.get(project.id).labels]
        task = Task(tuple(Label(name, id=one) for name, one in zip(labels, ids, strict=True)))
        workbench.tasks.save(project.id, task)
        request = TuneRequest(project.id, project.gold, project.version_id, host="embedded", base_model=base)
        return checks(workbench.fine_tunes.preflight(request), level)

    assert "has learned 2 labels of them" in found(Level.OK, ["SPORTS", "POLITICS"])["Labels in common"]
    assert "No example has POLITICS" in found(Level.WARNING, ["SPORTS", "LAW"])["Labels in common"]
    assert "has learned none of the labels" in found(Level.BLOCKER, ["TEAMS", "LAWS"])["Labels in common"]


def test_a_start_that_takes_nothing_over_is_not_begun(small_project, second, workbench):
    made = tuned(small_project)
    with workbench.db.write() as conn:
        fine_tunes.record(conn, made.id, config={**made.config, "per_label": {"OTHER": 30}})
    with pytest.raises(WorkbenchError, match="Labels in common"):
        workbench.fine_tunes.start(request_of(second), host="embedded", base_model=made.fine_tuned_model)
