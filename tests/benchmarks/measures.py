"""The measurements. Each returns lines to print; each holds our way to a named limit in the same run."""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from core.importers import read_table
from core.model import TableData
from core.services.agreement import pairing
from core.services.data.bringing import ImportChoice
from core.splits import group_near_duplicates
from core.storage import kept, kept_columns
from core.words import plain_words
from core.workbench import Workbench
from tests.benchmarks.texts import labelled_texts
from tests.benchmarks.worlds import add_model, deal_quickly, fresh_workbench, project, project_of_sets, table


def timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def importing(n: int = 100_000) -> list[str]:
    """An import through the product against a bare `executemany` of the same rows, and from a file against pandas
    reading that file."""
    rows = table(n)
    with tempfile.TemporaryDirectory() as folder, fresh_workbench() as wb:
        path = Path(folder) / "bench.csv"
        bare = sqlite3.connect(Path(folder) / "bare.sqlite3")
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT, label TEXT)")

        def insert() -> None:
            bare.executemany("INSERT INTO t (text, label) VALUES (?, ?)", rows.rows)
            bare.commit()

        def from_file() -> None:
            wb.data.import_table(read_table(path), ImportChoice("from a file", ("text",), ("label",)))

        limit = timed(insert)
        bare.close()
        ours = timed(lambda: wb.data.import_table(rows, ImportChoice("import", ("text",), ("label",))))
        pd.DataFrame(rows.rows, columns=list(rows.columns)).to_csv(path, index=False)
        theirs = timed(lambda: pd.read_csv(path))
        whole = timed(from_file)
    return [
        f"importing {n:,} rows with labels",
        f"  executemany, one bare table           {n / limit:9,.0f} rows/s",
        f"  LabelLoop, checked and stored         {n / ours:9,.0f} rows/s   {limit / ours:.2f} of it"
        "   (aim 100,000 rows/s, at least 50,000)",
        f"  pandas.read_csv, nothing stored       {n / theirs:9,.0f} rows/s",
        f"  LabelLoop, from that file to stored   {n / whole:9,.0f} rows/s   {theirs / whole:.2f} of it",
    ]


def adding(n: int = 100_000, more: int = 10_000) -> list[str]:
    """A file that joins a project of `n` items, half of it known already, against looking for near-identical ones among
    all: what is near an item that is there goes where that one is."""
    rows = labelled_texts(n)
    new = labelled_texts(more // 2, seed=1)
    file = TableData(("text", "label"), [*rows[: more // 2], *([f"new {text}", label] for text, label in new)], "more")
    choice = ImportChoice("bench", ("text",), ("label",))
    with fresh_workbench() as wb:
        project_id = wb.data.import_table(TableData(("text", "label"), rows, "benchmark"), choice)
        wb.data.split(project_id)
        limit = timed(lambda: group_near_duplicates([text for text, _ in [*rows, *new]]))
        ours = timed(lambda: wb.data.add_table(project_id, file, choice))
    return [
        f"a file of {more:,} rows, half of them known, joins a project of {n:,} items",
        f"  finding near-identical ones among all {limit:9.2f} s",
        f"  LabelLoop, checked, dealt and stored  {ours:9.2f} s   {ours / limit:.1f} times that (aim 2.5)",
    ]


def splitting(n: int = 100_000) -> list[str]:
    """Near-identical texts found among `n`, against what reading the words of all of them takes."""
    texts = [text for text, _ in labelled_texts(n)]
    limit = timed(lambda: [len(plain_words(text).split()) for text in texts])
    ours = timed(lambda: group_near_duplicates(texts))
    return [
        f"splitting {n:,} texts",
        f"  reading their words                   {limit:9.2f} s",
        f"  finding near-identical ones           {ours:9.2f} s   {ours / limit:.1f} times that",
    ]


def agreeing(n: int = 1_000_000) -> list[str]:
    """All agreement figures with intervals on `n` items against one GROUP BY of what both said."""
    with fresh_workbench() as wb:
        project_id = project(wb, n)
        candidate = add_model(wb, project_id, "model", 0.7, seed=1)
        limit, ours = _against_the_query(wb, project_id, candidate)
    return [
        f"agreement on {n:,} items: every figure with its interval, per label too",
        f"  the one GROUP BY   {limit:.2f} s",
        f"  LabelLoop          {ours:.2f} s   {ours / limit:.2f} times it   (aim 1.5)",
    ]


def agreeing_on_sets(n: int = 1_000_000) -> list[str]:
    """The same for sets of labels."""
    with fresh_workbench() as wb:
        project_id = project_of_sets(wb, n)
        candidate = next(a.id for a in wb.projects.annotators(project_id) if a.name == "other")
        limit, ours = _against_the_query(wb, project_id, candidate)
    return [
        f"agreement on sets of labels of {n:,} items: every figure with its interval, per label too",
        f"  the one GROUP BY   {limit:.2f} s",
        f"  LabelLoop          {ours:.2f} s   {ours / limit:.2f} times it   (aim 2)",
    ]


_GROUP_BY = (
    "SELECT r.value_id, c.value_id, COUNT(*) FROM current r"
    " LEFT JOIN current c ON c.annotator_id = ? AND c.item_id = r.item_id"
    " WHERE r.annotator_id = ? AND r.value_id IS NOT NULL GROUP BY 1, 2"
)


def _against_the_query(wb: Workbench, project_id: int, candidate: int) -> tuple[float, float]:
    """Seconds of the bare query and of all figures, each the median of three."""
    reference = wb.projects.get(project_id).reference_id
    assert reference is not None

    def group_by() -> None:
        with wb.db.read() as conn:
            conn.exec_driver_sql(_GROUP_BY, (candidate, reference)).all()

    def figures() -> None:
        view = wb.agreement.view(project_id, reference, [candidate], None)
        view.candidates[0].labels()

    def first_visit() -> float:
        # After news; later visits are answered from memory. How much each has labelled, every page asks already.
        kept._answers.clear()
        kept_columns._kept.clear()
        pairing._figures_of_table.cache_clear()
        pairing._per_label.cache_clear()
        wb.projects.annotated_counts(project_id)
        return timed(figures)

    group_by()
    # In turns, so that what else the machine does falls on both alike.
    pairs = [(timed(group_by), first_visit()) for _ in range(3)]
    limit, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    return limit, ours


def pages(n: int = 100_000) -> list[str]:
    """Each page's script run with `n` items in the project."""
    from tests.benchmarks.page_runs import page_times

    with fresh_workbench() as wb:
        project_id = project(wb, n)
        deal_quickly(wb, project_id)
        wb.prompts.save(project_id, "Choose a label:\n{{labels}}", "{{text}}", "names only")
        wb.prompts.save(project_id, "Choose one label:\n{{labels}}", "{{text}}", "described")
        for seed in range(1, 7):
            add_model(wb, project_id, f"model {seed}", 0.55 + 0.05 * seed, seed)
        return [
            f"pages with {n:,} items, 7 annotators: CPU of a first visit and of a rerun, beside what each may take"
            " (1,000 ms and 150 ms; aim at most 1)",
            *page_times(wb, project_id),
        ]
