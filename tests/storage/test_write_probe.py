"""Whether the database can be written just now: what is said, from when, and for how long."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.storage.engine import Database, open_database
from core.storage.write_probe import BUSY_SECONDS, WriteProbe
from tests.fakes.trouble import locked_by_another_program


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "labelloop.sqlite3")


def test_nothing_is_said_of_a_database_that_can_be_written(db):
    assert db.trouble() is None
    assert WriteProbe(db.path).trouble(0.0) is None


def test_a_lock_of_another_program_is_said_once_it_has_lasted_and_no_longer_than_it_lasts(db):
    health = WriteProbe(db.path)
    with locked_by_another_program(db.path):
        assert health.trouble(0.0) is None, "a lock of a moment is nothing but a wait"
        found = health.trouble(BUSY_SECONDS)
        assert found is not None
        assert "is busy in another program" in found.message
        assert health.trouble(BUSY_SECONDS + 30) is not None
    assert health.trouble(BUSY_SECONDS + 32) is None


def test_two_short_locks_with_a_free_moment_between_are_not_one_long_lock(db):
    health = WriteProbe(db.path)
    with locked_by_another_program(db.path):
        health.trouble(0.0)
    health.trouble(1.0)
    with locked_by_another_program(db.path):
        assert health.trouble(BUSY_SECONDS) is None


def test_a_long_transaction_of_our_own_is_no_other_programs(db):
    health = WriteProbe(db.path)
    with db.write() as conn, health.writing():
        conn.exec_driver_sql("DELETE FROM facts")
        assert health.trouble(0.0) is None
        assert health.trouble(60.0) is None


def test_a_disk_without_room_is_said_while_it_has_none(db, monkeypatch):
    health = WriteProbe(db.path)
    real = shutil.disk_usage(db.path.parent)
    monkeypatch.setattr("core.storage.write_probe.shutil.disk_usage", lambda path: real._replace(free=100_000))
    found = health.trouble(0.0)
    assert found is not None
    assert found.message.startswith("The disk is full")
    monkeypatch.setattr("core.storage.write_probe.shutil.disk_usage", lambda path: real)
    assert health.trouble(2.0) is None


def test_a_file_that_may_only_be_read_is_said(db, monkeypatch):
    def refused(self: WriteProbe) -> sqlite3.Error:
        return sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(WriteProbe, "_refusal", refused)
    found = WriteProbe(db.path).trouble(0.0)
    assert found is not None
    assert "is read-only" in found.message


def test_whoever_writes_with_little_patience_hears_of_the_lock_and_the_next_waits_as_ever(db):
    busy = pytest.raises(WorkbenchError, match="busy in another program")
    with locked_by_another_program(db.path), busy, db.write(patience=0.05):
        pass
    with db.read() as conn:
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000
