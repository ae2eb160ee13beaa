"""Lists of ids as long as a project, where SQLite takes few variables in a statement: how many depends on its build."""

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from core.storage import annotations, batches, repeats, run_figures, run_grids, run_work
from core.workbench import Workbench
from tests.fakes.worlds import make_project

MANY = list(range(1, 40_001))

QUESTIONS: dict[str, tuple[Callable[[Connection], object], object]] = {
    "labels": (lambda conn: annotations.label_ids_of(conn, 0, MANY), {}),
    "newest": (lambda conn: annotations.newest_id(conn, MANY) > 0, True),
    "missing": (lambda conn: run_work.still_missing(conn, 0, MANY), set(MANY)),
    "answered": (lambda conn: run_figures.answered_with(conn, 0, MANY), {}),
    "pairs": (lambda conn: run_figures.pairs(conn, MANY, 0), []),
    "labelled": (lambda conn: run_figures.labelled(conn, MANY), (0, 0)),
    "repeats": (lambda conn: repeats.of_items(conn, 0, MANY), {}),
    "probes": (lambda conn: run_grids.probes_for(conn, MANY), []),
    "standing": (lambda conn: batches.standing(conn, 0, MANY), {}),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_forty_thousand_ids_are_asked_about_with_few_variables(workbench: Workbench, name: str) -> None:
    make_project(workbench)
    ask, expected = QUESTIONS[name]
    with workbench.db.read() as conn:
        raw = conn.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        usual = raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 20)
        try:
            assert ask(conn) == expected
        finally:
            raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, usual)
