"""Labelling, side by side in one run: the product's whole path against bare loops and the openai SDK.

Each way is a process of its own against the same cheap server, with client and server sharing the machine. Time is the
server's: from the first question to the last answer. CPU is that of the asking process alone, between "ready" and
"done". What is asked more than once is what the server counted.
"""

import os
import signal
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.programs import OurWorker, Rival, Server, cheap_server, cpu_seconds
from tests.benchmarks.worlds import fresh_workbench, project

OURS = "LabelLoop"
TITLES = {
    "bare": "bare aiohttp, nothing stored",
    "storing": "aiohttp storing in SQLite",
    "sdk": "openai SDK, aiohttp transport",
    "threads": "openai SDK, threads",
    OURS: "LabelLoop, everything stored",
}
QUICK = ("bare", "storing", OURS)
SLOW = ("sdk", "threads")
_IDLE_SECONDS = 3.0


@dataclass(frozen=True)
class Pace:
    """One pass over `items`: items a second, and CPU seconds of the asking process per 1,000 items."""

    rate: float
    cpu: float


def labelling() -> list[str]:
    """The table: far and near host, what it costs, and what a kill -9 makes paid twice."""
    far = {name: _pace(name, 6_400 if name in QUICK else 2_000, 0.1, 64) for name in TITLES}
    near = _near()
    killed = {name: _paid_twice(name) for name in TITLES}
    ideal, bare = 64 / 0.1, near["bare"].rate
    lines = [
        "labelling, each way a process of its own, client and server sharing the machine",
        f"  {'':31} {'100 ms/64 in flight:':>20} {'20 ms/128 in flight:':>27} {'CPU s per':>10}"
        f" {'asked twice after':>17}",
        f"  {'':31} {'share of ideal':>20} {'items/s':>16} {'of bare':>10} {'1,000':>10} {'kill -9 of 1,000':>17}",
    ]
    for name, title in TITLES.items():
        lines.append(
            f"  {title:31} {far[name].rate / ideal:20.2f} {near[name].rate:16,.0f} {near[name].rate / bare:10.2f}"
            f" {near[name].cpu:10.2f} {killed[name]:17,}"
        )
    return [
        *lines,
        f"  {'(aim for LabelLoop)':31} {'0.97':>20} {'0.6, better 0.8':>27} {'0.40':>10} {'64 in flight':>17}",
    ]


def _near(rounds: int = 3) -> dict[str, Pace]:
    """In turns, so that what else the machine does falls on all alike; the median of each."""
    passes: dict[str, list[Pace]] = {name: [] for name in QUICK}
    for _ in range(rounds):
        for name in QUICK:
            passes[name].append(_pace(name, 12_000, 0.02, 128))
    middle = {
        name: Pace(statistics.median(p.rate for p in seen), statistics.median(p.cpu for p in seen))
        for name, seen in passes.items()
    }
    return middle | {name: _pace(name, 2_000, 0.02, 128) for name in SLOW}


def _pace(name: str, n: int, latency: float, in_flight: int) -> Pace:
    with cheap_server(latency) as server, way_of(name, server, n, in_flight) as way, way.started() as pid:
        used = cpu_seconds(pid)
        way.begin()
        way.finish()
        used = cpu_seconds(pid) - used
        stats = server.stats()
    assert stats["items"] == n and stats["twice"] == 0, stats
    return Pace(n / stats["seconds"], used / n * 1000)


def _paid_twice(name: str, n: int = 1_000, latency: float = 0.05, in_flight: int = 64) -> int:
    """Killed when half is answered, started again, let finish: questions beyond one an item."""
    with cheap_server(latency) as server, way_of(name, server, n, in_flight) as way:
        with way.started() as pid:
            way.begin()
            server.wait_for_answers(n // 2)
            os.kill(pid, signal.SIGKILL)
        with way.started():
            way.begin()
            way.finish()
        stats = server.stats()
    assert stats["items"] == n, stats
    return int(stats["twice"])


@contextmanager
def way_of(name: str, server: Server, n: int, in_flight: int) -> Iterator[Rival | OurWorker]:
    if name == OURS:
        with fresh_workbench(OPENAI_BASE_URL=server.url) as wb:
            yield OurWorker(wb, project(wb, n), in_flight)
    else:
        with tempfile.TemporaryDirectory(prefix="labelloop-bench-") as folder:
            yield Rival(name, server, n, in_flight, Path(folder))


def refusals() -> list[str]:
    """Where calls are refused, beside a client that holds only the refused call; and where the host truly limits."""
    lines = ["calls refused by chance, told to wait 1 s: 1,000 rows, 100 ms, 64 in flight"]
    for share in (0.02, 0.1, 0.3):
        ours, theirs = (_refused(name, 1_000, f"chance:{share}") for name in (OURS, "waiting"))
        ratio, more = ours["seconds"] / theirs["seconds"], ours["refused"] / max(1.0, theirs["refused"])
        lines.append(
            f"  {share:4.0%} refused: LabelLoop {ours['seconds']:5.1f} s, a client that holds only the refused call"
            f" {theirs['seconds']:5.1f} s: {ratio:.2f} times its time (at most 1.2),"
            f" {more:.2f} times its refused calls (at most 1.0)"
        )
    lines.append("a host that grants 50 calls a second, and 50 at once: 100 ms, 64 in flight")
    for rows in (1_000, 3_000):
        ours = _refused(OURS, rows, "bucket:50")
        filled, share = rows / (50 + 50 * ours["seconds"]), ours["refused"] / ours["asked"]
        lines.append(
            f"  {rows:5,} rows: {filled:.2f} of what it grants is taken (at least 0.95),"
            f" {share:.1%} of the calls are refused (under 5 %)"
        )
    return lines


def _refused(name: str, n: int, rule: str) -> dict[str, float]:
    with cheap_server(0.1, rule) as server, way_of(name, server, n, 64) as way, way.started():
        way.begin()
        way.finish()
        stats = server.stats()
    assert stats["items"] == n, stats
    return stats
