"""Files of older schemas: every figure and export is the same after the upgrade, and old edits carry answers on."""

import csv
import io
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.model import Split
from core.services.asking.requests import Which
from core.services.review.reviewing import Decision, QueueFilter
from core.storage import annotations, cache, counts, fine_tunes, run_figures, runs, tasks
from core.workbench import open_workbench
from tests.fakes.waiting import finished
from tests.fakes.worlds import make_project

pytestmark = pytest.mark.usefixtures("quick")

CARRIED = ("confidence", "confidence_source", "kind", "reason", "note", "source_id", "votes", "blind")
SHAPES = (("long", False), ("long", True), ("wide", False))
_SINCE_0004 = ("DROP TABLE taught", "DROP TABLE deals", "ALTER TABLE looks DROP COLUMN worth")
_ADDED = (
    *_SINCE_0004,
    "DROP TABLE drafts",
    *(f"ALTER TABLE annotations DROP COLUMN {name}" for name in ("edit", "edited_id", "said_id", "blind")),
    "ALTER TABLE labels DROP COLUMN merged_into",
    "UPDATE alembic_version SET version_num = '0002'",
)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("core.services.labelling.storing._BEAT_SECONDS", 0.02)


def relabel(conn, holders, label_id, reason):
    """As a merge and its undo were entered at 0002."""
    for annotator, item in holders:
        conn.execute(
            "INSERT INTO annotations (item_id, annotator_id, label_id, reason, created_at) VALUES (?, ?, ?, ?, 1e9)",
            (item, annotator, label_id, reason),
        )
        newest = conn.execute("SELECT MAX(id) FROM annotations").fetchone()[0]
        conn.execute(
            "UPDATE current SET label_id = ?, annotation_id = ?, confidence = NULL"
            " WHERE annotator_id = ? AND item_id = ?",
            (label_id, newest, annotator, item),
        )


def merged(conn, source, target, reason):
    holders = conn.execute("SELECT annotator_id, item_id FROM current WHERE label_id = ?", (source,)).fetchall()
    relabel(conn, holders, target, reason)
    conn.execute("UPDATE labels SET archived_at = 1e9 + 1 WHERE id = ?", (source,))
    return holders


@pytest.fixture
def lived_in(workbench, fake_host):
    """A project in which everything has happened that the schema knows, as 0002 held it; labels by name."""
    project = make_project(workbench)
    finished(workbench, project.start())
    finished(workbench, project.start(Split.VALIDATION, repeats=3))
    finished(workbench, project.start(which=Which.ALL))  # from the cache
    items = list(project.items())
    told = [
        Decision(1, items[0], "SPORTS", blind=True),
        Decision(2, items[1], "POLITICS", note="odd", flagged=True),
        Decision(3, items[1], "SPORTS"),
    ]
    workbench.review.store(project.id, "log", "me", told)
    labels = {label.name: label.id for label in workbench.tasks.get(project.id).choices}
    with workbench.db.write() as conn:
        conn.exec_driver_sql(
            "INSERT INTO fine_tunes (project_id, annotator_id, prompt_version_id, host, base_model, config, status,"
            " created_at, n_train) VALUES (?, ?, ?, 'openai', 'm', '{}', 'succeeded', 0, 30)",
            (project.id, project.gold, project.version_id),
        )
    seen = figures(workbench, project), {shape: exported(workbench, project, *shape) for shape in SHAPES}
    workbench.close()
    with closing(sqlite3.connect(workbench.settings.database_path)) as conn:
        conn.execute("UPDATE annotations SET blind = NULL, reason = 'labelled blind' WHERE blind")
        for statement in _ADDED:
            conn.execute(statement)
        conn.commit()
    return workbench.settings, project, labels, seen


def copied(settings, target):
    shutil.copytree(settings.data_dir, target)
    return target


def rows_of(path: Path, table: str, columns: str = "*"):
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()


