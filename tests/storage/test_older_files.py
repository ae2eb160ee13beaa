"""Files of older schemas: every figure and export is the same after the upgrade, and old edits carry answers on."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from core.model import TableData
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.review.reviewing import QueueFilter
from core.settings import Settings
from core.storage import annotations, migrate, tasks
from core.storage.engine import open_database
from core.workbench import open_workbench
from tests.storage import lived_in

CARRIED = ("confidence", "confidence_source", "kind", "reason", "note", "source_id", "votes", "blind")


@pytest.fixture(autouse=True)
def as_recorded(monkeypatch):
    """The zone and the address in which the files were recorded."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setenv("OPENAI_BASE_URL", lived_in.ADDRESS)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    yield
    monkeypatch.undo()
    time.tzset()


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
def old(tmp_path, monkeypatch):
    """Settings, project and label ids by name of the workbench as 0002 held it."""
    settings = Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")})
    lived_in.write_at(settings.database_path, "0002", monkeypatch)
    return settings, 1, dict(rows_of(settings.database_path, "labels", "name, id"))


def copied(settings, target):
    """The same in another folder."""
    shutil.copytree(settings.data_dir, target)
    return Settings.from_env({"LABELLOOP_DATA": str(target)})


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


def upgraded(path, schema, monkeypatch):
    """Bring the file up to a schema in between."""
    with monkeypatch.context() as older:
        older.setattr(migrate, "HEAD", schema)
        open_database(path).close()


def shown(settings):
    """All that pages show and exports hold."""
    wb = open_workbench(settings)
    try:
        return lived_in.seen(wb)
    finally:
        wb.close()


@pytest.mark.parametrize("schema", ["0002", "0006"])
def test_no_figure_and_no_export_differs_after_the_upgrade(tmp_path, monkeypatch, schema):
    settings = Settings.from_env({"LABELLOOP_DATA": str(tmp_path)})
    lived_in.write_at(settings.database_path, schema, monkeypatch)
    found, expected = shown(settings), lived_in.expected(schema)
    for project, parts in expected.items():
        for name, part in parts:
            assert dict(found[project])[name] == part, (project, name)
    assert found == expected


def test_every_row_is_kept_prose_is_moved_and_a_merge_carries_on_what_was_said(old, monkeypatch):
    settings, _, labels = old
    path = settings.database_path
    with closing(sqlite3.connect(path)) as conn:
        holders = merged(conn, labels["POLITICS"], labels["SPORTS"], "merged POLITICS into SPORTS")
        conn.commit()
    before, columns = contents(path)
    upgraded(path, "0006", monkeypatch)
    after = {table: rows_of(path, table, ", ".join(columns[table])) for table in columns}
    was, now = (
        {row[0]: dict(zip(columns["annotations"], row, strict=True)) for row in side.pop("annotations")}
        for side in (before, after)
    )
    for side in (before, after):
        side["current"] = [row[: columns["current"].index("confidence")] for row in side["current"]]
    assert after == before and was.keys() == now.keys()
    merges = {row[0]: row[1] for row in rows_of(path, "annotations", "id, said_id, edit") if row[2] == "merge"}
    assert len(merges) == len(holders) > 60
    for entry in was:
        told = {"labelled blind": None}.get(was[entry]["reason"], was[entry]["reason"])
        said = now[merges[entry]] if entry in merges else was[entry] | {"reason": told}
        assert now[entry] == was[entry] | {name: said[name] for name in CARRIED if name in said}
    assert [row[1] for row in rows_of(path, "annotations", "id, blind") if row[1] is not None] == [1]


def low_confidence(settings, project_id):
    """How many items each annotator is unsure of, and what its current entries say beside their labels."""
    wb = open_workbench(settings)
    try:
        names = {annotator.id: annotator.name for annotator in wb.projects.annotators(project_id)}
        items = list(range(1, wb.data.count(project_id) + 1))
        with wb.db.read() as conn:
            said = annotations.current_of(conn, items, Sayings(conn, project_id))
        about = {
            (item, names[who]): (a.confidence, a.confidence_source, a.kind, a.reason, a.votes, a.run_id, a.raw, a.blind)
            for item, entries in said.items()
            for who, a in entries.items()
        }
        return {name: wb.review.count(project_id, QueueFilter(confidence_of=a)) for a, name in names.items()}, about
    finally:
        wb.close()


