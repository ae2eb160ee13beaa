"""Opening the database, and trouble with the file in the user's words."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import WorkbenchError
from core.storage.engine import open_database

ROOT = Path(__file__).parents[2]
ADD = "INSERT INTO projects (name, created_at) VALUES ('x', 0)"


def names(database):
    with database.read() as conn:
        return [row[0] for row in conn.exec_driver_sql("SELECT name FROM projects ORDER BY id")]


def test_a_transaction_that_fails_leaves_nothing_behind(db):
    with pytest.raises(RuntimeError), db.write() as conn:
        conn.exec_driver_sql(ADD)
        raise RuntimeError
    assert names(db) == []


def test_a_bug_in_a_statement_stays_a_bug(db):
    with pytest.raises(IntegrityError), db.write() as conn:
        conn.exec_driver_sql("INSERT INTO projects (name) VALUES (NULL)")


def test_a_reader_sees_one_moment_however_long_it_reads(db):
    with db.read() as reader:
        assert reader.exec_driver_sql("SELECT COUNT(*) FROM projects").scalar() == 0
        with db.write() as writer:
            writer.exec_driver_sql(ADD)
        assert reader.exec_driver_sql("SELECT COUNT(*) FROM projects").scalar() == 0
    assert names(db) == ["x"]


def test_foreign_keys_are_held_to(db):
    with pytest.raises(IntegrityError), db.write() as conn:
        conn.exec_driver_sql("INSERT INTO labels (project_id, name, position) VALUES (99, 'A', 0)")


@pytest.mark.parametrize("folder", ["plain", "50% of #1?", "mode=ro&x", "ä ö", "a'b"])
def test_the_file_may_lie_in_a_folder_of_any_name(tmp_path, folder):
    path = tmp_path / folder / "labelloop.sqlite3"
    for _ in range(2):
        database = open_database(path)
        with database.write() as conn:
            conn.exec_driver_sql(ADD)
        database.close()
    assert path.is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == [folder]


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(WorkbenchError, match="is not a LabelLoop database"):
        open_database(path)
    assert path.read_text() == "Dear diary, " * 100


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match="database that belongs to another program"):
        open_database(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_database(tmp_path):
    path = tmp_path / "labelloop.sqlite3"
    path.touch()
    assert names(open_database(path)) == []


def test_a_program_that_died_while_making_the_file_does_not_spoil_it(tmp_path):
    path = tmp_path / "labelloop.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0
    assert names(open_database(path)) == []


def test_a_file_cut_short_is_called_damaged_or_no_database(tmp_path, fresh_file):
    path = tmp_path / "labelloop.sqlite3"
    path.write_bytes(fresh_file.read_bytes()[:9_000])
    with pytest.raises(WorkbenchError, match=r"damaged|is not a LabelLoop database"):
        database = open_database(path)
        names(database)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkbenchError, match="cannot be created"):
        open_database(tmp_path / "file" / "labelloop.sqlite3")


def test_a_full_disk_is_said_also_for_bulk_statements(db):
    from core.storage import items

    with db.write() as conn:
        conn.exec_driver_sql(ADD)
    with pytest.raises(WorkbenchError, match="The disk is full"), db.write() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1")
        items.insert_many(conn, [(1, f"h{i}", "", "text " * 500, None) for i in range(100)])
    with db.write() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM items").scalar() == 0
        items.insert_many(conn, [(1, "h", "", "text", None)])


def test_a_busy_file_is_said(db, monkeypatch):
    with closing(sqlite3.connect(db.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with db.read() as conn:
            conn.exec_driver_sql("PRAGMA busy_timeout = 10")
        with pytest.raises(WorkbenchError, match="busy in another program"), db.write():
            pass


WRITE_AS_NOBODY = """
import os, sys
from pathlib import Path
from core.errors import WorkbenchError
from core.storage.engine import open_database
open_database(Path(sys.argv[2])).close()  # whatever is imported on first use is imported now
if os.geteuid() == 0:  # nobody may stop root from writing
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
try:
    with open_database(Path(sys.argv[1])).write() as conn:
        conn.exec_driver_sql("INSERT INTO projects (name, created_at) VALUES ('x', 0)")
except WorkbenchError as error:
    print(error)
