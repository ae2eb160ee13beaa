"""Projects of any size for the benchmarks, made through the product's own services."""

import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from core.model import AnnotatorKind, QuestionKind, TableData
from core.services.common.lookup import ensure_annotator
from core.services.data.bringing import ImportChoice
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.benchmarks.texts import labelled_texts
from tests.fakes import saying


def table(n: int) -> TableData:
    """`n` rows of text and a label."""
    return TableData(("text", "label"), labelled_texts(n), "benchmark")


@contextmanager
def fresh_workbench(**environment: str) -> Iterator[Workbench]:
    with tempfile.TemporaryDirectory(prefix="labelloop-bench-") as folder:
        wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": folder, **environment}))
        try:
            yield wb
        finally:
            wb.close()


def project(wb: Workbench, n: int, name: str = "bench") -> int:
    """An imported project of `n` items with a reference, not split."""
    return wb.data.import_table(table(n), ImportChoice(name, ("text",), ("label",)))


def project_of_sets(wb: Workbench, n: int) -> int:
    """`n` items to each of which "gold" and "other" gave up to three of eight labels, mostly the same ones."""
    names, rng = [f"label {i}" for i in range(8)], random.Random(0)
    rows = []
    for text, _ in labelled_texts(n):
        gold = rng.sample(names, rng.randrange(4))
        other = gold if rng.random() < 0.7 else rng.sample(names, rng.randrange(4))
        rows.append((text, json.dumps(gold), json.dumps(other)))
    choice = ImportChoice("sets", ("text",), ("gold", "other"), kind=QuestionKind.SEVERAL_LABELS)
    return wb.data.import_table(TableData(("text", "gold", "other"), rows, "benchmark"), choice)


def deal_quickly(wb: Workbench, project_id: int) -> None:
    """Splits without looking for near-duplicates: the benchmark's texts have none."""
    with wb.db.write() as conn:
        conn.exec_driver_sql(
            "UPDATE items SET split = CASE WHEN id % 5 < 3 THEN 'train'"
            " WHEN id % 5 = 3 THEN 'validation' ELSE 'test' END"
            " WHERE project_id = ?",
            (project_id,),
        )


def add_model(wb: Workbench, project_id: int, name: str, accuracy: float, seed: int) -> int:
    """A model annotator that agrees with the reference on about `accuracy` of all items."""
    rng = random.Random(seed)
    reference = wb.projects.get(project_id).reference_id
    assert reference is not None
    labels = [label.id for label in wb.tasks.get(project_id).labels if label.id is not None]
    with wb.db.write() as conn:
        annotator = ensure_annotator(conn, project_id, AnnotatorKind.MODEL, name, host="embedded", model=name)
        truth = saying.label_ids_of(conn, reference)
        pairs = [(i, t if rng.random() < accuracy else rng.choice(labels)) for i, t in truth.items()]
        saying.append_labels(conn, annotator, pairs)
    return annotator
