"""The worker: claims queued runs, fine-tunes and studies and carries them out. Inside the app it is one daemon thread.

`python -m core.worker` does the same without a browser, on the same database.
"""

import asyncio
import gc
import itertools
import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from typing import Protocol

from core.errors import WorkbenchError
from core.model import Run
from core.services.common.leases import LeaseWatch
from core.services.hosts.connections import Hosts
from core.services.labelling.beside import BesideExecutor
from core.services.labelling.common import Common
from core.services.labelling.run_executor import RunExecutor
from core.services.learning.deployment_executor import DeploymentExecutor
from core.services.learning.training import FineTuneExecutor
from core.services.media.fetch_executor import FetchExecutor
from core.services.media.vocabulary import PUBLIC, Reach
from core.services.studies.study_executor import StudyExecutor
from core.settings import Settings
from core.storage import batches, deployments, fetches, fine_tunes, runs, studies
from core.storage.engine import Database, now, open_database

log = logging.getLogger(__name__)

_IDLE_SECONDS = 0.5
_SWEEP_EVERY = 4
_RUNS_AT_ONCE = 3
_BATCHES_AT_ONCE = 8
_WIND_DOWN_SECONDS = 12.0
_CACHE_MB = 8


class Execution(Protocol):
    """A run being carried out, one way or another."""

    @property
    def run_id(self) -> int: ...

    async def execute(self) -> None: ...

    def interrupt(self) -> None: ...


Work = Execution | FineTuneExecutor | FetchExecutor | StudyExecutor | DeploymentExecutor
Busy = dict[asyncio.Task[None], Work]


