"""The schema: the file and the code agree, and upgrading never risks what is there."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.errors import WorkbenchError
from core.storage import deals, looks, migrate
from core.storage.engine import open_database
from core.storage.tables import metadata

ROOT = Path(__file__).parents[2]


def test_a_fresh_file_is_what_the_tables_say(db):
    def ours(_object, name, kind, _reflected, _other):
        return not (kind == "table" and (name.startswith("items_fts") or name == "alembic_version"))

    with db.read() as conn:
        context = MigrationContext.configure(conn, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_head_the_program_knows_is_the_newest_migration():
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_current_head() == migrate.HEAD


def test_every_column_that_needs_one_has_a_comment():
    """Keys, names and times explain themselves; numbers and states do not."""
    evident = {"id", "name", "created_at", "project_id", "item_id", "annotator_id", "run_id"}
    uncommented = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.comment is None and not column.foreign_keys and column.name not in evident
    }
    assert {name for name in uncommented if name.endswith(("_seconds", "_config", "_hash"))} == set()


def test_opening_twice_changes_nothing(tmp_path):
    path = tmp_path / "a.sqlite3"
    open_database(path).close()
    before = path.read_bytes()
    open_database(path).close()
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sqlite3"]


def test_opening_a_present_file_does_not_even_load_the_migration_tool(tmp_path):
    open_database(tmp_path / "a.sqlite3").close()
    code = (
        "import sys; from pathlib import Path; from core.storage.engine import open_database;"
        f"open_database(Path({str(tmp_path / 'a.sqlite3')!r})); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.fixture
def a_newer_program(tmp_path, monkeypatch):
    """This program as it will be one migration from now."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    newest = folder / "versions" / "v9999_more.py"
    newest.write_text(
        f'revision = "9999"\ndown_revision = "{migrate.HEAD}"\n\nfrom alembic import op\n\n\n'
        'def upgrade():\n    op.execute("ALTER TABLE projects ADD COLUMN mood TEXT")\n'
    )

    def become():
        monkeypatch.setattr(migrate, "MIGRATIONS", folder)
        monkeypatch.setattr(migrate, "HEAD", "9999")
        return newest

    return become


def columns(path):
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(projects)")]


def test_an_older_file_is_copied_then_upgraded(tmp_path, a_newer_program):
    path = tmp_path / "data" / "a.sqlite3"
    database = open_database(path)
    with database.write() as conn:
        conn.exec_driver_sql("INSERT INTO projects (name, created_at) VALUES ('Mine', 0)")
    database.close()
    a_newer_program()
    database = open_database(path)
    with database.read() as conn:
        assert conn.exec_driver_sql("SELECT name, mood FROM projects").all() == [("Mine", None)]
    database.close()
    backup = path.with_name("a.sqlite3.backup")
    assert "mood" not in columns(backup)
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT name FROM projects").fetchall() == [("Mine",)]
    assert "mood" in columns(path)


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path, a_newer_program):
    path = tmp_path / "data" / "a.sqlite3"
    open_database(path).close()
    broken = a_newer_program()
    broken.write_text(broken.read_text() + '    op.execute("CREATE TABLE half (id INTEGER)")\n    raise RuntimeError\n')
    with pytest.raises(RuntimeError):
        open_database(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() != ("9999",)
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None
    assert "mood" not in columns(path)


def test_a_file_of_a_newer_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "a.sqlite3"
    open_database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match="newer LabelLoop") as caught:
        open_database(path)
    assert "Update LabelLoop" in caught.value.hint
    assert path.read_bytes() == before


def test_looks_of_before_count_one_each_after_the_upgrade(tmp_path, monkeypatch):
    path = tmp_path / "a.sqlite3"
    monkeypatch.setattr(migrate, "HEAD", "0004")
    database = open_database(path)
    with database.write() as conn:
        conn.exec_driver_sql("INSERT INTO projects (name, created_at, task_type) VALUES ('Mine', 0, 'single_label')")
        for question in ("agreement:test:1,2@5", "compare:test:1,2,3@5"):
            conn.exec_driver_sql("INSERT INTO looks (project_id, question, created_at) VALUES (1, ?, 7)", (question,))
    database.close()
    monkeypatch.undo()
    database = open_database(path)
    with database.read() as conn:
        assert looks.look_count(conn, 1) == 2
        assert deals.former(conn, 1) == []
    database.close()


def test_a_file_that_another_process_upgraded_meanwhile_leaves_the_copy_of_before(tmp_path):
    path = tmp_path / "a.sqlite3"
    open_database(path).close()
    backup = path.with_name("a.sqlite3.backup")
    backup.write_bytes(b"of before")
    migrate._copy(path, "0001")  # as it stood when this process looked
    assert backup.read_bytes() == b"of before"
    assert sorted(one.name for one in tmp_path.iterdir() if ".part" in one.name) == []
    migrate._copy(path, migrate.HEAD)
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.HEAD,)


def test_in_which_order_people_saw_two_candidates_is_known_after_the_upgrade(tmp_path, monkeypatch):
    path = tmp_path / "a.sqlite3"
    monkeypatch.setattr(migrate, "HEAD", "0013")
    database = open_database(path)
    with database.write() as conn:
        run = conn.exec_driver_sql
        run("INSERT INTO projects (name, created_at) VALUES ('Mine', 0)")
        run("INSERT INTO questions (id, project_id, kind, position) VALUES (1, 1, 'preference', 0)")
        run("INSERT INTO \"values\" (id, question_id, canonical, kind) VALUES (1, 1, '1', 'preference')")
        for who, kind in ((1, "person"), (2, "imported")):
            run(
                "INSERT INTO annotators (id, project_id, kind, name, color, created_at) VALUES (?, 1, ?, ?, '', 0)",
                (who, kind, kind),
            )
        for item in range(1, 9):
            run("INSERT INTO items (id, project_id, text, hash) VALUES (?, 1, 'a', ?)", (item, str(item)))
            for who in (1, 2):
                run(
                    "INSERT INTO annotations (item_id, annotator_id, question_id, value_id, created_at)"
                    " VALUES (?, ?, 1, 1, 0)",
                    (item, who),
                )
    database.close()
    monkeypatch.undo()
    database = open_database(path)
    with database.read() as conn:
        shown = conn.exec_driver_sql("SELECT annotator_id, shown FROM annotations ORDER BY item_id, annotator_id")
        found = [tuple(row) for row in shown]
    database.close()
    # As a browser works the review page's rule out for the items 1 to 8.
    turned = [True, False, True, False, False, True, False, True]
    assert [one for who, one in found if who == 1] == ["1,0" if one else "0,1" for one in turned]
    assert {one for who, one in found if who == 2} == {None}
