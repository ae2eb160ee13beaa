"""Databases as older programs left them, and everything that is shown and exported of them.

`files/rows_<schema>.json` holds every row of a workbench in which all has happened that the schema knows: runs, answers
of several and from the cache, reviews with undone decisions and marks, a fine-tune; at 0006 three projects, merges,
a restored one, a removed label and one of its name. `files/figures_<schema>.json.gz` is what `seen` said of it. All of
them were written by the program of schema 0006, before values took the place of labels. The rows stay as they are;
`python -m tests.storage.lived_in` writes the figures anew where one is meant to differ.
"""

import csv
import gzip
import io
import json
import os
import sqlite3
import time
from collections.abc import Mapping, Set
from contextlib import closing
from dataclasses import is_dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from core.metrics import Comparison
from core.model import Example, Options, Outcome, QuestionKind, Split
from core.services.agreement.comparison import Side
from core.services.data.bringing import ItemFilter
from core.services.learning.fine_tuning import TuneRequest
from core.services.prompts.results import KnownResult
from core.services.review.reviewing import QueueFilter
from core.settings import Settings
from core.storage import cache, migrate, run_figures
from core.storage.engine import open_database
from core.workbench import Workbench, open_workbench

FILES = Path(__file__).parent / "files"
ADDRESS = "http://127.0.0.1:9/v1"
"""Of the host that the recorded runs asked."""
SHAPES = (("long", False), ("long", True), ("wide", False))
SPLITS = (None, *Split)
WORDING = ("rough", "undefined", "interval", "left out", "comparable", "title", "finding", "todo", "sentences")


def write_at(path: Path, schema: str, monkeypatch) -> None:
    """The recorded rows in a file that the migrations up to `schema` made."""
    with monkeypatch.context() as older:
        older.setattr(migrate, "HEAD", schema)
        open_database(path).close()
    tables = json.loads((FILES / f"rows_{schema}.json").read_text(encoding="utf-8"))
    with closing(sqlite3.connect(path)) as conn:
        for table, [columns, *rows] in tables.items():
            places = ", ".join("?" * len(columns))
            values = [[_stored(value) for value in row] for row in rows]
            conn.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", values)
        conn.commit()


