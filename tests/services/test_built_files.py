"""Files that were built to be taken along do not pile up, and say what they are of."""

import os

import pytest

from core.errors import WorkbenchError
from core.model import TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.export import built_files
from core.services.review.reviewing import Decision


def imported(wb, name="P"):
    table = TableData(("text", "label"), [("one", "a"), ("two", "b")])
    return wb.data.import_table(table, ImportChoice(name, ("text",), ("label",)))


def build(wb, project_id, name):
    path = wb.export.keep(project_id, name, lambda out: out.write(b"x" * 100))
    # As old as it was built, whatever the clock of the file system can tell apart.
    order = len(list(path.parent.iterdir()))
    os.utime(path, ns=(order * 10**9, order * 10**9))
    return path


def names(wb, project_id):
    return [one.path.name for one, _ in wb.export.built(project_id)]


def test_the_newest_few_of_a_project_are_kept_and_those_of_others_left_alone(workbench):
    first, second = imported(workbench), imported(workbench, "Q")
    build(workbench, second, "other.zip")
    for number in range(built_files.NEWEST + 3):
        build(workbench, first, f"{number}.zip")
    assert len(names(workbench, first)) == built_files.NEWEST
    assert names(workbench, first)[0] == f"{built_files.NEWEST + 2}.zip"
    assert names(workbench, second) == ["other.zip"]


def test_all_together_are_kept_within_a_limit_the_oldest_go_first_and_the_new_one_never(workbench, monkeypatch):
    first, second = imported(workbench), imported(workbench, "Q")
    monkeypatch.setattr(built_files, "MOST_BYTES", 250)
    for number, project_id in enumerate((first, second, first)):
        build(workbench, project_id, f"{number}.zip")
    assert names(workbench, first) + names(workbench, second) == ["2.zip", "1.zip"]
    monkeypatch.setattr(built_files, "MOST_BYTES", 50)
    build(workbench, first, "large.zip")
    assert names(workbench, first) + names(workbench, second) == ["large.zip"]


def test_each_says_how_large_it_is_and_how_many_answers_came_since_to_any_question(workbench):
    home = imported(workbench)
    further = workbench.projects.ask_further(home, "More?", workbench.tasks.get(home).type, ["yes", "no"])
    build(workbench, further, "a.zip")
    ((one, since),) = workbench.export.built(home)
    assert (one.n_bytes, since) == (100, 0)
    item = workbench.data.page(home, ItemFilter())[0]
    label = workbench.tasks.get(home).labels[1].name
    workbench.review.store(home, "log", "zoe", [Decision(seq=1, item_id=item.id, label=label)])
    assert [since for _, since in workbench.export.built(further)] == [1]


def test_they_go_with_a_removed_project_and_everything_else_stays(workbench, tmp_path):
    kept, removed = imported(workbench), imported(workbench, "Q")
    for project_id in (kept, removed):
        build(workbench, project_id, "a.zip")
    folder = workbench.settings.data_dir / "exports"
    (folder / "mine.zip").write_bytes(b"mine")
    (folder / "notes").mkdir()
    workbench.projects.remove(removed)
    workbench.export.clear()
    assert sorted(one.name for one in folder.iterdir()) == sorted(["mine.zip", "notes", str(kept)])
    workbench.projects.restore(removed)
    assert names(workbench, removed) == []


def test_a_file_is_deleted_by_its_name_alone_and_none_that_lies_elsewhere(workbench):
    project_id = imported(workbench)
    build(workbench, project_id, "a.zip")
    outside = workbench.settings.data_dir / "exports" / "b.zip"
    outside.write_bytes(b"")
    workbench.export.remove_built(project_id, "../b.zip")
    assert outside.is_file() and names(workbench, project_id) == ["a.zip"]
    workbench.export.remove_built(project_id, "a.zip")
    workbench.export.remove_built(project_id, "a.zip")
    assert names(workbench, project_id) == []


def test_what_cannot_be_read_of_a_file_is_not_told_and_nothing_stands_in_the_way(workbench):
    project_id = imported(workbench)
    path = build(workbench, project_id, "a.zip")
    (path.parent / ".built-of.json").write_text("{broken")
    ((one, since),) = workbench.export.built(project_id)
    assert (one.path.name, since) == ("a.zip", None)
    with pytest.raises(WorkbenchError):
        workbench.export.built(10**6)
