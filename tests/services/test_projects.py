"""Projects on the list, removed and restored."""

import pytest

from core.errors import WorkbenchError
from core.model import RunStatus
from tests.fakes.waiting import finished
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


def test_progress_names_the_next_step(small_project, workbench):
    assert workbench.progress.of(small_project.id).next.page == "runs"
    finished(workbench, small_project.start())
    assert workbench.progress.of(small_project.id).next.page == "review"
