"""Projects on the list, removed and restored."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, RunStatus, Split
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import Decision
from core.storage import fine_tunes, visits
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import make_project


def names(wb):
    return [project.name for project in wb.projects.all()]


def test_a_removed_project_comes_back_with_everything(small_project, workbench):
    run = finished(workbench, small_project.start())
    workbench.projects.remove(small_project.id)
    assert names(workbench) == []
    workbench.projects.restore(small_project.id)
    assert names(workbench) == ["Small"]
    assert workbench.runs.get(run.id).status is RunStatus.DONE
    assert workbench.projects.annotated_counts(small_project.id)[run.annotator_id] == 60


def test_a_restored_project_whose_name_was_taken_meanwhile_gets_a_number(small_project, workbench):
    workbench.projects.remove(small_project.id)
    make_project(workbench, 30, "small")
    workbench.projects.restore(small_project.id)
    assert names(workbench) == ["small", "Small (2)"]


def test_a_name_that_is_taken_in_any_spelling_is_numbered(small_project, workbench):
    make_project(workbench, 30, "small 2")
    assert workbench.projects.name_for("  SMALL ") == "SMALL 3"
    assert workbench.projects.name_for("News") == "News"


def test_restoring_what_was_never_removed_changes_nothing(small_project, workbench):
    workbench.projects.restore(small_project.id)
    assert names(workbench) == ["Small"]


def test_a_project_keeps_its_own_name_when_renamed_to_it(small_project, workbench):
    workbench.projects.rename(small_project.id, " SMALL ")
    assert names(workbench) == ["SMALL"]
    with pytest.raises(WorkbenchError, match="needs a name"):
        workbench.projects.rename(small_project.id, "  ")


def test_the_card_shows_the_best_model_on_validation_and_costs_no_look(small_project, workbench):
    assert workbench.projects.card(small_project.id).best is None
    run = finished(workbench, small_project.start())
    card = workbench.projects.card(small_project.id)
    annotator, accuracy = card.best
    assert (annotator.id, accuracy.value, accuracy.n) == (run.annotator_id, 1.0, 12)
    assert (card.items, card.people, card.models) == (60, 2, 1)
    assert workbench.agreement.looks(small_project.id) == 0


def test_a_project_of_many_runs_counts_and_lists_them_all(small_project, workbench):
    first = small_project.start()
    with workbench.db.write() as conn:
        names = [row[1] for row in conn.exec_driver_sql("PRAGMA table_info(runs)") if row[1] != "id"]
        columns = ", ".join(names)
        for _ in range(249):
            copied = f"INSERT INTO runs ({columns}) SELECT {columns} FROM runs WHERE id = ?"
            conn.exec_driver_sql(copied, (first.id,))
    listed = workbench.runs.all(small_project.id)
    assert (len(listed), listed[-1].id) == (250, first.id)
    step = next(step for step in workbench.progress.of(small_project.id).steps if step.page == "runs")
    assert (step.detail, step.live, step.done) == ("250", True, False)


def test_progress_names_the_next_step(small_project, workbench):
    assert workbench.progress.of(small_project.id).next.page == "runs"
    finished(workbench, small_project.start())
    assert workbench.progress.of(small_project.id).next.page == "review"


def test_a_station_where_looking_is_the_work_is_done_once_its_figures_were_shown(small_project, workbench):
    def done():
        return {step.page for step in workbench.progress.of(small_project.id).steps if step.done}

    run = finished(workbench, small_project.start())
    everyone = workbench.projects.annotators(small_project.id)
    people = [one for one in everyone if one.id != run.annotator_id]
    model = next(one for one in everyone if one.id == run.annotator_id)
    tuned = replace(model, fine_tune_id=1)
    assert not done() & {"agreement", "compare"}, "a finished run is not yet looked at"
    assert not workbench.progress.saw(small_project.id, "agreement", people), "people alone say nothing of a model"
    assert not workbench.progress.saw(small_project.id, "compare", [model, model]), "no tuned model was measured"
    assert not done() & {"agreement", "compare"}
    assert workbench.progress.saw(small_project.id, "agreement", [*people, model])
    assert workbench.progress.saw(small_project.id, "compare", [model, tuned])
    assert done() >= {"agreement", "compare"}
    assert not workbench.progress.saw(small_project.id, "compare", [model, tuned]), "the second time is no news"


@pytest.mark.parametrize(
    ("labelled", "split"),
    [((Split.VALIDATION, Split.TEST), "validation"), ((Split.TRAIN, Split.TEST), "train"), ((Split.TEST,), None)],
)
def test_the_next_round_begins_with_what_the_tuned_model_leaves_wrong_but_never_on_test(
    small_project, workbench, labelled, split
):
    base = small_project.model("base", *Split)
    finished(workbench, small_project.start(Split.VALIDATION))
    workbench.review.store(small_project.id, "log", "me", [Decision(1, next(iter(small_project.items())), "SPORTS")])
    with workbench.db.write() as conn:
        facts = {"annotator_id": small_project.gold, "prompt_version_id": small_project.version_id, "config": {}}
        job = fine_tunes.create(conn, small_project.id, host="openai", base_model="base", **facts)
        fine_tunes.finish(conn, job, FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:one")
        for page in ("agreement", "compare"):
            visits.add_visit(conn, small_project.id, page)
    small_project.model("other", Split.TEST)
    tuned = small_project.model("ft:one", *labelled, fine_tune_id=job)
    lead = workbench.progress.of(small_project.id).lead
    assert (lead.page, lead.todo) == ("review", "Review what is still wrong")
    ids = {"ref": str(small_project.gold), "a": str(base), "b": str(tuned)}
    assert lead.about == ({"outcome": "still_wrong", "split": split, **ids} if split else {})


def test_what_is_still_wrong_is_taught_once_somebody_has_reviewed_it_and_the_next_model_is_compared_anew(
    small_project, workbench
):
    def taught(model):
        with workbench.db.write() as conn:
            facts = {"annotator_id": small_project.gold, "prompt_version_id": small_project.version_id, "config": {}}
            job = fine_tunes.create(conn, small_project.id, host="openai", base_model="base", **facts)
            fine_tunes.finish(conn, job, FineTuneStatus.SUCCEEDED, fine_tuned_model=model)
        measured = small_project.model(model, Split.VALIDATION, fine_tune_id=job)
        return next(one for one in workbench.projects.annotators(small_project.id) if one.id == measured)

    def reviewed(seq, split):
        item = list(small_project.items(split))[seq]
        workbench.review.store(small_project.id, "log", "me", [Decision(seq, item, "SPORTS")])

    def lead():
        return workbench.progress.of(small_project.id).lead

    finished(workbench, small_project.start(Split.VALIDATION))
    reviewed(1, Split.TRAIN)
    first = taught("ft:one")
    workbench.progress.saw(small_project.id, "agreement", [first])
    assert workbench.progress.saw(small_project.id, "compare", [first])
    assert (lead().page, lead().todo) == ("review", "Review what is still wrong")
    reviewed(2, Split.TEST)
    assert lead().page == "review", "test items are not taught"
    reviewed(3, Split.TRAIN)
    assert (lead().act, lead().page, lead().todo) == ("fine_tune", "fine_tune", "Teach what was reviewed")
    second = taught("ft:two")
    assert (lead().page, lead().todo) == ("compare", "Compare before and after")
    assert workbench.progress.saw(small_project.id, "compare", [first, second])
    assert not workbench.progress.saw(small_project.id, "compare", [first, second]), "the second time is no news"
    assert (lead().page, lead().todo) == ("review", "Review what is still wrong")


def test_removing_a_project_stops_what_would_go_on_spending(small_project, workbench, fake_host):
    other = make_project(workbench, 30, "Other").start()
    run = small_project.start()
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    job = workbench.fine_tunes.start(request, host="openai", base_model="fake-large")
    assert workbench.projects.remove(small_project.id) == 2
    work_off(workbench)
    assert workbench.runs.get(run.id).status is RunStatus.CANCELLED
    assert workbench.fine_tunes.get(job.id).status is FineTuneStatus.CANCELLED
    assert workbench.runs.get(other.id).status is RunStatus.DONE
    assert (len(fake_host.asked), fake_host.files) == (30, {})


def test_a_name_is_taken_whatever_the_case_of_its_letters(small_project, workbench):
    workbench.projects.rename(small_project.id, "Ärzte")
    other = make_project(workbench, 30, "Other")
    with pytest.raises(WorkbenchError, match="already a project"):
        workbench.projects.rename(other.id, "äRZTE")


def test_removed_projects_are_listed_the_last_one_first(small_project, workbench):
    other = make_project(workbench, 30, "Other")
    workbench.projects.remove(small_project.id)
    workbench.projects.remove(other.id)
    assert [project.name for project in workbench.projects.removed()] == ["Other", "Small"]
    workbench.projects.restore(other.id)
    assert [project.name for project in workbench.projects.removed()] == ["Small"]


def test_runs_are_counted_within_their_project(small_project, workbench):
    other = make_project(workbench, 30, "Other")
    first, elsewhere, second = small_project.start(Split.TRAIN), other.start(), small_project.start(Split.TEST)
    assert [workbench.runs.get(run.id).number for run in (first, elsewhere, second)] == [1, 1, 2]
    assert [(run.id, run.number) for run in workbench.runs.all(small_project.id)] == [(second.id, 2), (first.id, 1)]
    assert [run.number for run in workbench.runs.live(other.id)] == [1]