def _stored(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def expected(schema: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((FILES / f"figures_{schema}.json.gz").read_bytes()))
    return found


def seen(wb: Workbench) -> dict[str, Any]:
    """By project, everything pages show and exports hold as far as it depends on annotations, as plain JSON.

    Asked in one order always: what shows scores on test is counted.
    """
    return {project.name: _project(wb, project.id) for project in wb.projects.all()}


def _project(wb: Workbench, project_id: int) -> dict[str, Any]:
    people = {annotator.name + annotator.variant: annotator.id for annotator in wb.projects.annotators(project_id)}
    labels = wb.review.label_names(project_id)
    return plain(
        {
            "project": wb.projects.get(project_id),
            "task": (wb.tasks.get(project_id), wb.tasks.export_json(project_id), wb.tasks.removed(project_id)),
            "usage": (wb.tasks.usage(project_id), wb.projects.annotated_counts(project_id), labels),
            "merges": ({i: wb.tasks.merge_count(project_id, i) for i in labels}, wb.review.merged_labels(project_id)),
            "agreement": {(name, split): _agreement(wb, project_id, people, name, split)
                          for name in ("gold", "me") for split in SPLITS},
            "comparisons": [_comparison(wb, project_id, *three) for three in _threes(people)],
            "runs": [_run(wb, run.id) for run in wb.runs.all(project_id)],
            "prompts": wb.prompts.known_results(project_id),
            "queues": {name: wb.review.queue(project_id, where, uncertain_first=True, seed=4)
                       for name, where in _queues(people, labels).items()},
            "review": _review(wb, project_id, people),
            "data": {name: _data(wb, project_id, who, labels) for name, who in people.items()},
            "training": {name: _training(wb, project_id, who) for name, who in people.items()},
            "fine-tunes": wb.fine_tunes.all(project_id),
            "exports": {shape: _exported(wb, project_id, *shape) for shape in SHAPES},
            "cache": _cache(wb),
            "looks": wb.agreement.looks(project_id),
        }
    )  # fmt: skip


def _agreement(wb: Workbench, project_id: int, people: Mapping[str, int], reference: str, split: Split | None) -> Any:
    others = [who for name, who in people.items() if name != reference]
    view = wb.agreement.view(project_id, people[reference], others, split)
    tables = [(one.annotator.id, one.table, one.missing, one.taught, one.confusions()) for one in view.candidates]
    return view.rows(), view.label_rows(), view.people_rows(), tables


def _threes(people: Mapping[str, int]) -> list[tuple[int, int, int]]:
    ids = list(people.values())
    return [(ids[0], ids[1], ids[-1]), (ids[4], ids[2], ids[3])] if len(ids) > 4 else []


def _comparison(wb: Workbench, project_id: int, reference: int, a: int, b: int) -> Any:
    found = []
    for split in (Split.VALIDATION, Split.TEST, None):
        cases = {outcome: wb.compare.cases(project_id, reference, a, b, split, outcome) for outcome in Outcome}
        found.append((reference, a, b, split, wb.compare.view(project_id, reference, a, b, split), cases))
    return found


def _run(wb: Workbench, run_id: int) -> Any:
    run = wb.runs.get(run_id)
    with wb.db.read() as conn:
        with_keys = run_figures.answered_with(conn, run.annotator_id, range(1, 200))
        labelled = run_figures.labelled(conn, [run_id])
    told = (wb.runs.details(run_id), wb.runs.side_by_side(run_id), wb.runs.troubles(run_id, models_on_test=True))
    return run, told, labelled, with_keys


def _queues(people: Mapping[str, int], labels: Mapping[int, str]) -> dict[Any, QueueFilter]:
    ids = tuple(people.values())
    found: dict[Any, QueueFilter] = {"differ": QueueFilter(shown=ids, only_disagreements=True)}
    for name, who in people.items():
        found["flagged", name] = QueueFilter(flagged_by=(who,))
        found["open", name] = QueueFilter(not_reviewed_by=who)
        found["unsure", name] = QueueFilter(confidence_of=who, max_confidence=0.9)
        for label in labels:
            found["label", name, label] = QueueFilter(labelled_by=who, label_id=label)
            found["cell", name, label] = QueueFilter(
                labelled_by=ids[0], label_id=label, also_by=who, also_label_id=min(labels)
            )
        for outcome in Outcome:
            found["outcome", name, outcome] = QueueFilter(shown=ids, outcome=(outcome, ids[0], ids[1], who))
    return found


def _review(wb: Workbench, project_id: int, people: Mapping[str, int]) -> Any:
    items = [item.id for item in wb.data.page(project_id, ItemFilter(), limit=200)]
    me = people["me"]
    rows = wb.review.load(project_id, items, list(people.values()), me, in_doubt=False, models_on_test=True)
    # Recorded as the words on screen.
    rows = [replace(row, history=tuple(map(str, row.history))) for row in rows]
    minds = {name: wb.review.summary(who, items).changed for name, who in people.items()}
    return rows, wb.review.summary(me, items), wb.review.first_open(me, items), minds


def _data(wb: Workbench, project_id: int, who: int, labels: Mapping[int, str]) -> Any:
    filters = {i: ItemFilter(annotator_id=who, label_id=i) for i in labels}
    pages = {i: [one.id for one in wb.data.page(project_id, where)] for i, where in filters.items()}
    return wb.data.label_distribution(project_id, who), pages, wb.data.count(project_id, ItemFilter(annotator_id=who))


def _training(wb: Workbench, project_id: int, who: int) -> Any:
    version = wb.prompts.versions(project_id)[0]
    checked = wb.fine_tunes.preflight(TuneRequest(project_id, who, version.id))
    known = (wb.fine_tunes.teachers(project_id).get(who), wb.fine_tunes.fallbacks(project_id, who))
    return known, checked.checks, checked.jsonl(), checked.validation_jsonl()


def _exported(wb: Workbench, project_id: int, shape: str, with_history: bool) -> Any:
    choice: dict[str, Any] = {"shape": shape, "with_history": with_history}
    content = wb.export.file(project_id, file_format="csv", **choice).decode()
    return list(csv.DictReader(io.StringIO(content))), wb.export.count_rows(project_id, **choice)


def _cache(wb: Workbench) -> Any:
    with wb.db.read() as conn:
        asked = "SELECT request_hash FROM annotations UNION SELECT request_hash FROM repeats"
        keys = [row[0] for row in conn.exec_driver_sql(asked) if row[0]]
        return cache.size(conn), cache.find(conn, keys), cache.find_repeats(conn, keys)


CALLED = {"said": "label"}
"""What had another name when the figures were recorded."""
UNKNOWN_THEN = ("right", "headline_p", "is_headline")
"""What follows from the rest."""
NEW = [
    ("measure", "Accuracy"),
    ("kind", QuestionKind.SINGLE_LABEL),
    ("answers", ""),
    ("score", None),
    ("options", Options()),
    ("pairs", ()),
    ("measure", ""),
    ("home_id", None),
    ("question", ""),
    ("layout", ()),
    ("parts", ()),
    ("together", None),
    ("how_together", ""),
    ("asked_of_one", ""),
    ("called", None),
    ("is_deployed", False),
    ("wish", ""),
    ("asked_of_some", ""),
    ("beside", {}),
]
"""What the nouns hold by now and did not then, where nobody chose anything."""


def plain(value: Any) -> Any:
    """As JSON has it: dictionaries as pairs, floats to nine digits, since how NumPy adds may differ in the last. How it
    is said on screen is left out."""
    if isinstance(value, cache.CachedAnswer) and value.parts is None:
        value = value[:-1]
    if is_dataclass(value) and not isinstance(value, type):
        held = {name: getattr(value, name) for name in value.__dataclass_fields__ if name not in UNKNOWN_THEN}
        if isinstance(value, KnownResult):
            held["accuracy"] = held.pop("score")
        if isinstance(value, Example):
            held["label_id"] = int(held.pop("value")) if value.value else None
        if isinstance(value, Side):
            held |= held.pop("figures")
        if isinstance(value, Comparison):
            held |= {f"{key}_difference": figure for key, figure in held.pop("differences").items()}
        return plain({CALLED.get(name, name): one for name, one in held.items() if (name, one) not in NEW})
    if isinstance(value, Mapping):
        pairs = [[plain(key), plain(one)] for key, one in value.items() if key not in WORDING]
        return sorted(pairs, key=lambda pair: json.dumps(pair[0]))
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Set):
        return sorted((plain(one) for one in value), key=json.dumps)
    if isinstance(value, list | tuple | range):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return value.hex() if isinstance(value, bytes) else value


def _write_anew() -> None:
    os.environ |= {"TZ": "UTC", "OPENAI_BASE_URL": ADDRESS}
    time.tzset()
    for schema in ("0002", "0006"):
        with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
            settings = Settings.from_env({"LABELLOOP_DATA": folder})
            write_at(settings.database_path, schema, monkeypatch)
            wb = open_workbench(settings)
            content = json.dumps(seen(wb), ensure_ascii=False, separators=(",", ":")).encode()
            wb.close()
        (FILES / f"figures_{schema}.json.gz").write_bytes(gzip.compress(content, 9, mtime=0))


if __name__ == "__main__":
    _write_anew()
