"""Starts the built-in host as a process of its own when it is first needed, and ends it with the app."""

import atexit
import os
import re
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import WorkbenchError

TOKEN_VARIABLE = "LABELLOOP_EMBEDDED_TOKEN"
ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"listening on (http://\S+)")
# Long enough for a slow line to bring the encoder's 90 MB at the very first start.
START_SECONDS = 900.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Connection:
    """Where the host answers: `base_url` ends in /v1; `token` is the API key of this start and never shown."""

    base_url: str
    token: str = field(repr=False)


class EmbeddedHost:
    """One host process over one data folder. Thread-safe; nothing starts before `ensure_started`.

    The process also ends by itself when this one ends, even by `kill -9`: it watches its standard input.
    """

    def __init__(self, data_dir: Path, port: int = 0) -> None:
        """`port` 0 takes a free one at every start."""
        self._data_dir = Path(data_dir)
        self._port = port
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._connection: Connection | None = None
        self._is_closed = False
        atexit.register(self.close)

    @property
    def log_path(self) -> Path:
        return self._data_dir / "embedded.log"

    @property
    def is_running(self) -> bool:
        """Whether it was started from here and has not died."""
        process = self._process
        return process is not None and process.poll() is None

    def ensure_started(self) -> Connection:
        """The connection to the running host; starts it when it is not running or has died. Waits until it answers.

        Raises WorkbenchError with the last words of its log when it cannot start, or after `close`.
        """
        with self._lock:
            if self._is_closed:
                raise WorkbenchError("The embedded host was closed with the app.", "Start the app again.")
            if self._connection is None or self._process is None or self._process.poll() is not None:
                self._stop()
                self._connection = self._start()
            return self._connection

    def close(self) -> None:
        """Ends the process, if there is one; calling it again does nothing."""
        with self._lock:
            self._is_closed = True
            self._stop()

    def _start(self) -> Connection:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        token = secrets.token_urlsafe(32)
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, TOKEN_VARIABLE: token, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        command = [sys.executable, "-m", "core.embedded", "--exit-with-parent"]
        command += ["--port", str(self._port), "--data", str(self._data_dir.resolve())]
        with self.log_path.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment, text=True
            )
        self._process = process
        return Connection(f"{self._address(process)}/v1", token)

    def _address(self, process: subprocess.Popen[str]) -> str:
        """The address from the ready line; kills a process that says nothing for START_SECONDS."""
        timer = threading.Timer(START_SECONDS, process.kill)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if match := READY.search(line):
                    return match.group(1)
        finally:
            timer.cancel()
        process.wait()
        self._stop()
        raise WorkbenchError(f"The embedded host did not start: {self._last_words()}", f"Its log is {self.log_path}.")

    def _last_words(self) -> str:
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return " ".join(line.strip() for line in lines[-3:])[-1000:] or "it said nothing."

    def _stop(self) -> None:
        process, self._process, self._connection = self._process, None, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
