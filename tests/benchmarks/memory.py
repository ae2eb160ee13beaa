"""What the product needs of memory, each row against a named limit measured or given in the same run.

Each peak is that of a process of its own (`peaks.py`) or of the worker's.
"""

import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd

from core.model import AnnotatorKind, TableData
from core.services.common.lookup import ensure_annotator
from core.services.data.bringing import ImportChoice
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from tests.benchmarks.labelling import OURS, way_of
from tests.benchmarks.programs import OurWorker, cheap_server, resident
from tests.benchmarks.worlds import add_model, deal_quickly, fresh_workbench, project, table
from tests.fakes import saying

_IDLE_SECONDS = 3.0
_WORKER_MB = 120.0
_LONG = 8_000


def memory() -> list[str]:
    """All rows; those of the worker first."""
    rows = (_worker, _long_answers, _bringing, _splitting, _reviewing, _exporting, _with_files, _connections, _bombs)
    return [line for part in rows for line in part()]


def _worker(seconds: float = 60.0) -> list[str]:
    """What `python -m core.worker` itself takes: idle, and at its peak in runs of two sizes."""
    title = "memory of the worker's process alone (resident; aim under 120 MB, and no more for more items)"
    with _our_worker(100) as (_, pid):
        time.sleep(_IDLE_SECONDS)
        lines = [title, f"  idle, looking for work {'':24} {resident(pid):6.0f} MB"]
    for n in (10_000, 1_000_000):
        with _our_worker(n) as (way, pid):
            way.begin()
            for done in _milestones(way, seconds):
                most = resident(pid, "VmHWM")
                lines.append(f"  run of {n:9,} items, peak after {done:9,} {most:6.0f} MB")
    return lines


def _long_answers(n: int = 20_000) -> list[str]:
    """A run whose every raw answer has 8 kB."""
    with _our_worker(n, f"long:{_LONG}") as (way, pid):
        way.begin()
        way.finish()
        most = resident(pid, "VmHWM")
    title = f"  run of {n:9,} items, answers of 8 kB {'':9}"
    return [f"{title} {most:6.0f} MB   {most / _WORKER_MB:.2f} of 120 MB (at most 1)"]


def _milestones(way: OurWorker, seconds: float, every: int = 50_000) -> Iterator[int]:
    """How many items are labelled: at each so many, and after so many seconds or when all are."""
    until, due = time.monotonic() + seconds, every
    while time.monotonic() < until and (seen := way.seen()).status.is_live:
        if seen.done >= due:
            due += every
            yield seen.done
        time.sleep(0.2)
    yield way.seen().done


@contextmanager
def _our_worker(n: int, *rule: str) -> Iterator[tuple[OurWorker, int]]:
    with cheap_server(0.02, *rule) as server, way_of(OURS, server, n, 128) as way, way.started() as pid:
        assert isinstance(way, OurWorker)
        yield way, pid


def peak(act: str, *arguments: object) -> float:
    """MB that one act needs, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.peaks", act, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def _row(what: str, ours: float, limit: float, of: str, at_most: float) -> str:
    return f"  {what:44} {ours:6.0f} MB   {ours / limit:5.2f} of {limit:,.0f} MB, {of} (at most {at_most:g})"


def _bringing(n: int = 100_000) -> list[str]:
    """A file read and stored, beside pandas that only reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path, rows = Path(folder) / "bench.csv", table(n)
        pd.DataFrame(rows.rows, columns=list(rows.columns)).to_csv(path, index=False)
        limit = peak("read_with_pandas", path)
        read, stored = peak("read", path), peak("store", path, folder)
    return [
        "memory beyond what the process had before, each act in one of its own",
        _row(f"reading a file of {n:,} rows", read, limit, "pandas.read_csv of it", 2),
        _row("storing them, beyond the rows", stored, limit, "pandas.read_csv of the file", 2),
    ]


def _splitting(n: int = 100_000) -> list[str]:
    ours, limit = peak("split", n), peak("hold", n)
    return [_row(f"near-identical ones among {n:,} texts", ours, limit, "to hold them with their words", 1.5)]


