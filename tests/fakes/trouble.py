"""What fault tests need: runs with a configuration of their own, other programs on the file, a clock to turn."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.model import Run, RunStatus
from core.storage import runs
from core.storage.engine import to_json
from core.workbench import Workbench
from tests.fakes.forked import Forked
from tests.fakes.host import FakeHost
from tests.fakes.waiting import wait_for
from tests.fakes.worlds import SmallProject

ROOT = Path(__file__).parents[2]
_LOCKING = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
other.execute("COMMIT")
"""


def configured(project: SmallProject, config: dict[str, Any], **choices: Any) -> Run:
    """A queued run whose frozen configuration says this besides what was chosen."""
    run = project.start(**choices)
    with project.wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET config = json_patch(config, ?) WHERE id = ?", (to_json(config), run.id))
    return project.wb.runs.get(run.id)


def under_way(
    host: FakeHost, project: SmallProject, n: int, config: dict[str, Any] | None = None, **choices: Any
) -> Run:
    """A run in the worker's thread: `n` items stored, and as many calls in flight as its `in_flight`."""
    host.hold(after=n)
    run = configured(project, config or {}, **choices)
    project.wb.worker.ensure_started()
    host.wait_for_requests(n + choices["in_flight"])
    wait_for(lambda: project.wb.runs.get(run.id).done == n, f"{n} labels")
    return run


def ended(wb: Workbench, run: Run) -> Run:
    """The run once the worker's thread has let go of it."""
    wait_for(lambda: not wb.runs.get(run.id).status.is_live, "the end of the run")
    return wb.runs.get(run.id)


def stored(wb: Workbench, run: Run) -> dict[int, int]:
    """Entries of the run by item id."""
    with wb.db.read() as conn:
        rows = conn.exec_driver_sql("SELECT item_id, COUNT(*) FROM annotations WHERE run_id = ? GROUP BY 1", (run.id,))
        return {row[0]: row[1] for row in rows}


def accounted_for(wb: Workbench, run: Run) -> list[int]:
    """Items of the run with an annotation, an error, or both, in order; one twice is in it twice."""
    with wb.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT item_id FROM annotations WHERE run_id = ? UNION ALL SELECT item_id FROM run_errors WHERE run_id = ?"
            " ORDER BY 1",
            (run.id, run.id),
        )
        return [row[0] for row in rows]


def nobodys(wb: Workbench, run: Run) -> None:
    """What the next worker finds out a lease later: the owner is gone."""
    with wb.db.write() as conn:
        assert runs.mark_interrupted(conn, lease_seconds=-1.0) == 1
    assert wb.runs.get(run.id).status is RunStatus.INTERRUPTED


@contextmanager
def worker_process() -> Iterator[Forked]:
    """`python -m core.worker` on the workbench the environment names; killed at the end."""
    process = Forked("core.worker")
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def locked_by_another_program(path: Path) -> Iterator[None]:
    """The file is written to by another process all the while."""
    command = [sys.executable, "-c", _LOCKING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().strip() == b"locked"
        try:
            yield
        finally:
            process.stdin.close()
            process.wait(10)


class Clock:
    """The wall clock as the product sees it: `turn` it forwards or backwards. Monotonic time goes on as it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._offset = 0.0
        monkeypatch.setattr("core.storage.engine.time", SimpleNamespace(time=self.now))

    def now(self) -> float:
        return time.time() + self._offset

    def turn(self, seconds: float) -> None:
        self._offset += seconds
