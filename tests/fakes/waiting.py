"""Waiting for what another thread or process will surely do: fails loudly, never hangs, and depends on no pace."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from core.model import Run
from core.workbench import Workbench


def wait_for(condition: Callable[[], object], what: str, timeout: float = 30.0) -> None:
    until = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"waited {timeout:g} s for {what}")
        time.sleep(0.005)


class Program(Protocol):
    def poll(self) -> int | None: ...


def wait_on(process: Program, condition: Callable[[], object], what: str) -> None:
    """For what a process of its own will do: as long as it lives, since how long it takes to start is not told."""
    while True:
        has_ended = process.poll() is not None
        if condition():
            return
        assert not has_ended, f"the process ended before {what}"
        time.sleep(0.005)


def work_off(wb: Workbench) -> None:
    """Carry out everything that is queued, in this thread."""
    asyncio.run(wb.worker.serve(until_idle=True))


def finished(wb: Workbench, run: Run) -> Run:
    """Carry out what is queued and give the run as it then stands."""
    work_off(wb)
    return wb.runs.get(run.id)
