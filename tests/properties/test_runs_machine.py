"""Runs as a state machine on a real file: whatever happens in whatever order, nothing is lost or done twice."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from core.model import AnnotatorKind, ErrorKind, Label, RunStatus, Task
from core.storage import annotators, items, projects, runs, tasks
from core.storage.annotations import NewAnnotation
from core.storage.engine import now, open_database
from core.storage.runs import RunError
from tests.fakes import saying

OWNERS = ("one", "two")
ITEMS = 6
LEASE = 15.0
FRESH: list[Path] = []


def fresh_file() -> Path:
    """One migrated file for all examples: copying it is far quicker than making it."""
    if not FRESH:
        folder = Path(tempfile.mkdtemp(prefix="labelloop-machine-"))
        open_database(folder / "fresh.sqlite3").close()
        FRESH.append(folder / "fresh.sqlite3")
    return FRESH[0]


def _is_due(run) -> bool:
    return run.status is RunStatus.PAUSED and run.resume_at is not None and run.resume_at.timestamp() <= now()


class Runs(RuleBasedStateMachine):
    queued = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="labelloop-machine-"))
        shutil.copy(fresh_file(), self.folder / "db.sqlite3")
        self.db = open_database(self.folder / "db.sqlite3")
        self.holding: dict[int, str] = {}
        self.selections: dict[int, set[int]] = {}
        self.entries: list[tuple] = []

    def teardown(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder)

    @initialize(target=queued)
    def a_project_with_a_run_under_way(self) -> int:
        """So that not every example has to find its way there first."""
        with self.db.write() as conn:
            task = Task((Label("A"), Label("B")))
            self.project = projects.create(conn, "P", task, source={})
            self.labels = [label.id for label in tasks.all_labels(conn, self.project)]
            self.items = list(
                items.insert_many(conn, [(self.project, f"h{i}", "", f"text {i}", None) for i in range(ITEMS)])
            )
            self.annotator = annotators.ensure(conn, self.project, AnnotatorKind.MODEL, "m", "#000")
        run = self.enqueue_items(set(range(ITEMS)))
        self.claim_by("one")
        return run

    @rule(target=queued, chosen=st.sets(st.integers(0, ITEMS - 1), min_size=1))
    def enqueue(self, chosen: set[int]) -> int:
        return self.enqueue_items(chosen)

    def enqueue_items(self, chosen: set[int]) -> int:
        with self.db.write() as conn:
            run = runs.create(conn, self.project, self.annotator, {}, [self.items[i] for i in sorted(chosen)])
        self.selections[run] = {self.items[i] for i in chosen}
        return run

    @rule(owner=st.sampled_from(OWNERS))
    def claim(self, owner: str) -> None:
        self.claim_by(owner)

    def claim_by(self, owner: str) -> None:
        with self.db.write() as conn:
            waiting = {run.id for run in self._all(conn) if run.status is RunStatus.QUEUED or _is_due(run)}
            assert bool(waiting) <= runs.any_live(conn)
            got = runs.claim(conn, owner)
        assert (got is None) == (not waiting)
        if got is not None:
            assert got.id in waiting, "only what is queued, or paused until now, can be claimed"
            assert got.resume_at is None
            self.holding[got.id] = owner

    @rule(owner=st.sampled_from(OWNERS), labels=st.lists(st.integers(0, 2), min_size=1, max_size=3))
    def annotate(self, owner: str, labels: list[int]) -> None:
        """As a worker stores a batch: if it holds the lease; what is missing; with the progress."""
        for run in self._held_by(owner):
            with self.db.write() as conn:
                assert runs.beat(conn, run, owner) is not None
                missing = runs.missing(conn, run, 0, len(labels))
                new = [
                    NewAnnotation(item.id, self.annotator, self.labels[label], run_id=run)
                    for item, label in zip(missing, labels, strict=False)
                ]
                saying.append(conn, new)
                runs.add_progress(conn, run, len(new), 0, 0, 0)

    @rule(owner=st.sampled_from(OWNERS), label=st.integers(0, 2), which=st.integers(0, ITEMS - 1))
    def annotate_again_what_may_be_there(self, owner: str, label: int, which: int) -> None:
        """As a worker stores an answer that another may have got first."""
        for run in self._held_by(owner):
            with self.db.write() as conn:
                came = sorted(self._annotated(conn, run) | {self.items[which]})
                wanted = runs.still_missing(conn, run, came) & self.selections[run]
                new = [NewAnnotation(item, self.annotator, self.labels[label], run_id=run) for item in wanted]
                saying.append(conn, new)
                runs.add_progress(conn, run, len(new), 0, 0, 0)

    @rule(owner=st.sampled_from(OWNERS), n=st.integers(1, 2))
    def record_errors(self, owner: str, n: int) -> None:
        for run in self._held_by(owner):
            with self.db.write() as conn:
                errors = [RunError(item.id, ErrorKind.SERVER, "no", "", 5) for item in runs.missing(conn, run, 0, n)]
                runs.add_errors(conn, run, errors)
                runs.add_progress(conn, run, 0, len(errors), 0, 0)

    @rule(run=queued)
    def cancel(self, run: int) -> None:
        with self.db.write() as conn:
            was = runs.get(conn, run)
            runs.request_cancel(conn, run)
            is_ = runs.get(conn, run)
        if was.status in (RunStatus.QUEUED, RunStatus.PAUSED):
            assert is_.status is RunStatus.CANCELLED
        elif was.status is RunStatus.RUNNING:
            assert is_.cancel_requested
        else:
            assert is_ == was, "cancelling what has ended changes nothing"

    @rule(owner=st.sampled_from(OWNERS))
    def obey_the_cancel(self, owner: str) -> None:
        for run in self._held_by(owner):
            with self.db.write() as conn:
                if runs.beat(conn, run, owner) is False:
                    runs.finish(conn, run, owner, RunStatus.CANCELLED)

    @rule(owner=st.sampled_from(OWNERS), run=queued)
    def beat(self, owner: str, run: int) -> None:
        with self.db.write() as conn:
            heard = runs.beat(conn, run, owner)
        assert (heard is not None) == (run in self._held_by(owner)), "only the owner can renew the lease"

    @rule(owner=st.sampled_from(OWNERS))
    def crash(self, owner: str) -> None:
        """The owner falls silent; its lease runs out; a sweep finds it."""
        held = self._held_by(owner)
        with self.db.write() as conn:
            for run in held:
                conn.exec_driver_sql("UPDATE runs SET heartbeat_at = ? WHERE id = ?", (now() - 2 * LEASE, run))
            assert runs.mark_interrupted(conn, LEASE) == len(held)
            assert all(runs.get(conn, run).status is RunStatus.INTERRUPTED for run in held)

    @rule()
    def sweep_while_everybody_lives(self) -> None:
        with self.db.write() as conn:
            assert runs.mark_interrupted(conn, LEASE) == 0

    @rule(run=queued, retry=st.booleans())
    def resume(self, run: int, retry: bool) -> None:
        with self.db.write() as conn:
            before = runs.get(conn, run)
            errors = len(runs.error_list(conn, run))
            queued_again = runs.requeue(conn, run, forget_errors=retry)
            after = runs.get(conn, run)
            left = {item.id for item in runs.missing(conn, run, 0, 100)}
            expected = self.selections[run] - self._annotated(conn, run)
            if not retry:
                expected -= {error.item_id for error in runs.error_list(conn, run)}
            if not queued_again:
                assert len(runs.error_list(conn, run)) == errors, "a refused resume forgets nothing"
        assert queued_again == (not before.status.is_live)
        if queued_again:
            assert after.status is RunStatus.QUEUED
            assert left == expected
            assert after.missing == len(left)

    @rule(owner=st.sampled_from(OWNERS), status=st.sampled_from([RunStatus.DONE, RunStatus.FAILED]))
    def finish(self, owner: str, status: RunStatus) -> None:
        for run in self._held_by(owner):
            with self.db.write() as conn:
                runs.finish(conn, run, owner, status, "said")
                assert runs.get(conn, run).status is status

    @rule(owner=st.sampled_from(OWNERS), seconds=st.sampled_from([None, -1.0, 3600.0]))
    def pause(self, owner: str, seconds: float | None) -> None:
        """For the user, until a moment that has come already, or for an hour."""
        for run in self._held_by(owner):
            with self.db.write() as conn:
                runs.finish(conn, run, owner, RunStatus.PAUSED, "later", pause_seconds=seconds)
                paused = runs.get(conn, run)
            assert paused.status is RunStatus.PAUSED
            assert (paused.resume_at is None) == (seconds is None)

    @rule(owner=st.sampled_from(OWNERS), run=queued)
    def finish_without_the_lease(self, owner: str, run: int) -> None:
        if run in self._held_by(owner):
            return
        with self.db.write() as conn:
            before = runs.get(conn, run)
            runs.finish(conn, run, owner, RunStatus.DONE)
            assert runs.get(conn, run) == before

    # what always holds

    @invariant()
    def every_item_of_a_run_has_at_most_one_annotation(self) -> None:
        with self.db.read() as conn:
            rows = conn.exec_driver_sql(
                "SELECT MAX(n) FROM (SELECT COUNT(*) n FROM annotations GROUP BY run_id, item_id)"
            )
            assert (rows.scalar() or 0) <= 1

    @invariant()
    def done_errors_and_missing_make_the_whole(self) -> None:
        with self.db.read() as conn:
            for run in self._all(conn):
                annotated = self._annotated(conn, run.id)
                failed = {error.item_id for error in runs.error_list(conn, run.id)}
                left = {item.id for item in runs.missing(conn, run.id, 0, 100)}
                assert (run.done, run.errors) == (len(annotated), len(failed))
                assert run.done + run.errors + run.missing == run.total == len(self.selections[run.id])
                assert annotated | failed | left == self.selections[run.id]
                assert not annotated & failed
                assert len(left) == run.missing

    @invariant()
    def a_running_run_has_one_owner_and_no_other_run_has_any(self) -> None:
        with self.db.read() as conn:
            for row in conn.exec_driver_sql("SELECT id, status, owner FROM runs"):
                held = row.status == RunStatus.RUNNING
                assert row.owner == (self.holding[row.id] if held else None)

    @invariant()
    def only_paused_runs_have_a_time_to_go_on(self) -> None:
        with self.db.read() as conn:
            assert all(run.resume_at is None or run.status is RunStatus.PAUSED for run in self._all(conn))

    @invariant()
    def history_only_grows(self) -> None:
        with self.db.read() as conn:
            rows = conn.exec_driver_sql(
                "SELECT id, item_id, annotator_id, value_id, run_id FROM annotations ORDER BY id"
            )
            entries = [tuple(row) for row in rows]
        assert entries[: len(self.entries)] == self.entries
        self.entries = entries

    @invariant()
    def the_current_labels_are_the_newest_entries(self) -> None:
        newest = {item: (label, entry) for entry, item, _, label, _ in self.entries}
        with self.db.read() as conn:
            rows = conn.exec_driver_sql("SELECT item_id, value_id, annotation_id FROM current")
            assert {row[0]: (row[1], row[2]) for row in rows} == newest

    def _all(self, conn):
        return runs.list_all(conn, self.project)

    def _held_by(self, owner: str) -> list[int]:
        with self.db.read() as conn:
            rows = conn.exec_driver_sql("SELECT id FROM runs WHERE status = 'running' AND owner = ?", (owner,))
            return [row[0] for row in rows]

    def _annotated(self, conn, run: int) -> set[int]:
        rows = conn.exec_driver_sql("SELECT item_id FROM annotations WHERE run_id = ?", (run,))
        return {row[0] for row in rows}


Runs.TestCase.settings = settings(max_examples=25, stateful_step_count=40, suppress_health_check=list(HealthCheck))
TestRuns = pytest.mark.slow(Runs.TestCase)
