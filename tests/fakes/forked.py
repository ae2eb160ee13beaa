"""Programs started in a tenth of the time: forked from a process that has imported what they use, and nothing more.

To the outside each is what `python -m` would have started: a process with an id, an environment and memory of its own,
that can be killed the hard way. What it is forked from has opened nothing and started no thread.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
_IMPORTED = [
    "core.worker",
    "core.services.batching.batch_executor",
    "openai",
    "openai.resources",
    "streamlit.web.cli",
    "streamlit.web.bootstrap",
    "pandas",
    "tests.fakes.forked",
]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_IMPORTED)


class Forked:
    """A program of Python, started; the little of `subprocess.Popen` that tests use."""

    def __init__(
        self, module: str, *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None
    ) -> None:
        """`module.main()` with these arguments, in a process group of its own; what it says goes to `log`, if given."""
        everything = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        said = None if log is None else str(log)
        self._process: ForkServerProcess = _context.Process(
            target=_run, args=(module, arguments, everything, said), daemon=True
        )
        # A child runs the main module of its parent first: here that of pytest, or whichever page was tested last.
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            self._process.start()
        finally:
            sys.modules["__main__"] = main

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; TimeoutError where it has not ended by then."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"process {self.pid} has not ended within {timeout} s")
        return self._process.exitcode


def _run(module: str, arguments: Sequence[str], environment: Mapping[str, str], log: str | None) -> None:
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    if log is not None:
        with open(log, "ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
    sys.argv = [module, *arguments]
    import_module(module).main()