def contents(path: Path):
    """Every row of every table that 0002 had, by table, and the columns it had."""
    with closing(sqlite3.connect(path)) as conn:
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = [t for t in names if not t.startswith(("items_fts", "sqlite_", "alembic"))]
        columns = {t: [r[1] for r in conn.execute(f"PRAGMA table_info({t})")] for t in ours}
    return {t: rows_of(path, t, ", ".join(c)) for t, c in columns.items()}, columns


def figures(wb, project):
    """What pages show, as far as it depends on annotations."""
    everyone = [annotator.id for annotator in wb.projects.annotators(project.id)]
    with wb.db.read() as conn:
        every_run = runs.list_all(conn, project.id)
        return {
            "counts": {a: counts.labelled_count(conn, a, None) for a in everyone},
            "pairs": {(a, b): set(counts.pair_counts(conn, a, b, None)) for a in everyone for b in everyone},
            "runs": every_run,
            "answers": {run.id: runs.answer_counts(conn, run.id) for run in every_run},
            "confidences": {run.id: run_figures.confidences(conn, run.id) for run in every_run},
            "latencies": {run.id: sorted(run_figures.latencies(conn, run.id)) for run in every_run},
            "cache": cache.size(conn),
            "fine-tunes": fine_tunes.list_all(conn, project.id),
            "flagged": wb.review.count(project.id, QueueFilter(flagged_by=everyone[-1])),
            "labels": tasks.label_names(conn, project.id),
            "unsure": {a: wb.review.count(project.id, QueueFilter(confidence_of=a)) for a in everyone},
        }


def exported(wb, project, shape, with_history):
    content = wb.export.file(project.id, shape=shape, file_format="csv", with_history=with_history).decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_no_figure_and_no_export_differs_after_the_upgrade(lived_in):
    settings, project, _, (before, files) = lived_in
    wb = open_workbench(settings)
    try:
        assert figures(wb, project) == before
        assert {shape: exported(wb, project, *shape) for shape in SHAPES} == files
    finally:
        wb.close()
    told = files["long", True]
    assert sum(row["blind"] == "true" for row in told) == 1
    assert [(row["note"], row["flag"]) for row in told if row["entry"] == "mark"] == [("odd", "true")]


def test_every_row_is_kept_prose_is_moved_and_a_merge_carries_on_what_was_said(lived_in):
    settings, project, labels, _ = lived_in
    path = settings.database_path
    with closing(sqlite3.connect(path)) as conn:
        holders = merged(conn, labels["POLITICS"], labels["SPORTS"], "merged POLITICS into SPORTS")
        conn.commit()
    before, columns = contents(path)
    open_workbench(settings).close()
    after = {table: rows_of(path, table, ", ".join(columns[table])) for table in columns}
    old, new = (
        {row[0]: dict(zip(columns["annotations"], row, strict=True)) for row in side.pop("annotations")}
        for side in (before, after)
    )
    for side in (before, after):
        side["current"] = [row[: columns["current"].index("confidence")] for row in side["current"]]
    assert after == before and old.keys() == new.keys()
    merges = {row[0]: row[1] for row in rows_of(path, "annotations", "id, said_id, edit") if row[2] == "merge"}
    assert len(merges) == len(holders)
    for entry in old:
        told = {"labelled blind": None}.get(old[entry]["reason"], old[entry]["reason"])
        said = new[merges[entry]] if entry in merges else old[entry] | {"reason": told}
        assert new[entry] == old[entry] | {name: said[name] for name in CARRIED if name in said}


def low_confidence(wb, project):
    """How many items each annotator is unsure of, and what its current entries say beside their labels."""
    names = {annotator.id: annotator.name for annotator in wb.projects.annotators(project.id)}
    with wb.db.read() as conn:
        said = annotations.current_of(conn, list(project.items()), tasks.label_names(conn, project.id))
    about = {
        (item, names[who]): (a.confidence, a.confidence_source, a.kind, a.reason, a.votes, a.run_id, a.raw, a.blind)
        for item, entries in said.items()
        for who, a in entries.items()
    }
    return {name: wb.review.count(project.id, QueueFilter(confidence_of=a)) for a, name in names.items()}, about