"""


@pytest.mark.parametrize("folder_mode", [0o777, 0o555])
def test_a_read_only_file_is_said(folder_mode, fresh_file, tmp_path):
    folder = Path(tempfile.mkdtemp())
    path = folder / "labelloop.sqlite3"
    shutil.copy(fresh_file, path)
    path.chmod(0o444)
    folder.chmod(folder_mode)
    command = [sys.executable, "-c", WRITE_AS_NOBODY, str(path), str(tmp_path / "other.sqlite3")]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert "is read-only" in done.stdout or "cannot be opened" in done.stdout, done.stdout + done.stderr
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_two_programs_that_make_the_file_at_the_same_time_both_get_it(tmp_path):
    path = tmp_path / "labelloop.sqlite3"
    code = (
        "import sys; from pathlib import Path; from core.storage.engine import open_database; import alembic.config;"
        f"sys.stdin.readline(); database = open_database(Path({str(path)!r})); database.close(); print('ok')"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    programs = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, **pipes) for _ in range(2)]
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    told = [program.communicate(timeout=60) for program in programs]
    assert [out for out, _ in told] == ["ok\n"] * 2, told


def broken(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


DAMAGE = {
    "an unknown schema": ("UPDATE alembic_version SET version_num = '0000'", "schema 0000, which never existed"),
    "a schema that is a word": (
        "UPDATE alembic_version SET version_num = 'zebra'",
        "schema zebra, which never existed",
    ),
    "no schema": ("DELETE FROM alembic_version", "does not say which schema"),
    "no table of schemas": ("DROP TABLE alembic_version", "does not say which schema"),
    "a missing table": ("DROP TABLE facts", "its table facts is missing"),
    "a newer schema": ("UPDATE alembic_version SET version_num = '9999'", "newer LabelLoop"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_said_with_what_to_do_and_left_alone(damage, tmp_path, fresh_file):
    statement, said = DAMAGE[damage]
    path = shutil.copy(fresh_file, tmp_path / "labelloop.sqlite3")
    broken(path, statement)
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match=said) as caught:
        open_database(path)
    assert "LABELLOOP_DATABASE" in caught.value.hint
    assert ".backup" not in caught.value.hint
    assert path.read_bytes() == before
    assert not path.with_name(path.name + ".backup").exists()


def test_the_copy_is_named_where_there_is_one(tmp_path, fresh_file):
    path = shutil.copy(fresh_file, tmp_path / "labelloop.sqlite3")
    shutil.copy(fresh_file, tmp_path / "labelloop.sqlite3.backup")
    broken(path, "DROP TABLE facts")
    with pytest.raises(WorkbenchError) as caught:
        open_database(path)
    assert "labelloop.sqlite3.backup" in caught.value.hint


def test_text_that_is_not_utf_8_is_said(db):
    broken(db.path, ADD.replace("'x'", "CAST(x'ff41' AS TEXT)"))
    with pytest.raises(WorkbenchError, match="text that is not UTF-8"):
        names(db)


def test_a_table_that_goes_missing_meanwhile_is_said(db):
    with pytest.raises(WorkbenchError, match="a table is missing"), db.read() as conn:
        conn.exec_driver_sql("SELECT 1 FROM gone")


def test_a_folder_in_place_of_the_file_is_said(tmp_path):
    (tmp_path / "labelloop.sqlite3").mkdir()
    with pytest.raises(WorkbenchError, match="is a folder"):
        open_database(tmp_path / "labelloop.sqlite3")


@pytest.fixture
def movable(tmp_path, fresh_file):
    (tmp_path / "data").mkdir()
    database = open_database(Path(shutil.copy(fresh_file, tmp_path / "data" / "labelloop.sqlite3")))
    with database.write() as conn:
        conn.exec_driver_sql(ADD)
    yield database
    database.close()


def test_a_folder_taken_away_is_said_and_put_back_it_goes_on_with_nothing_lost(movable, tmp_path):
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    for way in (movable.read, movable.write):
        with pytest.raises(WorkbenchError, match="no longer exists"), way():
            pass
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    with movable.write() as conn:
        conn.exec_driver_sql(ADD)
    assert names(movable) == ["x", "x"]


def test_a_folder_taken_away_in_the_middle_of_a_write_takes_nothing_with_it(movable, tmp_path):
    with pytest.raises(WorkbenchError, match="no longer exists"), movable.write() as conn:
        conn.exec_driver_sql(ADD)
        (tmp_path / "data").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    assert names(movable) == ["x"]


def test_another_file_in_its_place_is_opened_and_what_is_stored_then_goes_there(movable, tmp_path, fresh_file):
    shutil.rmtree(tmp_path / "data")
    with pytest.raises(WorkbenchError, match="no longer exists"):
        names(movable)
    (tmp_path / "data").mkdir()
    shutil.copy(fresh_file, movable.path)
    with movable.write() as conn:
        conn.exec_driver_sql(ADD)
    with closing(sqlite3.connect(movable.path)) as other:
        assert other.execute("SELECT COUNT(*) FROM projects").fetchone() == (1,)


def test_a_write_to_a_file_that_is_replaced_meanwhile_is_refused_also_once_another_has_opened_the_new_one(
    movable, tmp_path, fresh_file
):
    with pytest.raises(WorkbenchError, match="no longer exists"), movable.write() as conn:
        conn.exec_driver_sql(ADD)
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        (tmp_path / "data").mkdir()
        shutil.copy(fresh_file, movable.path)
        assert names(movable) == []  # which opens the new one
    assert names(movable) == []
    with movable.write() as conn:
        conn.exec_driver_sql(ADD)
    assert names(movable) == ["x"]


def test_the_memory_for_pages_is_bounded_over_all_connections_together(db):
    with ExitStack() as held:
        readers = [held.enter_context(db.read()) for _ in range(40)]
        kilobytes = [-reader.exec_driver_sql("PRAGMA cache_size").scalar() for reader in readers]
    assert max(kilobytes) == 56 * 1024
    assert sum(kilobytes) <= 400 * 1024