class Worker:
    """Owns one asyncio loop. Several workers on one database share the work without doing any twice."""

    def __init__(self, db: Database, hosts: Hosts, settings: Settings, reach: Reach = PUBLIC) -> None:
        self._db, self._hosts, self._settings, self._reach = db, hosts, settings, reach
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        # Each claim has a name of its own: a run that was lost and claimed again must not be held by both.
        self._claims = itertools.count(1)
        self._leases = LeaseWatch(settings.lease_seconds)
        self._common = Common()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def ensure_started(self) -> None:
        """Start the daemon thread, once; start it again should it have died."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._stop.clear()
                self._thread = threading.Thread(target=self._run_loop, name="labelloop-worker", daemon=True)
                self._thread.start()

    def _run_loop(self) -> None:
        try:
            asyncio.run(self.serve())
        except RuntimeError as error:
            # A program that is ending starts no more threads, and to say so is of use to nobody.
            if "cannot schedule new futures" not in str(error):
                raise

    def stop(self, timeout: float = 15.0) -> None:
        """Ask the loop to end and wait for it; runs under way are left interrupted-safe."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)

    async def serve(self, *, until_idle: bool = False) -> None:
        """Claim and carry out work until stopped, or with `until_idle` until there is none left."""
        busy: Busy = {}
        turn = 0
        try:
            while not self._stop.is_set():
                try:
                    started = await asyncio.to_thread(self._claim, turn % _SWEEP_EVERY == 0, list(busy.values()))
                except WorkbenchError as error:
                    log.warning("the queue cannot be read: %s", error)
                    started = None
                turn += 1
                if started is not None:
                    busy[asyncio.create_task(started.execute())] = started
                    continue
                if until_idle and not busy and not self._leases.has_suspects:
                    return
                await self._rest(busy)
        finally:
            await _wind_down(busy)

    async def _rest(self, busy: Busy) -> None:
        """Until some work has ended, or for a moment."""
        if not busy:
            await asyncio.to_thread(self._stop.wait, _IDLE_SECONDS)
            return
        done, _ = await asyncio.wait(busy, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del busy[task]
            if task.exception() is not None:
                log.error("work ended by a bug", exc_info=task.exception())

    def _claim(self, sweep: bool, held: Sequence[Work]) -> Work | None:
        with self._db.read() as conn:
            waiting = any(kind.any_live(conn) for kind in (runs, fine_tunes, fetches, studies))
            waiting = waiting or deployments.any_to_follow(conn)
            beats = runs.heartbeats(conn) if sweep else {}
        if not waiting:
            self._leases.dead({}, now(), time.monotonic())
            return None
        usable = self._hosts.usable()
        lease = self._settings.lease_seconds
        training = [executor.fine_tune_id for executor in held if isinstance(executor, FineTuneExecutor)]
        fetching = [executor.fetch_id for executor in held if isinstance(executor, FetchExecutor)]
        studying = [executor.study_id for executor in held if isinstance(executor, StudyExecutor)]
        deploying = [executor.deployment_id for executor in held if isinstance(executor, DeploymentExecutor)]
        others = FineTuneExecutor | FetchExecutor | StudyExecutor | DeploymentExecutor
        running = [executor for executor in held if not isinstance(executor, others)]
        with self._db.write() as conn:
            if sweep:
                mine = [executor.run_id for executor in running]
                dead = self._leases.dead({i: at for i, at in beats.items() if i not in mine}, now(), time.monotonic())
                runs.mark_interrupted(conn, lease, but=mine, still=dead)
                batches.let_go_on(conn)
                runs.explain_waiting(conn, usable)
            modes = _free_modes(running)
            owner = f"{self.owner}:{next(self._claims)}"
            run = runs.claim(conn, owner, hosts=usable, modes=modes) if modes else None
            job = None if run else fine_tunes.claim(conn, self.owner, lease, but=training)
            fetch = None if run or job else fetches.claim(conn, owner, lease, but=fetching)
            study = None if run or job or fetch else studies.claim(conn, owner, lease, but=studying)
            deployment = None if run or job or fetch or study else deployments.claim(conn, owner, lease, but=deploying)
        if run is not None:
            return self._execution(run, owner)
        if fetch is not None:
            return FetchExecutor(self._db, self._settings.media_dir, fetch, owner, self._reach)
        if study is not None:
            return StudyExecutor(self._db, self._hosts, study, owner)
        if deployment is not None:
            return DeploymentExecutor(self._db, self._hosts, deployment, owner)
        return FineTuneExecutor(self._db, self._hosts, job, self.owner) if job is not None else None

    def _execution(self, run: Run, owner: str) -> Execution:
        if run.config.get("mode") == "batch":
            from core.services.batching.batch_executor import BatchExecutor

            return BatchExecutor(self._db, self._hosts, run, owner)
        if run.config.get("mode") == "beside":
            return BesideExecutor(self._db, run, owner)
        return RunExecutor(self._db, self._hosts, run, owner, common=self._common)


def _free_modes(running: Sequence[Execution]) -> list[str]:
    """What may be claimed beside these: batches mostly wait for the host, so they do not hold up live runs."""
    live = sum(isinstance(executor, RunExecutor) for executor in running)
    beside = sum(isinstance(executor, BesideExecutor) for executor in running)
    batches = len(running) - live - beside
    free = {"live": live < _RUNS_AT_ONCE, "batch": batches < _BATCHES_AT_ONCE, "beside": not beside}
    return [mode for mode, is_free in free.items() if is_free]


async def _wind_down(busy: Busy) -> None:
    """Let everything come to a clean stop; what takes too long is cut off."""
    for executor in busy.values():
        executor.interrupt()
    if busy:
        await asyncio.wait(busy, timeout=_WIND_DOWN_SECONDS)
    for task in busy:
        task.cancel()
    await asyncio.gather(*busy, return_exceptions=True)


def _collect_rarely() -> None:
    """Next to nothing of a run is garbage in cycles, and looking for it costs an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def main() -> None:
    """Work off what is queued, then keep waiting for more until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = Settings.from_env()
    db = open_database(settings.database_path, cache_mb=_CACHE_MB)
    hosts = Hosts(settings, db)
    worker = Worker(db, hosts, settings)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    log.info("worker %s on %s", worker.owner, settings.database_path)
    try:
        _collect_rarely()
        asyncio.run(worker.serve())
    except KeyboardInterrupt:
        log.info("stopped")
    finally:
        worker.stop()
        hosts.close()
        db.close()


if __name__ == "__main__":
    main()