@pytest.mark.parametrize("schema", ["0002", "0003"])
def test_labels_merged_long_ago_keep_confidence_kind_votes_run_and_raw_answer(old, tmp_path, monkeypatch, schema):
    settings, project_id, labels = old
    expected = low_confidence(copied(settings, tmp_path / "untouched"), project_id)
    path = settings.database_path
    with closing(sqlite3.connect(path)) as conn:
        merged(conn, labels["POLITICS"], labels["SPORTS"], "merged POLITICS into SPORTS")
        merged(conn, labels["SPORTS"], labels["UNABLE_TO_CLASSIFY"], "merged SPORTS into UNABLE_TO_CLASSIFY")
        conn.commit()
    if schema == "0003":
        upgraded(path, "0003", monkeypatch)
        with closing(sqlite3.connect(path)) as conn:
            nothing = ", ".join(f"{name} = NULL" for name in CARRIED)
            conn.execute(f"UPDATE annotations SET {nothing} WHERE edit IS NOT NULL")
            conn.execute("UPDATE current SET confidence = NULL")
            conn.commit()
    found = low_confidence(settings, project_id)
    assert sum(expected[0].values()) > 0
    assert found == expected


def unchanged(shown_of):
    """What a merge that was undone leaves as it was: all but when each entry was made, and the history."""
    return {
        project: {name: part for name, part in parts if name not in ("exports", "merges", "review")}
        | {"exports": [export for export in dict(parts)["exports"] if export[0][0] == "wide"]}
        for project, parts in shown_of.items()
    }


def test_a_merge_told_in_prose_can_be_undone_and_brings_back_exactly_what_was(old, tmp_path):
    settings, project_id, labels = old
    untouched = copied(settings, tmp_path / "untouched")
    with closing(sqlite3.connect(settings.database_path)) as conn:
        holders = merged(conn, labels["POLITICS"], labels["SPORTS"], "merged POLITICS into SPORTS")
        conn.commit()
    wb = open_workbench(settings)
    try:
        assert wb.tasks.restore(project_id, labels["POLITICS"]) == len(holders)
    finally:
        wb.close()
    assert unchanged(shown(settings)) == unchanged(shown(untouched))


def test_merges_and_their_undoing_told_in_prose_are_found_again(old):
    settings, project_id, labels = old
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
            assert tasks.successors(conn, project_id) == {politics: fallback}
            kinds = conn.exec_driver_sql("SELECT edit, COUNT(*) FROM annotations WHERE edit IS NOT NULL GROUP BY 1")
            assert dict(map(tuple, kinds)) == {"merge": 2 * len(first), "restore": len(first)}
            loose = "SELECT COUNT(*) FROM annotations WHERE edit IS NOT NULL AND (said_id IS NULL OR edited_id IS NULL)"
            assert conn.exec_driver_sql(loose).scalar_one() == 0
        assert wb.tasks.restore(project_id, politics) == len(second)
    finally:
        wb.close()


@pytest.mark.parametrize("schema", ["0002", "0006"])
def test_all_that_was_there_came_with_the_first_upload_and_more_can_join(tmp_path, monkeypatch, schema):
    settings = Settings.from_env({"LABELLOOP_DATA": str(tmp_path)})
    lived_in.write_at(settings.database_path, schema, monkeypatch)
    wb = open_workbench(settings)
    try:
        for project in wb.projects.all():
            [first] = wb.data.uploads(project.id)
            items = wb.data.count(project.id)
            assert first.is_first and wb.data.count(project.id, ItemFilter(upload_id=first.upload.id)) == items
            table = TableData(("text",), [("a text that nobody has brought before",)])
            choice = ImportChoice("more", ("text",), kind=wb.tasks.get(project.id).type)
            upload = wb.data.add_table(project.id, table, choice)
            assert wb.data.count(project.id) == items + 1
            wb.data.undo_upload(project.id, upload.id)
            assert wb.data.count(project.id) == items
    finally:
        wb.close()
