"""Labels merged and given back: always as new entries."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import Label, QuestionKind, TableData
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.task.tasks import task_stamp
from core.storage import annotations
from tests.fakes import saying
from tests.services.test_labelling import labels_of


@pytest.fixture
def labels(small_project, workbench):
    return {label.name: label for label in workbench.tasks.get(small_project.id).choices}


def history_length(project):
    with project.wb.db.read() as conn:
        return conn.exec_driver_sql("SELECT COUNT(*) FROM annotations").scalar()


def test_merging_relabels_every_annotator_and_archives_the_label(small_project, workbench, labels):
    touched = workbench.tasks.merge(small_project.id, labels["POLITICS"].id, labels["SPORTS"].id)
    # 30 items by gold, the first row by hasty.
    assert touched == 31
    assert set(labels_of(small_project, small_project.gold).values()) == {"SPORTS"}
    assert [label.name for label in workbench.tasks.get(small_project.id).labels] == ["SPORTS"]


def test_a_merge_and_its_undo_are_new_entries_and_the_old_ones_stay(small_project, workbench, labels):
    before, n = labels_of(small_project, small_project.gold), history_length(small_project)
    workbench.tasks.merge(small_project.id, labels["POLITICS"].id, labels["SPORTS"].id)
    assert history_length(small_project) == n + 31
    assert workbench.tasks.restore(small_project.id, labels["POLITICS"].id) == 31
    assert history_length(small_project) == n + 62
    assert labels_of(small_project, small_project.gold) == before
    item = next(item for item, label in before.items() if label == "POLITICS")
    with workbench.db.read() as conn:
        names = Sayings(conn, small_project.id)
        said = [entry.said for entry in annotations.history(conn, [item], names)[item] if
                entry.annotator_id == small_project.gold]  # fmt: skip
    assert said == ["POLITICS", "SPORTS", "POLITICS"]


def test_what_was_relabelled_after_the_merge_is_not_undone(small_project, workbench, labels):
    item = next(i for i, label in labels_of(small_project, small_project.gold).items() if label == "POLITICS")
    workbench.tasks.merge(small_project.id, labels["POLITICS"].id, labels["SPORTS"].id)
    with workbench.db.write() as conn:
        fallback = labels["UNABLE_TO_CLASSIFY"].id
        saying.append(conn, [annotations.NewAnnotation(item, small_project.gold, fallback)])
    assert workbench.tasks.restore(small_project.id, labels["POLITICS"].id) == 30
    assert labels_of(small_project, small_project.gold)[item] == "UNABLE_TO_CLASSIFY"


def test_a_merge_can_still_be_undone_when_its_label_was_saved_anew_meanwhile(small_project, workbench, labels):
    before = labels_of(small_project, small_project.gold)
    workbench.tasks.merge(small_project.id, labels["POLITICS"].id, labels["SPORTS"].id)
    task = workbench.tasks.get(small_project.id)
    workbench.tasks.save(small_project.id, replace(task, labels=(*task.labels, Label("POLITICS"))))
    assert workbench.tasks.restore(small_project.id, labels["POLITICS"].id) == 31
    assert labels_of(small_project, small_project.gold) == before
    assert [label.name for label in workbench.tasks.get(small_project.id).labels] == ["SPORTS", "POLITICS"]


def test_a_label_cannot_be_merged_with_itself_nor_the_fallback_away(small_project, workbench, labels):
    with pytest.raises(WorkbenchError, match="two different labels"):
        workbench.tasks.merge(small_project.id, labels["SPORTS"].id, labels["SPORTS"].id)
    with pytest.raises(WorkbenchError, match="fallback"):
        workbench.tasks.merge(small_project.id, labels["UNABLE_TO_CLASSIFY"].id, labels["SPORTS"].id)
    assert history_length(small_project) == 120


def test_a_label_left_out_of_the_task_keeps_its_annotations(small_project, workbench, labels):
    from dataclasses import replace

    from core.model import Label

    task = workbench.tasks.get(small_project.id)
    workbench.tasks.save(small_project.id, replace(task, labels=(labels["SPORTS"], Label("WEATHER"))))
    assert sorted(set(labels_of(small_project, small_project.gold).values())) == ["POLITICS", "SPORTS"]


def test_a_running_run_keeps_the_labels_it_was_started_with(small_project, workbench, fake_host, labels):
    from dataclasses import replace

    from tests.fakes.waiting import finished

    run = small_project.start()
    task = workbench.tasks.get(small_project.id)
    renamed = replace(labels["SPORTS"], name="GAMES")
    workbench.tasks.save(small_project.id, replace(task, labels=(renamed, labels["POLITICS"])))
    run = finished(workbench, run)
    assert run.done == 60
    enum = fake_host.asked[0].body["response_format"]["json_schema"]["schema"]["properties"]["label"]["enum"]
    assert enum == ["SPORTS", "POLITICS", "UNABLE_TO_CLASSIFY"]
    assert sorted(set(labels_of(small_project, run.annotator_id).values())) == ["GAMES", "POLITICS"]


def test_labels_are_neither_merged_nor_removed_while_a_run_is_going(small_project, workbench, labels):
    from dataclasses import replace

    from core.model import Label

    run = small_project.start()
    task = workbench.tasks.get(small_project.id)
    with pytest.raises(WorkbenchError, match="cannot be merged while a run of this project is in progress"):
        workbench.tasks.merge(small_project.id, labels["POLITICS"].id, labels["SPORTS"].id)
    with pytest.raises(WorkbenchError, match="cannot be removed while a run of this project is in progress"):
        workbench.tasks.save(small_project.id, replace(task, labels=(labels["SPORTS"], Label("WEATHER"))))
    assert workbench.tasks.get(small_project.id) == task
    workbench.runs.cancel(run.id)
    assert workbench.tasks.merge(small_project.id, labels["POLITICS"].id, labels["SPORTS"].id) == 31


def test_a_label_removed_and_added_again_in_any_spelling_is_the_same_label(small_project, workbench, labels):
    task = workbench.tasks.get(small_project.id)
    workbench.tasks.save(small_project.id, replace(task, labels=(labels["SPORTS"], Label("WEATHER"))))
    assert [one.label.name for one in workbench.tasks.removed(small_project.id)] == ["POLITICS"]
    present = workbench.tasks.get(small_project.id)
    workbench.tasks.save(small_project.id, replace(present, labels=(*present.labels, Label("Politics"))))
    again = workbench.tasks.get(small_project.id).labels[2]
    assert (again.id, again.name) == (labels["POLITICS"].id, "Politics")
    assert workbench.tasks.removed(small_project.id) == []
    assert sorted(set(labels_of(small_project, small_project.gold).values())) == ["Politics", "SPORTS"]


def test_no_label_takes_the_name_of_a_removed_one_that_annotations_carry(small_project, workbench, labels):
    task = workbench.tasks.get(small_project.id)
    renamed = replace(labels["SPORTS"], name="politics")
    with pytest.raises(WorkbenchError, match="still have a removed label POLITICS"):
        workbench.tasks.save(small_project.id, replace(task, labels=(renamed, Label("WEATHER"))))
    assert workbench.tasks.get(small_project.id) == task


def test_a_task_saved_elsewhere_meanwhile_is_not_overwritten(small_project, workbench, labels):
    task = workbench.tasks.get(small_project.id)
    base = task_stamp(task)
    workbench.tasks.save(small_project.id, replace(task, guidelines="The other tab."), base=base)
    with pytest.raises(WorkbenchError, match="changed elsewhere"):
        workbench.tasks.save(small_project.id, replace(task, guidelines="This tab."), base=base)
    assert workbench.tasks.get(small_project.id).guidelines == "The other tab."
    workbench.tasks.save(small_project.id, replace(task, guidelines="Whatever is there."))
    assert workbench.tasks.get(small_project.id).guidelines == "Whatever is there."


@pytest.mark.parametrize(
    ("kind", "rows", "change"),
    [
        (
            QuestionKind.SEVERAL_LABELS,
            [("one", "[]"), ("two", '["a", "b"]'), ("three", '["a"]')],
            {"allow_empty": False},
        ),
        (
            QuestionKind.SPANS,
            [("Ada Lovelace", '[[0, 3, "a"], [0, 12, "b"]]'), ("Ada", '[[0, 3, "a"]]'), ("none", "[]")],
            {"may_overlap": False},
        ),
    ],
)
def test_what_the_options_no_longer_allow_is_counted_beforehand_and_stays(workbench, kind, rows, change):
    choice = ImportChoice("changed", ("text",), ("said",), kind=kind)
    project = workbench.data.import_table(TableData(("text", "said"), rows), choice)
    ids = [item.id for item in workbench.data.page(project, ItemFilter(), limit=9)]
    before = workbench.data.labels_of(project, ids)
    task = workbench.tasks.get(project)
    loose = replace(task, options=replace(task.options, **dict.fromkeys(change, True)))
    workbench.tasks.save(project, loose)
    strict = replace(loose, options=replace(loose.options, **change))
    assert workbench.tasks.preview(project, strict).outside == 1
    workbench.tasks.save(project, strict)
    assert workbench.tasks.get(project).options == strict.options
    assert workbench.data.labels_of(project, ids) == before
    assert workbench.tasks.preview(project, strict).outside == 0


def test_other_fields_can_be_compared_but_none_with_itself_and_none_that_is_not_there(workbench):
    rows = [("ask", "x", "y", "z", "First is better"), ("other", "x", "y", "z", "Second is better")]
    table = TableData(("q", "a", "b", "c", "said"), rows)
    choice = ImportChoice("pairs", ("q",), ("said",), kind=QuestionKind.PREFERENCE, candidates=("a", "b"))
    project = workbench.data.import_table(table, choice)
    task = workbench.tasks.get(project)
    other = replace(task, options=replace(task.options, candidates=("a", "said")))
    with pytest.raises(WorkbenchError, match="no field said"):
        workbench.tasks.save(project, other)
    with pytest.raises(WorkbenchError, match="a is compared with itself"):
        workbench.tasks.save(project, replace(task, options=replace(task.options, candidates=("a", "a"))))
    fine = replace(task, options=replace(task.options, candidates=("b", "a")))
    assert workbench.tasks.preview(project, fine).outside == 2
    workbench.tasks.save(project, fine)
    assert workbench.tasks.get(project).options.candidates == ("b", "a")
