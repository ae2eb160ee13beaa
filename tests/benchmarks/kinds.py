"""Every kind of question beside one label: runs of models, and the pages of a large project."""

import json
import random
import statistics
from collections.abc import Callable, Sequence

from core.model import Label, QuestionKind, TableData, Task
from core.services.data.bringing import ImportChoice
from core.workbench import Workbench
from tests.benchmarks.labelling import OURS, Pace, way_of
from tests.benchmarks.memory import peak
from tests.benchmarks.page_runs import page_times
from tests.benchmarks.programs import OurWorker, cheap_server, cpu_seconds
from tests.benchmarks.texts import LABELS, QUOTED, texts_with_names
from tests.benchmarks.worlds import deal_quickly, fresh_workbench

_PAGES = ("data", "review", "agreement")
_OUTCOMES = ("First is better", "Tie", "Second is better")
_CANDIDATES = ("one", "two", "three")
_SYSTEM = {
    QuestionKind.SINGLE_LABEL: "Choose a label:\n{{labels}}",
    QuestionKind.SEVERAL_LABELS: "Choose labels:\n{{labels}}",
    QuestionKind.SPANS: "Mark:\n{{labels}}\n{{answer_with_quotes}}",
}
_RULE = {QuestionKind.SINGLE_LABEL: "long:0", QuestionKind.SEVERAL_LABELS: "sets", QuestionKind.SPANS: "spans"}


def _marks(text: str, rng: random.Random) -> str:
    """Most of the names in the text, now and then a word more."""
    found = [(text.index(name), name) for name in QUOTED if rng.random() < 0.8]
    return json.dumps(
        [[start, min(len(text), start + len(name) + (rng.random() < 0.1)), rng.choice(LABELS)] for start, name in found]
    )


_SAID: dict[QuestionKind, Callable[[str, random.Random], str]] = {
    QuestionKind.SINGLE_LABEL: lambda text, rng: rng.choice(LABELS),
    QuestionKind.SEVERAL_LABELS: lambda text, rng: json.dumps(rng.sample(LABELS, rng.randrange(1, 4))),
    QuestionKind.SPANS: _marks,
    QuestionKind.RATING: lambda text, rng: str(rng.randrange(1, 6)),
    QuestionKind.PREFERENCE: lambda text, rng: rng.choice(_OUTCOMES),
    QuestionKind.RANKING: lambda text, rng: " > ".join(rng.sample(_CANDIDATES, 3)),
    QuestionKind.TEXT: lambda text, rng: " ".join(rng.sample(text.split(), 12)),
}


def project_of(wb: Workbench, kind: QuestionKind, n: int) -> int:
    """`n` items about which two annotators said something, mostly the same."""
    rng, said = random.Random(0), _SAID[kind]
    rows = []
    for text in texts_with_names(n):
        gold = said(text, rng)
        rows.append(
            (text, *(f"answer {one} to {text[:60]}" for one in _CANDIDATES), gold, _other(gold, text, said, rng))
        )
    compared = {QuestionKind.PREFERENCE: _CANDIDATES[:2], QuestionKind.RANKING: _CANDIDATES}.get(kind, ())
    choice = ImportChoice(str(kind), ("text",), ("gold", "other"), kind=kind, candidates=compared)
    return wb.data.import_table(TableData(("text", *_CANDIDATES, "gold", "other"), rows, "benchmark"), choice)


def _other(gold: str, text: str, said: Callable[[str, random.Random], str], rng: random.Random) -> str:
    return gold if rng.random() < 0.7 else said(text, rng)


_BARE = "bare aiohttp"
_LATENCY, _IN_FLIGHT = 0.1, 64


def labelling_kinds(n: int = 6_000, rounds: int = 3) -> list[str]:
    """The whole path of a run, 20 ms a call and 128 in flight; in turns with a bare loop that gets the same answers,
    the median of each. And how near a run comes to what 100 ms a call and 64 in flight allow."""
    passes: dict[tuple[QuestionKind, str], list[Pace]] = {(kind, who): [] for kind in _RULE for who in (_BARE, OURS)}
    for _ in range(rounds):
        for (kind, who), seen in passes.items():
            seen.append(_pace(kind, n) if who == OURS else _bare_pace(kind, n))
    middle = {
        key: Pace(statistics.median(one.rate for one in seen), statistics.median(one.cpu for one in seen))
        for key, seen in passes.items()
    }
    far = {kind: _pace(kind, n, _LATENCY, _IN_FLIGHT).rate * _LATENCY / _IN_FLIGHT for kind in _RULE}
    label = middle[QuestionKind.SINGLE_LABEL, OURS]
    return [
        f"labelling {n:,} items, 20 ms a call, 128 in flight, everything stored; and 100 ms, 64 in flight",
        *(
            f"  {kind:16} {middle[kind, OURS].rate:7,.0f} items/s"
            f"   {middle[kind, OURS].rate / middle[kind, _BARE].rate:4.2f} of {_BARE} (aim 0.5)"
            f"   {middle[kind, OURS].rate / label.rate:4.2f} of one label's"
            f"   {middle[kind, OURS].cpu:.2f} CPU s per 1,000   {far[kind]:.2f} of the ideal (aim 0.95)"
            for kind in _RULE
        ),
    ]


def _bare_pace(kind: QuestionKind, n: int) -> Pace:
    with cheap_server(0.02, _RULE[kind]) as server, way_of("bare", server, n, 128) as way, way.started() as pid:
        used = cpu_seconds(pid)
        way.begin()
        way.finish()
        used = cpu_seconds(pid) - used
        stats = server.stats()
    return Pace(n / stats["seconds"], used / n * 1000)


def _pace(kind: QuestionKind, n: int, latency: float = 0.02, in_flight: int = 128) -> Pace:
    with cheap_server(latency, _RULE[kind]) as server, fresh_workbench(OPENAI_BASE_URL=server.url) as wb:
        table = TableData(("text",), [(text,) for text in texts_with_names(n)], "benchmark")
        task = Task(tuple(Label(name) for name in LABELS), type=kind)
        project_id = wb.data.import_table(table, ImportChoice("run", ("text",)), task=task)
        worker = OurWorker(wb, project_id, in_flight, _SYSTEM[kind])
        with worker.started() as pid:
            used = cpu_seconds(pid)
            worker.begin()
            worker.finish()
            used = cpu_seconds(pid) - used
        stats = server.stats()
    return Pace(n / stats["seconds"], used / n * 1000)


def pages_of_kinds(n: int = 100_000, kinds: Sequence[QuestionKind] = tuple(_SAID)) -> list[str]:
    """Pages that read items or what is said of them, a project of each kind."""
    lines = [
        f"pages with {n:,} items of each kind, 2 annotators: CPU of a first visit and of a rerun (1,000 ms and 150 ms;"
        " aim at most 1), and the peak of a first visit beyond what its process had (aim under 150 MB)"
    ]
    for kind in kinds:
        with fresh_workbench() as wb:
            project_id = project_of(wb, kind, n)
            deal_quickly(wb, project_id)
            peaks = [peak("page", wb.settings.data_dir, project_id, page) for page in _PAGES]
            times = page_times(wb, project_id, _PAGES)
            lines += [f" {kind}", *(f"{line}   peak {most:4.0f} MB" for line, most in zip(times, peaks, strict=True))]
    return lines