def _reviewing(n: int = 200, models: int = 30) -> list[str]:
    """The batch is shown without raw answers, so it must not load them."""
    with fresh_workbench() as wb:
        project_id = project(wb, n)
        for number in range(models):
            _say_at_length(wb, project_id, f"model {number}")
        ours = peak("review", wb.settings.data_dir, project_id)
    limit = n * models * _LONG / 1e6
    return [_row(f"{n} items for review, {models} models beside", ours, limit, "the raw answers to them", 0.5)]


def _say_at_length(wb: Workbench, project_id: int, name: str) -> None:
    """A model that labels every item, and says 8 kB about each."""
    with wb.db.write() as conn:
        model = ensure_annotator(conn, project_id, AnnotatorKind.MODEL, name, host="embedded", model=name)
        label = next(label.id for label in wb.tasks.get(project_id).labels)
        ids = [row[0] for row in conn.exec_driver_sql("SELECT id FROM items")]
        saying.append(conn, [NewAnnotation(item, model, label, raw="x" * _LONG) for item in ids])


def _exporting(few: int = 20_000, many: int = 80_000) -> list[str]:
    """Four times as many rows must not need more."""
    peaks: dict[str, list[float]] = {}
    for n in (few, many):
        with fresh_workbench() as wb:
            project_id = project(wb, n)
            deal_quickly(wb, project_id)
            add_model(wb, project_id, "model", 0.7, seed=1)
            for file_format in ("csv", "parquet", "excel"):
                peaks.setdefault(file_format, []).append(peak("export", wb.settings.data_dir, project_id, file_format))
    return [
        _row(f"export of {2 * many:,} rows, {file_format}", ours, limit, f"of {2 * few:,} rows", 1.5)
        for file_format, (limit, ours) in peaks.items()
    ]


def _with_files(n: int = 80, size: int = 5 * 2**20) -> list[str]:
    """What is written to disk piece by piece needs no memory for the files."""
    with fresh_workbench() as wb:
        rows = [(wb.media.put(b"\xff\xd8\xff" + os.urandom(size)), "ab"[at % 2]) for at in range(n)]
        choice = ImportChoice("bench", ("picture",), ("label",))
        project_id = wb.data.import_table(TableData(("picture", "label"), rows), choice)
        folder = wb.settings.data_dir
        plain = peak("export_files", folder, project_id, "wide", "csv")
        saved = peak("export_files", folder, project_id, "tool", "datasets")
    limit = n * size / 1e6
    return [
        _row(f"a zip with {n} files", plain, limit, "all of them", 0.2),
        _row(f"a saved data set with {n} files", saved, limit, "all of them", 0.75),
    ]


def _connections(number: int = 40, n: int = 400_000) -> list[str]:
    """Readers at once, each over a file larger than what a connection may keep of it."""
    with fresh_workbench() as wb:
        project(wb, n)
        path = wb.settings.database_path
        ours, size = peak("readers", path, number), os.path.getsize(path) / 1e6
    return [_row(f"{number} connections reading a file of {size:,.0f} MB", ours, 400.0, "what all may take", 1)]


class _Bomb(BaseHTTPRequestHandler):
    """Answers everything with 300 kB that unpack to 300 MB."""

    protocol_version = "HTTP/1.1"
    packed = b""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        for name, value in (("Content-Type", "application/json"), ("Content-Encoding", "gzip")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.packed)))
        self.end_headers()
        self.wfile.write(self.packed)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass


def _bombs(size: int = 300_000_000) -> list[str]:
    """Whatever a host sends is bounded as it is unpacked."""
    _Bomb.packed = gzip.compress(b'{"data": [' + b" " * size)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bomb)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        with tempfile.TemporaryDirectory() as folder:
            peaks = {
                "an answer": (peak("answer", url), 0.1),
                "a list of models": (peak("models", url), 0.3),
                "a file of results": (peak("download", url, Path(folder) / "out"), 0.3),
            }
    finally:
        server.shutdown()
    limit = size / 1e6
    return [
        _row(f"{what} that unpacks to {limit:.0f} MB", ours, limit, "all of it", most)
        for what, (ours, most) in peaks.items()
    ]
