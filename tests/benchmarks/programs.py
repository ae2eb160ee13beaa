"""The programs a benchmark watches from outside: the cheap server, a rival, the product's own worker."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.model import Run, RunStatus
from core.services.runs.running import ModelRef, RunRequest
from core.storage import runs
from core.workbench import Workbench

_TICK = os.sysconf("SC_CLK_TCK")
_POLL_SECONDS = 0.1


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, all threads, those that ended too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident(pid: int, what: str = "VmRSS") -> float:
    """MB of a process: VmRSS now, VmHWM at its peak."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


@dataclass(frozen=True)
class Server:
    """The cheap server as its clients and the benchmark reach it."""

    address: str
    pid: int

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def stats(self) -> dict[str, Any]:
        return self._get("/stats")

    def wait_for_answers(self, n: int) -> None:
        self._get(f"/answered/{n}")

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.address + path) as response:
            return dict(json.load(response))


@contextmanager
def cheap_server(latency: float, *rule: str) -> Iterator[Server]:
    with _program("tests.benchmarks.cheap_server", str(latency), *rule, stdout=subprocess.PIPE) as process:
        yield Server(f"http://127.0.0.1:{_line(process.stdout)}", process.pid)


class Rival:
    """One of the other ways of asking. Each `started()` is a process, imported and waiting to be told."""

    def __init__(self, name: str, server: Server, n: int, in_flight: int, folder: Path) -> None:
        self._arguments = (name, server.url, str(n), str(in_flight), str(folder))
        self._process: subprocess.Popen[str]

    @contextmanager
    def started(self) -> Iterator[int]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with _program("tests.benchmarks.rivals", *self._arguments, **pipes) as self._process:
            assert _line(self._process.stdout) == "ready"
            yield self._process.pid

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def finish(self) -> None:
        assert _line(self._process.stdout) == "done", "the rival died"


class OurWorker:
    """`python -m core.worker` on the workbench's own file. Each `started()` is a process that looks for work."""

    def __init__(
        self, wb: Workbench, project_id: int, in_flight: int, system: str = "Choose a label:\n{{labels}}"
    ) -> None:
        self._wb, self._project_id, self._in_flight, self._system = wb, project_id, in_flight, system
        self._run: Run | None = None

    @contextmanager
    def started(self) -> Iterator[int]:
        settings = self._wb.settings
        environment = {**os.environ, **settings.environment, "LABELLOOP_DATA": str(settings.data_dir)}
        with _program("core.worker", stderr=subprocess.PIPE, env=environment) as process:
            _line(process.stderr)  # it says who it is once it is ready
            yield process.pid

    def begin(self) -> None:
        """Queue a run over all items, or what is missing of it where its worker was killed."""
        if self._run is None:
            version = self._wb.prompts.save(self._project_id, self._system, "{{text}}")
            models = (ModelRef("openai", "bench"),)
            request = RunRequest(self._project_id, (version.id,), models, None, in_flight=self._in_flight)
            self._run = self._wb.runs.start(request)[0]
            return
        with self._wb.db.write() as conn:
            runs.mark_interrupted(conn, lease_seconds=-1.0)
        self._wb.runs.resume(self._run.id)

    def finish(self) -> None:
        """Until the run is over; it must have labelled everything."""
        while (seen := self.seen()).status.is_live:
            time.sleep(_POLL_SECONDS)
        assert seen.status is RunStatus.DONE and seen.done == seen.total, seen

    def seen(self) -> Run:
        assert self._run is not None
        return self._wb.runs.get(self._run.id)


@contextmanager
def _program(module: str, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], text=True, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _line(pipe: IO[str] | None) -> str:
    assert pipe is not None
    return pipe.readline().strip()