@pytest.mark.parametrize("schema", ["0002", "0003"])
def test_labels_merged_long_ago_keep_confidence_kind_votes_run_and_raw_answer(lived_in, tmp_path, schema):
    settings, project, labels, _ = lived_in
    wb = open_workbench(type(settings).from_env({"LABELLOOP_DATA": str(copied(settings, tmp_path / "untouched"))}))
    expected = low_confidence(wb, project)
    wb.close()
    path = settings.database_path
    with closing(sqlite3.connect(path)) as conn:
        merged(conn, labels["POLITICS"], labels["SPORTS"], "merged POLITICS into SPORTS")
        merged(conn, labels["SPORTS"], labels["UNABLE_TO_CLASSIFY"], "merged SPORTS into UNABLE_TO_CLASSIFY")
        conn.commit()
    if schema == "0003":
        open_workbench(settings).close()
        with closing(sqlite3.connect(path)) as conn:
            nothing = ", ".join(f"{name} = NULL" for name in CARRIED)
            conn.execute(f"UPDATE annotations SET {nothing} WHERE edit IS NOT NULL")
            conn.execute("UPDATE current SET confidence = NULL")
            for statement in (*_SINCE_0004, "UPDATE alembic_version SET version_num = '0003'"):
                conn.execute(statement)
            conn.commit()
    wb = open_workbench(settings)
    try:
        found = low_confidence(wb, project)
    finally:
        wb.close()
    assert sum(expected[0].values()) > 0
    assert found == expected


def test_a_merge_told_in_prose_can_be_undone_and_brings_back_exactly_what_was(lived_in, tmp_path):
    settings, project, labels, _ = lived_in
    path = settings.database_path
    untouched = copied(settings, tmp_path / "untouched")
    with closing(sqlite3.connect(path)) as conn:
        holders = merged(conn, labels["POLITICS"], labels["SPORTS"], "merged POLITICS into SPORTS")
        conn.commit()
    wb = open_workbench(settings)
    try:
        assert len(holders) > 60
        assert wb.tasks.restore(project.id, labels["POLITICS"]) == len(holders)
        after, rows = figures(wb, project), exported(wb, project, "wide", False)
    finally:
        wb.close()
    reference = open_workbench(type(settings).from_env({"LABELLOOP_DATA": str(untouched)}))
    try:
        expected = figures(reference, project)
        assert after == expected
        assert rows == exported(reference, project, "wide", False)
    finally:
        reference.close()


def test_merges_and_their_undoing_told_in_prose_are_found_again(lived_in):
    settings, project, labels, _ = lived_in
    with closing(sqlite3.connect(settings.database_path)) as conn:
        sports, fallback, politics = labels["SPORTS"], labels["UNABLE_TO_CLASSIFY"], labels["POLITICS"]
        first = merged(conn, politics, sports, "merged POLITICS into SPORTS")
        conn.execute("UPDATE labels SET archived_at = NULL WHERE id = ?", (politics,))
        relabel(conn, first, politics, "undone: merged POLITICS")
        second = merged(conn, politics, fallback, "merged POLITICS into UNABLE_TO_CLASSIFY")
        conn.commit()
    assert len(first) == len(second)
    wb = open_workbench(settings)
    try:
        with wb.db.read() as conn:
            assert tasks.successors(conn, project.id) == {politics: fallback}
            kinds = conn.exec_driver_sql("SELECT edit, COUNT(*) FROM annotations WHERE edit IS NOT NULL GROUP BY 1")
            assert dict(map(tuple, kinds)) == {"merge": 2 * len(first), "restore": len(first)}
            loose = "SELECT COUNT(*) FROM annotations WHERE edit IS NOT NULL AND (said_id IS NULL OR edited_id IS NULL)"
            assert conn.exec_driver_sql(loose).scalar_one() == 0
        assert wb.tasks.restore(project.id, politics) == len(second)
    finally:
        wb.close()
