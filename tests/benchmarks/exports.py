"""Another tool's export with spans: how fast it is read, checked and stored, against decoding its JSON alone."""

import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.importers import read_table, recognise
from core.services.data.bringing import ImportChoice
from tests.benchmarks.worlds import fresh_workbench

_TEXT = "the quick brown fox jumps over a lazy dog while Ann from Berlin reads what ACME has to say"


def exports(n: int = 100_000) -> list[str]:
    """CPU, since the machine may do other things."""
    with tempfile.TemporaryDirectory() as folder, fresh_workbench() as wb:
        path = Path(folder) / "export.json"
        path.write_text(json.dumps([_task(number) for number in range(n)]), encoding="utf-8")
        limit, _ = timed(lambda: json.loads(path.read_text(encoding="utf-8")))
        reading, table = timed(lambda: read_table(path))
        found = recognise(table)
        choice = ImportChoice(
            "export",
            found.columns.text,
            found.columns.labels,
            annotator_column=found.columns.annotator,
            kind=found.kind,
            first_row=1,
        )
        checking, check = timed(lambda: wb.data.check(table, choice))
        storing, _ = timed(lambda: wb.data.import_table(table, choice, check=check))
    whole = reading + checking + storing
    return [
        f"an export of Label Studio: {n:,} tasks with three spans each",
        f"  json.loads, nothing else              {n / limit:9,.0f} tasks/s of CPU",
        f"  LabelLoop, read                       {n / reading:9,.0f} tasks/s   {limit / reading:.2f} of it"
        "   (aim 20,000)",
        f"  LabelLoop, checked                    {n / checking:9,.0f} tasks/s",
        f"  LabelLoop, stored                     {n / storing:9,.0f} tasks/s",
        f"  LabelLoop, all of it                  {n / whole:9,.0f} tasks/s   {limit / whole:.2f} of json.loads alone",
    ]


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    result = act()
    return time.process_time() - started, result


def _task(number: int) -> dict[str, Any]:
    rng = random.Random(number)
    text = " ".join(rng.choices(_TEXT.split(), k=25))
    marks = []
    for _ in range(3):
        start = rng.randrange(len(text) - 10)
        end = start + rng.randrange(3, 10)
        value = {"start": start, "end": end, "text": text[start:end], "labels": [rng.choice(["PER", "LOC", "ORG"])]}
        marks.append({"from_name": "label", "to_name": "text", "type": "labels", "value": value})
    said = {"completed_by": number % 5, "was_cancelled": False, "lead_time": 4.2, "result": marks}
    return {"id": number, "data": {"text": text}, "annotations": [said], "predictions": []}
